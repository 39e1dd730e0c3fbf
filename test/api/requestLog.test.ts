import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Config } from '../../src/config.js';
import { receive, sseClient, subscribed, until, wsClient } from '../support/liveClients.js';
import { seedPaper, seedReader } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const QUIET = { logRequests: false, slowRequestMs: 0, slowStatementMs: 0, metrics: null, tracing: null };

let server: TestServer;
afterEach(async () => {
  jest.restoreAllMocks();
  await server.stop();
});

const start = async (overrides: Partial<Config>): Promise<void> => { server = await startTestServer(overrides); };

function post(query: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query }) });
}

/** The lines that the server writes from now on, with what each says. */
function linesOf(level: 'info' | 'warn' | 'error', message: string): Record<string, any>[] {
  const lines: Record<string, any>[] = [];
  jest.spyOn(server.app.log, level).mockImplementation((fields: unknown, text?: unknown) => {
    if (text === message) lines.push(fields as Record<string, any>);
  });
  return lines;
}

describe('the name of a request', () => {
  test('is in each answer: of operations, of what is shared, of what is refused, and of all that is not GraphQL', async () => {
    await start({ shareMilliseconds: 60_000 });
    const answers = [await post('{ tags { totalCount } }'), await post('{ tags { totalCount } }'), await post('{ nothing'), await fetch(server.url.replace('/graphql', '/healthz')), await fetch(`${server.url}/none`), await fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' })];
    const ids = answers.map(({ headers }) => headers.get('x-request-id'));
    expect(ids.every((id) => UUID.test(String(id)))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect((await post('{ __typename }', { 'x-request-id': 'mine' })).headers.get('x-request-id')).toMatch(UUID);
    const stream = await fetch(`${server.url}/stream`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: '{ __typename }' }) });
    expect(stream.headers.get('x-request-id')).toMatch(UUID);
    await stream.text();
  });

  test('is taken from a trusted proxy, where it can stand in a log', async () => {
    await start({ trustedProxies: ['127.0.0.1'] });
    const idOf = async (given: string): Promise<string | null> => (await post('{ __typename }', { 'x-request-id': given })).headers.get('x-request-id');
    for (const sound of ['a', '01JDXYZ', 'Root=1-67891233-abcdef012345678912345678', 'x'.repeat(100)]) expect(await idOf(sound)).toBe(sound);
    for (const unsound of ['x'.repeat(101), 'a b', '"', 'a,b', 'é', '{}']) expect(await idOf(unsound)).toMatch(UUID);
  });

  test('is in the line of an error that is masked, whichever way it came', async () => {
    await start({ compileAfter: 1000 });
    const paper = await seedPaper(server, { title: 'One', listedOn: '2026-01-01' });
    const lines = linesOf('error', 'a request failed');
    jest.spyOn(server.services.papers, 'list').mockRejectedValue(new Error('made up'));
    const answer = await post('{ papers { nodes { id } } }');
    const { errors } = (await answer.json()) as { errors: { extensions: { errorId: string } }[] };
    expect(lines).toEqual([{ err: expect.objectContaining({ message: 'made up' }), errorId: errors[0]!.extensions.errorId, requestId: answer.headers.get('x-request-id') }]);
    const reader = await seedReader(server);
    const client = wsClient(server);
    const votes = await subscribed(server, client, `subscription { paperVotes(paperId: "${paper.id}") { paper { upvotes { nodes { id } } } } }`);
    jest.spyOn(server.services.upvotes, 'votersByPaper').mockRejectedValue(new Error('made up as well'));
    await server.query(`mutation { upvotePaper(input: { paperId: "${paper.id}" }) { paper { id } } }`, { token: reader.token });
    const [told] = await votes.until(1);
    expect(lines.at(-1)).toMatchObject({ err: { message: 'made up as well' }, errorId: told.errors[0].extensions.errorId, requestId: expect.stringMatching(UUID) });
    votes.stop();
    await client.dispose();
  });
});

describe('lines of requests', () => {
  const MESSAGE = 'a request was answered';

  test('are not written unless they are asked for', async () => {
    await start({ telemetry: QUIET });
    const lines = linesOf('info', MESSAGE);
    await post('{ __typename }');
    expect(lines).toEqual([]);
  });

  test('say what was asked by its name, what it cost and what came of it, and neither values nor tokens', async () => {
    await start({ telemetry: { ...QUIET, logRequests: true }, shareMilliseconds: 60_000, compileAfter: 1 });
    const reader = await seedReader(server);
    const lines = linesOf('info', MESSAGE);
    const asked = 'query Find($text: String!) { search(query: $text) { totalCount } }';
    const answer = await fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${reader.token}` }, body: JSON.stringify({ query: asked, variables: { text: 'secretive' } }) });
    const body = await answer.text();
    await until(() => lines.length === 1);
    expect(lines[0]).toEqual({
      requestId: answer.headers.get('x-request-id'), method: 'POST', route: '/graphql', status: 200, durationMs: expect.any(Number), bytes: Buffer.byteLength(body), network: '127.0.0.1',
      operation: 'Find', type: 'query', way: 'interpreted', transport: 'http', cost: expect.any(Number), viewerId: reader.rowId, statements: expect.any(Number), databaseMs: expect.any(Number),
    });
    expect(lines[0]!['statements']).toBeGreaterThanOrEqual(2);
    for (let time = 0; time < 3; time += 1) await post('query Own { papers { nodes { viewerHasUpvoted } } }', { authorization: `Bearer ${reader.token}` });
    await until(() => lines.length === 4);
    expect(lines[3]).toMatchObject({ operation: 'Own', way: 'database', viewerId: reader.rowId, statements: 1 });
    await post('query Shared { tags { totalCount } }');
    await post('query Shared { tags { totalCount } }');
    await fetch(`${server.url.replace('/graphql', '/export')}/a-secret-token`);
    await fetch(`${server.url}?query=${encodeURIComponent('{ user(username: "secretive") { id } }')}`, { headers: { 'apollo-require-preflight': 'true' } });
    await post('{ nothing');
    await until(() => lines.length === 9);
    expect(lines.slice(5)).toEqual([
      expect.objectContaining({ operation: 'Shared', way: 'shared' }),
      expect.objectContaining({ route: '/export/:token', status: 404 }),
      expect.objectContaining({ method: 'GET', type: 'query', status: 200 }),
      expect.objectContaining({ type: 'unknown', way: 'none', outcome: 'GRAPHQL_PARSE_FAILED', status: 400 }),
    ]);
    const written = JSON.stringify(lines);
    for (const secret of ['secretive', 'a-secret-token', reader.token, reader.username]) expect(written).not.toContain(secret);
  });

  test('are written of operations that come by streams', async () => {
    await start({ telemetry: { ...QUIET, logRequests: true } });
    const lines = linesOf('info', 'an operation was answered');
    const client = wsClient(server);
    await receive(client, 'query Hello { __typename }').until(1);
    await client.dispose();
    const stream = sseClient(server);
    await receive(stream, 'query Streamed { __typename }').until(1);
    stream.dispose();
    expect(lines).toEqual([
      expect.objectContaining({ operation: 'Hello', transport: 'websocket', requestId: expect.stringMatching(UUID) }),
      expect.objectContaining({ operation: 'Streamed', transport: 'event-stream', requestId: expect.stringMatching(UUID) }),
    ]);
  });
});

describe('what is slow', () => {
  // Long enough that nothing else is as slow, and short enough to wait for.
  const SLOW_MS = 400;

  test('is logged: an operation by its name and cost, a statement by its text, without values', async () => {
    await start({ telemetry: { ...QUIET, slowRequestMs: SLOW_MS, slowStatementMs: SLOW_MS }, compileAfter: 0 });
    const operations: Record<string, any>[] = [];
    const statements: Record<string, any>[] = [];
    jest.spyOn(server.app.log, 'warn').mockImplementation((fields: unknown, text?: unknown) => {
      if (text === 'an operation was slow') operations.push(fields as Record<string, any>);
      if (text === 'a statement was slow') statements.push(fields as Record<string, any>);
    });
    await post('query Quick { papers { nodes { title } } }');
    expect([operations, statements]).toEqual([[], []]);
    const driver = (server.database as unknown as { driver: { rows: (text: string, values: readonly unknown[]) => Promise<unknown[]> } }).driver;
    const rows = driver.rows;
    jest.spyOn(driver, 'rows').mockImplementation(async (text, values) => {
      if (text.startsWith('WITH viewer')) await rows(`SELECT pg_sleep(${SLOW_MS / 1000})`, []);
      return rows(text, values);
    });
    const answer = await post('query Slow { papers { nodes { title upvoteCount } } }');
    const requestId = answer.headers.get('x-request-id');
    expect(operations).toEqual([{ requestId, operation: 'Slow', type: 'query', way: 'database', transport: 'http', cost: 21, statements: 1, databaseMs: expect.any(Number), durationMs: expect.any(Number) }]);
    expect(operations[0]!['durationMs']).toBeGreaterThanOrEqual(SLOW_MS);
    expect(statements).toEqual([{ requestId, operation: 'Slow', durationMs: expect.any(Number), rows: 1, statement: expect.stringMatching(/^WITH viewer AS MATERIALIZED .*\$1/) }]);
  });

  test('is logged of statements by Prisma and of those that fail, and never with a value', async () => {
    await start({ telemetry: { ...QUIET, slowStatementMs: SLOW_MS } });
    const statements = linesOf('warn', 'a statement was slow');
    await server.database.prisma.$queryRaw`SELECT pg_sleep(${SLOW_MS / 1000}::float8)::text AS slept, ${'secretive'}::text AS text`;
    await server.database.rows({ text: `SELECT $1::int4 / length(pg_sleep(${SLOW_MS / 1000})::text)`, values: [7] }).catch(() => undefined);
    expect(statements).toEqual([
      { durationMs: expect.any(Number), rows: 1, statement: 'SELECT pg_sleep($1::float8)::text AS slept, $2::text AS text' },
      { durationMs: expect.any(Number), rows: null, failed: true, statement: expect.stringContaining('$1::int4 / length') },
    ]);
    expect(JSON.stringify(statements)).not.toContain('secretive');
  });
});
