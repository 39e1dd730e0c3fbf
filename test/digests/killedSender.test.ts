import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql, Database } from '../../src/database/database.js';
import { embeddedDriver } from '../../src/database/embedded.js';
import { EXTENSIONS } from '../../src/database/pgliteExtensions.js';
import { until } from '../support/fakeRunner.js';
import { MailServer } from '../support/mailServer.js';
import { run } from '../support/process.js';
import { chance } from '../support/random.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';

const RECIPIENTS = 60;
const SEED = 20261127;

let mails: MailServer;
let folder: string;
let made: TestDatabase | null = null;
let environment: Record<string, string>;

beforeAll(async () => {
  mails = await new MailServer().listen();
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-killed-'));
  made = isOnServer ? await createTestDatabase() : null;
  environment = {
    PORT: '0', HOST: '127.0.0.1', DEMO: 'false', DATA_DIR: folder, SMTP_URL: mails.url, MAIL_FROM: 'daily@papers.example',
    ...(made?.url != null && { DATABASE_URL: made.url }),
  };
});
afterAll(async () => {
  await made?.drop();
  await mails.close();
  await rm(folder, { recursive: true, force: true });
});

/** The embedded database belongs to one process at a time: to the test between two servers. */
async function between<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
  if (made !== null) return work(made.database);
  const pglite = await PGlite.create(join(folder, 'pgdata'), { extensions: EXTENSIONS });
  const database = new Database(await embeddedDriver(pglite, 'embedded for a test'));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

test('a sender that is killed at any moment sends no digest twice, and the next one sends the others', async () => {
  const random = chance(SEED).number;
  await between(async (database) => {
    await database.rows(sql`INSERT INTO papers (title, listed_at) SELECT 'Paper ' || n, now() FROM generate_series(1, 5) n`);
    await database.rows(sql`INSERT INTO users (username) SELECT 'reader-' || n FROM generate_series(1, ${RECIPIENTS}::int4) n`);
    await database.rows(sql`
      INSERT INTO digest_subscriptions (user_id, email, frequency, content, time_zone, hour, max_papers, state, confirmed_at, unsubscribe_token, next_due_at)
      SELECT id, username || '@mail.example', 'DAILY', 'TRENDING', 'UTC', 8, 3, 'ACTIVE', now(), username, now() FROM users`);
  });
  mails.onData = () => sleep(random() * 120);
  for (let turn = 1; turn <= 4; turn += 1) {
    const before = mails.received.length;
    const server = run(['dist/main.js'], environment);
    // Among the first mails of each, so that some are left for the last one.
    while (mails.received.length < before + 3) await sleep(5);
    await sleep(random() * 150);
    await server.kill('SIGKILL');
    // What a minute of silence does.
    await between(async (database) => database.rows(sql`UPDATE digest_mails SET active_at = now() - interval '61 s' WHERE state = 'SENDING'`));
  }
  const last = run(['dist/main.js'], environment);
  // Four mails at once were on their way when each server was killed.
  await until(() => mails.received.length >= RECIPIENTS - 16, 'nearly all came', 60_000);
  for (let count = 0; count < mails.received.length;) {
    count = mails.received.length;
    await sleep(3000);
  }
  await last.kill('SIGTERM');

  const rows = await between((database) => database.rows<{ email: string; state: string; count: number }>(sql`
    SELECT s.email, m.state::text AS state, count(*) OVER (PARTITION BY s.id)::int4 AS count FROM digest_subscriptions s LEFT JOIN digest_mails m ON m.subscription_id = s.id`));
  const received = (email: string): number => mails.to(email).length;
  expect(rows).toHaveLength(RECIPIENTS);
  expect(rows.filter(({ email }) => received(email) > 1)).toEqual([]);
  expect(rows.filter(({ state, email }) => state !== 'UNCERTAIN' && !(state === 'SENT' && received(email) === 1))).toEqual([]);
  const uncertain = rows.filter(({ state }) => state === 'UNCERTAIN').length;
  expect([uncertain > 0, uncertain <= 16]).toEqual([true, true]);
}, 180_000);
