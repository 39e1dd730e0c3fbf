import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rawSql, sql, type Database } from '../../src/database/database.js';
import { migrate, migrationsFolder } from '../../src/database/migrations.js';
import { createEmptyDatabase } from '../support/emptyDatabase.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';

const where = isOnServer ? 'PostgreSQL' : 'PGlite';
const LISTED = Date.parse('2026-01-01T00:00:00Z') / 1000;

describe(`the change log on ${where}`, () => {
  let testDatabase: TestDatabase;
  let database: Database;
  const run = (statement: string): Promise<unknown[]> => database.rows(rawSql(statement));

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    database = testDatabase.database;
    await run(`INSERT INTO users (id, username) VALUES (1, 'reader-1'), (2, 'reader-2')`);
    await run(`INSERT INTO papers (id, title, listed_at) VALUES (1, 'One', '2026-01-01Z'), (2, 'Two', '2026-01-01Z')`);
    await run(`INSERT INTO authors (id, name) VALUES (1, 'Ada'), (2, 'Alan')`);
    await run(`INSERT INTO tags (id, slug, name, kind) VALUES (1, 'tag-1', 'Tag 1', 'TASK'), (2, 'tag-2', 'Tag 2', 'TASK')`);
  });
  afterEach(() => testDatabase.drop());

  /** What the statements log: `KIND paper/author/tag/user: previous → value`. */
  async function logged(...statements: string[]): Promise<string[]> {
    await run('DELETE FROM changes');
    for (const statement of statements) await run(statement);
    const rows = await database.rows<{ line: string }>(sql`
      SELECT format('%s %s/%s/%s/%s: %s → %s', kind, coalesce(paper_id::text, '-'), coalesce(author_id::text, '-'), coalesce(tag_id::text, '-'),
        coalesce(user_id::text, '-'), coalesce(previous::text, '-'), coalesce(value::text, '-')) AS line FROM changes ORDER BY id`);
    return rows.map((row) => row.line);
  }

  test.each<[string, string[], string[]]>([
    ['a paper', [`INSERT INTO papers (id, title, listed_at) VALUES (3, 'Three', '2026-01-01Z')`, `UPDATE papers SET listed_at = '2026-01-02Z' WHERE id = 3`, `UPDATE papers SET title = 'Other', listed_at = '2026-01-02Z' WHERE id = 3`, 'DELETE FROM papers WHERE id = 3'],
      [`PAPER 3/-/-/-: - → ${LISTED}`, `PAPER 3/-/-/-: ${LISTED} → ${LISTED + 86_400}`, `PAPER 3/-/-/-: ${LISTED + 86_400} → -`]],
    ['tags and their weights', ['INSERT INTO paper_tags (paper_id, tag_id, weight) VALUES (1, 2, 0.5), (1, 1, 1)', 'UPDATE paper_tags SET weight = 0.5', 'INSERT INTO paper_tags (paper_id, tag_id, weight) VALUES (1, 1, 0.25), (2, 1, 0.75) ON CONFLICT (paper_id, tag_id) DO UPDATE SET weight = excluded.weight', 'DELETE FROM paper_tags WHERE tag_id = 1'],
      ['TAG 1/-/1/-: - → 1', 'TAG 1/-/2/-: - → 0.5', 'TAG 1/-/1/-: 1 → 0.5', 'TAG 1/-/1/-: 0.5 → 0.25', 'TAG 2/-/1/-: - → 0.75', 'TAG 1/-/1/-: 0.25 → -', 'TAG 2/-/1/-: 0.75 → -']],
    ['a byline', ['INSERT INTO paper_authors (paper_id, author_id, position) VALUES (1, 2, 0), (1, 1, 1)', 'UPDATE paper_authors SET position = position + 5', 'DELETE FROM paper_authors WHERE author_id = 2'],
      ['AUTHOR 1/1/-/-: - → 1', 'AUTHOR 1/2/-/-: - → 1', 'AUTHOR 1/2/-/-: 1 → -']],
    ['upvotes', ['INSERT INTO upvotes (user_id, paper_id) VALUES (2, 1), (1, 1)', 'INSERT INTO upvotes (user_id, paper_id) VALUES (1, 1) ON CONFLICT DO NOTHING', 'UPDATE upvotes SET created_at = now()', 'DELETE FROM upvotes WHERE user_id = 2'],
      ['UPVOTE 1/-/-/1: - → 1', 'UPVOTE 1/-/-/2: - → 1', 'UPVOTE 1/-/-/2: 1 → -']],
    ['dismissals', ['INSERT INTO dismissals (user_id, paper_id) VALUES (1, 2)', 'INSERT INTO dismissals (user_id, paper_id) VALUES (1, 2) ON CONFLICT DO NOTHING', 'DELETE FROM dismissals'],
      ['DISMISSAL 2/-/-/1: - → 1', 'DISMISSAL 2/-/-/1: 1 → -']],
    ['a dismissal after an upvote after a dismissal', ['INSERT INTO dismissals (user_id, paper_id) VALUES (1, 2)', 'INSERT INTO upvotes (user_id, paper_id) VALUES (1, 2)', 'INSERT INTO dismissals (user_id, paper_id) VALUES (1, 2)'],
      ['DISMISSAL 2/-/-/1: - → 1', 'DISMISSAL 2/-/-/1: 1 → -', 'UPVOTE 2/-/-/1: - → 1', 'UPVOTE 2/-/-/1: 1 → -', 'DISMISSAL 2/-/-/1: - → 1']],
    ['follows', ['INSERT INTO tag_follows (user_id, tag_id) VALUES (1, 2)', 'INSERT INTO author_follows (user_id, author_id) VALUES (2, 1)', 'DELETE FROM tag_follows', 'DELETE FROM author_follows'],
      ['TAG_FOLLOW -/-/2/1: - → 1', 'AUTHOR_FOLLOW -/1/-/2: - → 1', 'TAG_FOLLOW -/-/2/1: 1 → -', 'AUTHOR_FOLLOW -/1/-/2: 1 → -']],
    ['upvotes and follows that teach nothing', ['INSERT INTO upvotes (user_id, paper_id) VALUES (1, 1), (1, 2)', `UPDATE upvotes SET unlearned_at = '2026-01-01Z' WHERE paper_id = 1`, `UPDATE upvotes SET unlearned_at = '2026-01-02Z' WHERE paper_id = 1`, 'DELETE FROM upvotes WHERE paper_id = 1', `UPDATE users SET taste_paused_at = '2026-01-01Z' WHERE id = 1`, 'INSERT INTO tag_follows (user_id, tag_id) VALUES (1, 2), (2, 2)', 'INSERT INTO author_follows (user_id, author_id) VALUES (1, 1)', 'UPDATE tag_follows SET unlearned_at = NULL', 'DELETE FROM author_follows'],
      ['UPVOTE 1/-/-/1: - → 1', 'UPVOTE 2/-/-/1: - → 1', 'UPVOTE 1/-/-/1: 1 → 0', 'UPVOTE 1/-/-/1: 0 → -', 'TAG_FOLLOW -/-/2/1: - → 0', 'TAG_FOLLOW -/-/2/2: - → 1', 'AUTHOR_FOLLOW -/1/-/1: - → 0', 'TAG_FOLLOW -/-/2/1: 0 → 1', 'AUTHOR_FOLLOW -/1/-/1: 0 → -']],
    ['mutes', ['INSERT INTO tag_mutes (user_id, tag_id) VALUES (1, 2)', 'INSERT INTO author_mutes (user_id, author_id) VALUES (2, 1)', 'INSERT INTO tag_mutes (user_id, tag_id) VALUES (1, 2) ON CONFLICT DO NOTHING', 'DELETE FROM tag_mutes', 'DELETE FROM author_mutes'],
      ['TAG_MUTE -/-/2/1: - → 1', 'AUTHOR_MUTE -/1/-/2: - → 1', 'TAG_MUTE -/-/2/1: 1 → -', 'AUTHOR_MUTE -/1/-/2: 1 → -']],
    ['a mute after a follow after a mute', ['INSERT INTO tag_mutes (user_id, tag_id) VALUES (1, 2)', 'INSERT INTO tag_follows (user_id, tag_id) VALUES (1, 2)', 'INSERT INTO tag_mutes (user_id, tag_id) VALUES (1, 2)'],
      ['TAG_MUTE -/-/2/1: - → 1', 'TAG_MUTE -/-/2/1: 1 → -', 'TAG_FOLLOW -/-/2/1: - → 1', 'TAG_FOLLOW -/-/2/1: 1 → -', 'TAG_MUTE -/-/2/1: - → 1']],
  ])('has %s with what was there before', async (_, statements, lines) => {
    expect(await logged(...statements)).toEqual(lines);
  });

  const EVERYTHING = [
    'INSERT INTO paper_tags (paper_id, tag_id, weight) VALUES (1, 1, 0.5)',
    'INSERT INTO paper_authors (paper_id, author_id, position) VALUES (1, 1, 0)',
    'INSERT INTO upvotes (user_id, paper_id) VALUES (1, 1)',
    'INSERT INTO dismissals (user_id, paper_id) VALUES (1, 2), (2, 1)',
    'INSERT INTO tag_follows (user_id, tag_id) VALUES (1, 1)',
    'INSERT INTO author_follows (user_id, author_id) VALUES (1, 1)',
    'INSERT INTO tag_mutes (user_id, tag_id) VALUES (1, 2), (2, 1)',
    'INSERT INTO author_mutes (user_id, author_id) VALUES (1, 2), (2, 1)',
  ];
  test.each<[string, string[]]>([
    ['papers', [`PAPER 1/-/-/-: ${LISTED} → -`, 'AUTHOR 1/1/-/-: 1 → -', 'TAG 1/-/1/-: 0.5 → -', 'UPVOTE 1/-/-/1: 1 → -', 'DISMISSAL 1/-/-/2: 1 → -']],
    ['users', ['UPVOTE 1/-/-/1: 1 → -', 'DISMISSAL 2/-/-/1: 1 → -', 'TAG_FOLLOW -/-/1/1: 1 → -', 'AUTHOR_FOLLOW -/1/-/1: 1 → -', 'TAG_MUTE -/-/2/1: 1 → -', 'AUTHOR_MUTE -/2/-/1: 1 → -']],
    ['tags', ['TAG 1/-/1/-: 0.5 → -', 'TAG_FOLLOW -/-/1/1: 1 → -', 'TAG_MUTE -/-/1/2: 1 → -']],
    ['authors', ['AUTHOR 1/1/-/-: 1 → -', 'AUTHOR_FOLLOW -/1/-/1: 1 → -', 'AUTHOR_MUTE -/1/-/2: 1 → -']],
  ])('has what goes with a row of %s', async (table, lines) => {
    for (const statement of EVERYTHING) await run(statement);
    expect(await logged(`DELETE FROM ${table} WHERE id = 1`)).toEqual(lines);
  });
});

test(`a log of the first version, on ${where}, is told what came before as far as it says`, async () => {
  const empty = await createEmptyDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  try {
    const first = '20261123000000_initial';
    await mkdir(join(folder, first));
    await writeFile(join(folder, first, 'migration.sql'), await readFile(join(migrationsFolder, first, 'migration.sql')));
    const connection = await empty.connect();
    await migrate(connection, folder);
    await connection.script(`
      INSERT INTO users (id, username) VALUES (1, 'reader-1');
      INSERT INTO tags (id, slug, name, kind) VALUES (1, 'tag-1', 'Tag 1', 'TASK');
      INSERT INTO papers (id, title, listed_at) VALUES (1, 'One', '2026-01-01Z');
      INSERT INTO upvotes (user_id, paper_id) VALUES (1, 1);
      INSERT INTO paper_tags (paper_id, tag_id, weight) VALUES (1, 1, 0.5);
      UPDATE paper_tags SET weight = 0.25;
      DELETE FROM changes WHERE kind = 'UPVOTE';
      DELETE FROM upvotes;
      DELETE FROM paper_tags;
      UPDATE papers SET listed_at = '2026-01-02Z'`);
    expect(await migrate(connection)).not.toEqual([]);
    const rows = await connection.rows('SELECT kind::text AS kind, previous, value FROM changes ORDER BY id', []);
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['PAPER', null, LISTED], ['TAG', null, 0.5], ['TAG', 0.5, 0.25], ['UPVOTE', 1, null], ['TAG', 0.25, null], ['PAPER', LISTED, LISTED + 86_400],
    ]);
  } finally {
    await rm(folder, { recursive: true });
    await empty.drop();
  }
});
