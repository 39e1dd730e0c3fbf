import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { leadFullLife, PASSWORD, signUp } from '../support/fullLife.js';
import { wsClient } from '../support/liveClients.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';
import { DOCUMENTED_CODES } from './codes.js';

// The cases of graphql-cop and of OWASP's GraphQL cheat sheet, each against what this server has to lose. What both would have
// turned off and is on: introspection, with the suggestions of names that it makes pointless to hide, and the explorer. The schema
// is published with the code.

let server: TestServer;
let origin: string;
let victim: Reader;
let attacker: Reader;
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  ({ origin } = new URL(server.url));
  papers = await seedPapers(server, Array.from({ length: 6 }, (_, n) => ({ title: `Paper ${n}`, listedOn: '2026-01-01', authors: ['Ada', 'Alan'], tags: [{ slug: 'vision', weight: 1 }, { slug: 'audio', weight: 1 }] })));
  victim = await signUp(server, 'victim');
  attacker = await seedReader(server);
  await leadFullLife(server, victim, { papers, other: await seedReader(server), tags: ['vision', 'audio'], authors: [toGlobalId('Author', 1), toGlobalId('Author', 2)] });
});
afterAll(() => server.stop());

interface Refused {
  readonly status: number;
  readonly text: string;
  readonly codes: readonly unknown[];
  readonly milliseconds: number;
}

async function sendRaw(body: string, headers: Record<string, string> = {}, url = server.url): Promise<Refused> {
  const started = performance.now();
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  const text = await response.text();
  const { errors = [] } = JSON.parse(text) as { errors?: readonly { extensions?: { code?: string } }[] };
  return { status: response.status, text, codes: errors.map(({ extensions }) => extensions?.code), milliseconds: performance.now() - started };
}

const sendDocument = (query: string, token?: string): Promise<Refused> => sendRaw(JSON.stringify({ query }), { ...(token !== undefined && { authorization: `Bearer ${token}` }) });

/** By a status of the client's and codes that are documented, soon, in an answer that is not much longer than the question. */
function expectRefusal({ status, codes, milliseconds, text }: Refused, withinMs = 2000): void {
  expect([status >= 400 && status < 500, codes.length > 0, codes.filter((code) => !DOCUMENTED_CODES.has(String(code)))]).toEqual([true, true, []]);
  expect(milliseconds).toBeLessThan(withinMs);
  expect(text.length).toBeLessThan(100_000);
}

const times = (count: number, part: (n: number) => string): string => Array.from({ length: count }, (_, n) => part(n)).join(' ');

describe('too much at once', () => {
  test('alias overloading', async () => {
    expectRefusal(await sendDocument(`{ ${times(600, (n) => `a${n}: papers(first: 100) { totalCount }`)} }`));
  });

  test('guessing passwords by aliases', async () => {
    expectRefusal(await sendDocument(`mutation { ${times(100, (n) => `a${n}: signIn(input: { username: "victim", password: "guess ${n}" }) { token }`)} }`));
  });

  test('field duplication', async () => {
    expectRefusal(await sendDocument(`{ ${times(4900, () => '__typename')} }`));
  });

  test('directive overloading', async () => {
    expectRefusal(await sendDocument(`{ ${times(300, (n) => `a${n}: __typename @include(if: true) @skip(if: false)`)} }`));
  });

  test('a deep query around a circle', async () => {
    const depth = 30;
    expectRefusal(await sendDocument(`{ papers(first: 1) { nodes { ${'authors(first: 1) { nodes { papers(first: 1) { nodes { '.repeat(depth)} id ${'} } } } '.repeat(depth)} } } }`));
  });

  test('a wide query of pages in pages', async () => {
    expectRefusal(await sendDocument('{ papers(first: 100) { nodes { upvotes(first: 100) { nodes { upvotedPapers(first: 100) { nodes { authors(first: 100) { nodes { papers(first: 100) { nodes { id } } } } } } } } } } }'));
  });

  test('field duplication beyond the parser’s tokens', async () => {
    expectRefusal(await sendDocument(`{ ${times(10_000, () => '__typename')} }`));
  });

  test('array batching', async () => {
    for (const count of [1, 2, 1000]) expectRefusal(await sendRaw(JSON.stringify(Array.from({ length: count }, () => ({ query: '{ __typename }' })))));
  });

  test('directives that are unknown, or the same one many times, with errors that are bounded', async () => {
    const unknown = await sendDocument(`{ __typename ${times(2000, () => '@a')} }`);
    expectRefusal(unknown);
    expect(unknown.codes.length).toBeLessThanOrEqual(101);
    expectRefusal(await sendDocument(`{ __typename ${times(700, () => '@include(if: true)')} }`));
  });

  test('circular fragments, direct and through others', async () => {
    expectRefusal(await sendDocument('{ papers { nodes { ...A } } } fragment A on Paper { authors { nodes { papers { nodes { ...A } } } } }'));
    expectRefusal(await sendDocument('{ papers { nodes { ...A } } } fragment A on Paper { ...B } fragment B on Paper { ...A }'));
    expectRefusal(await sendDocument(`{ ...F0 } ${times(500, (n) => `fragment F${n} on Query { ...F${(n + 1) % 500} }`)}`));
  });

  test('fragments that double at each step', async () => {
    const doubling = await sendDocument(`{ ...F0 } ${times(30, (n) => `fragment F${n} on Query { ${n === 29 ? '__typename' : `...F${n + 1} ...F${n + 1}`} }`)}`);
    expect([doubling.status, doubling.milliseconds < 2000]).toEqual([200, true]);
    const doubled = (type: string, leaf: string): string => times(40, (n) => `fragment F${n} on ${type} { ${n === 39 ? leaf : `...F${n + 1} ...F${n + 1}`} }`);
    for (const document of [
      `mutation { ...F0 } ${doubled('Mutation', 'signOut { endedSessions }')}`,
      `mutation { ...F0 markFeedSeen(input: {}, idempotencyKey: "doubled") { __typename } } ${doubled('Mutation', 'signOut { endedSessions }')}`,
      `{ recommendations(first: 1) { ...F0 } } ${doubled('RecommendationConnection', 'totalCount')}`,
    ]) {
      const { status, milliseconds } = await sendDocument(document);
      expect([status, milliseconds < 2000]).toEqual([200, true]);
    }
  });

  test('fields that must be compared each with each', async () => {
    const { status, milliseconds } = await sendDocument(`{ ${times(600, () => 'papers { nodes { id } }')} }`);
    expect([status < 500, milliseconds < 5000]).toEqual([true, true]);
  });

  test('circular introspection', async () => {
    expectRefusal(await sendDocument('{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }'));
  });

  test('a document, a list, an object and a value nested beyond reason', async () => {
    for (const document of [`${'{ a '.repeat(2000)}${'}'.repeat(2000)}`, `{ nodes(ids: ${'['.repeat(2400)}${']'.repeat(2400)}) { id } }`, `{ papers(filter: ${'{ tags: '.repeat(1200)}1${'}'.repeat(1200)}) { totalCount } }`]) {
      expectRefusal(await sendDocument(document));
    }
    const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expectRefusal(await sendRaw(`{"query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", "variables": {"ids": ${nested}}}`));
  });

  test('lists and pages beyond their bounds', async () => {
    const ids = JSON.stringify(Array.from({ length: 5000 }, () => papers[0]!.id));
    const variables = { ids: JSON.parse(ids) as unknown, tags: Array.from({ length: 5000 }, (_, n) => `tag-${n}`), authors: Array.from({ length: 5000 }, (_, n) => `Author ${n}`) };
    const refused: [string, string][] = [
      ['query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', 'ids'], ['query ($tags: [String!]) { papers(filter: { tags: { any: $tags } }) { totalCount } }', 'filter.tags.any'],
      ['mutation ($authors: [String!]!) { submitPaper(input: { title: "A title", authors: $authors }) { isNew } }', 'authors'], ['{ papers(first: 1000000) { totalCount } }', 'first'],
    ];
    for (const [document, field] of refused) {
      const declared = Object.fromEntries(Object.entries(variables).filter(([name]) => document.includes(`$${name}:`)));
      expect((await server.error(document, { token: attacker.token, variables: declared })).extensions).toEqual({ code: 'BAD_USER_INPUT', field });
    }
  });

  test('incremental delivery that is not offered', async () => {
    expectRefusal(await sendDocument('{ papers { nodes { ... @defer { id } } } }'));
    expectRefusal(await sendDocument('{ papers { nodes @stream { id } } }'));
  });

  test('texts that take a careless parser long', async () => {
    const texts = ['a or '.repeat(49), '"a '.repeat(80), `${'-'.repeat(249)}a`, `${'a'.repeat(248)} !`];
    for (const text of texts) {
      const { status, milliseconds } = await sendRaw(JSON.stringify({ query: 'query ($text: String!) { search(query: $text) { totalCount didYouMean nodes { id } } }', variables: { text } }));
      expect([text.slice(0, 10), status < 500, milliseconds < 2000]).toEqual([text.slice(0, 10), true, true]);
    }
  });
});

describe('a page of another origin', () => {
  const mutation = 'mutation { signUp(input: { username: "by-forgery", password: "long enough" }) { token } }';

  test('sends no mutation: by GET, as a form, as text, without a type', async () => {
    const get = await fetch(`${server.url}?query=${encodeURIComponent(mutation)}`, { headers: { 'apollo-require-preflight': 'true' } });
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    const form = new FormData();
    form.append('operations', JSON.stringify({ query: mutation }));
    for (const body of [new URLSearchParams({ query: mutation }), form, JSON.stringify({ query: mutation }), new Blob([JSON.stringify({ query: mutation })])]) {
      const response = await fetch(server.url, { method: 'POST', body });
      expect([response.status >= 400 && response.status < 500, (await response.json()).errors[0].extensions]).toEqual([true, { code: 'BAD_REQUEST' }]);
      const stream = await fetch(`${server.url}/stream`, { method: 'POST', body: body instanceof FormData ? 'x' : body });
      expect(stream.status >= 400 && stream.status < 500).toBe(true);
    }
    expect((await server.query('{ user(username: "by-forgery") { id } }')).user).toBeNull();
  });

  test('asks no query by GET, which a link can', async () => {
    const response = await fetch(`${server.url}?query=${encodeURIComponent('{ __typename }')}`);
    expect([response.status, (await response.json()).errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
  });

  test('is not allowed to read answers, nor to send credentials', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type, authorization' };
    for (const [method, body] of [['OPTIONS', undefined], ['POST', '{"query":"{ __typename }"}']] as const) {
      const response = await fetch(server.url, { method, headers: { ...headers, 'content-type': 'application/json' }, ...(body !== undefined && { body }) });
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  test('gets no viewer by a cookie, over HTTP or WebSocket', async () => {
    const { text } = await sendRaw('{"query":"{ viewer { id } }"}', { cookie: `token=${victim.token}; authorization=Bearer ${victim.token}` });
    expect(JSON.parse(text)).toEqual({ data: { viewer: null } });
    const client = wsClient(server);
    for await (const { data } of client.iterate<any>({ query: '{ viewer { id } }' })) expect(data).toEqual({ viewer: null });
    await client.dispose();
  });
});

describe('what the server tells of itself', () => {
  test('is no trace, no stack and no header of what it runs on', async () => {
    for (const headers of [{}, { 'x-apollo-tracing': '1', 'apollo-federation-include-trace': 'ftv1', 'x-debug': '1', cookie: 'XDEBUG_SESSION=1' }]) {
      const { text } = await sendRaw(JSON.stringify({ query: '{ papers(first: 0) { totalCount } tag(slug: "x") { id } }', extensions: { debug: true } }), headers, `${server.url}?debug=1&trace=1`);
      expect(text).not.toMatch(/tracing|ftv1|stack|exception|node_modules|\.[jt]s\b|sql/i);
    }
    const response = await fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' });
    expect([...response.headers.keys()].filter((name) => /powered|^server$|version|trace/.test(name))).toEqual([]);
  });

  test('has no other consoles, files or documents than those that are meant', async () => {
    for (const path of ['/graphiql', '/playground', '/altair', '/voyager', '/console', '/graphql/console', '/graphql.php', '/v1/graphql', '/.env', '/.git/config', '/schema.graphql', '/metrics', '/debug/pprof', '/server-status']) {
      expect([path, (await fetch(origin + path)).status]).toEqual([path, 404]);
    }
  });

  test('suggests no name that introspection would not tell', async () => {
    const { errors } = await server.send('{ paperz { id } viewer { passwordHash emailAddress } }');
    const { __schema: schema } = await server.query('{ __schema { types { name fields { name } } } }');
    const known = new Set(schema.types.flatMap(({ name, fields }: any) => [name, ...(fields ?? []).map((field: any) => field.name)]));
    const suggested = errors.flatMap(({ message }) => [...(message.split('Did you mean')[1] ?? '').matchAll(/"(\w+)"/g)].map(([, name]) => name!));
    expect(suggested).toContain('paper');
    expect(suggested.filter((name) => !known.has(name))).toEqual([]);
  });

  test('is not which usernames exist, when a password is wrong', async () => {
    const of = async (username: string): Promise<unknown> => (await server.error(`mutation { signIn(input: { username: "${username}", password: "a wrong one" }) { token } }`)).message;
    expect(await of('victim')).toBe(await of('nobody-at-all'));
  });

  test('is no password, however wrong the request is that has one', async () => {
    const bodies = [
      { query: 'mutation ($input: SignInInput!) { signIn(input: $input) { token } }', variables: { input: { username: 'victim', password: ['hunter2-secret'] } } },
      { query: 'mutation ($password: Int!) { signIn(input: { username: "victim", password: $password }) { token } }', variables: { password: 'hunter2-secret' } },
      { query: 'mutation ($input: SignInInput!) { signIn(input: $input) { token } }', variables: { input: 'hunter2-secret' } },
      { query: 'mutation ($input: SignInInput!) { signIn(input: $input) { token } }', variables: { input: { username: 'victim', password: { a: '; at "x"; hunter2-secret; ' } } } },
      { query: 'mutation ($password: Int!) { signIn(input: { username: "victim", password: $password }) { token } }', variables: { password: 'a; hunter2-secret; String cannot represent b: hunter2-secret' } },
      { query: 'mutation { signIn(input: { username: "victim", password: ["hunter2-secret"] }) { token } }' },
      { query: 'mutation { signIn(input: { username: "victim", password: { is: "hunter2-secret" } }) { token } }' },
      { query: 'mutation { signUp(input: "password: hunter2-secret") { token } }' },
    ];
    for (const body of bodies) {
      const { status, text } = await sendRaw(JSON.stringify(body));
      expect([status, text]).toEqual([400, expect.not.stringContaining('hunter2-secret')]);
    }
  });
});

describe('what belongs to another', () => {
  const tables = { Collection: 'collection', FeedToken: 'feedToken', Notification: 'notification', Report: 'report', IngestRun: 'ingestRun' } as const;

  test('is not found by the ids of its rows', async () => {
    const { database } = server;
    await database.prisma.collection.updateMany({ data: { isPublic: false } });
    const ids = (await Promise.all(Object.entries(tables).map(async ([type, table]) => {
      const rows: { id: number }[] = await (database.prisma[table] as any).findMany({ select: { id: true } });
      expect([type, rows.length > 0]).toEqual([type, true]);
      return rows.map(({ id }) => toGlobalId(type as keyof typeof tables, id));
    }))).flat();
    for (const token of [null, attacker.token]) {
      const { data, errors } = await server.send('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { token, variables: { ids } });
      expect([data.nodes.filter((node: unknown) => node !== null), errors.filter(({ extensions }) => !DOCUMENTED_CODES.has(extensions.code))]).toEqual([[], []]);
    }
  });

  test('is not changed by the ids of its rows', async () => {
    const { database } = server;
    const rows = { collection: await database.prisma.collection.findFirstOrThrow(), token: await database.prisma.feedToken.findFirstOrThrow(), comment: await database.prisma.comment.findFirstOrThrow({ where: { userId: victim.rowId } }) };
    const [collection, token, comment] = [toGlobalId('Collection', rows.collection.id), toGlobalId('FeedToken', rows.token.id), toGlobalId('Comment', rows.comment.id)];
    const deeds = [
      `deleteCollection(input: { collectionId: "${collection}" })`, `updateCollection(input: { collectionId: "${collection}", isPublic: true })`, `addToCollection(input: { collectionId: "${collection}", paperId: "${papers[1]!.id}" })`,
      `revokeFeedToken(input: { feedTokenId: "${token}" })`, `editComment(input: { commentId: "${comment}", body: "Mine now" })`, `deleteComment(input: { commentId: "${comment}" })`, `updatePaper(input: { paperId: "${papers[0]!.id}", title: "Mine now" })`,
      `setUserRole(input: { username: "${attacker.username}", role: ADMIN })`, `hidePaper(input: { paperId: "${papers[0]!.id}", reason: "mine" })`, 'createTag(input: { name: "Mine", kind: TASK })',
    ];
    for (const deed of deeds) {
      const { errors } = await server.send(`mutation { ${deed} { __typename } }`, { token: attacker.token });
      const code = errors[0]?.extensions.code;
      // What is another's is as what is gone already: nothing happens, and nothing is told.
      expect([deed, code === undefined ? /^(revokeFeedToken|deleteCollection)/.test(deed) : ['NOT_FOUND', 'FORBIDDEN'].includes(code)]).toEqual([deed, true]);
    }
    expect(await database.prisma.collection.findUniqueOrThrow({ where: { id: rows.collection.id } })).toEqual(rows.collection);
    expect(await database.prisma.feedToken.findUniqueOrThrow({ where: { id: rows.token.id } })).toEqual(rows.token);
    expect(await database.prisma.comment.findUniqueOrThrow({ where: { id: rows.comment.id } })).toEqual(rows.comment);
    expect(await database.prisma.user.findUniqueOrThrow({ where: { id: attacker.rowId } })).toMatchObject({ role: 'READER' });
  });

  test('is not taken by fields that an input does not have', async () => {
    for (const field of ['role: ADMIN', 'id: "UGFwZXI6MQ"', 'isSimulated: true', 'upvoteCount: 1000']) {
      const { status, errors } = await server.send(`mutation { signUp(input: { username: "mass-assigner", password: "long enough", ${field} }) { token } }`);
      expect([status, errors[0]?.extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    }
    const { status } = await server.send('mutation ($input: SignUpInput!) { signUp(input: $input) { token } }', { variables: { input: { username: 'mass-assigner', password: 'long enough', role: 'ADMIN' } } });
    expect([status, (await server.query('{ user(username: "mass-assigner") { id } }')).user]).toEqual([400, null]);
  });

  test('is not a session that was ended, nor one whose token was changed by a letter', async () => {
    const { token } = (await server.query(`mutation { signIn(input: { username: "victim", password: "${PASSWORD}" }) { token } }`)).signIn;
    await server.query('mutation { signOut { endedSessions } }', { token });
    for (const dead of [token, `${victim.token.slice(0, -1)}${victim.token.endsWith('a') ? 'b' : 'a'}`, victim.token.toUpperCase(), '', 'null', 'undefined', "' OR 1=1 --"]) {
      const { status, errors } = await server.send('{ viewer { id } }', { token: dead as string });
      expect([dead, status, errors[0]?.extensions.code]).toEqual([dead, 401, 'UNAUTHENTICATED']);
    }
  });
});

describe('injection', () => {
  test.each([
    ['search(query: TEXT) { totalCount }', "') OR true --"], ['papers(filter: { text: TEXT }) { totalCount }', "' OR 1=1 --"], ['papers(filter: { tags: { any: [TEXT] } }) { totalCount }', "x') OR ('1'='1"], ['authors(prefix: TEXT) { totalCount }', '%'],
    ['tags(prefix: TEXT) { totalCount }', '_'], ['authors(prefix: TEXT) { totalCount }', "A' UNION SELECT username FROM users --"], ['repos(host: TEXT) { totalCount }', "' OR ''='"],
  ])('of SQL finds nothing by %s', async (field, text) => {
    const data = await server.query(`query ($text: String!) { ${field.replace('TEXT', '$text')} }`, { variables: { text } });
    expect(Object.values<any>(data)[0].totalCount).toBe(0);
  });

  test('of a persisted query under the hash of another is refused, and leaves the other as it is', async () => {
    const query = '{ papers(first: 1) { totalCount } }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const persistedQuery = { version: 1, sha256Hash };
    expectRefusal(await sendRaw(JSON.stringify({ query: '{ viewer { id } }', extensions: { persistedQuery } })));
    expectRefusal(await sendRaw(JSON.stringify({ query, extensions: { persistedQuery: { version: 2, sha256Hash } } })));
    expect((await sendRaw(JSON.stringify({ extensions: { persistedQuery } }))).codes).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
    expect((await sendRaw(JSON.stringify({ query, extensions: { persistedQuery } }))).codes).toEqual([]);
    expect(JSON.parse((await sendRaw(JSON.stringify({ extensions: { persistedQuery } }))).text)).toEqual({ data: await server.query(query) });
  });

  test('of headers by line breaks, and of a method by a header, does nothing', async () => {
    const response = await fetch(`${server.url}?operationName=a%0d%0aset-cookie:%20x=1`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-http-method-override': 'DELETE' }, body: '{"query":"{ __typename }"}' });
    expect([response.status, response.headers.get('set-cookie')]).toEqual([200, null]);
  });
});

describe('addresses that a client gives', () => {
  let trap: Server;
  const visits: string[] = [];
  beforeAll(async () => {
    trap = createServer((request, response) => {
      visits.push(request.url ?? '');
      response.end('{}');
    });
    await new Promise<void>((resolve) => { trap.listen(0, '127.0.0.1', resolve); });
  });
  afterAll(() => new Promise((resolve) => { trap.close(resolve); }));

  test('are kept or refused, and not visited by the server', async () => {
    const { port } = trap.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/internal`;
    const { paper } = (await server.query('mutation ($url: URL!) { submitPaper(input: { title: "With an address", projectUrl: $url }) { paper { id } } }', { token: attacker.token, variables: { url } })).submitPaper;
    await server.send('mutation ($id: ID!, $url: URL!) { linkRepo(input: { paperId: $id, url: $url }) { paper { id } } }', { token: attacker.token, variables: { id: paper.id, url } });
    await server.send('mutation ($id: ID!, $body: String!) { addComment(input: { paperId: $id, body: $body }) { comment { bodyHtml } } }', { token: attacker.token, variables: { id: paper.id, body: `![x](${url}) ${url}` } });
    await server.send('mutation ($content: String!) { importLibrary(input: { content: $content, format: BIBTEX }) { __typename } }', { token: attacker.token, variables: { content: `@article{a, title={A title}, url={${url}}}` } });
    await server.send('mutation ($id: String!) { submitPaper(input: { arxivId: $id }) { isNew } }', { token: attacker.token, variables: { id: `${url}/2601.00001` } });
    expect(visits).toEqual([]);
  });
});
