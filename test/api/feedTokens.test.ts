import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seedPapers, seedReader, seedUpvotes, type Reader } from '../support/seed.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const CREATE = 'mutation ($name: String!) { createFeedToken(input: { name: $name }) { feedToken { id name lastUsedOn createdAt } syndication { atomUrl jsonFeedUrl } } }';
const REVOKE = 'mutation ($id: ID!) { revokeFeedToken(input: { feedTokenId: $id }) { feedTokenId } }';
const TOKENS = '{ feedTokens { totalCount nodes { id name lastUsedOn } } }';

let server: TestServer;
let beside: TestServer;
let reader: Reader;

beforeAll(async () => {
  server = await startTestServer();
  beside = await startBeside(server);
  const papers = await seedPapers(server, Array.from({ length: 8 }, (_, n) => ({ title: `Paper ${n}`, listedOn: '2026-01-05', tags: [{ slug: n < 4 ? 'one' : 'two', weight: 1 }], authors: [`Author ${n}`] })));
  reader = await seedReader(server);
  const other = await seedReader(server);
  await seedUpvotes(server, [[reader, papers[0]!], [other, papers[0]!], [other, papers[1]!]]);
});
afterAll(async () => {
  await beside.stop();
  await server.stop();
});

const create = async (name: string, { token }: Reader): Promise<any> => (await server.query(CREATE, { token, variables: { name } })).createFeedToken;
const pathOf = (url: string): string => url.replace('https://papers.example', '');
const get = (url: string, on: TestServer = server, headers: Record<string, string> = {}): Promise<Response> => fetch(`${on.url.replace('/graphql', '')}${pathOf(url)}`, { headers });

test('a token is the address of what is recommended to its owner, with the reasons', async () => {
  const { feedToken, syndication } = await create('My reader', reader);
  expect(feedToken).toMatchObject({ name: 'My reader', lastUsedOn: null });
  expect(syndication.atomUrl).toMatch(/^https:\/\/papers\.example\/feeds\/for\/dpf_[\w-]{43}\.atom$/);
  const response = await get(syndication.jsonFeedUrl);
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'private, no-store']);
  const feed = (await response.json());
  const { recommendations } = await server.query('{ recommendations(first: 50) { edges { summary node { title } } } }', { token: reader.token });
  expect(feed.items.map(({ title }: any) => title)).toEqual(recommendations.edges.map(({ node }: any) => node.title));
  for (const [n, { summary }] of recommendations.edges.entries()) expect(feed.items[n].summary.startsWith(summary)).toBe(true);
  expect(feed.title).toBe(`Daily Papers: for ${reader.username}`);
  expect((await get(syndication.jsonFeedUrl, server, { 'if-none-match': response.headers.get('etag')! })).status).toBe(304);
  const { feedTokens } = await server.query(TOKENS, { token: reader.token });
  expect(feedTokens.nodes[0]).toEqual({ id: feedToken.id, name: 'My reader', lastUsedOn: new Date().toISOString().slice(0, 10) });
  const kept = await server.database.prisma.feedToken.findFirstOrThrow();
  expect(JSON.stringify(Object.values(kept))).not.toContain(/dpf_[\w-]+/.exec(syndication.atomUrl)![0]);
});

test('a token that is revoked ends at once, on every server, and may be revoked again', async () => {
  const { feedToken, syndication } = await create('To be revoked', reader);
  expect((await get(syndication.atomUrl, beside)).status).toBe(200);
  const other = await seedReader(server);
  await server.query(REVOKE, { token: other.token, variables: { id: feedToken.id } });
  expect((await get(syndication.atomUrl)).status).toBe(200);
  for (let turn = 0; turn < 2; turn += 1) expect((await server.query(REVOKE, { token: reader.token, variables: { id: feedToken.id } })).revokeFeedToken).toEqual({ feedTokenId: feedToken.id });
  for (const on of [server, beside]) expect((await get(syndication.atomUrl, on)).status).toBe(404);
});

test('nobody else sees that there is one', async () => {
  const { feedToken } = await create('Secret', reader);
  const document = 'query ($id: ID!) { node(id: $id) { id ... on FeedToken { name } } nodes(ids: [$id]) { id } }';
  const variables = { id: feedToken.id };
  const other = await seedReader(server);
  expect(await server.query(document, { token: reader.token, variables })).toEqual({ node: { id: feedToken.id, name: 'Secret' }, nodes: [{ id: feedToken.id }] });
  for (const token of [other.token, null]) expect(await server.query(document, { token, variables })).toEqual({ node: null, nodes: [null] });
  expect((await server.query(TOKENS, { token: other.token })).feedTokens.totalCount).toBe(0);
  for (const asked of [TOKENS, 'mutation { createFeedToken(input: { name: "x" }) { feedToken { id } } }', `mutation { revokeFeedToken(input: { feedTokenId: "${feedToken.id}" }) { feedTokenId } }`]) {
    expect((await server.error(asked)).extensions).toEqual({ code: 'UNAUTHENTICATED' });
  }
});

test('names are told apart, and a reader has at most 20, also of many made at once', async () => {
  const many = await seedReader(server);
  await create('0', many);
  expect(await server.error(CREATE, { token: many.token, variables: { name: ' 0 ' } })).toMatchObject({ message: 'name must be unlike those of the viewer\'s other feed tokens, received "0"', extensions: { code: 'CONFLICT', field: 'name' } });
  expect((await server.error(CREATE, { token: many.token, variables: { name: ' ' } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'name' });
  expect((await server.error(REVOKE, { token: many.token, variables: { id: many.id } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'feedTokenId' });
  const answers = await Promise.all(Array.from({ length: 25 }, (_, n) => [server, beside][n % 2]!.send(CREATE, { token: many.token, variables: { name: String(n + 1) } })));
  expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(19);
  expect(new Set(answers.flatMap(({ errors }) => errors.map(({ message, extensions }) => `${extensions.code} ${message}`)))).toEqual(new Set(['CONFLICT a reader has at most 20 feed tokens: revoke one first']));
  expect((await server.query('{ feedTokens(first: 3) { totalCount nodes { name } pageInfo { hasNextPage } } }', { token: many.token })).feedTokens).toMatchObject({ totalCount: 20, pageInfo: { hasNextPage: true } });
});

test('none is made by an API token that expires, which it would outlive', async () => {
  const { token } = await seedReader(server);
  const programs: string[] = [];
  for (const expiresAt of [new Date(Date.now() + 3_600_000), null]) {
    const CREATE_PROGRAM = 'mutation ($name: String!, $expiresAt: DateTime) { createApiToken(input: { name: $name, scopes: [READ, ADMIN], expiresAt: $expiresAt }) { token session { expiresAt } } }';
    programs.push((await server.query(CREATE_PROGRAM, { token, variables: { name: String(expiresAt), expiresAt } })).createApiToken.token);
  }
  const [expiring, lasting] = programs;
  expect(await server.error(CREATE, { token: expiring!, variables: { name: 'Outliving' } })).toMatchObject({
    message: expect.stringMatching(/^a feed token does not expire, and the API token of this request does, at 2\S+Z: sign in, or use one that lasts$/), extensions: { code: 'FORBIDDEN' },
  });
  expect((await server.query(CREATE, { token: lasting!, variables: { name: 'As long' } })).createFeedToken.feedToken.name).toBe('As long');
});

test('they go with their account', async () => {
  const leaving = await seedReader(server);
  const { syndication } = await create('Leaving', leaving);
  await server.database.prisma.user.delete({ where: { id: leaving.rowId } });
  expect((await get(syndication.atomUrl)).status).toBe(404);
  expect(await server.database.prisma.feedToken.count({ where: { userId: leaving.rowId } })).toBe(0);
});
