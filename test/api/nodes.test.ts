import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPaper, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const NODE = `query ($id: ID!) {
  node(id: $id) { __typename id ... on Paper { title } ... on Author { name } ... on Tag { slug } ... on Repo { url } ... on User { username } ... on Comment { bodyMarkdown } }
}`;
const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';
const encode = (text: string): string => Buffer.from(text).toString('base64url');

let server: TestServer;
let paper: SeededPaper;
let reader: Reader;
/** The id of one object of each type. */
let ids: { Paper: string; Author: string; Tag: string; Repo: string; User: string; Comment: string };

beforeAll(async () => {
  server = await startTestServer();
  reader = await seedReader(server);
  paper = await seedPaper(server, { title: 'The paper', listedOn: '2026-01-01', authors: ['Ada'], tags: [{ slug: 'vision', weight: 1 }], repos: [{ url: 'https://github.com/lab/code' }] });
  const { addComment } = await server.query('mutation ($paperId: ID!) { addComment(input: { paperId: $paperId, body: "Hello" }) { comment { id } } }', { token: reader.token, variables: { paperId: paper.id } });
  const data = await server.query('{ authors { nodes { id } } tags { nodes { id } } repos { nodes { id } } viewer { id } }', { token: reader.token });
  ids = { Paper: paper.id, Author: data.authors.nodes[0].id, Tag: data.tags.nodes[0].id, Repo: data.repos.nodes[0].id, User: data.viewer.id, Comment: addComment.comment.id };
});
afterAll(() => server.stop());

describe('node', () => {
  test.each([
    ['Paper', { title: 'The paper' }],
    ['Author', { name: 'Ada' }],
    ['Tag', { slug: 'vision' }],
    ['Repo', { url: 'https://github.com/lab/code' }],
    ['User', {}],
    ['Comment', { bodyMarkdown: 'Hello' }],
  ] as const)('finds a %s by the id that the API gave out', async (type, fields) => {
    const { node } = await server.query(NODE, { variables: { id: ids[type] } });
    expect(node).toEqual({ __typename: type, id: ids[type], ...fields, ...(type === 'User' && { username: reader.username }) });
  });

  test.each([
    ['paper', 'Paper', 'query ($id: ID!) { found: paper(id: $id) { id } }'],
    ['author', 'Author', 'query ($id: ID!) { found: author(id: $id) { id } }'],
    ['repo', 'Repo', 'query ($id: ID!) { found: repo(id: $id) { id } }'],
    ['user', 'User', 'query ($id: ID!) { found: user(id: $id) { id } }'],
    ['comment', 'Comment', 'query ($id: ID!) { found: comment(id: $id) { id } }'],
  ] as const)('agrees with the query %s, which takes no id of another type', async (_, type, document) => {
    expect((await server.query(document, { variables: { id: ids[type] } })).found).toEqual({ id: ids[type] });
    expect((await server.query(document, { variables: { id: encode(`${type}:2147483647`) } })).found).toBeNull();
    for (const [other, id] of Object.entries(ids).filter(([name]) => name !== type)) {
      const error = await server.error(document, { variables: { id } });
      expect([other, error]).toMatchObject([other, { message: `id must be the id of a ${type}, received "${id}"`, extensions: { code: 'BAD_USER_INPUT', field: 'id' } }]);
    }
  });

  test.each(['', 'x', 'Paper:1', '1', ...['Paper', 'Paper:', 'Paper:0', 'Paper:01', 'Paper:-1', 'Paper:1.5', 'Paper:1 ', 'Paper:1\n', 'paper:1', 'Secret:1', 'Paper:2147483648', 'Paper:99999999999', 'Paper:\0', '__proto__:1', 'toString:1'].map(encode)])(
    'refuses %j, which is no id',
    async (id) => {
      const refusal = { message: expect.stringMatching(/^ids? must be an id that this API gave out, received "/), extensions: { code: 'BAD_USER_INPUT' } };
      expect(await server.error(NODE, { variables: { id } })).toMatchObject({ ...refusal, extensions: { ...refusal.extensions, field: 'id' } });
      expect(await server.error(NODES, { variables: { ids: [ids.Paper, id] } })).toMatchObject({ ...refusal, extensions: { ...refusal.extensions, field: 'ids' } });
    },
  );
});

describe('nodes', () => {
  test('gives objects of all types in the order of the ids, also the same one twice', async () => {
    const wanted = [ids.Tag, ids.Paper, ids.User, ids.Repo, ids.Author, ids.Paper];
    const { nodes } = await server.query(NODES, { variables: { ids: wanted } });
    expect(nodes.map((node: any) => node.id)).toEqual(wanted);
    expect(nodes.map((node: any) => node.__typename)).toEqual(['Tag', 'Paper', 'User', 'Repo', 'Author', 'Paper']);
  });

  test('reads one statement a type, and one for ids of what is not there, however many there are', async () => {
    const many = Array.from({ length: 50 }, (_, index) => [encode(`Paper:${index + 1}`), encode(`Tag:${index + 1}`)]).flat();
    const { result, statements } = await server.countStatements(() => server.query(NODES, { variables: { ids: many } }));
    expect(result.nodes).toHaveLength(100);
    expect(statements).toHaveLength(4);
  });

  test('takes 100 ids and no more', async () => {
    expect(await server.error(NODES, { variables: { ids: Array.from({ length: 101 }, () => ids.Paper) } })).toMatchObject({
      message: 'ids must have at most 100 items, received 101',
      extensions: { code: 'BAD_USER_INPUT', field: 'ids' },
    });
    expect((await server.query(NODES, { variables: { ids: [] } })).nodes).toEqual([]);
  });

  // Deletes what the other tests read, hence last.
  test('has null in the place of what was deleted', async () => {
    const { prisma } = server.database;
    await prisma.paper.delete({ where: { id: paper.rowId } });
    await prisma.author.deleteMany();
    await prisma.tag.deleteMany();
    await prisma.repo.deleteMany();
    const { nodes } = await server.query(NODES, { variables: { ids: [ids.Paper, ids.Author, ids.User, ids.Tag, ids.Repo] } });
    expect(nodes).toEqual([null, null, { __typename: 'User', id: ids.User }, null, null]);
    await prisma.user.deleteMany();
    for (const id of Object.values(ids)) expect((await server.query(NODE, { variables: { id } })).node).toBeNull();
  });
});
