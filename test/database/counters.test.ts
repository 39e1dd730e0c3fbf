import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rawSql, sql, type Database } from '../../src/database/database.js';
import { UpvoteService } from '../../src/upvotes/upvote.service.js';
import { chance, type Chance } from '../support/random.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';

const where = isOnServer ? 'PostgreSQL' : 'PGlite';

// Every counter beside the number of the rows that it counts; a row of the result is a counter that is wrong.
const WRONG = sql`
  SELECT 'user' AS what, id, upvote_count::float8 AS counter FROM users u WHERE upvote_count <> (SELECT count(*) FROM upvotes WHERE user_id = u.id)
  UNION ALL SELECT 'paper upvotes', id, upvote_count FROM papers p WHERE upvote_count <> (SELECT count(*) FROM upvotes WHERE paper_id = p.id)
  UNION ALL SELECT 'paper authors', id, named_author_count FROM papers p WHERE named_author_count <> (SELECT count(*) FROM paper_authors WHERE paper_id = p.id)
  UNION ALL SELECT 'paper tags', id, tag_count FROM papers p WHERE tag_count <> (SELECT count(*) FROM paper_tags WHERE paper_id = p.id)
  UNION ALL SELECT 'paper repos', id, repo_count FROM papers p WHERE repo_count <> (SELECT count(*) FROM paper_repos WHERE paper_id = p.id)
  UNION ALL SELECT 'author', id, paper_count FROM authors a WHERE paper_count <> (SELECT count(*) FROM paper_authors WHERE author_id = a.id)
  UNION ALL SELECT 'tag', id, paper_count FROM tags t WHERE paper_count <> (SELECT count(*) FROM paper_tags WHERE tag_id = t.id)
  UNION ALL SELECT 'repo', id, paper_count FROM repos r WHERE paper_count <> (SELECT count(*) FROM paper_repos WHERE repo_id = r.id)
  UNION ALL SELECT 'trend', id, trending_score FROM papers WHERE abs(trending_score
    - (log(1 + upvote_count::float8) + extract(epoch FROM listed_at - timestamptz '2020-01-01Z')::float8 / (3 * 86400))) > 1e-9`;

// What the recommender learns from, as the tables have it and as the log of changes tells it.
const STATE = sql`
  SELECT 'PAPER' AS kind, id AS "paperId", NULL::int4 AS other, extract(epoch FROM listed_at)::float8 AS value FROM papers
  UNION ALL SELECT 'TAG', paper_id, tag_id, weight FROM paper_tags
  UNION ALL SELECT 'UPVOTE', paper_id, user_id, 1 FROM upvotes`;
const LOG = sql`SELECT kind::text AS kind, paper_id AS "paperId", coalesce(tag_id, user_id) AS other, value FROM changes ORDER BY id`;

interface Fact {
  readonly kind: string;
  readonly paperId: number;
  readonly other: number | null;
  readonly value: number | null;
}

const keyOf = ({ kind, paperId, other }: Fact): string => `${kind} ${paperId} ${other ?? ''}`;

function replay(log: readonly Fact[]): Map<string, number> {
  const state = new Map<string, number>();
  for (const change of log) {
    if (change.value === null) state.delete(keyOf(change));
    else state.set(keyOf(change), change.value);
  }
  return state;
}

describe(`on ${where}`, () => {
  let testDatabase: TestDatabase;
  let database: Database;

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    database = testDatabase.database;
    await database.rows(sql`INSERT INTO users (username) SELECT 'reader-' || n FROM generate_series(1, 12) n`);
    await database.rows(sql`INSERT INTO papers (title, listed_at) SELECT 'Paper ' || n, timestamptz '2026-01-01Z' + n * interval '1 day' FROM generate_series(1, 10) n`);
    await database.rows(sql`INSERT INTO authors (name) SELECT 'Author ' || n FROM generate_series(1, 8) n`);
    await database.rows(sql`INSERT INTO tags (slug, name, kind) SELECT 'tag-' || n, 'Tag ' || n, 'TASK' FROM generate_series(1, 8) n`);
    await database.rows(sql`INSERT INTO repos (host, owner, name) SELECT 'github.com', 'owner', 'repo-' || n FROM generate_series(1, 8) n`);
  });
  afterEach(() => testDatabase.drop());

  async function expectConsistent(after: string): Promise<void> {
    expect({ after, wrong: await database.rows(WRONG) }).toEqual({ after, wrong: [] });
  }

  async function expectReplayable(): Promise<void> {
    const tables = await database.rows<Fact>(STATE);
    const state = replay(await database.rows<Fact>(LOG));
    expect(Object.fromEntries([...state].sort())).toEqual(Object.fromEntries(tables.map((fact) => [keyOf(fact), fact.value] as const).sort()));
  }

  test.each([1, 2])('300 random changes keep the counters, the trend and the log of changes right (seed %i)', async (seed) => {
    const random = chance(seed);
    for (let step = 0; step < 300; step += 1) {
      const statement = randomChange(random);
      await database.rows(rawSql(statement));
      await expectConsistent(statement);
    }
    await expectReplayable();
    const [left] = await database.rows<{ papers: number; votes: number }>(
      sql`SELECT (SELECT count(*)::int4 FROM papers) AS papers, (SELECT count(*)::int4 FROM upvotes) AS votes`,
    );
    // Else the test would prove nothing about rows that stay.
    expect(left!.papers).toBeGreaterThan(3);
    expect(left!.votes).toBeGreaterThan(5);
  });

  test('a change that is rolled back leaves neither counter nor log', async () => {
    await expect(
      database.transaction(async ({ rows }) => {
        await rows(sql`INSERT INTO upvotes (user_id, paper_id) SELECT u.id, p.id FROM users u, papers p`);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await expectConsistent('a rollback');
    expect(await database.rows(sql`SELECT 1 AS one FROM changes WHERE kind = 'UPVOTE'`)).toEqual([]);
  });

  test('16 workers that upvote and take back at once leave every counter right', async () => {
    const upvotes = new UpvoteService(database);
    await Promise.all(
      Array.from({ length: 16 }, async (_, worker) => {
        const random = chance(worker);
        for (let step = 0; step < 40; step += 1) {
          const [reader, paper] = [1 + random.below(6), 1 + random.below(3)];
          await (random.number() < 0.6 ? upvotes.add(reader, paper) : upvotes.remove(reader, paper));
        }
      }),
    );
    await expectConsistent('640 votes');
    await expectReplayable();
  });

  test('bulk writes of the same rows in opposite orders do not deadlock', async () => {
    const upvote = (order: string): Promise<unknown[]> =>
      database.rows(sql`INSERT INTO upvotes (user_id, paper_id) SELECT u.id, p.id FROM users u, papers p ORDER BY ${rawSql(order)} ON CONFLICT DO NOTHING`);
    const remove = (half: number): Promise<unknown[]> => database.rows(sql`DELETE FROM upvotes WHERE user_id % 2 = ${half}`);
    for (let round = 0; round < 5; round += 1) {
      await upvote('u.id, p.id');
      await Promise.all([remove(0), remove(1)]);
      await expectConsistent('removals in bulk');
      await Promise.all([0, 1].map((half) => database.rows(sql`
        INSERT INTO upvotes (user_id, paper_id) SELECT u.id, p.id FROM users u, papers p WHERE u.id % 2 = ${half}
        ORDER BY ${rawSql(half === 0 ? 'p.id, u.id' : 'p.id DESC, u.id DESC')}`)));
      await expectConsistent('upvotes in bulk');
      await remove(0);
    }
    await expectReplayable();
  });
});

/** A statement that changes links, or what they join; small ones mostly, some in bulk. */
function randomChange(random: Chance): string {
  const some = (table: string): string => `(SELECT id FROM ${table} WHERE id % ${1 + random.below(5)} = ${random.below(3)})`;
  const one = (table: string): string => `(SELECT id FROM ${table} ORDER BY (id * ${1 + random.below(97)}) % 101 LIMIT 1)`;
  const scope = random.number() < 0.8 ? one : some;
  const link = (table: string, columns: string, ends: string): string =>
    `INSERT INTO ${table} (${columns}) SELECT p.id, o.id${columns.split(', ').length > 2 ? `, ${random.below(10_000)} ` : ''} FROM papers p, ${ends} o
     WHERE p.id IN ${scope('papers')} AND o.id IN ${scope(ends)} ON CONFLICT DO NOTHING`;
  const unlink = (table: string, column: string, ends: string): string =>
    `DELETE FROM ${table} WHERE paper_id IN ${scope('papers')} AND ${column} IN ${scope(ends)}`;
  const changes: [weight: number, statement: () => string][] = [
    [30, () => link('upvotes', 'paper_id, user_id', 'users')],
    [10, () => unlink('upvotes', 'user_id', 'users')],
    [10, () => link('paper_tags', 'paper_id, tag_id', 'tags')],
    [4, () => unlink('paper_tags', 'tag_id', 'tags')],
    [6, () => `INSERT INTO paper_tags (paper_id, tag_id, weight) VALUES (${one('papers')}, ${one('tags')}, ${(1 + random.below(9)) / 10})
               ON CONFLICT (paper_id, tag_id) DO UPDATE SET weight = excluded.weight`],
    [8, () => link('paper_authors', 'paper_id, author_id, position', 'authors')],
    [3, () => unlink('paper_authors', 'author_id', 'authors')],
    [8, () => link('paper_repos', 'paper_id, repo_id', 'repos')],
    [3, () => unlink('paper_repos', 'repo_id', 'repos')],
    [5, () => `UPDATE papers SET listed_at = listed_at + interval '${random.below(9) - 4} days' WHERE id IN ${scope('papers')}`],
    [3, () => `DELETE FROM papers WHERE id = ${one('papers')}`],
    [4, () => `INSERT INTO papers (title) VALUES ('Another ${random.below(1e9)}')`],
    [1, () => `DELETE FROM users WHERE id = ${one('users')} AND (SELECT count(*) FROM users) > 5`],
    [1, () => `DELETE FROM tags WHERE id = ${one('tags')} AND (SELECT count(*) FROM tags) > 3`],
    [1, () => `DELETE FROM authors WHERE id = ${one('authors')} AND (SELECT count(*) FROM authors) > 3`],
    [1, () => `WITH gone AS (DELETE FROM papers WHERE id = ${one('papers')}) DELETE FROM users WHERE id = ${one('users')} AND (SELECT count(*) FROM users) > 5`],
  ];
  let ticket = random.below(changes.reduce((sum, [weight]) => sum + weight, 0));
  const [, statement] = changes.find(([weight]) => (ticket -= weight) < 0)!;
  return statement();
}
