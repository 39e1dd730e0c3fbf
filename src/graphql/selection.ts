import {
  Kind,
  TypeNameMetaFieldDef,
  getArgumentValues,
  getNamedType,
  isInterfaceType,
  isObjectType,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';

/** A field that is asked for, fragments resolved and fields of one name merged. */
export interface Selected {
  /** Its name in the answer. */
  readonly key: string;
  readonly name: string;
  /** As a resolver gets them. */
  readonly args: Readonly<Record<string, unknown>>;
  /** The name of its type, without lists and non-null. */
  readonly type: string;
  /** What is asked of each object; empty for a leaf, and for an abstract type, of which null alone can be written. */
  readonly fields: readonly Selected[];
}

/** What a selection is read from. */
export interface Source {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The fragments of a document by name. */
export function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(definitions.flatMap((definition) => (definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [])));
}

/** Says that something cannot be done in a shorter way; whoever tries it then takes the long one. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
}

/** Says so for these values of arguments alone: others may be done in the shorter way. */
export class UnsupportedValues extends Unsupported {}

/** The fields asked of an object; throws Unsupported for directives, GraphQLError for bad arguments. */
export function selectionOf(source: Source, type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[]): Selected[] {
  const byKey = new Map<string, FieldNode[]>();
  for (const selectionSet of selectionSets) collect(source, type, { selectionSet, byKey });
  return [...byKey].map(([key, nodes]) => selectedOf(source, type, { key, nodes }));
}

function collect(source: Source, type: GraphQLObjectType, { selectionSet, byKey }: { readonly selectionSet: SelectionSetNode; readonly byKey: Map<string, FieldNode[]> }): void {
  for (const selection of selectionSet.selections) {
    if (selection.directives?.length) throw new Unsupported('directives');
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      const nodes = byKey.get(key);
      if (nodes === undefined) byKey.set(key, [selection]);
      else nodes.push(selection);
      continue;
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : source.fragments.get(selection.name.value);
    if (fragment === undefined) throw new Unsupported('an unknown fragment');
    if (isOf(source, type, fragment.typeCondition?.name.value)) collect(source, type, { selectionSet: fragment.selectionSet, byKey });
  }
}

function isOf({ schema }: Source, type: GraphQLObjectType, condition: string | undefined): boolean {
  if (condition === undefined || condition === type.name) return true;
  const other = schema.getType(condition);
  return isInterfaceType(other) && schema.isSubType(other, type);
}

function selectedOf(source: Source, parent: GraphQLObjectType, { key, nodes }: { readonly key: string; readonly nodes: readonly FieldNode[] }): Selected {
  const [node] = nodes as readonly [FieldNode];
  const name = node.name.value;
  const field: GraphQLField<unknown, unknown> | undefined = name === TypeNameMetaFieldDef.name ? TypeNameMetaFieldDef : parent.getFields()[name];
  if (field === undefined) throw new Unsupported(`a field ${name} of ${parent.name}`);
  const type = getNamedType(field.type);
  const args = field.args.length === 0 ? {} : getArgumentValues(field, node, source.variables);
  if (!isObjectType(type)) return { key, name, args, type: type.name, fields: [] };
  const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return { key, name, args, type: type.name, fields: selectionOf(source, type, selectionSets) };
}
