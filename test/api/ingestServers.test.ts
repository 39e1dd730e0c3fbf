import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { FakeRunner, until } from '../support/fakeRunner.js';
import { seedReader } from '../support/seed.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

let made: TestDatabase;
let keeper: TestServer;
const servers: TestServer[] = [];

beforeAll(async () => {
  made = await createTestDatabase();
  keeper = await startTestServer({}, made);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await keeper.stop();
});

async function start(runner: FakeRunner): Promise<TestServer> {
  const server = await startBeside(keeper, {}, runner);
  servers.push(server);
  return server;
}

async function run(id: number): Promise<{ state: string; done: number }> {
  const [row] = await made.database.rows<{ state: string; done: number }>(sql`SELECT state::text AS state, done FROM ingest_runs WHERE id = ${id}`);
  return row!;
}

describe('servers', () => {
  test('go on at their start with what others have left, one of them', async () => {
    await made.database.rows(sql`UPDATE ingest_runs SET active_at = now() - interval '1 hour' WHERE state = 'RUNNING'`);
    const [{ id }] = (await made.database.rows<{ id: number }>(sql`
      INSERT INTO ingest_runs (source, options, trigger, state, started_at, active_at, done)
      VALUES ('pond', '{}', 'SCHEDULE', 'RUNNING', now() - interval '1 hour', now() - interval '61 s', 2) RETURNING id`)) as [{ id: number }];
    // The first one has no source, and must not spoil the run for those who have.
    const runners = [new FakeRunner(made.database), new FakeRunner(made.database)];
    await Promise.all(runners.map(start));
    await until(async () => (await run(id)).state === 'SUCCEEDED', 'the run is over');
    expect(runners.flatMap(({ begun }) => begun)).toEqual([id]);
    expect(await run(id)).toEqual({ state: 'SUCCEEDED', done: 3 });
  });

  test('stop an import with themselves, for the next one to go on with', async () => {
    const runner = new FakeRunner(made.database, 50, 40);
    const server = await start(runner);
    const { token } = await seedReader(server, 'ADMIN');
    await server.query('mutation { runIngest(input: { source: "pond" }) { isNew } }', { token });
    const [id] = await untilBegun(runner);
    await until(async () => (await run(id)).done >= 2, 'some batches are written');
    const startedAt = Date.now();
    await server.stop();
    expect(Date.now() - startedAt).toBeLessThan(1000);
    const left = await run(id);
    expect([left.state, left.done < 50, runner.active.size]).toEqual(['RUNNING', true, 0]);
    const next = new FakeRunner(made.database, left.done + 1, 1);
    await start(next);
    await until(async () => (await run(id)).state === 'SUCCEEDED', 'the run is over');
    expect([next.begun, (await run(id)).done]).toEqual([[id], left.done + 1]);
  });
});

async function untilBegun(runner: FakeRunner): Promise<[number]> {
  await until(() => runner.begun.length > 0, 'it has begun');
  return [runner.begun[0]!];
}

test('a schedule of a source that is not there stops the start', async () => {
  const sources = new Map([['sea', { schedule: '* * * * *', options: [], url: null, token: null }]]);
  await expect(startBeside(keeper, { ingest: { sources, contact: null } }, new FakeRunner(made.database))).rejects.toThrow(
    'the configuration is not valid\n  INGEST_SEA_SCHEDULE: there is no source sea; there are pond, lake-two, files',
  );
});
