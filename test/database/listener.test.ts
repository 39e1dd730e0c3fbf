import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { Database, sql } from '../../src/database/database.js';
import { listenOn } from '../../src/database/listener.js';
import { openPostgres } from '../../src/database/postgres.js';
import { ChangeLog } from '../../src/recommendations/changeLog.js';
import { TasteFollower } from '../../src/recommendations/tasteFollower.js';
import { OpenEngine } from '../support/openEngine.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';

const CHANNEL = 'daily_papers_changes';

let testDatabase: TestDatabase;
let database: Database;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = testDatabase.database;
  await database.rows(sql`INSERT INTO users (username) SELECT 'reader-' || n FROM generate_series(1, 5) n`);
  await database.rows(sql`INSERT INTO papers (title) SELECT 'Paper ' || n FROM generate_series(1, 60) n`);
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await testDatabase.drop();
});

const vote = (paper: number): Promise<unknown> => database.rows(sql`INSERT INTO upvotes (user_id, paper_id) VALUES (1, ${paper})`);

/** Waits until something holds; gives the milliseconds, and throws when it takes too long. */
async function until(holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<number> {
  const start = Date.now();
  while (!(await holds())) {
    if (Date.now() - start > withinMs) throw new Error(`it did not hold within ${withinMs} ms`);
    await new Promise((done) => setTimeout(done, 10));
  }
  return Date.now() - start;
}

async function urlOf(): Promise<string> {
  const [row] = await database.rows<{ name: string }>(sql`SELECT current_database() AS name`);
  const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
  url.pathname = `/${row!.name}`;
  return url.href;
}

/** A follower as another server has it, on connections of its own where there can be such, which nobody asks. */
async function follow(): Promise<{ engine: OpenEngine; errors: unknown[]; stop: () => Promise<void> }> {
  const own = isOnServer ? new Database(await openPostgres(await urlOf(), 2)) : database;
  if (own !== database) ends.push(() => own.close());
  const engine = new OpenEngine();
  const errors: unknown[] = [];
  const { stop } = await new TasteFollower(own, { log: new ChangeLog(own), engine }).follow({ onChange: () => undefined, onError: (error) => errors.push(error) });
  ends.push(stop);
  return { engine, errors, stop };
}

describe('a follower that nobody asks', () => {
  test('loads when it starts, and has each change soon after it was committed', async () => {
    await vote(1);
    const { engine, errors } = await follow();
    await until(() => engine.matrix.voteCount === 1);
    for (let paper = 2; paper <= 4; paper += 1) {
      await vote(paper);
      await until(() => engine.matrix.historyOf(1).includes(paper), 4000);
    }
    await database.rows(sql`DELETE FROM upvotes`);
    await until(() => engine.matrix.voteCount === 0, 4000);
    await database.rows(sql`INSERT INTO dismissals (user_id, paper_id) VALUES (2, 1)`);
    await until(() => engine.matrix.dismissalsOf(2).length === 1, 4000);
    expect(errors).toEqual([]);
  });

  test('reads the log once for changes that come together', async () => {
    const { engine } = await follow();
    await until(() => engine.matrix.paperCount === 60);
    let reads = 0;
    engine.beforeJob = ({ kind }) => (reads += Number(kind === 'apply'));
    for (let paper = 1; paper <= 60; paper += 1) await vote(paper);
    await until(() => engine.matrix.voteCount === 60);
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThan(30);
  });

  test('follows no more once it was ended', async () => {
    const { engine, errors, stop } = await follow();
    await until(() => engine.matrix.paperCount === 60);
    await stop();
    let jobs = 0;
    engine.beforeJob = () => (jobs += 1);
    await vote(1);
    await new Promise((done) => setTimeout(done, 300));
    expect([jobs, engine.matrix.voteCount, errors]).toEqual([0, 0, []]);
  });

  test('reports a read that failed, and reads again at the next change', async () => {
    const { engine, errors } = await follow();
    await until(() => engine.matrix.paperCount === 60);
    engine.beforeJob = () => {
      throw new Error('out of memory');
    };
    await vote(1);
    await until(() => errors.length > 0);
    engine.beforeJob = () => undefined;
    await vote(2);
    await until(() => engine.matrix.voteCount === 2);
    expect(String(errors[0])).toBe('Error: out of memory');
  });
});

(isOnServer ? describe : describe.skip)('a connection that listens on PostgreSQL', () => {
  const listeners = (): Promise<{ pid: number }[]> => database.rows(sql`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`);
  /** Cuts the connections that listen; another one is made soon. */
  const cut = async (): Promise<number[]> => {
    const pids = (await listeners()).map(({ pid }) => pid);
    await database.rows(sql`SELECT pg_terminate_backend(pid) FROM unnest(${pids}::int4[]) pid`);
    return pids;
  };

  test('is made again when it was cut, again and again, and nothing is lost', async () => {
    const { engine, errors } = await follow();
    await until(() => engine.matrix.paperCount === 60);
    for (let paper = 1; paper <= 3; paper += 1) {
      const [before] = await cut();
      expect(before).toBeDefined();
      // While nobody listens.
      await vote(paper);
      await until(() => engine.matrix.historyOf(1).includes(paper));
      await until(async () => (await listeners()).some(({ pid }) => pid !== before));
      await vote(10 + paper);
      await until(() => engine.matrix.historyOf(1).includes(10 + paper), 4000);
    }
    expect([(await listeners()).length, errors]).toEqual([1, []]);
  });

  test('calls at first, for each notification, and after it was made again', async () => {
    let calls = 0;
    const listener = await listenOn({ connectionString: await urlOf() }, CHANNEL, () => (calls += 1));
    ends.push(() => listener.close());
    const notify = (): Promise<unknown> => database.rows(sql`SELECT pg_notify(${CHANNEL}, '')::text`);
    expect(calls).toBe(1);
    await notify();
    await until(() => calls === 2);
    await cut();
    await until(() => calls === 3);
    listener.notify();
    await until(() => calls === 4);
    await listener.close();
    listener.notify();
    expect(await listeners()).toEqual([]);
    await notify();
    await new Promise((done) => setTimeout(done, 200));
    expect(calls).toBe(4);
  });

  test('is tried again while the server refuses it, and ends while it is tried', async () => {
    const [row] = await database.rows<{ name: string }>(sql`SELECT current_database() AS name`);
    const url = await urlOf();
    const admin = new pg.Client({ connectionString: process.env['TEST_DATABASE_URL'] });
    await admin.connect();
    ends.push(() => admin.end());
    await admin.query(`ALTER DATABASE ${row!.name} ALLOW_CONNECTIONS false`);
    const calls = [0, 0];
    const tried = await Promise.all(calls.map((_, n) => listenOn({ connectionString: url }, CHANNEL, () => (calls[n] = (calls[n] ?? 0) + 1))));
    const stops = tried.map((listener) => () => listener.close());
    ends.push(...stops);
    await stops[1]!();
    expect(calls).toEqual([0, 0]);
    await admin.query(`ALTER DATABASE ${row!.name} ALLOW_CONNECTIONS true`);
    await until(() => calls[0] === 1);
    await new Promise((done) => setTimeout(done, 1000));
    expect([calls, (await listeners()).length]).toEqual([[1, 0], 1]);
  });
});
