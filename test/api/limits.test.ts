import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { getIntrospectionQuery } from 'graphql';
import { receive, sseClient, wsClient } from '../support/liveClients.js';
import { seedPaper, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

let server: TestServer;
let reader: Reader;
let paper: SeededPaper;
const ends: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  server = await startTestServer();
  reader = await seedReader(server);
  paper = await seedPaper(server, { title: 'A paper', listedOn: '2026-01-01' });
});
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end(); });
afterAll(() => server.stop());

/** Another server on the same database, with settings of its own. */
async function beside(overrides: Parameters<typeof startBeside>[1]): Promise<TestServer> {
  const other = await startBeside(server, overrides);
  ends.push(() => other.stop());
  return other;
}

const post = ({ url }: TestServer, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
const get = ({ url }: TestServer, query: Record<string, string>): Promise<Response> => fetch(`${url}?${new URLSearchParams(query).toString()}`, { headers: { 'apollo-require-preflight': 'true' } });
const bodyOf = async (response: Response): Promise<any> => ({ status: response.status, ...((await response.json()) as object) });
const times = (count: number, part: (place: number) => string): string => Array.from({ length: count }, (_, place) => part(place)).join(' ');
const budgeted = (anonymousBudget: number, userBudget: number): { costs: { maxCost: number; anonymousBudget: number; userBudget: number } } => ({ costs: { maxCost: 50_000, anonymousBudget, userBudget } });

/** Costs so many points. */
const costing = (points: number): string => (points === 1 ? '{ __typename }' : `{ papers(first: ${points - 1}) { nodes { id } } }`);

describe('the cost of a request', () => {
  test('may be as high as the limit, and no higher: 400, with both numbers', async () => {
    const small = await beside({ costs: { maxCost: 50, anonymousBudget: 0, userBudget: 0 } });
    expect((await small.send(costing(50))).errors).toEqual([]);
    expect(await bodyOf(await post(small, { query: costing(51) }))).toEqual({
      status: 400,
      errors: [{ message: 'the operation may cost at most 50 points, it costs 51', extensions: { code: 'COST_EXCEEDED', limit: 50, received: 51 } }],
    });
    // What the start goes on to load is not to be counted with them.
    await small.services.taste.current();
    // The variables of each request count, and nothing is executed.
    const document = 'query ($n: Int) { papers(first: $n) { nodes { id } } }';
    for (const [n, codes] of [[49, []], [50, ['COST_EXCEEDED']], [10, []]] as const) {
      const { result, statements } = await small.countStatements(() => small.send(document, { variables: { n } }));
      expect([n, result.errors.map(({ extensions }) => extensions.code), statements.length > 0]).toEqual([n, codes, codes.length === 0]);
    }
  });

  test('of a hostile nest is refused by default, that of a page with everything is not', async () => {
    const nest = '{ papers(first: 100) { nodes { authors(first: 100) { nodes { papers(first: 100) { nodes { id } } } } } } }';
    expect(await server.error(nest)).toMatchObject({ extensions: { code: 'COST_EXCEEDED', limit: 50_000, received: 1 + 100 * (1 + 1 + 100 * (1 + 1 + 100)) } });
    expect((await server.send('{ papers(first: 100) { totalCount nodes { id authors { nodes { name } } tags { nodes { name } } repos { nodes { url } } upvotes { totalCount nodes { username } } } } }')).errors).toEqual([]);
  });

  test('is left to who tells of wrong variables', async () => {
    const document = 'query ($n: Int!) { papers(first: $n) { nodes { id } } }';
    for (const [n, message] of [['many', /got invalid value "many"/], [undefined, /was not provided/], [1e6, /^first must be between 1 and 100/], [{ a: 1 }, /got invalid value/]] as const) {
      expect(await server.error(document, { variables: { n } })).toMatchObject({ message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT' } });
    }
  });

  test('is told where it is asked for, also beside text that the database wrote', async () => {
    const fast = await beside({ compileAfter: 0 });
    for (const on of [server, fast]) {
      const answers = await Promise.all([{ cost: true }, {}, undefined].map(async (extensions) => bodyOf(await post(on, { query: costing(8), extensions }))));
      expect(answers.map((answer) => answer.extensions as unknown)).toEqual([{ cost: { requested: 8, limit: 50_000 } }, undefined, undefined]);
      expect(answers[0].data).toEqual(answers[1].data);
      expect((await bodyOf(await post(on, { query: '{ paper(id: "x") { id } }', extensions: { cost: true } }))).extensions).toEqual({ cost: { requested: 1, limit: 50_000 } });
    }
  });

  test('is what rateLimit says, without a budget too, beside a page that the database writes', async () => {
    const fast = await beside({ compileAfter: 0 });
    const none = { __typename: 'RateLimit', maxCost: 50_000, limit: null, remaining: null, resetAt: null };
    for (const [on, token] of [[server, null], [server, reader.token], [fast, null], [fast, reader.token]] as const) {
      const { rateLimit, papers } = await on.query('{ rateLimit { __typename cost maxCost limit remaining resetAt } papers(first: 3) { nodes { title } } }', { token });
      expect([rateLimit, papers.nodes]).toEqual([{ ...none, cost: 1 + 1 + 3 }, [{ title: 'A paper' }]]);
    }
    const { result, statements } = await fast.countStatements(() => fast.query('{ rateLimit { cost } papers(first: 3) { nodes { title } } }', { token: reader.token }));
    expect([result.rateLimit, statements.length]).toEqual([{ cost: 5 }, 1]);
  });
});

describe('a budget', () => {
  test('is spent by what requests cost, then refuses with 429 and says when to come again', async () => {
    const on = await beside(budgeted(60, 0));
    const first = await post(on, { query: costing(40) });
    expect([first.status, ...['limit', 'remaining', 'reset'].map((name) => first.headers.get(`ratelimit-${name}`))]).toEqual([200, '60', '20', '40']);
    const refused = await post(on, { query: costing(31) });
    const { errors } = await bodyOf(refused);
    // A point a second: some of the 11 that are missing came meanwhile.
    const { retryAfter } = errors[0].extensions;
    expect(retryAfter).toBeGreaterThanOrEqual(5);
    expect(retryAfter).toBeLessThanOrEqual(11);
    expect(refused.headers.get('retry-after')).toBe(String(retryAfter));
    expect([refused.status, errors]).toEqual([429, [{ message: expect.stringMatching(/^the operation costs 31 points, of 60 a minute \d+ are left: come again in \d+ s$/), extensions: { code: 'RATE_LIMITED', retryAfter } }]]);
    // What was refused took nothing.
    expect((await post(on, { query: costing(20) })).status).toBe(200);
  });

  test('refills: what is refused now is answered after the time that was said', async () => {
    const on = await beside(budgeted(600, 0));
    let answer = await bodyOf(await post(on, { query: costing(20) }));
    for (let n = 0; n < 100 && answer.status === 200; n += 1) answer = await bodyOf(await post(on, { query: costing(20) }));
    const { retryAfter } = answer.errors[0].extensions;
    // Ten points a second.
    expect([1, 2]).toContain(retryAfter);
    await new Promise((done) => { setTimeout(done, 1000 * retryAfter); });
    expect((await post(on, { query: costing(20) })).status).toBe(200);
  });

  test('that could never pay for a request says so at once', async () => {
    const on = await beside(budgeted(30, 0));
    expect(await bodyOf(await post(on, { query: costing(31) }))).toMatchObject({ status: 400, errors: [{ extensions: { code: 'COST_EXCEEDED', limit: 30, received: 31 } }] });
    expect((await on.query('{ rateLimit { maxCost } }')).rateLimit).toEqual({ maxCost: 30 });
  });

  test('lets no more through at once than one after the other', async () => {
    for (const [budgets, token] of [[budgeted(100, 0), null], [budgeted(0, 100), reader.token]] as const) {
      const on = await beside(budgets);
      const statuses = await Promise.all(Array.from({ length: 30 }, async () => (await on.send(costing(20), { token })).status));
      expect([statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 429).length]).toEqual([5, 25]);
    }
  });

  test('of a reader is one for all tokens, and not that of the address', async () => {
    const on = await beside({ ...budgeted(100, 100), compileAfter: 0 });
    const { token } = await server.services.sessions.open({ id: reader.rowId, username: reader.username, role: 'READER' });
    const other = await seedReader(server);
    const left = async (as: string | null): Promise<number> => (await on.query('{ rateLimit { remaining } papers(first: 1) { nodes { id } } }', { token: as })).rateLimit.remaining;
    expect((await on.send(costing(50), { token: reader.token })).errors).toEqual([]);
    const [own, others, nobodys] = [await left(token), await left(other.token), await left(null)];
    expect(own).toBeGreaterThanOrEqual(100 - 50 - 3);
    expect(own).toBeLessThan(100 - 50);
    expect([others, nobodys]).toEqual([97, 97]);
  });

  test('of a reader is safe from a token that ended, which is charged to its address', async () => {
    const on = await beside({ ...budgeted(100, 1000), compileAfter: 0 });
    const other = await seedReader(server);
    const { token } = await server.services.sessions.open({ id: other.rowId, username: other.username, role: 'READER' });
    expect((await on.send(costing(10), { token })).errors).toEqual([]);
    await server.query('mutation { signOut(input: {}) { endedSessions } }', { token });
    // The first one finds out, the others pay as nobody.
    expect((await on.error(costing(60), { token })).extensions.code).toBe('UNAUTHENTICATED');
    expect((await on.error(costing(60), { token })).extensions.code).toBe('UNAUTHENTICATED');
    expect((await on.error(costing(60), { token })).extensions.code).toBe('RATE_LIMITED');
    const { remaining } = (await on.query('{ rateLimit { remaining } }', { token: other.token })).rateLimit;
    expect(remaining).toBeGreaterThanOrEqual(1000 - 10 - 60 - 1);
  });

  test('is charged for made-up tokens to their address, however many', async () => {
    const on = await beside(budgeted(100, 1000));
    const codes: string[] = [];
    for (let n = 0; n < 4; n += 1) codes.push((await on.error(costing(40), { token: `dp_made-up-${n}` })).extensions.code);
    expect(codes).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'RATE_LIMITED', 'RATE_LIMITED']);
    expect((await on.send(costing(40), { token: reader.token })).errors).toEqual([]);
  });

  test('believes the addresses that trusted proxies tell, and no others', async () => {
    const statuses = async (on: TestServer, addresses: readonly string[]): Promise<number[]> => {
      const answered: number[] = [];
      for (const address of addresses) answered.push((await post(on, { query: costing(40) }, { 'x-forwarded-for': address })).status);
      return answered;
    };
    const untold = await beside(budgeted(60, 0));
    expect(await statuses(untold, ['192.0.2.1', '192.0.2.2'])).toEqual([200, 429]);
    const oneProxy = await beside({ ...budgeted(60, 0), trustedProxies: 1 });
    // What stands before the last address was written by the client.
    expect(await statuses(oneProxy, ['192.0.2.1', '192.0.2.2', '192.0.2.9, 192.0.2.1', '2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:db8:1:3::1'])).toEqual([200, 200, 429, 200, 429, 200]);
    const named = await beside({ ...budgeted(60, 0), trustedProxies: ['127.0.0.0/8', '::1', '10.0.0.0/8'] });
    expect(await statuses(named, ['192.0.2.1', '192.0.2.1, 10.1.2.3', '192.0.2.2, 10.1.2.3'])).toEqual([200, 429, 200]);
  });

  test('is not spent by who gets an answer that somebody else caused, and its headers are not theirs', async () => {
    const on = await beside({ ...budgeted(60, 0), shareMilliseconds: 60_000, trustedProxies: 1 });
    const ask = (address: string, query = costing(40)): Promise<Response> => post(on, { query }, { 'x-forwarded-for': address });
    const [made, shared] = [await ask('192.0.2.1'), await ask('192.0.2.1')];
    expect([made, shared].map(({ status, headers }) => [status, headers.get('ratelimit-remaining')])).toEqual([[200, '20'], [200, null]]);
    const left = async (address: string): Promise<number> => (await bodyOf(await ask(address, '{ rateLimit { remaining } }'))).data.rateLimit.remaining;
    // Their own, whoever asked alike before.
    expect(await left('192.0.2.1')).toBeLessThan(40);
    expect(await left('192.0.2.8')).toBe(59);
    // An answer that refuses is nobody else's.
    expect((await ask('192.0.2.1', costing(50))).status).toBe(429);
    expect((await ask('192.0.2.2', costing(50))).status).toBe(200);
  });
});

describe('a document', () => {
  /** A reader, the papers that they submitted, who submitted these and so on: so many fields below each other. */
  const deep = (fields: number): string => {
    const around = ['submittedPapers(first: 1)', 'nodes', 'submittedBy'];
    return `{ user(username: "nobody") { ${times(fields - 2, (place) => `${around[place % 3]} {`)} __typename ${'} '.repeat(fields - 2)} } }`;
  };
  test.each<[string, number, string, (count: number) => string]>([
    ['fields below each other', 15, 'DEPTH_EXCEEDED', deep],
    ['aliases in a document', 100, 'ALIASES_EXCEEDED', (count) => `{ viewer { ${times(count, (place) => `a${place}: id`)} } }`],
    ['fields of an operation itself', 100, 'ROOT_FIELDS_EXCEEDED', (count) => `{ __typename ...A ...A ... { viewer { id } ${times(count - 12, (place) => `b${place}: __typename`)} } } fragment A on Query { viewer { id } ${times(10, (place) => `a${place}: __typename`)} }`],
    ['directives in a document', 20, 'DIRECTIVES_EXCEEDED', (count) => `{ viewer { ${times(count, () => 'id @include(if: true)')} } }`],
  ])('may have as many %s as the limit of %i', async (what, limit, ...[code, document]) => {
    expect((await server.send(document(limit))).errors.map(({ message }) => message)).toEqual([]);
    const received = limit + 1;
    expect(await bodyOf(await post(server, { query: document(limit + 1) }))).toEqual({ status: 400, errors: [{ message: `there may be at most ${limit} ${what}, received ${received}`, extensions: { code, limit, received } }] });
    // Each of its own setting.
    const strict = await beside({ limits: { maxDepth: 3, maxAliases: 1, maxRootFields: 2, maxDirectives: 1 } });
    expect((await strict.send(document(limit))).errors.map(({ extensions }) => extensions.code)).toContain(code);
  });

  test('that goes deep by fragments is measured along them, and one that spreads itself is refused', async () => {
    const chain = `{ papers { nodes { ...F0 } } } ${times(6, (place) => `fragment F${place} on Paper { ...F${place + 1} submittedBy { submittedPapers { nodes { ...F${place + 1} } } } }`)} fragment F6 on Paper { id }`;
    expect((await server.error(chain)).extensions).toEqual({ code: 'DEPTH_EXCEEDED', limit: 15, received: 2 + 6 * 3 + 1 });
    const endless = await server.send('{ papers { nodes { ...F } } } fragment F on Paper { submittedBy { submittedPapers { nodes { ...F } } } }');
    expect([endless.status, endless.errors.map(({ message }) => message)]).toEqual([400, ['Cannot spread fragment "F" within itself.']]);
  });

  test('that asks for the schema passes all limits', async () => {
    expect((await server.query(getIntrospectionQuery({ specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true, oneOf: true }))).__schema.types.length).toBeGreaterThan(100);
  });

  test('comes one at a time', async () => {
    const answer = await bodyOf(await post(server, [{ query: '{ __typename }' }, { query: '{ __typename }' }]));
    expect(answer).toMatchObject({ status: 400, errors: [{ message: 'Operation batching disabled.', extensions: { code: 'BAD_REQUEST' } }] });
  });
});

describe('without introspection', () => {
  test('the schema is not told, nor by suggestions of errors', async () => {
    expect((await server.error('{ papers { totalCoun } }')).message).toMatch(/Did you mean "totalCount"/);
    const closed = await beside({ introspection: false });
    for (const document of [getIntrospectionQuery(), '{ __type(name: "Paper") { fields { name } } }']) {
      const { status, errors } = await closed.send(document);
      expect([status, errors[0]]).toMatchObject([400, { message: expect.stringMatching(/introspection is not allowed/), extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    }
    expect((await closed.error('{ papers { totalCoun } }')).message).toBe('Cannot query field "totalCoun" on type "PaperConnection".');
    expect((await closed.query('{ papers { __typename } }')).papers.__typename).toBe('PaperConnection');
  });
});

describe('over WebSocket and server-sent events', () => {
  test.each([['WebSocket', wsClient], ['server-sent events', sseClient]] as const)('%s obeys the same limits', async (_, connect) => {
    const on = await beside({ ...budgeted(200, 200), trustedProxies: 0 });
    const ask = async (query: string, token: string | null = null): Promise<any> => {
      const client = connect(on, token);
      const received = receive(client, query);
      const ended = await received.ended;
      await client.dispose();
      return received.answers[0] ?? { errors: ended };
    };
    const codes = async (query: string, token: string | null = null): Promise<string[]> => ((await ask(query, token)).errors ?? []).map((error: any) => error.extensions.code as string);
    expect(await codes('{ papers(first: 100) { nodes { authors(first: 100) { nodes { id } } } } }')).toEqual(['COST_EXCEEDED']);
    expect(await codes(`{ viewer { ${times(101, (place) => `a${place}: id`)} } }`)).toEqual(['ALIASES_EXCEEDED']);
    // Of the address, then of the reader; over HTTP they are the same.
    expect([await codes(costing(100)), await codes(costing(90)), await codes(costing(80))]).toEqual([[], [], ['RATE_LIMITED']]);
    expect((await on.error(costing(80))).extensions.code).toBe('RATE_LIMITED');
    expect([await codes(costing(100), reader.token), await codes(costing(90), reader.token), await codes(costing(80), reader.token)]).toEqual([[], [], ['RATE_LIMITED']]);
    expect(await codes(`subscription { paperVotes(paperId: "${paper.id}") { paper { id } } }`, reader.token)).toEqual(['RATE_LIMITED']);
    expect((await on.error(costing(80), { token: reader.token })).extensions.code).toBe('RATE_LIMITED');
  });
});

describe('a persisted query', () => {
  const query = '{ papers(first: 1) { nodes { title } } }';
  const sha256Hash = createHash('sha256').update(query).digest('hex');
  const persistedQuery = { version: 1, sha256Hash };
  const data = { papers: { nodes: [{ title: 'A paper' }] } };

  test.each<[string, (on: TestServer, body: Record<string, unknown>) => Promise<Response>]>([
    ['GET', (on, { extensions, ...body }) => get(on, { ...(body as Record<string, string>), extensions: JSON.stringify(extensions) })],
    ['POST', (on, body) => post(on, body)],
  ])('is not known by %s until its document came along, and then by its hash', async (_, ask) => {
    const on = await beside({});
    expect(await bodyOf(await ask(on, { extensions: { persistedQuery } }))).toMatchObject({ status: 200, errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] });
    expect(await bodyOf(await ask(on, { query, extensions: { persistedQuery } }))).toEqual({ status: 200, data });
    expect(await bodyOf(await ask(on, { extensions: { persistedQuery } }))).toEqual({ status: 200, data });
  });

  test('of a hash that is not its own is refused, and not kept', async () => {
    const wrong = { version: 1, sha256Hash: createHash('sha256').update('another').digest('hex') };
    expect(await bodyOf(await post(server, { query, extensions: { persistedQuery: wrong } }))).toMatchObject({ status: 400, errors: [{ message: 'provided sha does not match query', extensions: { code: 'BAD_REQUEST' } }] });
    expect((await bodyOf(await post(server, { extensions: { persistedQuery: wrong } }))).errors[0].message).toBe('PersistedQueryNotFound');
  });
});

describe('with trusted documents', () => {
  const read = 'query Read { papers(first: 1) { nodes { title } } }';
  const write = 'mutation Enter { signUp(input: { username: "trusted", password: "long enough" }) { viewer { username } } }';
  const idOf = (document: string): string => createHash('sha256').update(document).digest('hex');
  const trustedDocuments = new Map([[idOf(read), read], ['enter', write]]);
  const data = { papers: { nodes: [{ title: 'A paper' }] } };

  test('those run, named by documentId or as persisted queries, over each way', async () => {
    const on = await beside({ trustedDocuments });
    const persistedQuery = { version: 1, sha256Hash: idOf(read) };
    const asked = [
      post(on, { documentId: idOf(read) }), post(on, { documentId: `sha256:${idOf(read)}`, operationName: 'Read' }), post(on, { extensions: { persistedQuery } }), post(on, { query: '{ viewer { id } }', extensions: { persistedQuery } }),
      get(on, { documentId: idOf(read) }), get(on, { extensions: JSON.stringify({ persistedQuery }) }),
    ];
    for (const response of asked) expect(await bodyOf(await response)).toEqual({ status: 200, data });
    for (const connect of [wsClient, sseClient]) {
      const client = connect(on);
      const answers: any[] = [];
      await new Promise<void>((resolve, reject) => { client.subscribe({ query: '', extensions: { persistedQuery } }, { next: (answer) => answers.push(answer), error: reject, complete: resolve }); });
      await client.dispose();
      expect(answers).toEqual([{ data }]);
    }
  });

  test('no others run, whichever way they come, and none can be added', async () => {
    const on = await beside({ trustedDocuments });
    const query = '{ viewer { id } }';
    const persistedQuery = { version: 1, sha256Hash: idOf(query) };
    for (const response of [post(on, { query }), post(on, { query: '{ broken' }), post(on, { query: read }), post(on, { query, extensions: { persistedQuery } }), post(on, { documentId: 'other' }), get(on, { query }), post(on, { query, operationName: 'Read' })]) {
      expect(await bodyOf(await response)).toMatchObject({ status: 400, errors: [{ message: expect.stringMatching(/^only trusted documents run here, by their ids: received /), extensions: { code: 'PERSISTED_QUERY_REQUIRED' } }] });
    }
    for (const connect of [wsClient, sseClient]) {
      const client = connect(on);
      const received = receive(client, query);
      const ended = await received.ended;
      await client.dispose();
      expect((received.answers[0]?.errors ?? ended)[0].extensions.code).toBe('PERSISTED_QUERY_REQUIRED');
    }
  });

  test('answers are shared by what they are, and mutations are not', async () => {
    const on = await beside({ trustedDocuments, shareMilliseconds: 60_000 });
    for (let n = 0; n < 3; n += 1) await post(on, { documentId: idOf(read) });
    const { statements } = await on.countStatements(() => post(on, { documentId: idOf(read) }));
    expect(statements).toEqual([]);
    // Where the document would be looked for in the body, both would have the first one's answer.
    const entered = [await bodyOf(await post(on, { query: '{ __typename }', documentId: 'enter' })), await bodyOf(await post(on, { query: '{ __typename }', documentId: 'enter' }))];
    expect(entered).toMatchObject([{ data: { signUp: { viewer: { username: 'trusted' } } } }, { errors: [{ extensions: { code: 'CONFLICT' } }] }]);
  });
});
