import 'reflect-metadata';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sql, type Database } from '../../src/database/database.js';
import { mulberry32 } from '../../src/random.js';
import { createServices, type Services } from '../../src/services.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';

test('chance is mulberry32: these numbers must never change, or every installation has another community', () => {
  const random = mulberry32(0);
  expect([random(), random(), random()]).toEqual([0.26642920868471265, 0.0003297457005828619, 0.2232720274478197]);
});

describe(`a first start, on ${isOnServer ? 'PostgreSQL' : 'PGlite'}`, () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let services: Services;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daily-papers-start-'));
    testDatabase = await createTestDatabase();
    database = testDatabase.database;
    services = createServices(database, { sessionDays: 1, recommenderThreads: 0 });
  });
  afterEach(async () => {
    await testDatabase.drop();
    await rm(folder, { recursive: true });
  });

  async function counts(): Promise<unknown> {
    const [row] = await database.rows(sql`SELECT (SELECT count(*)::int4 FROM papers) AS papers, (SELECT count(*)::int4 FROM tags) AS tags,
      (SELECT count(*)::int4 FROM users WHERE is_simulated) AS readers, (SELECT count(*)::int4 FROM users WHERE NOT is_simulated) AS accounts,
      (SELECT min(upvote_count) FROM users WHERE is_simulated) AS "fewestVotes", (SELECT value FROM settings WHERE key = 'demo') AS state`);
    return row;
  }
  const COMPLETE = { papers: 43, tags: 45, readers: 300, fewestVotes: expect.any(Number), state: 'loaded' };

  test('loads everything, each simulated reader with two votes or more, and the demo reader with three', async () => {
    expect(await services.demo.load()).toBe(true);
    await services.demo.prepareAccount({ dataFolder: folder, password: null });
    expect(await counts()).toEqual({ ...COMPLETE, accounts: 1 });
    const [fewest] = await database.rows<{ votes: number }>(sql`SELECT min(upvote_count) AS votes FROM users`);
    expect(fewest!.votes).toBeGreaterThanOrEqual(2);
    const [demo] = await services.users.byUsernames(['demo']);
    expect(demo).toMatchObject({ upvoteCount: 3, isSimulated: false });
    const rankings = await services.recommendations.forReader({ readerId: demo!.rowId, first: 3, after: null });
    for (const { item } of rankings.items) expect(item.contributions.map((term) => term.kind)).toEqual(expect.arrayContaining(['SHARED_TAG', 'CO_UPVOTED']));
  });

  test('votes are given after the papers were listed, and not in the future of ten days', async () => {
    await services.demo.load();
    const wrong = await database.rows(sql`
      SELECT 1 AS one FROM upvotes v JOIN papers p ON p.id = v.paper_id
      WHERE v.created_at < p.listed_at OR v.created_at > p.listed_at + interval '10 days'`);
    expect(wrong).toEqual([]);
  });

  test('is finished by the next one where it was interrupted in the middle of the community', async () => {
    const transaction = database.transaction.bind(database);
    let transactions = 0;
    database.transaction = (work, level) => {
      transactions += 1;
      return transactions === 1 ? Promise.reject(new Error('power cut')) : transaction(work, level);
    };
    await expect(services.demo.load()).rejects.toThrow('power cut');
    expect(await counts()).toMatchObject({ papers: 43, readers: 0, state: 'loading' });
    database.transaction = transaction;
    await database.rows(sql`DELETE FROM papers WHERE id IN (SELECT id FROM papers ORDER BY id LIMIT 3)`);
    expect(await services.demo.load()).toBe(true);
    expect(await counts()).toEqual({ ...COMPLETE, accounts: 0 });
  });

  test('keeps a password that the folder has, and takes a new one from DEMO_PASSWORD', async () => {
    await writeFile(join(folder, 'demo-password'), 'kept-from-before\n');
    const options = { dataFolder: folder, password: null };
    expect(await services.demo.prepareAccount(options)).toEqual({ username: 'demo', password: 'kept-from-before' });
    expect(await services.demo.prepareAccount({ ...options, password: 'a-new-password' })).toEqual({ username: 'demo', password: 'a-new-password' });
    expect(await services.users.findByPassword('demo', 'a-new-password')).toMatchObject({ role: 'READER' });
    expect(await services.users.findByPassword('demo', 'kept-from-before')).toBeNull();
    // Without DEMO_PASSWORD again, the file's password is not right any more: it must not be shown as if it were.
    const shown = await services.demo.prepareAccount(options);
    expect(shown.password === null || (await services.users.findByPassword('demo', shown.password)) !== null).toBe(true);
  });

  // Replicas that are started together on one empty PostgreSQL. PGlite has one connection: there, it shows the order only.
  test('gives back an account that was deleted, with its password and its first votes', async () => {
    await services.demo.load();
    const options = { dataFolder: folder, password: null };
    const account = await services.demo.prepareAccount(options);
    await services.accountDeletion.delete({ username: 'demo', password: account.password!, address: '127.0.0.1', comments: 'REMOVE' });
    expect(await counts()).toEqual({ ...COMPLETE, accounts: 0 });
    expect(await services.demo.prepareAccount(options)).toEqual(account);
    expect(await services.users.byUsernames(['demo'])).toMatchObject([{ upvoteCount: 3 }]);
  });

  test('of several servers at once loads the demo once', async () => {
    const loaded = await Promise.all([1, 2, 3].map(() => createServices(database, { sessionDays: 1, recommenderThreads: 0 }).demo.load()));
    expect(loaded).toContain(true);
    expect(await counts()).toEqual({ ...COMPLETE, accounts: 0 });
  });

  test('of several servers at once makes each account once, and stops none of them', async () => {
    const accounts = await Promise.all(['one', 'two', 'three'].map((name) => services.demo.prepareAccount({ dataFolder: join(folder, name), password: null })));
    const right = await Promise.all(accounts.map(async ({ password }) => password !== null && (await services.users.findByPassword('demo', password)) !== null));
    // Each either shows the password that is right, or none.
    expect(accounts.map(({ password }, index) => password === null || right[index])).toEqual([true, true, true]);
    await Promise.all([1, 2, 3].map(() => services.users.ensureAccount({ username: 'admin', password: 'an-admin-password' }, 'ADMIN')));
    expect(await services.users.findByPassword('admin', 'an-admin-password')).toMatchObject({ role: 'ADMIN' });
  });
});
