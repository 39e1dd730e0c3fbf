import { getNamedType, getNullableType, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType, isObjectType, type GraphQLField, type GraphQLInputType, type GraphQLObjectType, type GraphQLOutputType } from 'graphql';
import { NODE_TYPES } from '../../../src/graphql/globalId.js';
import { soundValue, type FuzzWorld } from './world.js';

/** Where a client can put a value: an argument, or a field within one. */
export interface Place {
  /** Such as `Mutation.addComment(input.body)`. */
  readonly name: string;
  /** The name of the scalar or enum that is wanted. */
  readonly type: string;
  readonly isEnum: boolean;
  /** An operation whose only variable, of the argument, is `$value`. */
  readonly document: string;
  /** The variable's value with something at the place. */
  around(value: unknown): unknown;
}

const DEEPEST_INPUT = 4;

/** All places of the schema's queries and mutations, of nested fields too; each on an object that there is. */
export function placesOf(world: FuzzWorld): Place[] {
  const ways = waysTo(world);
  return [...ways].flatMap(([typeName, { open, close }]) => {
    const type = world.schema.getType(typeName) as GraphQLObjectType;
    return Object.values(type.getFields()).flatMap((field) => placesOfField(world, type, { field, open, close }));
  });
}

interface Way {
  /** What stands before a field of the type in a document, and what after it. */
  readonly open: string;
  readonly close: string;
}

/** How an operation gets at an object of each type: by its id, or along the fewest fields. */
function waysTo(world: FuzzWorld): Map<string, Way> {
  const ways = new Map<string, Way>([['Query', { open: 'query OP { ', close: ' }' }], ['Mutation', { open: 'mutation OP { ', close: ' }' }]]);
  for (const type of NODE_TYPES) ways.set(type, { open: `query OP { node(id: "${world.ids[type]}") { ... on ${type} { `, close: ' } } }' });
  for (const [typeName, { open, close }] of ways) {
    if (typeName === 'Mutation') continue;
    for (const field of Object.values((world.schema.getType(typeName) as GraphQLObjectType).getFields())) {
      const named = getNamedType(field.type);
      if (isObjectType(named) && !ways.has(named.name)) ways.set(named.name, { open: `${open}${field.name}${argumentsOf(world, typeName, { field })} { `, close: ` }${close}` });
    }
  }
  return ways;
}

/** The arguments that a field needs, and one that is given by a variable. */
function argumentsOf(world: FuzzWorld, typeName: string, { field, variable }: { field: GraphQLField<unknown, unknown>; variable?: string }): string {
  const given = field.args.flatMap(({ name, type, defaultValue }) => {
    if (name === variable) return [`${name}: $value`];
    return isNonNullType(type) && defaultValue === undefined ? [`${name}: ${literalOf(soundInput(world, { name, type, parent: `${typeName}.${field.name}` }))}`] : [];
  });
  return given.length === 0 ? '' : `(${given.join(', ')})`;
}

function placesOfField(world: FuzzWorld, type: GraphQLObjectType, { field, open, close }: Way & { field: GraphQLField<unknown, unknown> }): Place[] {
  const selection = selectionOf(field.type);
  return field.args.flatMap((argument) => {
    const head = `OP($value: ${String(argument.type)})`;
    const document = `${open}${field.name}${argumentsOf(world, type.name, { field, variable: argument.name })}${selection}${close}`.replace('OP', head);
    const given = { name: argument.name, type: argument.type, parent: `${type.name}.${field.name}` };
    return within(world, given, DEEPEST_INPUT).map(({ path, leaf, around }) => {
      const wanted = getNamedType(leaf);
      return { name: `${type.name}.${field.name}(${path})`, type: wanted.name, isEnum: isEnumType(wanted), document, around };
    });
  });
}

/** What makes the database work: of a connection a row, of anything else that it is there. */
function selectionOf(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  const isConnection = isObjectType(named) && 'pageInfo' in named.getFields();
  return isConnection ? ' { totalCount edges { cursor } }' : ' { __typename }';
}

interface Given {
  readonly name: string;
  readonly type: GraphQLInputType;
  /** `Type.field` of an argument, the input type of a field. */
  readonly parent: string;
}

interface Leaf {
  readonly path: string;
  readonly leaf: GraphQLInputType;
  readonly around: (value: unknown) => unknown;
}

/** The leaves within an input, each with what else must be there. */
function within(world: FuzzWorld, given: Given, depth: number): Leaf[] {
  const type = getNullableType(given.type);
  if (isListType(type)) {
    return within(world, { ...given, type: type.ofType }, depth).map(({ path, leaf, around }) => ({ path: path.replace(given.name, `${given.name}[]`), leaf, around: (value) => [around(value)] }));
  }
  if (!isInputObjectType(type)) return [{ path: given.name, leaf: type, around: (value) => value }];
  if (depth === 0) return [];
  return Object.values(type.getFields()).flatMap((field) =>
    within(world, { name: field.name, type: field.type, parent: type.name }, depth - 1).map(({ path, leaf, around }) => ({
      path: `${given.name}.${path}`, leaf, around: (value: unknown) => ({ ...(soundInput(world, given) as object), [field.name]: around(value) }),
    })));
}

const SOUND = new Map<string, unknown>(Object.entries({ Int: 1, Float: 1, Boolean: true, DateTime: '2026-01-02T00:00:00Z', LocalDate: '2026-01-02', URL: 'https://example.org/' }));

/** The least that fits: of an input object the fields that it needs. */
export function soundInput(world: FuzzWorld, { name, type, parent }: Given): unknown {
  const nullable = getNullableType(type);
  const known = soundValue(name, parent, world);
  if (isInputObjectType(nullable)) {
    const needed = Object.values(nullable.getFields()).filter((field) => isNonNullType(field.type) && field.defaultValue === undefined);
    return Object.fromEntries(needed.map((field) => [field.name, soundInput(world, { name: field.name, type: field.type, parent: nullable.name })]));
  }
  if (isListType(nullable)) return Array.isArray(known) ? known : [soundInput(world, { name, type: nullable.ofType, parent })];
  if (isEnumType(nullable)) return new EnumValue(typeof known === 'string' && nullable.getValue(known) ? known : nullable.getValues()[0]!.name);
  if (known !== undefined) return Array.isArray(known) ? known[0] : known;
  return SOUND.get(nullable.name) ?? 'a text';
}

/** The value of an enum, which is written without quotes in a document and with them in JSON. */
export class EnumValue {
  constructor(readonly name: string) {}

  toJSON(): string {
    return this.name;
  }
}

/** A value as documents write it. */
export function literalOf(value: unknown): string {
  if (value instanceof EnumValue) return value.name;
  if (Array.isArray(value)) return `[${value.map(literalOf).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return `{${Object.entries(value).map(([name, field]) => `${name}: ${literalOf(field)}`).join(', ')}}`;
  return JSON.stringify(value);
}
