import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPaper, seedReader } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let server: TestServer;
let origin: string;
let restore: (() => void)[] = [];

beforeAll(async () => {
  server = await startTestServer();
  origin = new URL(server.url).origin;
});
afterEach(() => {
  for (const undo of restore) undo();
  restore = [];
});
afterAll(() => server.stop());

/** Makes a service's method fail until the test ends. */
function breakMethod(service: object, method: string, error: Error): void {
  Object.defineProperty(service, method, { configurable: true, value: () => Promise.reject(error) });
  restore.push(() => Reflect.deleteProperty(service, method));
}

function post(body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
}

describe('an internal error', () => {
  const secret = new Error('connect ECONNREFUSED postgresql://root:hunter2@10.0.0.7/papers');

  test('is masked: the client gets an id for the log, and nothing of what happened', async () => {
    breakMethod(server.services.papers, 'list', secret);
    const response = await post(JSON.stringify({ query: '{ papers { totalCount } recommendations { totalCount } }' }));
    const text = await response.text();
    expect(response.status).toBe(200);
    const { errors: [error] } = JSON.parse(text);
    expect(error.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', errorId: expect.stringMatching(UUID) });
    expect(error).toMatchObject({ message: `internal error ${error.extensions.errorId}`, path: ['papers'], locations: [{ line: 1, column: 3 }] });
    expect(text).not.toMatch(/ECONNREFUSED|hunter2|10\.0\.0\.7|stack|\.ts|\.js/);
    const again = await server.error('{ papers { totalCount } recommendations { totalCount } }');
    expect(again.extensions.errorId).not.toBe(error.extensions.errorId);
  });

  test('of the session’s check is masked too', async () => {
    breakMethod(server.services.sessions, 'findViewer', secret);
    const response = await post(JSON.stringify({ query: '{ viewer { id } }' }), { authorization: 'Bearer dp_any' });
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(text).errors).toMatchObject([{ message: expect.stringMatching(/^internal error [0-9a-f-]{36}$/), extensions: { code: 'INTERNAL_SERVER_ERROR', errorId: expect.stringMatching(UUID) } }]);
    expect(text).not.toMatch(/ECONNREFUSED|hunter2|stack/);
  });

  test('of the database is masked too', async () => {
    breakMethod(server.database, 'rows', Object.assign(new Error('relation "papers" does not exist'), { code: '42P01' }));
    const error = await server.error('{ tags { totalCount } }');
    expect(JSON.stringify(error)).not.toMatch(/relation|42P01/);
    expect(error.extensions.code).toBe('INTERNAL_SERVER_ERROR');
    expect((await fetch(`${origin}/readyz`)).status).toBe(503);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  });
});

// PostgreSQL has no NUL in texts: that must be the client's error, wherever a client writes one.
describe('a text with NUL', () => {
  let token: string;
  let paperId: string;
  beforeAll(async () => {
    token = (await seedReader(server, 'ADMIN')).token;
    paperId = (await seedPaper(server, { title: 'A paper', listedOn: '2026-01-01' })).id;
  });

  test.each([
    'paper(arxivId: TEXT) { id }', 'user(username: TEXT) { id }', 'tag(slug: TEXT) { id }', 'authors(prefix: TEXT) { totalCount }', 'authors(prefix: TEXT) { nodes { id } }', 'repos(host: TEXT) { nodes { id } }',
    'papers(filter: { text: TEXT }) { totalCount }', 'papers(filter: { tags: { any: [TEXT] } }) { nodes { id } }', 'papers(filter: { tags: { all: ["fine", TEXT] } }) { totalCount }', 'node(id: TEXT) { id }', 'papers(after: TEXT) { totalCount }',
    'signIn(input: { username: TEXT, password: "some password" }) { token }', 'signUp(input: { username: TEXT, password: "some password" }) { token }', 'signUp(input: { username: "fine", password: "some password", displayName: TEXT }) { token }',
    'setUserRole(input: { username: TEXT, role: READER }) { user { id } }', 'createTag(input: { name: TEXT, kind: TASK }) { isNew }', 'createTag(input: { name: "Fine", slug: TEXT, kind: TASK }) { isNew }', 'removeTagAlias(input: { alias: TEXT }) { tag { id } }', 'paper(doi: TEXT) { id }',
    'submitPaper(input: { title: TEXT }) { isNew }', 'submitPaper(input: { title: "Fine", abstract: TEXT }) { isNew }', 'submitPaper(input: { title: "Fine", arxivId: TEXT }) { isNew }', 'submitPaper(input: { title: "Fine", authors: ["Ada", TEXT] }) { isNew }', 'submitPaper(input: { title: "Fine", tags: [TEXT] }) { isNew }',
    'updatePaper(input: { paperId: PAPER, title: TEXT }) { paper { id } }', 'tagPaper(input: { paperId: PAPER, tagSlug: TEXT }) { paper { id } }', 'untagPaper(input: { paperId: PAPER, tagSlug: TEXT }) { paper { id } }',
  ])('is refused in %s', async (field) => {
    const operation = field.includes('input:') ? 'mutation' : 'query';
    const document = (text: string): string => `${operation} ${text === '$text' ? `($text: ${field.includes('node(') ? 'ID!' : 'String!'})` : ''} { ${field.replace('TEXT', text).replace('PAPER', JSON.stringify(paperId))} }`;
    for (const [text, variables] of [['$text', { text: 'a\0b' }], [String.raw`"a\u0000b"`, {}]] as const) {
      const error = await server.error(document(text), { token, variables });
      expect([error.message, error.extensions.code]).toEqual([expect.stringMatching(/ must /), 'BAD_USER_INPUT']);
    }
    expect(await server.database.prisma.paper.count({ where: { title: 'Fine' } })).toBe(0);
  });
});

describe('a request that is not understood', () => {
  test.each<[string, string, [code: string, message: RegExp]]>([
    ['bad syntax', '{ papers {', ['GRAPHQL_PARSE_FAILED', /^Syntax Error: Expected Name, found <EOF>/]],
    ['an unknown field', '{ papers { titel } }', ['GRAPHQL_VALIDATION_FAILED', /^Cannot query field "titel" on type "PaperConnection"/]],
    ['an unknown argument', '{ papers(limit: 3) { totalCount } }', ['GRAPHQL_VALIDATION_FAILED', /^Unknown argument "limit" on field "Query.papers"/]],
    ['a missing argument', '{ node { id } }', ['GRAPHQL_VALIDATION_FAILED', /argument "id" of type "ID!" is required/]],
    ['an unknown enum value', '{ papers(orderBy: OLDEST) { totalCount } }', ['GRAPHQL_VALIDATION_FAILED', /^Value "OLDEST" does not exist in "PaperOrder" enum/]],
    ['a literal of the wrong type', '{ papers(first: "ten") { totalCount } }', ['GRAPHQL_VALIDATION_FAILED', /^Int cannot represent non-integer value: "ten"/]],
    ['nothing', '', ['BAD_REQUEST', /query/]],
  ])('for %s is refused with 400 and says why', async (_, document, [code, message]) => {
    const { status, data, errors } = await server.send(document);
    expect([status, data, errors.length]).toEqual([400, undefined, 1]);
    expect(errors[0]).toMatchObject({ message: expect.stringMatching(message), extensions: { code } });
    expect(errors[0]!.extensions).not.toHaveProperty('stacktrace');
  });

  test('for a variable of the wrong type says which', async () => {
    const { status, errors } = await server.send('query ($first: Int) { papers(first: $first) { totalCount } }', { variables: { first: 'ten' } });
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ message: expect.stringContaining('Variable "$first" got invalid value "ten"'), extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test('is refused when it is no JSON, a batch, or more than 1 MiB', async () => {
    expect((await post('{"query": ')).status).toBe(400);
    expect((await post(JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]))).status).toBe(400);
    expect((await post(JSON.stringify({ query: '{ __typename }' }), { 'content-type': 'text/plain' })).status).toBeGreaterThanOrEqual(400);
    const huge = await post(JSON.stringify({ query: `{ __typename } # ${'x'.repeat(2 * 1024 * 1024)}` }));
    expect(huge.status).toBe(413);
    expect(await huge.text()).not.toMatch(/stack|\.js/);
  });

  test('is refused when it has more than 5000 tokens', async () => {
    const ids = (count: number): string => `{ nodes(ids: [${'"x" '.repeat(count)}]) { id } }`;
    const { status, errors } = await server.send(ids(4990));
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ message: expect.stringContaining('5000 tokens'), extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
    expect((await server.error(ids(4980))).message).toMatch(/^ids must have at most 100/);
  });
});

describe('over HTTP', () => {
  const get = (query: string): Promise<Response> => fetch(`${server.url}?query=${encodeURIComponent(query)}`, { headers: { 'apollo-require-preflight': 'true' } });

  test('a query may come by GET, a mutation may not', async () => {
    const found = await get('{ papers { totalCount } }');
    expect([found.status, (await found.json()) as unknown]).toEqual([200, { data: { papers: { totalCount: expect.any(Number) } } }]);
    const refused = await get('mutation { signUp(input: { username: "by-get", password: "long enough" }) { token } }');
    expect(refused.status).toBe(405);
    expect((await refused.json()) as unknown).toMatchObject({ errors: [{ message: expect.stringContaining('GET') }] });
    expect((await server.query('{ user(username: "by-get") { id } }')).user).toBeNull();
  });

  test('the health checks answer 200, an unknown path 404', async () => {
    for (const [path, status] of [['/healthz', 200], ['/readyz', 200], ['/no-such-page', 404], ['/package.json', 404], ['/%2e%2e/package.json', 404]] as const) {
      expect([path, (await fetch(origin + path)).status]).toEqual([path, status]);
    }
  });

  test('the explorer is a page that needs nothing from elsewhere', async () => {
    const response = await fetch(`${origin}/`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const html = await response.text();
    expect(html).toMatch(/<title>Daily Papers/);
    expect(html).toContain('/graphql');
    // Tags alone: the texts within scripts and styles load nothing by themselves.
    const tags = html.replace(/(<script\b[^>]*>)[\s\S]*?<\/script>/g, '$1').replace(/(<style\b[^>]*>)[\s\S]*?<\/style>/g, '$1');
    const references = [...tags.matchAll(/<(?:script|link|img|iframe|base)\b[^>]*?(?:src|href)=["']?([^"'\s>]+)/g)].map(([, reference]) => reference!);
    expect(references.filter((reference) => /^(https?:)?\/\//.test(reference))).toEqual([]);
    for (const reference of references.filter((text) => !text.startsWith('data:'))) {
      expect([reference, (await fetch(new URL(reference, origin))).status]).toEqual([reference, 200]);
    }
    expect(html).not.toMatch(/@import\s+(url\()?["']?https?:|\bimport\(["']https?:/);
  });
});
