import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EXTENSIONS } from '../../src/database/pgliteExtensions.js';
import { MigrationError, migrate, migrationsFolder, type MigrationConnection } from '../../src/database/migrations.js';
import { openPostgres } from '../../src/database/postgres.js';
import { createEmptyDatabase, pgliteConnection, type EmptyDatabase } from '../support/emptyDatabase.js';
import { NO_DIFFERENCE, openSchemaEngine, type SchemaEngine } from '../support/schemaEngine.js';
import { isOnServer } from '../support/testDatabase.js';

const EMPTY = 'DROP SCHEMA public CASCADE; CREATE SCHEMA public';

async function migrationNames(): Promise<string[]> {
  const entries = await readdir(migrationsFolder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

describe('schema.prisma, by the engine of prisma migrate', () => {
  let pglite: PGlite;
  let engine: SchemaEngine;

  beforeAll(async () => {
    pglite = await PGlite.create({ extensions: EXTENSIONS });
    engine = await openSchemaEngine(pglite);
    await migrate(pgliteConnection(pglite));
  });
  afterAll(() => pglite.close());

  test('describes the tables that the migrations make', async () => {
    expect(await engine.diffMigrations()).toBe(NO_DIFFERENCE);
  });

  test('describes the tables that migrate() has made', async () => {
    expect(await engine.diffDatabase()).toBe(NO_DIFFERENCE);
  });

  test('leaves out only what its language cannot say: indexes on expressions or of some rows', async () => {
    const { rows } = await pglite.query<{ name: string }>(`
      SELECT indexrelid::regclass::text AS name FROM pg_index
      WHERE indrelid::regclass::text IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')
        AND (indexprs IS NOT NULL OR indpred IS NOT NULL) ORDER BY name`);
    expect(rows.map((row) => row.name)).toEqual(['audit_entries_user_object_id_idx', 'author_follows_unlearned_user_id_author_id_idx', 'authors_name_key_orcid_key', 'authorship_claims_confirmed_key', 'authorship_claims_linked_idx', 'authorship_claims_pending_key', 'changes_paper_id_recorded_at_idx', 'comments_top_paper_id_best_score_id_idx', 'comments_top_paper_id_created_at_id_idx', 'notifications_listed_by_kind_idx', 'notifications_listed_idx', 'notifications_new_follower_key', 'notifications_unread_by_kind_idx', 'notifications_unread_idx', 'papers_hidden_id_idx', 'papers_listed_id_idx', 'papers_withdrawn_id_idx', 'reports_open_comment_key', 'reports_open_paper_key', 'reports_open_user_key', 'repos_host_known_stars_id_idx', 'repos_known_stars_id_idx', 'sessions_api_token_name_key', 'tag_follows_unlearned_user_id_tag_id_idx', 'upvotes_flagged_idx', 'upvotes_flagged_paper_id_idx', 'upvotes_flagged_user_id_idx', 'upvotes_unlearned_user_id_paper_id_idx']);
  });

  test('shows readers every column of papers that there is', async () => {
    const { rows } = await pglite.query<{ view: string; columns: string }>(`
      SELECT c.relname AS view, string_agg(a.attname, ' ' ORDER BY a.attname) AS columns FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relname IN ('papers', 'listed_papers') AND a.attnum > 0 AND NOT a.attisdropped GROUP BY c.relname ORDER BY 1`);
    expect(rows.map((row) => row.view)).toEqual(['listed_papers', 'papers']);
    expect(rows[0]!.columns).toBe(rows[1]!.columns);
  });

  test('notices a column and an index that only one side has', async () => {
    await pglite.exec('ALTER TABLE tags ADD COLUMN colour TEXT; CREATE INDEX tags_name_idx ON tags (name)');
    const difference = await engine.diffDatabase();
    await pglite.exec('ALTER TABLE tags DROP COLUMN colour; DROP INDEX tags_name_idx');
    expect(difference).toContain('DROP COLUMN "colour"');
    expect(difference).toContain('DROP INDEX "tags_name_idx"');
  });

  test('shares its ledger with migrate(), in both directions', async () => {
    expect(await engine.applyMigrations()).toEqual([]);
    expect(await engine.diagnose()).toMatchObject({ editedMigrationNames: [], failedMigrationNames: [], history: null });
    await pglite.exec(EMPTY);
    expect(await engine.applyMigrations()).toEqual(await migrationNames());
    expect(await migrate(pgliteConnection(pglite))).toEqual([]);
  });
});

describe('migrate', () => {
  let empty: EmptyDatabase;
  let connection: MigrationConnection;
  let folder: string;

  beforeAll(async () => {
    empty = await createEmptyDatabase();
    connection = await empty.connect();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'migrations-'));
    await writeMigration('1_first', 'CREATE TABLE one (id INTEGER); CREATE TABLE two (id INTEGER)');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
    await connection.script(EMPTY);
  });
  afterAll(() => empty.drop());

  async function writeMigration(name: string, text: string): Promise<void> {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'migration.sql'), text);
  }
  const run = (): Promise<string[]> => migrate(connection, folder);
  const tables = async (): Promise<unknown[]> => {
    const rows = await connection.rows(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`, []);
    return rows.map((row) => row['tablename']);
  };

  test('applies what is new in the order of the names, once', async () => {
    await writeMigration('2_second', 'ALTER TABLE one RENAME TO three');
    expect(await run()).toEqual(['1_first', '2_second']);
    expect(await run()).toEqual([]);
    await writeMigration('3_third', 'DROP TABLE two');
    expect(await run()).toEqual(['3_third']);
    expect(await tables()).toEqual(['_prisma_migrations', 'three']);
  });

  test('leaves nothing of a migration that fails, and does it again when it is put right', async () => {
    await writeMigration('2_second', 'CREATE TABLE three (id INTEGER); INSERT INTO three VALUES (1); SELECT 1 / 0');
    await writeMigration('3_third', 'CREATE TABLE four (id INTEGER)');
    await expect(run()).rejects.toThrow('division by zero');
    expect(await tables()).toEqual(['_prisma_migrations', 'one', 'two']);
    await writeMigration('2_second', 'CREATE TABLE three (id INTEGER)');
    expect(await run()).toEqual(['2_second', '3_third']);
  });

  test('lets go of its lock, also when it fails', async () => {
    await run();
    await writeMigration('2_second', 'no SQL');
    await expect(run()).rejects.toThrow('syntax error');
    expect(await connection.rows(`SELECT 1 AS held FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, [])).toEqual([]);
  });

  test('asks one statement of a database that is up to date, and takes no lock', async () => {
    await run();
    const statements: string[] = [];
    const watched: MigrationConnection = {
      script: (text) => (statements.push(text), connection.script(text)),
      rows: (text, parameters) => (statements.push(text), connection.rows(text, parameters)),
    };
    expect(await migrate(watched, folder)).toEqual([]);
    expect(statements).toEqual([expect.stringContaining('FROM "_prisma_migrations"')]);
  });

  const REFUSALS: [what: string, change: () => Promise<unknown>, message: RegExp][] = [
    ['was edited', () => writeMigration('1_first', 'CREATE TABLE one (id BIGINT)'), /^migration 1_first was edited after it had been applied: restore its file$/],
    ['failed under prisma migrate', () => connection.script('UPDATE _prisma_migrations SET finished_at = NULL'), /^migration 1_first failed before: .*prisma migrate resolve/],
    ['is of a newer version', () => rm(join(folder, '1_first'), { recursive: true }), /does not know \(1_first\): run a newer version$/],
  ];
  test.each(REFUSALS)('refuses a database with a migration that %s', async (_, change, message) => {
    await run();
    await change();
    await writeMigration('2_second', 'CREATE TABLE three (id INTEGER)');
    const error: unknown = await run().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(MigrationError);
    expect((error as Error).message).toMatch(message);
    expect(await tables()).toEqual(['_prisma_migrations', 'one', 'two']);
  });

  test('repeats a migration that prisma migrate marked as rolled back', async () => {
    await run();
    await connection.script('DROP TABLE one, two; UPDATE _prisma_migrations SET rolled_back_at = now(), finished_at = NULL');
    expect(await run()).toEqual(['1_first']);
    expect(await run()).toEqual([]);
  });

  (isOnServer ? test : test.skip)('runs in one of the servers that start at once (PostgreSQL)', async () => {
    const connections = [connection, await empty.connect(), await empty.connect()];
    const applied = await Promise.all(connections.map((one) => migrate(one)));
    expect(applied.flat()).toEqual(await migrationNames());
    const drivers = await Promise.all([1, 2, 3].map(() => openPostgres(empty.url!, 2)));
    await Promise.all(drivers.map((driver) => driver.close()));
  });
});
