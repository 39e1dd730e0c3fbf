import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Database, rawSql, sql } from '../../src/database/database.js';
import { readPage, type Order, type Page } from '../../src/database/lists.js';
import { openPostgres } from '../../src/database/postgres.js';
import { createEmptyDatabase, runOnServer, type EmptyDatabase } from '../support/emptyDatabase.js';
import { isOnServer } from '../support/testDatabase.js';

const NEWEST: Order = { name: 'newest', descending: true, keys: [{ column: 'listed_at', type: 'timestamptz' }, { column: 'id', type: 'int4' }] };
const PAGE: Page = { limit: 1, fromEnd: false, after: null, before: null };

(isOnServer ? describe : describe.skip)('a PostgreSQL server (with TEST_DATABASE_URL)', () => {
  let empty: EmptyDatabase;
  let database: Database;
  const name = (): string => new URL(empty.url!).pathname.slice(1);

  beforeAll(async () => {
    empty = await createEmptyDatabase();
    // Settings that an administrator may have made: dates in another form, and a zone whose old offsets have seconds.
    await runOnServer(`ALTER DATABASE ${name()} SET datestyle = 'SQL, DMY'`);
    await runOnServer(`ALTER DATABASE ${name()} SET timezone = 'Europe/Amsterdam'`);
    database = new Database(await openPostgres(empty.url!, 3));
    await database.rows(sql`INSERT INTO papers (title, listed_at) VALUES ('Old', '1900-01-01Z'), ('New', '2026-01-02Z')`);
  });
  afterAll(async () => {
    await database.close();
    await empty.drop();
  });

  test('is read in instants whatever its DateStyle and TimeZone are', async () => {
    const rows = await database.rows<{ listedAt: Date }>(sql`SELECT listed_at AS "listedAt" FROM papers ORDER BY id`);
    expect(rows.map((row) => row.listedAt)).toEqual([new Date('1900-01-01Z'), new Date('2026-01-02Z')]);
    const papers = await database.prisma.paper.findMany({ orderBy: { id: 'asc' } });
    expect(papers.map((paper) => paper.listedAt)).toEqual(rows.map((row) => row.listedAt));
  });

  test.each([false, true])('is paged whatever its DateStyle and TimeZone are (from the end: %s)', async (fromEnd) => {
    const query = { columns: sql`title`, from: sql`papers`, where: [], order: NEWEST };
    const first = await readPage<{ title: string }>(database, query, { ...PAGE, fromEnd });
    const [cursor] = first.cursors;
    const second = await readPage<{ title: string }>(database, query, { ...PAGE, fromEnd, after: fromEnd ? null : cursor!, before: fromEnd ? cursor! : null });
    expect([...first.rows, ...second.rows].map((row) => row.title)).toEqual(fromEnd ? ['Old', 'New'] : ['New', 'Old']);
  });

  test('may cut idle connections', async () => {
    const admin = await empty.connect();
    await admin.rows('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()', []);
    await new Promise((done) => setTimeout(done, 100));
    expect(await database.rows(rawSql('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });

  test('is described without its password', async () => {
    const url = new URL(empty.url!);
    url.password = 'secret';
    url.search = '?application_name=secret';
    const driver = await openPostgres(url.href, 2);
    await driver.close();
    expect(driver.description).toBe(`PostgreSQL at postgresql://${url.username}@${url.host}/${name()}`);
  });

  test('that is not there is an error, not a wait', async () => {
    await expect(openPostgres('postgresql://root@127.0.0.1:1/nothing', 2)).rejects.toThrow('ECONNREFUSED');
  });
});
