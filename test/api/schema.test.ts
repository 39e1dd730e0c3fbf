import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { buildSchema, isEnumType, isInputObjectType, isIntrospectionType, isListType, isNonNullType, isScalarType, isSpecifiedScalarType, isUnionType, type GraphQLArgument, type GraphQLType } from 'graphql';
import { printedSchema, readmeFile, schemaFile, withSchemaLines } from '../../src/schemaFile.js';

interface Documented {
  /** Such as `Paper.authors(first:)`. */
  readonly name: string;
  readonly description: string | null | undefined;
  readonly type?: GraphQLType;
}

const schema = buildSchema(printedSchema());
const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type));
const roots = new Set(['Query', 'Mutation', 'Subscription']);
const fields = types.flatMap((type) => (isEnumType(type) || isScalarType(type) || isUnionType(type) ? [] : Object.values(type.getFields()).map((field) => ({ owner: type, field }))));
const outputs = fields.filter(({ owner }) => !isInputObjectType(owner)).map(({ owner, field }): Documented => ({ ...field, name: `${owner.name}.${field.name}` }));
const inputs = fields.flatMap(({ owner, field }): Documented[] =>
  'args' in field
    ? field.args.map((arg: GraphQLArgument) => ({ name: `${owner.name}.${field.name}(${arg.name}:)`, type: arg.type, description: arg.description ?? field.description }))
    : [{ name: `${owner.name}.${field.name}`, type: field.type, description: field.description }],
);

function isList(type: GraphQLType | undefined): boolean {
  return isNonNullType(type) ? isListType(type.ofType) : isListType(type);
}

function namesWithout(documented: readonly Documented[], rule: RegExp): string[] {
  return documented.filter(({ description }) => !rule.test(description ?? '')).map(({ name }) => name);
}

describe('the schema', () => {
  test('is the committed one; after a change of the code, run `npm run schema`', async () => {
    expect(printedSchema()).toBe(await readFile(schemaFile, 'utf8'));
  });

  test('has one input a mutation, named after it, and beside it at most the key by which it is done once', () => {
    const odd = Object.values(schema.getMutationType()!.getFields()).filter(({ name, args }) => {
      const own = args.filter((arg) => arg.name !== 'idempotencyKey').map((arg) => `${arg.name}: ${String(arg.type).replace(/!$/, '')}`);
      return own.length > 1 || own.some((arg) => arg.toLowerCase() !== `input: ${name}input`.toLowerCase());
    });
    expect(odd.map(({ name }) => name)).toEqual([]);
  });

  test('is where the links of the README lead; after a change of the code, run `npm run schema`', async () => {
    const [readme, printed] = [await readFile(readmeFile, 'utf8'), printedSchema()];
    expect(withSchemaLines(readme, printed)).toBe(readme);
    const lines = printed.split('\n');
    const links = [...readme.matchAll(/\[`([^`]+)`\]\(schema\.graphql#L(\d+) "([^"]+)"\)/g)];
    expect(links.length).toBeGreaterThan(80);
    for (const [, label = '', line, name = ''] of links) {
      // What stands behind the description, if there is one.
      const shown = lines.slice(Number(line) - 1).join('\n').replace(/^\s*"""[^]*?"""/, '').trimStart();
      expect([name, name.endsWith(label), shown.replace(/^(type|input|enum|interface|union|scalar) /, '').startsWith(name.split('.').at(-1)!)]).toEqual([name, true, true]);
    }
  });

  test('is led to by no link that names nothing in it', () => {
    const schema = 'type Query {\n  """Papers."""\n  feed: Int\n}';
    expect(withSchemaLines('[feeds](schema.graphql#L7 "Query.feed"), [all](schema.graphql)', schema)).toBe('[feeds](schema.graphql#L2 "Query.feed"), [all](schema.graphql)');
    for (const link of ['[x](schema.graphql#L7 "Query.gone")', '[x](schema.graphql#L7)', '[x](schema.graphql#feed "")']) expect(() => withSchemaLines(link, schema)).toThrow(/must name a type/);
  });

  test('describes every type but the two roots, whose fields are described', () => {
    const named = types.filter((type) => !roots.has(type.name)).map(({ name, description }) => ({ name, description }));
    expect(named.length).toBeGreaterThan(50);
    expect(namesWithout(named, /\S/)).toEqual([]);
  });

  test('describes every query and mutation, and every value of an enum', () => {
    expect(namesWithout(outputs.filter(({ name }) => roots.has(name.split('.')[0]!)), /\S/)).toEqual([]);
    const values = types.filter(isEnumType).flatMap((type) => type.getValues().map((value) => ({ name: `${type.name}.${value.name}`, description: value.description })));
    expect(namesWithout(values, /\S/)).toEqual([]);
  });

  test('names the error codes of every mutation that can be refused', () => {
    const mutations = outputs.filter(({ name }) => name.startsWith('Mutation.') && name !== 'Mutation.signOut');
    expect(namesWithout(mutations, /Errors: [A-Z_]+/)).toEqual([]);
  });

  test('has no list without a bound: a connection, or a description that says how many', () => {
    const lists = [...outputs, ...inputs].filter(({ name, type }) => isList(type) && !/Connection\.(edges|nodes)$/.test(name));
    expect(lists.map(({ name }) => name)).toEqual(expect.arrayContaining(['Query.nodes', 'RecommendationEdge.reasons', 'SubmitPaperInput.authors', 'TagCondition.any']));
    expect(namesWithout(lists, /at most [\d,]+/)).toEqual([]);
  });

  test('gives every connection its four parts, and takes what pages it', () => {
    const connections = types.filter((type) => type.name.endsWith('Connection'));
    for (const { name } of connections) {
      // Recommendations alone say more of themselves.
      const own = name === 'RecommendationConnection' ? ['asOf', 'comparison', 'modelVersion'] : [];
      expect(outputs.filter((field) => field.name.startsWith(`${name}.`)).map((field) => field.name.split('.')[1]).sort()).toEqual([...own, 'edges', 'nodes', 'pageInfo', 'totalCount'].sort());
    }
    const paged = outputs.filter(({ type }) => /Connection!?$/.test(String(type)));
    const argumentsOf = (name: string): string[] => inputs.filter((input) => input.name.startsWith(`${name}(`)).map((input) => /\((\w+):/.exec(input.name)![1]!);
    expect(paged.length).toBeGreaterThanOrEqual(15);
    for (const { name } of paged) expect([name, argumentsOf(name)]).toEqual([name, expect.arrayContaining(['first', 'after'])]);
  });
});
