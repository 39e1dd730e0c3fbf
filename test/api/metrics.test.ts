import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parseExposition, valueOf, type Exposed } from '../support/exposition.js';
import { subscribed, wsClient } from '../support/liveClients.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const TOKEN = 'a-token-of-the-scraper';
const QUIET = { logRequests: false, slowRequestMs: 0, slowStatementMs: 0, tracing: null };

let server: TestServer;
let reader: Reader;
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer({ compileAfter: 1, shareMilliseconds: 60_000, telemetry: { ...QUIET, metrics: { port: 0, token: null } }, costs: { maxCost: 2000, anonymousBudget: 1500, userBudget: 0 } });
  reader = await seedReader(server);
  papers = await seedPapers(server, [{ title: 'One', listedOn: '2026-01-01' }, { title: 'Two', listedOn: '2026-01-02' }]);
});
afterAll(() => server.stop());

async function scrape({ app }: TestServer = server): Promise<ReadonlyMap<string, Exposed>> {
  const answer = await fetch(app.metricsAddress()!);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parseExposition(await answer.text());
}

/** By how much values move while something is done. */
async function moved(work: () => Promise<unknown>, ...wanted: readonly (readonly [name: string, labels?: Record<string, string>])[]): Promise<number[]> {
  const before = await scrape();
  await work();
  const after = await scrape();
  return wanted.map(([name, labels]) => valueOf(after, name, labels) - valueOf(before, name, labels));
}

const times = async (count: number, work: () => Promise<unknown>): Promise<void> => {
  for (let time = 0; time < count; time += 1) await work();
};

describe('operations', () => {
  test('are counted by what answered them', async () => {
    const ask = (): Promise<unknown> => server.query('query Titles { papers { nodes { title } } }', { token: reader.token });
    await times(12, ask);
    const way = (name: string): readonly [string, Record<string, string>] => ['graphql_operations_total', { type: 'query', operation: 'Titles', way: name, outcome: 'OK' }];
    expect(await moved(() => times(3, ask), way('database'), way('compiled'), way('interpreted'), ['graphql_operation_duration_seconds_count', { operation: 'Titles', way: 'database' }])).toEqual([3, 0, 0, 3]);
    // One that no projection serves: interpreted at first, then compiled.
    const state = (): Promise<unknown> => server.query('query Mine { tasteProfile { isPaused } }', { token: reader.token });
    const mine = (name: string): readonly [string, Record<string, string>] => ['graphql_operations_total', { operation: '(other)', way: name }];
    expect(await moved(() => times(3, state), mine('interpreted'), mine('compiled'))).toEqual([1, 2]);
  });

  test('that were given another one’s answer are counted as shared', async () => {
    const ask = (): Promise<unknown> => server.query('{ tags { totalCount } }');
    await ask();
    expect(await moved(() => times(4, ask), ['graphql_operations_total', { operation: '(anonymous)', way: 'shared' }], ['graphql_operation_duration_seconds_count', { way: 'shared', operation: '(anonymous)' }])).toEqual([4, 4]);
  });

  test('with errors are counted by the first one’s code, and each error by its own', async () => {
    const missing = (): Promise<unknown> => server.send('mutation Vote { upvotePaper(input: { paperId: "UGFwZXI6OTk5" }) { paper { id } } }', { token: reader.token });
    expect(await moved(missing, ['graphql_operations_total', { type: 'mutation', outcome: 'NOT_FOUND' }], ['graphql_errors_total', { code: 'NOT_FOUND' }])).toEqual([1, 1]);
    const wrong = (): Promise<unknown> => server.send('query Wrong { a: node(id: "x") { id } b: node(id: "y") { id } }', { token: reader.token });
    expect(await moved(wrong, ['graphql_operations_total', { type: 'query', outcome: 'BAD_USER_INPUT' }], ['graphql_errors_total', { code: 'BAD_USER_INPUT' }])).toEqual([1, 2]);
    expect(await moved(() => server.send('{ nothing'), ['graphql_operations_total', { type: 'unknown', way: 'none', outcome: 'GRAPHQL_PARSE_FAILED' }], ['graphql_errors_total', { code: 'GRAPHQL_PARSE_FAILED' }])).toEqual([1, 1]);
  });

  test('that cost too much are counted by why, and what each costs', async () => {
    const dear = '{ papers(first: 100) { nodes { tags(first: 100) { nodes { name } } } } }';
    const tooDear = ['graphql_refusals_total', { reason: 'cost' }] as const;
    const tooMuch = ['graphql_refusals_total', { reason: 'budget' }] as const;
    expect(await moved(() => server.send(dear), tooDear, tooMuch, ['graphql_operation_cost_points_count', { type: 'query' }])).toEqual([1, 0, 1]);
    const half = (size: number): Promise<unknown> => server.send(`{ papers(first: ${size}) { nodes { tags(first: 12) { nodes { name } } } } }`);
    expect(await moved(async () => { await half(90); await half(91); }, tooDear, tooMuch)).toEqual([0, 1]);
  });

  test('with names that clients make up do not make as many series', async () => {
    const seriesOf = async (): Promise<number> => (await scrape()).get('graphql_operations_total')!.series.length;
    const before = await seriesOf();
    await times(300, () => server.query(`query Made${Math.random().toString(36).slice(2)} { tags { totalCount } }`, { token: reader.token }));
    expect(await seriesOf() - before).toBeLessThanOrEqual(2);
  }, 60_000);
});

describe('the database', () => {
  test('has its statements timed, those of Prisma and those that fail too', async () => {
    const ok = ['database_statement_duration_seconds_count', { outcome: 'ok' }] as const;
    const failed = ['database_statement_duration_seconds_count', { outcome: 'error' }] as const;
    const [count] = await moved(() => server.database.prisma.tag.count(), ok);
    expect(count).toBeGreaterThanOrEqual(1);
    expect(await moved(() => server.database.prisma.$queryRawUnsafe('SELECT 1 / 0').catch(() => undefined), failed)).toEqual([1]);
    const seen = await scrape();
    expect(valueOf(seen, 'database_connections_max')).toBeGreaterThanOrEqual(1);
    expect(valueOf(seen, 'database_waiting')).toBe(0);
  });

  test('that gives up on a transaction has what runs again counted', async () => {
    let attempts = 0;
    const work = (): Promise<unknown> =>
      server.database.transaction((transaction) => {
        attempts += 1;
        if (attempts === 1) throw Object.assign(new Error('made up'), { code: '40P01' });
        return transaction.prisma.tag.count();
      });
    expect(await moved(work, ['database_retries_total'])).toEqual([1]);
  });
});

describe('the state', () => {
  test('of the recommender, of subscribers and of what runs is told', async () => {
    await server.query('{ recommendations(first: 1) { totalCount } }', { token: reader.token }).catch(() => undefined);
    await server.services.taste.current();
    const seen = await scrape();
    expect(valueOf(seen, 'recommender_loaded')).toBe(1);
    expect(valueOf(seen, 'recommender_log_age_seconds')).toBeLessThan(60);
    expect(valueOf(seen, 'recommender_papers')).toBeGreaterThanOrEqual(0);
    expect(seen.get('daily_papers_build_info')!.series[0]!.labels).toMatchObject({ node: process.versions.node, database: server.database.kind });
    expect(valueOf(seen, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(seen.has('nodejs_eventloop_lag_seconds')).toBe(true);
    const client = wsClient(server);
    const votes = await subscribed(server, client, `subscription Votes { paperVotes(paperId: "${papers[0]!.id}") { paper { id } } }`);
    const open = await scrape();
    expect([valueOf(open, 'live_subscribers'), valueOf(open, 'live_connections')]).toEqual([1, 1]);
    expect(valueOf(open, 'graphql_operations_total', { type: 'subscription', outcome: 'OK' })).toBe(1);
    votes.stop();
    await client.dispose();
  });

  test('that needs statements is read at most once in ten seconds, and never fails the scrape', async () => {
    const beside = await startBeside(server, { telemetry: { ...QUIET, metrics: { port: 0, token: null } } });
    try {
      const counts = jest.spyOn(beside.services.ingestTurns, 'counts');
      const late = jest.spyOn(beside.services.digestTurns, 'counts').mockImplementation(() => new Promise(() => undefined));
      const wrong = jest.spyOn(beside.services.flaggedVotes, 'count').mockRejectedValue(new Error('made up'));
      const [seen] = await Promise.all([scrape(beside), scrape(beside)]);
      await scrape(beside);
      expect([counts, late, wrong].map((spy) => spy.mock.calls.length)).toEqual([1, 1, 1]);
      expect(valueOf(seen, 'ingest_runs', { state: 'waiting' })).toBe(0);
      for (const name of ['digest_mails', 'votes_flagged_open']) expect(seen.get(name)!.series).toEqual([]);
      expect(valueOf(await scrape(beside), 'metrics_read_failures_total')).toBe(2);
    } finally {
      await beside.stop();
    }
  });
});

describe('who may scrape', () => {
  test('on a port of their own there is nothing else', async () => {
    const address = server.app.metricsAddress()!;
    expect((await fetch(address.replace('/metrics', '/graphql'))).status).toBe(404);
    expect((await fetch(address, { method: 'POST' })).status).toBe(404);
    expect((await fetch(server.url.replace('/graphql', '/metrics'))).status).toBe(404);
  });

  test('with a token alone they are on the server’s own port, for who has it', async () => {
    const beside = await startBeside(server, { telemetry: { ...QUIET, metrics: { port: null, token: TOKEN } } });
    try {
      const address = beside.url.replace('/graphql', '/metrics');
      const statusOf = async (authorization?: string): Promise<number> => (await fetch(address, { headers: authorization === undefined ? {} : { authorization } })).status;
      expect([await statusOf(), await statusOf('Bearer wrong'), await statusOf(`Bearer ${TOKEN}x`), await statusOf(`Bearer ${TOKEN}`)]).toEqual([401, 401, 401, 200]);
      expect(beside.app.metricsAddress()).toBeNull();
      parseExposition(await (await fetch(address, { headers: { authorization: `Bearer ${TOKEN}` } })).text());
    } finally {
      await beside.stop();
    }
  });
});
