// TypeGraphQL's decorators need it when a class is declared; every type imports this module or its sibling.
import 'reflect-metadata';
import { Field, ID, InterfaceType } from 'type-graphql';
import { toGlobalId, type NodeType } from './globalId.js';

/** The name of each row class, set by the domains; it cannot be the class's own name, which a build may change. */
@InterfaceType({
  description: 'An object with an id that is unique over all types.',
  resolveType: (value: Node) => value.nodeType,
})
export abstract class Node {
  abstract readonly nodeType: NodeType;
  abstract readonly rowId: number;

  @Field(() => ID, { description: 'Opaque and stable; `node(id:)` finds the object again.' })
  id(): string {
    return toGlobalId(this.nodeType, this.rowId);
  }
}

