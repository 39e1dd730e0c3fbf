import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rawSql, sql, type Database } from '../../src/database/database.js';
import { DismissalService } from '../../src/dismissals/dismissal.service.js';
import { UpvoteService } from '../../src/upvotes/upvote.service.js';
import { LEARNT, WRONG, expectReplayable } from '../support/invariants.js';
import { chance, type Chance } from '../support/random.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';

const where = isOnServer ? 'PostgreSQL' : 'PGlite';

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
    await database.rows(sql`INSERT INTO collections (owner_id, name, is_public) SELECT id, 'Mine', true FROM users`);
  });
  afterEach(() => testDatabase.drop());

  async function expectConsistent(after: string): Promise<void> {
    expect({ after, wrong: await database.rows(WRONG) }).toEqual({ after, wrong: [] });
  }

  test.each([1, 2])('300 random changes keep the counters, the trend and the log of changes right (seed %i)', async (seed) => {
    const random = chance(seed);
    for (let step = 0; step < 300; step += 1) {
      const statement = randomChange(random);
      await database.rows(rawSql(statement));
      await expectConsistent(statement);
    }
    await expectReplayable(database);
    // Else the test would prove nothing about rows that stay.
    const left = await database.rows<{ kind: string; count: number }>(sql`SELECT split_part(key, ' ', 1) AS kind, count(*)::int4 AS count FROM (${LEARNT}) s GROUP BY 1`);
    const kinds = ['PAPER', 'TAG', 'AUTHOR', 'UPVOTE', 'DISMISSAL', 'TAG_FOLLOW', 'AUTHOR_FOLLOW', 'TAG_MUTE', 'AUTHOR_MUTE'];
    expect(kinds.filter((kind) => (left.find((row) => row.kind === kind)?.count ?? 0) < 2)).toEqual([]);
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

  test('16 workers that upvote, dismiss and take back at once leave every counter right, and no upvote beside a dismissal', async () => {
    const upvotes = new UpvoteService(database);
    const dismissals = new DismissalService(database);
    await Promise.all(
      Array.from({ length: 16 }, async (_, worker) => {
        const random = chance(worker);
        for (let step = 0; step < 40; step += 1) {
          const [reader, paper] = [1 + random.below(6), 1 + random.below(3)];
          await random.pick([
            () => upvotes.add(reader, paper),
            () => upvotes.remove(reader, paper),
            () => dismissals.add(reader, paper),
            () => dismissals.remove(reader, paper),
          ])();
        }
      }),
    );
    await expectConsistent('640 votes and dismissals');
    await expectReplayable(database);
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
    await expectReplayable(database);
  });
});

describe(`a new paper that comes with its counters, on ${where}`, () => {
  const COUNTED = { named_author_count: 2, tag_count: 1, repo_count: 1 };
  let testDatabase: TestDatabase;
  let database: Database;

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    database = testDatabase.database;
    await database.rows(sql`INSERT INTO authors (name) SELECT 'Author ' || n FROM generate_series(1, 3) n`);
    await database.rows(sql`INSERT INTO tags (slug, name, kind) SELECT 'tag-' || n, 'Tag ' || n, 'TASK' FROM generate_series(1, 8) n`);
    await database.rows(sql`INSERT INTO repos (host, owner, name) VALUES ('github.com', 'owner', 'repo-1')`);
  });
  afterEach(() => testDatabase.drop());

  /** Adds a paper that says so of its links, of which it has those of COUNTED; its version of the row before and after. */
  function add(counters: Record<keyof typeof COUNTED, number>): Promise<{ before: string; after: string }> {
    return database.transaction(async ({ rows }) => {
      const version = async (): Promise<string> => (await rows<{ version: string }>(sql`SELECT ctid::text AS version FROM papers WHERE id = 1`))[0]!.version;
      await rows(sql`INSERT INTO papers (id, title, named_author_count, tag_count, repo_count)
        VALUES (1, 'New', ${counters.named_author_count}, ${counters.tag_count}, ${counters.repo_count})`);
      const before = await version();
      await rows(sql`INSERT INTO paper_authors (paper_id, author_id, position) VALUES (1, 1, 0), (1, 2, 1)`);
      await rows(sql`INSERT INTO paper_tags (paper_id, tag_id) VALUES (1, 1)`);
      await rows(sql`INSERT INTO paper_repos (paper_id, repo_id) VALUES (1, 1)`);
      return { before, after: await version() };
    });
  }

  const papers = (): Promise<unknown[]> => database.rows(sql`SELECT named_author_count, tag_count, repo_count FROM papers`);

  test('is not written again, and is right', async () => {
    const { before, after } = await add(COUNTED);
    expect(after).toBe(before);
    expect(await papers()).toEqual([COUNTED]);
    expect(await database.rows(WRONG)).toEqual([]);
  });

  test('is written again where it comes with none, and is right', async () => {
    const { before, after } = await add({ named_author_count: 0, tag_count: 0, repo_count: 0 });
    expect(after).not.toBe(before);
    expect(await papers()).toEqual([COUNTED]);
    expect(await database.rows(WRONG)).toEqual([]);
  });

  test('and with wrong ones is put right by its links', async () => {
    await add({ named_author_count: 3, tag_count: 2, repo_count: 7 });
    expect(await papers()).toEqual([COUNTED]);
    expect(await database.rows(WRONG)).toEqual([]);
  });

  test.each(Object.keys(COUNTED))('is refused at commit with a %s that no link bears out, and nothing is left', async (column) => {
    const adding = database.transaction(async ({ rows }) => {
      await rows(sql`INSERT INTO papers (id, title, ${rawSql(column)}) VALUES (1, 'New', 1), (2, 'Other', 1)`);
      // Seen only when the transaction ends.
      expect(await rows(sql`SELECT 1 AS one FROM papers`)).toHaveLength(2);
    });
    await expect(adding).rejects.toThrow('the counters of paper 1 are not those of its links');
    expect(await papers()).toEqual([]);
  });

  test('may go again in its transaction', async () => {
    await database.transaction(async ({ rows }) => {
      await rows(sql`INSERT INTO papers (id, title, tag_count) VALUES (1, 'New', 5)`);
      await rows(sql`DELETE FROM papers WHERE id = 1`);
    });
    expect(await papers()).toEqual([]);
  });

  test('ends right when eight writers link it at once, and when they unlink it', async () => {
    await database.rows(sql`INSERT INTO papers (id, title) VALUES (1, 'One'), (2, 'Two')`);
    const tags = Array.from({ length: 8 }, (_, n) => n + 1);
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(tags.map((tag) => database.rows(sql`INSERT INTO paper_tags (paper_id, tag_id) SELECT id, ${tag}::int4 FROM papers ORDER BY ${rawSql(tag % 2 === 0 ? 'id' : 'id DESC')}`)));
      expect(await database.rows(sql`SELECT tag_count AS count FROM papers`)).toEqual([{ count: 8 }, { count: 8 }]);
      await Promise.all(tags.slice(1).map((tag) => database.rows(sql`DELETE FROM paper_tags WHERE tag_id = ${tag}`)));
      expect(await database.rows(WRONG)).toEqual([]);
      await database.rows(sql`DELETE FROM paper_tags`);
    }
  });
});

/** A statement that changes links, or what they join; small ones mostly, some in bulk. */
function randomChange(random: Chance): string {
  const some = (table: string): string => `(SELECT id FROM ${table} WHERE id % ${1 + random.below(5)} = ${random.below(3)})`;
  const one = (table: string): string => `(SELECT id FROM ${table} ORDER BY (id * ${1 + random.below(97)}) % 101 LIMIT 1)`;
  const scope = random.number() < 0.8 ? one : some;
  const follow = (table: string, column: string, ends: string): string =>
    `INSERT INTO ${table} (user_id, ${column}) SELECT u.id, o.id FROM users u, ${ends} o WHERE u.id IN ${scope('users')} AND o.id IN ${scope(ends)} ON CONFLICT DO NOTHING`;
  const unfollow = (table: string, column: string, ends: string): string =>
    `DELETE FROM ${table} WHERE user_id IN ${scope('users')} AND ${column} IN ${scope(ends)}`;
  const link = (table: string, columns: string, ends: string): string =>
    `INSERT INTO ${table} (${columns}) SELECT p.id, o.id${columns.split(', ').length > 2 ? `, ${random.below(10_000)} ` : ''} FROM papers p, ${ends} o
     WHERE p.id IN ${scope('papers')} AND o.id IN ${scope(ends)} ON CONFLICT DO NOTHING`;
  const unlink = (table: string, column: string, ends: string): string =>
    `DELETE FROM ${table} WHERE paper_id IN ${scope('papers')} AND ${column} IN ${scope(ends)}`;
  const changes: [weight: number, statement: () => string][] = [
    [30, () => link('upvotes', 'paper_id, user_id', 'users')],
    [10, () => unlink('upvotes', 'user_id', 'users')],
    [8, () => `UPDATE upvotes SET flagged_at = now(), cleared_at = NULL WHERE paper_id IN ${scope('papers')} AND user_id IN ${scope('users')}`],
    [5, () => `UPDATE upvotes SET flagged_at = NULL, cleared_at = now() WHERE paper_id IN ${scope('papers')} AND user_id IN ${scope('users')}`],
    [5, () => `UPDATE upvotes SET unlearned_at = CASE WHEN unlearned_at IS NULL THEN now() END WHERE user_id IN ${scope('users')}`],
    [3, () => `WITH gone AS (DELETE FROM upvotes WHERE paper_id IN ${scope('papers')} AND flagged_at IS NOT NULL RETURNING user_id, paper_id) INSERT INTO refused_upvotes (user_id, paper_id) SELECT user_id, paper_id FROM gone`],
    [20, () => link('dismissals', 'paper_id, user_id', 'users')],
    [4, () => unlink('dismissals', 'user_id', 'users')],
    [8, () => follow('tag_follows', 'tag_id', 'tags')],
    [3, () => unfollow('tag_follows', 'tag_id', 'tags')],
    [8, () => follow('author_follows', 'author_id', 'authors')],
    [3, () => unfollow('author_follows', 'author_id', 'authors')],
    [8, () => follow('user_follows', 'followed_id', 'users').replace(' ON CONFLICT', ' AND o.id <> u.id ON CONFLICT')],
    [3, () => unfollow('user_follows', 'followed_id', 'users')],
    [8, () => `INSERT INTO collection_papers (collection_id, paper_id, position) SELECT c.id, p.id, p.id FROM collections c, papers p WHERE c.owner_id IN ${scope('users')} AND p.id IN ${scope('papers')} ON CONFLICT DO NOTHING`],
    [3, () => `DELETE FROM collection_papers WHERE collection_id IN ${scope('collections')} AND paper_id IN ${scope('papers')}`],
    [8, () => follow('tag_mutes', 'tag_id', 'tags')],
    [3, () => unfollow('tag_mutes', 'tag_id', 'tags')],
    [8, () => follow('author_mutes', 'author_id', 'authors')],
    [3, () => unfollow('author_mutes', 'author_id', 'authors')],
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
    [4, () => `WITH tagged AS (SELECT id FROM tags WHERE id % 3 = ${random.below(3)}), named AS (SELECT id FROM authors WHERE id % 3 = ${random.below(3)}),
               added AS (INSERT INTO papers (title, tag_count, named_author_count) SELECT 'Counted ${random.below(1e9)}', (SELECT count(*) FROM tagged), (SELECT count(*) FROM named) RETURNING id),
               tagging AS (INSERT INTO paper_tags (paper_id, tag_id) SELECT a.id, t.id FROM added a, tagged t)
               INSERT INTO paper_authors (paper_id, author_id, position) SELECT a.id, n.id, n.id FROM added a, named n`],
    [1, () => `DELETE FROM users WHERE id = ${one('users')} AND (SELECT count(*) FROM users) > 5`],
    [1, () => `DELETE FROM tags WHERE id = ${one('tags')} AND (SELECT count(*) FROM tags) > 3`],
    [1, () => `DELETE FROM authors WHERE id = ${one('authors')} AND (SELECT count(*) FROM authors) > 3`],
    [1, () => `WITH gone AS (DELETE FROM papers WHERE id = ${one('papers')}) DELETE FROM users WHERE id = ${one('users')} AND (SELECT count(*) FROM users) > 5`],
  ];
  let ticket = random.below(changes.reduce((sum, [weight]) => sum + weight, 0));
  const [, statement] = changes.find(([weight]) => (ticket -= weight) < 0)!;
  return statement();
}
