import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { parseGlobalId, type GlobalId, type NodeType } from '../graphql/globalId.js';
import { Node } from '../graphql/node.type.js';
import { checkedList } from '../inputRules.js';

/** Finds an object of one type by its row; null where there is none. */
export type NodeFinder = (context: Context, rowId: number) => Promise<Node | null>;

const MAX_NODES = 100;

@Resolver()
export class NodeResolver {
  constructor(private readonly finders: Readonly<Record<NodeType, NodeFinder>>) {}

  @Query(() => Node, { nullable: true, description: 'The object with this id; null where there is none any more. Errors: BAD_USER_INPUT.' })
  node(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<Node | null> {
    return this.find(context, parseGlobalId(id, 'id'));
  }

  @Costs({ size: { of: 'ids' } })
  @Query(() => [Node], {
    nullable: 'items',
    description: 'The objects with these ids, at most 100, in their order; null where there is none any more. Errors: BAD_USER_INPUT.',
  })
  nodes(@Ctx() context: Context, @Arg('ids', () => [ID]) ids: string[]): Promise<(Node | null)[]> {
    const globalIds = checkedList('ids', ids, MAX_NODES).map((id) => parseGlobalId(id, 'ids'));
    return Promise.all(globalIds.map((id) => this.find(context, id)));
  }

  private find(context: Context, { type, id }: GlobalId): Promise<Node | null> {
    return this.finders[type](context, id);
  }
}
