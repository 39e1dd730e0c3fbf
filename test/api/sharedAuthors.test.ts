import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seedPapers, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const SHARED = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { paper(id: $id) {
  byTheSameAuthors(first: $first, after: $after, last: $last, before: $before) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { sharedAuthorCount sharedAuthors { name } node { title } } }
} }`;

let server: TestServer;
let papers: SeededPaper[];
let crowd: SeededPaper;
let prolific: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  papers = await seedPapers(server, [
    { title: 'Asked', listedOn: '2026-01-05', authors: ['A', 'B', 'C', 'D'] },
    { title: 'Two, older', listedOn: '2026-01-01', authors: ['C', 'X', 'A'] },
    { title: 'One, newest', listedOn: '2026-01-09', authors: ['D'] },
    { title: 'Three', listedOn: '2026-01-02', authors: ['D', 'B', 'A'] },
    { title: 'Two, newer', listedOn: '2026-01-03', authors: ['B', 'D'] },
    { title: 'One, of the same day', listedOn: '2026-01-09', authors: ['A'] },
    { title: 'None', listedOn: '2026-01-09', authors: ['X'] },
  ]);
  const many = Array.from({ length: 300 }, (_, n) => `Of the crowd ${n}`);
  [crowd] = (await seedPapers(server, [{ title: 'A crowd', listedOn: '2026-01-01', authors: many }, { title: 'The crowd again', listedOn: '2026-01-02', authors: many }, { title: 'By the last of it', listedOn: '2026-01-03', authors: many.slice(-1) }])) as [SeededPaper];
  prolific = await seedPapers(server, Array.from({ length: 130 }, (_, n) => ({ title: `By one ${n}`, listedOn: '2026-01-01', authors: ['Prolific'] })));
});
afterAll(() => server.stop());

const read = async ({ id }: SeededPaper, page: object = {}): Promise<any> => (await server.query(SHARED, { variables: { id, ...page } })).paper.byTheSameAuthors;
const titlesOf = (list: any): string[] => list.edges.map(({ node }: any) => node.title);
const EXPECTED = ['Three', 'Two, newer', 'Two, older', 'One, of the same day', 'One, newest'];

test('papers that share the most authors come first, then the newest, and say whom they share', async () => {
  const list = await read(papers[0]!);
  expect([titlesOf(list), list.totalCount]).toEqual([EXPECTED, 5]);
  expect(list.edges[0]).toMatchObject({ sharedAuthorCount: 3, sharedAuthors: [{ name: 'A' }, { name: 'B' }, { name: 'D' }] });
  expect(list.edges[4]).toMatchObject({ sharedAuthorCount: 1, sharedAuthors: [{ name: 'D' }] });
  expect(titlesOf(await read(papers[6]!))).toEqual(['Two, older']);
});

test('in pages from either end', async () => {
  const forward: string[] = [];
  for (let page = await read(papers[0]!, { first: 2 }); ; page = await read(papers[0]!, { first: 2, after: page.pageInfo.endCursor })) {
    forward.push(...titlesOf(page));
    if (!page.pageInfo.hasNextPage) break;
  }
  const last = await read(papers[0]!, { last: 2 });
  const before = await read(papers[0]!, { last: 2, before: last.pageInfo.startCursor });
  expect([forward, titlesOf(last), titlesOf(before), before.pageInfo.hasPreviousPage]).toEqual([EXPECTED, EXPECTED.slice(3), EXPECTED.slice(1, 3), true]);
  expect((await server.error(SHARED, { variables: { id: papers[0]!.id, first: 1000 } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'first' });
});

test('of a long byline the first fifty count, of an author the latest hundred papers', async () => {
  const list = await read(crowd);
  expect(list.edges.map(({ sharedAuthorCount, sharedAuthors, node }: any) => [node.title, sharedAuthorCount, sharedAuthors.length])).toEqual([['The crowd again', 50, 10]]);
  const { totalCount, edges } = await read(prolific[0]!, { first: 1 });
  expect([totalCount, edges[0].node.title]).toEqual([100, 'By one 129']);
});

test('for a page of papers: one statement, one for the counts, one for the authors', async () => {
  const document = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Paper { byTheSameAuthors(first: 3) { totalCount edges { sharedAuthors { name } node { title } } } } } }';
  const { result, statements } = await server.countStatements(() => server.query(document, { variables: { ids: [...papers, ...prolific.slice(0, 13)].map(({ id }) => id) } }));
  expect([statements.length, result.nodes[0].byTheSameAuthors.totalCount]).toEqual([4, 5]);
});
