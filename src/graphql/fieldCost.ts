import { getNamedType, isListType, isNonNullType, isObjectType, type GraphQLField, type GraphQLObjectType, type GraphQLOutputType, type GraphQLSchema } from 'graphql';
import { Extensions } from 'type-graphql';

/** What a field costs beside the objects below it, in points. */
export interface FieldCost {
  /** What computing it costs, once; where left out, nothing, but for mutations and subscriptions. */
  readonly points?: number;
  /**
   * What it costs more by arguments that are given and not what they are by default: a number for any value, or by value of an
   * enum.
   */
  readonly given?: Readonly<Record<string, number | Readonly<Record<string, number>>>>;
  /** How many objects a list that is no page counts as: a number, or the argument whose length it has. */
  readonly size?: number | { readonly of: string };
}

/** Of a mutation that says nothing else. */
export const MUTATION_POINTS = 10;
/** Of a subscription that says nothing else, once: its events come unasked. */
export const SUBSCRIPTION_POINTS = 50;

/** Says what a field costs; the schema tells it at the end of the field's description. */
export function Costs(cost: FieldCost): MethodDecorator & PropertyDecorator {
  return Extensions({ cost });
}

/** What a field was said to cost. */
export function fieldCostOf({ extensions }: GraphQLField<unknown, unknown>): FieldCost {
  return (extensions['cost'] as FieldCost | undefined) ?? {};
}

/** Whether a field gives several objects. */
export function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

/** Whether a field gives a page: an object with the lists `edges` or `nodes`, as long as `first` or `last` say. */
export function isPaged({ args, type }: GraphQLField<unknown, unknown>): boolean {
  const named = getNamedType(type);
  return args.some(({ name }) => name === 'first') && isObjectType(named) && pageLists(named).length > 0;
}

/** The fields of a connection that are its page. */
export function pageLists(type: GraphQLObjectType): GraphQLField<unknown, unknown>[] {
  const { edges, nodes } = type.getFields();
  return [edges, nodes].filter((field) => field !== undefined && isList(field.type)) as GraphQLField<unknown, unknown>[];
}

/** Tells in the descriptions what fields cost. */
export function describeCosts(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const told = textOf(fieldCostOf(field));
      if (told !== '') field.description = field.description == null ? told : `${field.description} ${told}`;
    }
  }
}

function textOf({ points, given = {}, size }: FieldCost): string {
  const more = Object.entries(given).flatMap(([name, by]) => (typeof by === 'number' ? [{ name, by }] : Object.entries(by).map(([value, added]) => ({ name: `${name}: ${value}`, by: added }))));
  const parts = [...(points === undefined ? [] : [points === 1 ? '1 point' : `${points} points`]), ...more.map(({ name, by }) => `${by} more with \`${name}\``)];
  const cost = parts.length === 0 ? [] : [`Costs ${parts.join(', ')}.`];
  const counted = size === undefined ? [] : [typeof size === 'number' ? `Counts as ${size} for its cost.` : `Counts as many as \`${size.of}\` has for its cost.`];
  return [...cost, ...counted].join(' ');
}
