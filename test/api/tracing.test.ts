import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { TracingConfig } from '../../src/telemetrySettings.js';
import { startCollector, type Collector, type ReceivedSpan } from '../support/collector.js';
import { receive, wsClient } from '../support/liveClients.js';
import { seedPapers, seedReader, type Reader } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const [INTERNAL, SERVER, CLIENT] = [1, 2, 3];
const FAILED = 2;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

let collector: Collector;
let server: TestServer;
let reader: Reader;
let isStopped: boolean;

// Spans wait for others that go with them; the library reads how long.
process.env['OTEL_BSP_SCHEDULE_DELAY'] = '50';

beforeEach(async () => {
  collector = await startCollector();
  isStopped = false;
});
afterEach(async () => {
  jest.restoreAllMocks();
  await stop();
  await collector.close();
});

async function start(tracing: Partial<TracingConfig> = {}, compileAfter = 1): Promise<void> {
  const all: TracingConfig = { url: collector.url, headers: { 'api-key': 'of the collector' }, timeoutMs: 2000, serviceName: 'papers-under-test', attributes: { 'deployment.environment.name': 'test' }, sampler: 'parentbased_always_on', ratio: 1, ...tracing };
  server = await startTestServer({ compileAfter, shareMilliseconds: 60_000, telemetry: { logRequests: false, slowRequestMs: 0, slowStatementMs: 0, metrics: null, tracing: all } });
  reader = await seedReader(server);
  await seedPapers(server, [{ title: 'One', listedOn: '2026-01-01' }]);
}

async function stop(): Promise<void> {
  if (!isStopped) await server.stop();
  isStopped = true;
}

interface Asking {
  readonly token?: string;
  readonly variables?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
}

function post(query: string, { token, variables, headers = {} }: Asking = {}): Promise<Response> {
  return fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers }, body: JSON.stringify({ query, variables }) });
}

/** The spans of the request that its answer names, once its first is there, the outermost first. */
async function traceOf(answer: Response): Promise<ReceivedSpan[]> {
  const id = answer.headers.get('x-request-id');
  const rootOf = (spans: readonly ReceivedSpan[]): ReceivedSpan | undefined => spans.find(({ kind, attributes }) => kind === SERVER && attributes['http.request.header.x-request-id'] === id);
  const spans = await collector.until((all) => rootOf(all) !== undefined);
  const root = rootOf(spans)!;
  return [root, ...spans.filter((span) => span !== root && span.traceId === root.traceId && isBelow(span, root, spans))];
}

function isBelow(span: ReceivedSpan, root: ReceivedSpan, spans: readonly ReceivedSpan[]): boolean {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return parent !== undefined && (parent === root || isBelow(parent, root, spans));
}

function named(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) throw new Error(`no span ${name} among ${spans.map((span) => span.name).join(', ')}`);
  return found;
}

describe('a traced request', () => {
  test('is one trace: the request, what GraphQL does, statements below its execution, in their times', async () => {
    await start({}, 1000);
    const answer = await post('query Own($n: Int) { papers(first: $n) { nodes { title viewerHasUpvoted } } }', { token: reader.token, variables: { n: 7 } });
    const spans = await traceOf(answer);
    const [root] = spans as [ReceivedSpan];
    expect(root).toMatchObject({ name: 'POST /graphql', kind: SERVER, parentSpanId: undefined, status: 0 });
    expect(root.attributes).toEqual({
      'http.request.method': 'POST', 'url.scheme': 'http', 'http.route': '/graphql', 'http.response.status_code': 200, 'http.request.header.x-request-id': answer.headers.get('x-request-id'),
      'graphql.operation.type': 'query', 'graphql.operation.name': 'Own', 'graphql.operation.cost': 8, 'graphql.operation.way': 'interpreted', 'graphql.operation.outcome': 'OK',
    });
    const execution = named(spans, 'graphql.execute');
    for (const name of ['graphql.parse', 'graphql.validate', 'graphql.execute']) expect(named(spans, name)).toMatchObject({ kind: INTERNAL, parentSpanId: root.spanId });
    expect(execution.attributes).toMatchObject({ 'graphql.operation.name': 'Own', 'graphql.operation.way': 'interpreted' });
    const statements = spans.filter(({ kind }) => kind === CLIENT);
    expect(statements.length).toBeGreaterThanOrEqual(3);
    for (const statement of statements) expect(statement).toMatchObject({ name: expect.stringMatching(/^(SELECT|UPDATE) postgresql$/), parentSpanId: execution.spanId, attributes: { 'db.system.name': 'postgresql', 'db.query.text': expect.any(String), 'db.response.returned_rows': expect.any(Number) } });
    const parents = new Map(spans.map((span) => [span.spanId, span]));
    for (const span of spans.slice(1)) {
      const parent = parents.get(span.parentSpanId!)!;
      expect(span.startNs >= parent.startNs && span.endNs <= parent.endNs && span.startNs <= span.endNs).toBe(true);
    }
    expect(Math.abs(Number(root.startNs / 1_000_000n) - Date.now())).toBeLessThan(60_000);
  });

  test('that the database answers has its statement, one that ranks the ranking', async () => {
    await start();
    const own = '{ papers { nodes { title } } }';
    for (let time = 0; time < 2; time += 1) await post(own, { token: reader.token });
    const written = await traceOf(await post(own, { token: reader.token }));
    expect(named(written, 'graphql.execute').attributes['graphql.operation.way']).toBe('database');
    expect(written.filter(({ kind }) => kind === CLIENT)).toHaveLength(1);
    const ranked = await traceOf(await post('{ recommendations(first: 1) { totalCount edges { score } } }', { token: reader.token }));
    expect(named(ranked, 'recommender recommend').parentSpanId).toBe(named(ranked, 'graphql.execute').spanId);
  });

  test('that writes has the statements of its transaction, by Prisma too', async () => {
    await start();
    const answer = await post('mutation { createCollection(input: { name: "Mine" }) { collection { id } } }', { token: reader.token });
    expect(((await answer.json())).errors).toBeUndefined();
    const spans = await traceOf(answer);
    expect(spans.filter(({ kind }) => kind === CLIENT).map(({ attributes }) => attributes['db.operation.name'])).toContain('INSERT');
  });

  test('that is given a shared answer says so', async () => {
    await start();
    const first = await post('query Shared { tags { totalCount } }');
    await first.text();
    const [root, ...below] = await traceOf(await post('query Shared { tags { totalCount } }'));
    expect(root!.attributes).toMatchObject({ 'graphql.operation.name': 'Shared', 'graphql.operation.way': 'shared' });
    expect(below).toEqual([]);
  });

  test('goes on with the trace of its caller, and obeys it', async () => {
    await start({ sampler: 'parentbased_always_off' });
    await (await post('{ __typename }')).text();
    await (await post('{ __typename }', { headers: { traceparent: `00-${TRACE}-${PARENT}-00` } })).text();
    const [root] = await traceOf(await post('query Traced { __typename }', { headers: { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'vendor=value' } }));
    expect(root).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
    expect(collector.spans.filter(({ kind }) => kind === SERVER)).toHaveLength(1);
  });

  test('with a header that is no parent begins a trace', async () => {
    await start();
    for (const traceparent of ['x', `00-${'0'.repeat(32)}-${PARENT}-01`, `00-${TRACE}-${'0'.repeat(16)}-01`, `ff-${TRACE}-${PARENT}-01`, `00-${TRACE}-${PARENT}-01-more`, `00-${TRACE.toUpperCase()}-${PARENT}-01`]) {
      const [root] = await traceOf(await post('{ __typename }', { token: reader.token, headers: { traceparent } }));
      expect(root!.parentSpanId).toBeUndefined();
      expect(root!.traceId).not.toBe(TRACE);
    }
  });

  test('has no secret and no value, and each failed statement its code alone', async () => {
    await start({}, 1000);
    await post('mutation Enter($p: String!) { signIn(input: { username: "secretive", password: $p }) { token } }', { variables: { p: 'my-password' } });
    await fetch(`${server.url.replace('/graphql', '/export')}/a-secret-token?x=secretive`);
    await post('query Find { search(query: "secretive") { totalCount } }', { token: reader.token });
    const driver = (server.database as unknown as { driver: { rows: (text: string, values: readonly unknown[]) => Promise<unknown[]> } }).driver;
    const rows = driver.rows;
    jest.spyOn(driver, 'rows').mockImplementation((text, values) => (text.includes('FROM tags') ? rows("SELECT 'secretive'::int4", []) : rows(text, values)));
    const failed = await traceOf(await post('{ tags { nodes { name } } }', { token: reader.token }));
    const wrong = failed.find(({ kind, status }) => kind === CLIENT && status === FAILED);
    expect(wrong!.attributes).toMatchObject({ 'error.type': '22P02', 'db.response.status_code': '22P02' });
    await collector.until((spans) => spans.some(({ attributes }) => attributes['http.route'] === '/export/:token') && spans.some(({ attributes }) => attributes['graphql.operation.name'] === 'Find'));
    for (const secret of ['secretive', 'my-password', 'a-secret-token', reader.token, reader.username]) expect(collector.text()).not.toContain(secret);
  });

  test('by a socket is a trace of its own', async () => {
    await start();
    const client = wsClient(server);
    await receive(client, 'query Hello { papers { totalCount } }').until(1);
    await client.dispose();
    const spans = await collector.until((all) => all.some(({ attributes }) => attributes['graphql.operation.name'] === 'Hello' && attributes['graphql.operation.outcome'] !== undefined));
    const root = spans.find(({ attributes }) => attributes['graphql.operation.outcome'] !== undefined)!;
    expect(root).toMatchObject({ name: 'query', kind: SERVER, parentSpanId: undefined });
    expect(spans.some(({ name, parentSpanId }) => name === 'graphql.execute' && parentSpanId === root.spanId)).toBe(true);
  });
});

describe('the collector', () => {
  test('is told who sends, with the headers that it wants', async () => {
    await start();
    await traceOf(await post('{ __typename }'));
    expect(collector.resources[0]).toMatchObject({ 'service.name': 'papers-under-test', 'service.version': '0.1.0', 'deployment.environment.name': 'test', 'telemetry.sdk.language': 'nodejs' });
    expect(collector.headers[0]).toMatchObject({ 'api-key': 'of the collector' });
  });

  test('gets the last spans when the server closes', async () => {
    await start();
    await (await post('query Last { __typename }')).text();
    await stop();
    expect(collector.spans.some(({ attributes }) => attributes['graphql.operation.name'] === 'Last')).toBe(true);
  });

  test('that is down, or answers nothing, disturbs neither answers nor the end, and is logged', async () => {
    await start({ url: 'http://127.0.0.1:9/v1/traces' });
    const warn = jest.spyOn(server.app.log, 'warn').mockImplementation(() => undefined);
    for (let time = 0; time < 20; time += 1) expect((await post('query Down { papers { totalCount } }', { token: reader.token })).status).toBe(200);
    await stop();
    expect(warn.mock.calls.filter(([, message]) => (message as unknown) === 'spans could not be sent').map(([fields]) => fields)).toEqual([{ reason: expect.stringMatching(/ECONNREFUSED|EADDRNOTAVAIL/) }]);
  }, 30_000);
});

describe('a sampler', () => {
  test('by ratio takes about so many', async () => {
    await start({ sampler: 'traceidratio', ratio: 0.2 });
    for (let time = 0; time < 300; time += 1) await (await post('{ __typename }')).text();
    await stop();
    const count = collector.spans.filter(({ kind }) => kind === SERVER).length;
    // 60 expected: five standard deviations to either side.
    expect(count).toBeGreaterThan(25);
    expect(count).toBeLessThan(95);
  });
});
