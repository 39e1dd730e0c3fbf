import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql, type Database } from '../../src/database/database.js';
import { IngestQueue } from '../../src/ingest/ingestQueue.js';
import { IngestScheduler } from '../../src/ingest/ingestScheduler.js';
import type { Schedule } from '../../src/ingest/ingestSchedule.js';
import { IngestTurns } from '../../src/ingest/ingestTurns.js';
import type { IngestRequest } from '../../src/ingest/runner.js';
import type { QueueOptions } from '../../src/jobs/jobQueue.js';
import { holdLease } from '../../src/jobs/lease.js';
import { FAKE_SOURCES, FakeRunner, until } from '../support/fakeRunner.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';

const LEASE_MS = 1000;
const logged: string[] = [];
const log = {
  info: (_: object, message: string) => { logged.push(message); },
  warn: (_: object, message: string) => { logged.push(message); },
  error: (_: object, message: string) => { logged.push(message); },
};
const OPTIONS: QueueOptions = { log, pollMs: 25, beatMs: 40, leaseMs: LEASE_MS };

let made: TestDatabase;
let database: Database;
let runner: FakeRunner;
let turns: IngestTurns;
let queues: IngestQueue[];

beforeAll(async () => {
  made = await createTestDatabase();
  database = made.database;
});
afterAll(() => made.drop());
beforeEach(async () => {
  logged.length = 0;
  queues = [];
  runner = new FakeRunner(database);
  turns = new IngestTurns(database, LEASE_MS);
  await database.prisma.ingestRun.deleteMany();
});
afterEach(() => Promise.all(queues.map((queue) => queue.stop())));

/** Servers beside each other on one database. */
function startQueues(count: number, options: Partial<QueueOptions> = {}, execute: Pick<FakeRunner, 'execute' | 'sources'> = runner): IngestQueue[] {
  const started = Array.from({ length: count }, () => new IngestQueue(new IngestTurns(database, LEASE_MS), execute));
  for (const queue of started) queue.start({ ...OPTIONS, ...options });
  queues.push(...started);
  return started;
}

function ask(request: Partial<IngestRequest> = {}): Promise<number> {
  return runner.create({ source: 'pond', options: {}, since: null, trigger: 'ADMIN', requestedById: null, ...request });
}

/** A run whose server said that it was alive some time ago. */
async function left(source: string, secondsAgo: number, trigger = 'ADMIN'): Promise<number> {
  const [row] = await database.rows<{ id: number }>(sql`
    INSERT INTO ingest_runs (source, options, trigger, state, started_at, active_at, done)
    VALUES (${source}, '{}', ${trigger}::text::ingest_trigger, 'RUNNING', now() - interval '1 hour', now() - make_interval(secs => ${secondsAgo}::float8), 1)
    RETURNING id`);
  return row!.id;
}

async function stateOf(id: number): Promise<string | undefined> {
  const [row] = await database.rows<{ state: string }>(sql`SELECT state::text AS state FROM ingest_runs WHERE id = ${id}`);
  return row?.state;
}

const isOver = (id: number) => async (): Promise<boolean> => (await stateOf(id)) === 'SUCCEEDED';

describe('a run that waits', () => {
  test('is done once, whoever looks', async () => {
    const ids = [await ask(), await ask({ source: 'lake-two' })];
    startQueues(3);
    for (const id of ids) await until(isOver(id), 'the run is over');
    await sleep(100);
    expect([...runner.begun].sort()).toEqual(ids);
    const [row] = await database.rows(sql`SELECT done, added_count AS added, finished_at > started_at AS ends FROM ingest_runs WHERE id = ${ids[0]}`);
    expect(row).toEqual({ done: 3, added: 3, ends: true });
  });

  test('waits for the other of its source, and not for those of others', async () => {
    runner.batchMs = 60;
    const [first, second, other] = [await ask(), await ask({ options: { limit: 5 } }), await ask({ source: 'lake-two' })];
    startQueues(2);
    await until(() => runner.active.has(first) && runner.active.has(other), 'two sources go at once');
    expect([runner.active.has(second), await stateOf(second)]).toEqual([false, 'QUEUED']);
    await until(isOver(second), 'the second is over');
    expect(runner.begun.indexOf(second)).toBe(2);
    expect(runner.mostAtOnce).toBe(2);
  });

  test('of the command line is left to it, whose run the others of the source wait for', async () => {
    const queued = await ask({ trigger: 'COMMAND' });
    const alive = await left('pond', 0, 'COMMAND');
    const next = await ask();
    startQueues(1);
    await sleep(200);
    expect(runner.begun).toEqual([]);
    expect(await Promise.all([queued, alive, next].map(stateOf))).toEqual(['QUEUED', 'RUNNING', 'QUEUED']);
    await until(isOver(next), 'it waits no longer than the command line is heard of');
    expect(runner.begun).toEqual([next]);
  });

  test('of a source that the server does not know is left to others', async () => {
    const id = await ask();
    startQueues(1, {}, { sources: () => Promise.resolve(FAKE_SOURCES.slice(1)), execute: () => Promise.reject(new Error('unknown')) });
    await sleep(150);
    expect(await stateOf(id)).toBe('QUEUED');
    startQueues(1);
    await until(isOver(id), 'the run is over');
  });

  test('is one of at most as many as a server takes at once', async () => {
    runner.batchMs = 50;
    const ids = [await ask(), await ask({ source: 'lake-two' })];
    startQueues(1, { limit: 1 });
    for (const id of ids) await until(isOver(id), 'the run is over');
    expect(runner.mostAtOnce).toBe(1);
  });

  test('that throws has failed, and is not tried again', async () => {
    const id = await ask();
    startQueues(1, {}, { sources: () => Promise.resolve(FAKE_SOURCES), execute: () => Promise.reject(new Error('broken')) });
    await until(async () => (await stateOf(id)) === 'FAILED', 'it has failed');
    const [row] = await database.rows(sql`SELECT error FROM ingest_runs WHERE id = ${id}`);
    expect(row).toEqual({ error: `an unexpected error, which the server logged with jobId ${id}` });
    expect(logged).toEqual(['an import failed']);
  });
});

describe('a run whose server ended', () => {
  test('is gone on with where it was, by one of several, at once', async () => {
    const id = await left('pond', 2);
    startQueues(3);
    await until(isOver(id), 'the run is over');
    await sleep(100);
    expect(runner.begun).toEqual([id]);
    const [row] = await database.rows(sql`SELECT added_count AS added, started_at < now() - interval '59 minutes' AS "isOld" FROM ingest_runs WHERE id = ${id}`);
    expect(row).toEqual({ added: 2, isOld: true });
  });

  test('is left alone as long as it may be alive', async () => {
    const id = await left('pond', 0.4);
    startQueues(2);
    await sleep(300);
    expect(runner.begun).toEqual([]);
    await until(isOver(id), 'it is taken up');
  });

  test('goes before what waits of its source', async () => {
    const waiting = await ask();
    const id = await left('pond', 2);
    await database.rows(sql`UPDATE ingest_runs SET created_at = now() + interval '1 minute' WHERE id = ${id}`);
    startQueues(1);
    await until(isOver(waiting), 'both are over');
    expect(runner.begun).toEqual([id, waiting]);
  });

  test('is taken by one of many who ask at the same time', async () => {
    // Taking takes so long that all have begun before the first one is seen.
    await database.prisma.$executeRawUnsafe("CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END'");
    await database.prisma.$executeRawUnsafe('CREATE TRIGGER dawdle BEFORE UPDATE ON ingest_runs FOR EACH ROW EXECUTE FUNCTION dawdle()');
    try {
      const id = await left('pond', 2);
      const more = [await ask(), await ask({ options: { limit: 1 } })];
      const taken = await Promise.all(Array.from({ length: 4 }, () => turns.take(['pond'])));
      expect(taken.filter((one) => one !== null)).toEqual([id]);
      expect(await Promise.all(more.map(stateOf))).toEqual(['QUEUED', 'QUEUED']);
    } finally {
      await database.prisma.$executeRawUnsafe('DROP FUNCTION dawdle CASCADE');
    }
  });
});

describe('a run under way', () => {
  test('is heard of however long a batch takes, so that nobody else takes it', async () => {
    runner.batches = 1;
    runner.batchMs = 2.5 * LEASE_MS;
    const id = await ask();
    startQueues(2);
    await until(isOver(id), 'the run is over');
    expect(runner.begun).toEqual([id]);
  });

  test('stops when its row says so, on whichever server', async () => {
    runner.batchMs = 60_000;
    const id = await ask();
    startQueues(2);
    await until(() => runner.active.has(id), 'it runs');
    await database.rows(sql`UPDATE ingest_runs SET state = 'STOPPED', finished_at = now() WHERE id = ${id}`);
    await until(() => runner.active.size === 0, 'it stops');
    await sleep(100);
    expect([await stateOf(id), runner.begun]).toEqual(['STOPPED', [id]]);
  });

  test('ends with its server at the next batch, and is gone on with by the next at once', async () => {
    runner.batchMs = 300;
    const id = await ask();
    const [first] = startQueues(1);
    await until(() => runner.active.has(id), 'it runs');
    await first!.stop();
    expect([await stateOf(id), runner.active.size]).toEqual(['RUNNING', 0]);
    runner.batchMs = 1;
    const startedAt = Date.now();
    startQueues(1);
    await until(isOver(id), 'the run is over');
    expect(Date.now() - startedAt).toBeLessThan(LEASE_MS / 2);
    expect(runner.begun).toEqual([id, id]);
  });

  test('is given up before others may take it, where the database does not take that it is alive', async () => {
    const lost: string[] = [];
    const errors: unknown[] = [];
    const startedAt = Date.now();
    holdLease({ hold: () => Promise.reject(new Error('no connection')) }, 1, {
      leaseMs: 400, beatMs: 20, onLost: (reason) => { lost.push(reason); }, onError: (error) => { errors.push(error); },
    });
    await until(() => lost.length > 0, 'it is given up');
    expect(Date.now() - startedAt).toBeGreaterThan(250);
    expect(Date.now() - startedAt).toBeLessThan(400);
    await sleep(100);
    expect(lost).toEqual(['LAPSED']);
    expect(errors.length).toBeGreaterThan(3);
  });

  test('of a process that was held up is given up before the process speaks for it again', async () => {
    const lost: string[] = [];
    let beats = 0;
    holdLease({ hold: () => { beats += 1; return Promise.resolve(true); } }, 1, {
      leaseMs: 400, beatMs: 50, onLost: (reason) => { lost.push(reason); }, onError: () => undefined,
    });
    for (const end = Date.now() + 450; Date.now() < end;);
    await until(() => lost.length > 0, 'it is given up');
    expect([lost, beats]).toEqual([['LAPSED'], 0]);
  });
});

describe('runs alike', () => {
  test('asked for at once become one, the first', async () => {
    for (let round = 0; round < 5; round += 1) {
      await database.prisma.ingestRun.deleteMany();
      const kept = await Promise.all(Array.from({ length: 6 }, async () => turns.keepOneAlike(await ask())));
      expect(new Set(kept).size).toBe(1);
      expect(await database.prisma.ingestRun.findMany({ select: { id: true } })).toEqual([{ id: kept[0] }]);
    }
  });

  test('are those of the same source and options that are not over', async () => {
    const first = await ask();
    expect(await turns.keepOneAlike(await ask({ options: { limit: 100 } }))).toBe(first);
    for (const other of [{ source: 'lake-two' }, { options: { limit: 1 } }]) {
      const id = await ask(other);
      expect(await turns.keepOneAlike(id)).toBe(id);
    }
    await database.rows(sql`UPDATE ingest_runs SET state = 'SUCCEEDED', finished_at = now() WHERE id = ${first}`);
    const again = await ask();
    expect(await turns.keepOneAlike(again)).toBe(again);
  });

  test('are not those that the command line has left', async () => {
    const gone = await left('lake-two', 2, 'COMMAND');
    const id = await ask({ source: 'lake-two' });
    expect(await turns.keepOneAlike(id)).toBe(id);
    await database.rows(sql`UPDATE ingest_runs SET active_at = now() WHERE id = ${gone}`);
    expect(await turns.keepOneAlike(id)).toBe(gone);
  });
});

describe('a schedule', () => {
  const EACH_TICK: Schedule = { source: 'pond', expression: '* * * * *', options: { search: 'ponds' }, hasSince: true, nextAfter: () => null };

  test('makes a run once, however many servers tick', async () => {
    for (let round = 0; round < 5; round += 1) {
      await database.prisma.ingestRun.deleteMany();
      const made = await Promise.all(Array.from({ length: 5 }, () => new IngestScheduler(turns, runner).tick(EACH_TICK)));
      expect(made.filter(Boolean)).toHaveLength(1);
      expect(await database.prisma.ingestRun.count()).toBe(1);
    }
  });

  test('runs it once, even where another server ticks when it is over', async () => {
    const schedulers = [new IngestScheduler(turns, runner), new IngestScheduler(turns, runner)];
    startQueues(2);
    expect(await schedulers[0]!.tick(EACH_TICK)).toBe(true);
    await until(async () => (await database.prisma.ingestRun.count({ where: { state: 'SUCCEEDED' } })) === 1, 'it is over');
    expect(await schedulers[1]!.tick(EACH_TICK)).toBe(false);
    // A server that was between looking and keeping meanwhile: its run is never taken.
    const late = await ask({ trigger: 'SCHEDULE' });
    await sleep(100);
    expect([runner.begun.length, await stateOf(late), await turns.keepTick(late)]).toEqual([1, 'QUEUED', false]);
  });

  test('leaves a tick out while a run of its source waits or is under way', async () => {
    const scheduler = new IngestScheduler(turns, runner);
    const id = await ask();
    expect(await scheduler.tick(EACH_TICK)).toBe(false);
    const late = await ask({ trigger: 'SCHEDULE' });
    expect([await turns.keepTick(late), await stateOf(late)]).toEqual([false, undefined]);
    await database.rows(sql`UPDATE ingest_runs SET state = 'STOPPED', finished_at = now() WHERE id = ${id}`);
    expect(await scheduler.tick(EACH_TICK)).toBe(true);
  });

  test('asks for the last seven days at first, then from a day before the last one that succeeded', async () => {
    const scheduler = new IngestScheduler(turns, runner);
    await scheduler.tick(EACH_TICK);
    const first = runner.requests.at(-1)!;
    expect(first).toMatchObject({ source: 'pond', options: { search: 'ponds' }, trigger: 'SCHEDULE', requestedById: null });
    expect(Math.abs(first.since!.getTime() - (Date.now() - 7 * 86_400_000))).toBeLessThan(5000);
    await database.rows(sql`UPDATE ingest_runs SET state = 'SUCCEEDED', created_at = '2026-03-05T04:00:00Z', started_at = '2026-03-05T04:00:07Z', finished_at = now()`);
    // One that failed and one that an admin asked for say nothing of what the schedule has.
    await database.rows(sql`INSERT INTO ingest_runs (source, options, trigger, state, started_at, finished_at, error, created_at) VALUES
      ('pond', '{}', 'SCHEDULE', 'FAILED', now(), now(), 'no', now() - interval '1 hour'), ('pond', '{}', 'ADMIN', 'SUCCEEDED', now(), now(), NULL, now() - interval '1 hour')`);
    await scheduler.tick(EACH_TICK);
    expect(runner.requests.at(-1)!.since).toEqual(new Date('2026-03-04T04:00:07Z'));
  });

  test('ticks when it is time, again and again, until it is stopped', async () => {
    const ticks: number[] = [];
    const every: Schedule = { ...EACH_TICK, nextAfter: (instant) => new Date(100 * (Math.floor(instant.getTime() / 100) + 1)) };
    const scheduler = new IngestScheduler({ ...fakeTurns, keepTick: () => { ticks.push(Date.now() % 100); return Promise.resolve(true); } } as unknown as IngestTurns, { create: () => Promise.resolve(1) });
    let runs = 0;
    scheduler.start([every], { log, onRun: () => { runs += 1; } });
    await until(() => runs === 3, 'it ticks three times');
    await scheduler.stop();
    await sleep(250);
    expect([runs, ticks.length]).toEqual([3, 3]);
    expect(Math.max(...ticks)).toBeLessThan(60);
  });
});

const fakeTurns = { isTickTaken: () => Promise.resolve(false), lastScheduledStart: () => Promise.resolve(null) };
