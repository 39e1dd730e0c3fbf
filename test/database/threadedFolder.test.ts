import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Database, sql } from '../../src/database/database.js';
import { embeddedDriver } from '../../src/database/embedded.js';
import { SLOW, THREAD, ThreadedFolders, rowsOf } from '../support/threadedFolders.js';

let folders: ThreadedFolders;
beforeAll(async () => {
  folders = await ThreadedFolders.create();
});
afterAll(() => folders.remove());

describe('the folder', () => {
  test('is created under another name, and has what was written when it is opened again', async () => {
    const first = folders.open('again');
    const creating = first.exec(`CREATE TABLE kept AS SELECT 'here' AS word`);
    await first.opened;
    expect((await readdir(folders.folder)).filter((name) => name.startsWith('again'))).toEqual(['again']);
    await creating;
    const closing = [first.exec('UPDATE kept SET word = upper(word)'), first.close(), first.close()];
    await Promise.all(closing);
    await expect(first.exec('SELECT 1')).rejects.toThrow('the embedded database is closed');
    expect(existsSync(join(folders.folder, 'again', 'postmaster.pid'))).toBe(false);
    expect(await rowsOf(folders.open('again'), 'SELECT word FROM kept')).toEqual([{ word: 'HERE' }]);
  });

  test('that is none fails the opening and all that was asked, and closes', async () => {
    await writeFile(join(folders.folder, 'a-file'), 'no folder');
    const pglite = folders.open('a-file/below');
    const statement = pglite.query('SELECT 1');
    await expect(pglite.opened).rejects.toThrow(/a-file/);
    await expect(statement).rejects.toThrow(/a-file/);
    await expect(pglite.transaction((transaction) => transaction.exec('SELECT 1'))).rejects.toThrow(/a-file/);
    await pglite.close();
  });
});

describe('a thread that ends', () => {
  // At a statement `END`, as when it is out of memory.
  async function fragileThread(end: string): Promise<URL> {
    const file = join(folders.folder, `${Math.random()}.mjs`);
    await writeFile(file, `
      import { parentPort } from 'node:worker_threads';
      await import(${JSON.stringify(THREAD.href)});
      parentPort.on('message', ({ text }) => { if (text === 'END') { ${end} } });`);
    return pathToFileURL(file);
  }

  test.each([
    ['process.exit(1)', 'the thread of the embedded database ended, restart the server'],
    ['throw new Error("out of memory")', 'the thread of the embedded database failed, restart the server: out of memory'],
  ])('by %s fails what waits and all that comes, and loses nothing that was committed', async (end, message) => {
    const name = `ends-${end.length}`;
    const pglite = await folders.openCopy(name, await fragileThread(end));
    await pglite.exec('CREATE TABLE kept (id INTEGER); INSERT INTO kept VALUES (1)');
    const inside = pglite.transaction(async (transaction) => {
      await transaction.exec('INSERT INTO kept VALUES (2)');
      const slow = transaction.query(SLOW);
      await Promise.all([slow, transaction.exec('END')]);
    });
    const behind = pglite.query('SELECT 1');
    await expect(inside).rejects.toThrow(message);
    await expect(behind).rejects.toThrow(message);
    await expect(pglite.exec('SELECT 1')).rejects.toThrow(message);
    await pglite.close();
    expect(await rowsOf(folders.open(name), 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
  });
});

test('a thread that ends amid a COMMIT leaves no transaction of Prisma that says it was written', async () => {
  const file = join(folders.folder, 'commit.mjs');
  await writeFile(file, `
    import { parentPort } from 'node:worker_threads';
    await import(${JSON.stringify(THREAD.href)});
    let isDoomed = false;
    parentPort.on('message', ({ text = '' }) => {
      isDoomed ||= text.includes('doomed');
      if (isDoomed && text === 'COMMIT') process.exit(1);
    });`);
  const broken = new Database(await embeddedDriver(await folders.openCopy('commit', pathToFileURL(file)), 'embedded for a test'));
  await broken.transaction(({ rows }) => rows(sql`INSERT INTO users (username) VALUES ('first') RETURNING id`));
  const written = broken.transaction(({ rows }) => rows(sql`INSERT INTO users (username) VALUES ('doomed') RETURNING id`));
  await expect(written).rejects.toMatchObject({ code: 'UNAVAILABLE', cause: expect.objectContaining({ message: 'the thread of the embedded database ended, restart the server' }) });
  await broken.close().catch(() => undefined);
  expect(await rowsOf(folders.open('commit'), 'SELECT username FROM users')).toEqual([{ username: 'first' }]);
});

describe('the database on a thread', () => {
  let database: Database;
  beforeAll(async () => {
    database = new Database(await embeddedDriver(await folders.openCopy('database'), 'embedded for a test'));
  });
  afterAll(() => database.close());

  test('serves Prisma: reads, writes, bytes, dates and json', async () => {
    const user = await database.prisma.user.create({ data: { username: 'reader' } });
    const expiresAt = new Date('2027-01-02T03:04:05.678Z');
    const tokenHash = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
    await database.prisma.session.create({ data: { userId: user.id, tokenHash, expiresAt } });
    const [session] = await database.prisma.session.findMany({ where: { tokenHash }, include: { user: true } });
    expect(session).toMatchObject({ tokenHash, expiresAt, user: { username: 'reader', role: 'READER', createdAt: user.createdAt } });
    await expect(database.prisma.user.create({ data: { username: 'reader' } })).rejects.toMatchObject({ code: 'P2002' });
  });

  test('serves transactions of Prisma, one after the other', async () => {
    const count = async (): Promise<number> => database.prisma.user.count({ where: { username: { startsWith: 'many-' } } });
    await Promise.all([1, 2, 3].map((n) => database.transaction(async ({ prisma, rows }) => {
      await prisma.user.create({ data: { username: `many-${n}` } });
      const [row] = await rows<{ n: number }>(sql`SELECT count(*)::int4 AS n FROM users WHERE username LIKE 'many-%'`);
      expect(row).toEqual({ n });
    })));
    await expect(database.transaction(async ({ prisma }) => {
      await prisma.user.create({ data: { username: 'many-4' } });
      throw new Error('changed my mind');
    })).rejects.toThrow('changed my mind');
    expect(await count()).toBe(3);
  });

  test('serves snapshots, which write nothing', async () => {
    expect(await database.snapshot((reader) => reader.rows(sql`SELECT ${'a'}::text AS a, now() = now() AS same`))).toEqual([{ a: 'a', same: true }]);
    await expect(database.snapshot((reader) => reader.rows(sql`DELETE FROM users`))).rejects.toMatchObject({ code: '25006' });
  });
});
