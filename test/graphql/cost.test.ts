import { describe, expect, test } from '@jest/globals';
import { getNamedType, isCompositeType, isEnumType, isIntrospectionType, isObjectType, parse, validate, type GraphQLField, type OperationDefinitionNode } from 'graphql';
import { OperationCosts } from '../../src/graphql/cost.js';
import { fieldCostOf, isList, isPaged, pageLists } from '../../src/graphql/fieldCost.js';
import { MAX_PAGE_SIZE } from '../../src/graphql/connection.js';
import { unservedSchema } from '../../src/schemaFile.js';

const schema = unservedSchema();
const costs = new OperationCosts(schema);

function costOf(document: string, variables: Record<string, unknown> = {}): number {
  const parsed = parse(document);
  expect(validate(schema, parsed).map(({ message }) => message)).toEqual([]);
  return costs.of(parsed, parsed.definitions[0] as OperationDefinitionNode, variables);
}

const times = (count: number, part: (place: number) => string): string => Array.from({ length: count }, (_, place) => part(place)).join(' ');

describe('what an operation costs', () => {
  test.each<[string, string, number]>([
    ['nothing but its name is 1, the least', '{ __typename }', 1],
    ['scalars are free', '{ viewer { id username displayName } }', 1],
    // The connection and 20 papers.
    ['a page has 20 unless it says otherwise', '{ papers { nodes { title } } }', 1 + 20],
    ['a page of its own length', '{ papers(first: 7) { nodes { title } } }', 1 + 7],
    ['a page from the end', '{ papers(last: 9) { nodes { title } } }', 1 + 9],
    ['null is as though it were left out', '{ papers(first: null) { nodes { title } } }', 1 + 20],
    ['an edge and its node are one', '{ papers(first: 7) { edges { cursor node { title } } } }', 1 + 7],
    ['pageInfo is an object, a total costs 5', '{ papers(first: 7) { pageInfo { hasNextPage } totalCount } }', 1 + 1 + 5],
    ['lists in lists', '{ papers(first: 10) { nodes { authors(first: 3) { nodes { name } } tags { nodes { name } } } } }', 1 + 10 * (1 + (1 + 3) + (1 + 20))],
    ['below edges pages count as below nodes', '{ papers(first: 10) { edges { node { authors(first: 3) { edges { node { name } } } } } } }', 1 + 10 * (1 + (1 + 3))],
    ['each alias is answered', '{ a: papers(first: 5) { nodes { id } } b: papers(first: 5) { nodes { id } } }', 2 * (1 + 5)],
    ['what is asked for twice is answered once', '{ papers(first: 5) { nodes { id } } papers(first: 5) { nodes { title submittedBy { id } } } }', 1 + 5 * (1 + 1)],
    ['a fragment counts where it is spread', '{ papers(first: 5) { nodes { ...P } } } fragment P on Paper { tags(first: 2) { nodes { id } } }', 1 + 5 * (1 + (1 + 2))],
    ['fragments in fragments', '{ papers(first: 5) { nodes { ...P } } } fragment P on Paper { ...T submittedBy { id } } fragment T on Paper { tags(first: 2) { nodes { ...N } } } fragment N on Tag { papers(first: 3) { nodes { id } } }', 1 + 5 * (1 + (1 + 2 * (1 + (1 + 3))) + 1)],
    ['a fragment twice counts once, as what it asks for', '{ papers(first: 5) { nodes { ...P ...P } } } fragment P on Paper { tags(first: 2) { nodes { id } } }', 1 + 5 * (1 + (1 + 2))],
    ['fragments of one field are one page', '{ papers(first: 5) { nodes { ...A ...B } } } fragment A on Paper { tags(first: 2) { nodes { id } } } fragment B on Paper { tags(first: 2) { totalCount nodes { name } } }', 1 + 5 * (1 + (1 + 2 + 5))],
    ['@skip and @include by literals', '{ papers(first: 5) { nodes { authors @skip(if: true) { nodes { id } } tags(first: 2) @include(if: true) { nodes { id } } } } }', 1 + 5 * (1 + (1 + 2))],
    ['of possible types the dearest', '{ node(id: "x") { id ... on Tag { papers(first: 4) { nodes { id } } } ... on Paper { authors(first: 9) { nodes { id } } tags(first: 2) { nodes { id } } } ... on User { comments(first: 12) { nodes { id } } } } }', 1 + (1 + 9) + (1 + 2)],
    ['as many as there are ids', '{ nodes(ids: ["a", "b", "c"]) { id ... on Paper { tags(first: 2) { nodes { id } } } } }', 3 * (1 + (1 + 2))],
    ['of an interface each type has its fields', '{ recommendations(first: 2) { edges { reasons { kind ... on TagReason { tag { id } } ... on AuthorReason { author { id } } } } } }', 50 + 1 + 2 * (1 + 5 * (1 + 1))],
    ['a search with snippets and facets', '{ search(query: "x", first: 10) { edges { title { text } snippet { text } node { id } } facets { tags { count } } } }', 20 + 1 + 10 * (1 + 1 + (1 + 1)) + (1 + 20 + 20)],
    ['what would be, and what was, costs more', '{ recommendations(first: 1, assuming: ["x"], asOf: "y") { nodes { id } } }', 50 + 50 + 500 + 1 + 1],
    ['an argument that says what it says by default costs nothing', '{ search(query: "x", personalWeight: 0, first: 1) { nodes { id } } feed(orderBy: TRENDING) { isCurrent } }', 20 + 1 + 1 + 1],
    ['by value of an enum', '{ feed(orderBy: FOR_YOU) { isCurrent } }', 50 + 1],
    ['a mutation', 'mutation { upvotePaper(input: { paperId: "x" }) { paper { title } } }', 10 + 1 + 1],
    ['a dear mutation', 'mutation { signIn(input: { username: "a", password: "b" }) { token } }', 10_000 + 1],
    ['a subscription', 'subscription { paperVotes(paperId: "x") { paper { id } } }', 50 + 1 + 1],
    ['the schema', '{ __schema { types { name } } }', 100],
    ['its own question', '{ rateLimit { cost } }', 1],
  ])('%s', (_, document, cost) => {
    expect(costOf(document)).toBe(cost);
  });

  test('follows variables, those that are left out by their defaults', () => {
    const document = 'query ($n: Int = 4, $last: Int, $ids: [ID!]!) { papers(first: $n) { nodes { authors(last: $last) { nodes { id } } } } nodes(ids: $ids) { id } }';
    expect(costOf(document, { ids: ['a'] })).toBe(1 + 4 * (1 + (1 + 20)) + 1);
    expect(costOf(document, { n: 2, last: 3, ids: ['a', 'b'] })).toBe(1 + 2 * (1 + (1 + 3)) + 2);
    expect(costOf(document, { n: null, last: null, ids: [] })).toBe(1 + 20 * (1 + (1 + 20)));
    const ordered = 'query ($order: FeedOrder!) { feed(orderBy: $order) { isCurrent } }';
    expect([costOf(ordered, { order: 'FOR_YOU' }), costOf(ordered, { order: 'TOP' })]).toEqual([51, 1]);
  });

  test('follows variables of @skip and @include, also of those above and of several places', () => {
    const document = `query ($a: Boolean!, $b: Boolean = true) { papers(first: 5) @include(if: $a) { nodes { ...P @skip(if: $b) tags(first: 2) @include(if: $b) { nodes { id } } } } }
      fragment P on Paper { authors(first: 3) { nodes { id } } tags(first: 2) { nodes { papers(first: 1) { nodes { id } } } } }`;
    expect(costOf(document, { a: false })).toBe(1);
    expect(costOf(document, { a: true })).toBe(1 + 5 * (1 + (1 + 2)));
    expect(costOf(document, { a: true, b: false })).toBe(1 + 5 * (1 + (1 + 3) + (1 + 2 * (1 + (1 + 1)))));
  });

  test.each([{ n: 'many' }, { n: -4 }, { n: 1e9 }, { n: {} }, { n: Number.NaN }, {}, { n: [3] }])('takes %j for a page that there is, and leaves it to the executor', (variables) => {
    const cost = costOf('query ($n: Int!) { papers(first: $n) { nodes { id } } }', variables);
    expect(cost).toBeGreaterThanOrEqual(2);
    expect(cost).toBeLessThanOrEqual(1 + MAX_PAGE_SIZE);
  });

  test('is soon known of fragments that spread fragments twice each', () => {
    const conditions = Array.from({ length: 10 }, (_, index) => `$c${index}: Boolean!`).join(' ');
    const spreads = Array.from({ length: 40 }, (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} ${index < 10 ? `@include(if: $c${index})` : ''} }`).join('\n');
    const start = performance.now();
    expect(costOf(`query (${conditions}) { ...F0 } ${spreads} fragment F40 on Query { papers(first: 3) { nodes { id } } }`)).toBe(1 + 3);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('is not looked for where fragments by aliases of aliases would be without end', () => {
    const levels = times(14, (level) => `fragment C${level} on Comment { ${times(7, (n) => `a${n}: parent { ...C${level + 1} }`)} }`);
    const start = performance.now();
    expect(costOf(`{ comment(id: "x") { ...C0 } } ${levels} fragment C14 on Comment { id }`)).toBe(1_000_000_000);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('the schema', () => {
  const fields = Object.values(schema.getTypeMap()).flatMap((type) => (isObjectType(type) && !isIntrospectionType(type) ? Object.values(type.getFields()).map((field) => ({ type, field })) : []));
  const nameOf = ({ type, field }: (typeof fields)[number]): string => `${type.name}.${field.name}`;

  test('says of each list of objects how many it counts as', () => {
    const paged = new Set<GraphQLField<unknown, unknown>>(fields.filter(({ field }) => isPaged(field)).flatMap(({ field }) => { const type = getNamedType(field.type); return isObjectType(type) ? pageLists(type) : []; }));
    const lists = fields.filter(({ field }) => isList(field.type) && isCompositeType(getNamedType(field.type)));
    expect(lists.length).toBeGreaterThan(60);
    expect(lists.filter(({ field }) => !paged.has(field) && fieldCostOf(field).size === undefined).map(nameOf)).toEqual([]);
  });

  test('gives no connection without a page', () => {
    const connections = fields.filter(({ field }) => { const type = getNamedType(field.type); return isObjectType(type) && pageLists(type).length > 0; });
    expect(connections.length).toBeGreaterThan(40);
    expect(connections.filter(({ field }) => !isPaged(field)).map(nameOf)).toEqual([]);
  });

  test('names only arguments and values that there are, and tells all costs', () => {
    for (const { type, field } of fields) {
      const { points, given = {}, size } = fieldCostOf(field);
      for (const [name, by] of [...Object.entries(given), ...(typeof size === 'object' ? [[size.of, 0] as const] : [])]) {
        const arg = field.args.find((each) => each.name === name);
        expect([nameOf({ type, field }), name, arg?.name]).toEqual([nameOf({ type, field }), name, name]);
        if (typeof by !== 'object' || arg === undefined) continue;
        const values = getNamedType(arg.type);
        expect(isEnumType(values) ? values.getValues().map((value) => value.value as unknown) : []).toEqual(expect.arrayContaining(Object.keys(by)));
      }
      if (points !== undefined) expect(field.description).toContain(`Costs ${points} point`);
      if (size !== undefined) expect(field.description).toContain('Counts as');
    }
  });
});
