import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { rawSql, sql, type Database, type Sql, type Transaction } from '../../src/database/database.js';
import { TasteFollower } from '../../src/recommendations/tasteFollower.js';
import type { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { chance } from '../support/random.js';
import { contentOf } from '../support/tasteWorld.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';

const HOUR_MS = 3_600_000;
const onServer = isOnServer ? test : test.skip;

/** The weight of the one tag that a paper has. */
function weightOf(matrix: TasteMatrix, paper: number): number | null {
  const [tag] = matrix.tagsOfPaper.values(paper);
  return matrix.tagsOfPaper.weightOf(paper, tag ?? -1);
}

describe(`TasteFollower on ${isOnServer ? 'PostgreSQL' : 'PGlite'}`, () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let follower: TasteFollower;

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    database = testDatabase.database;
    await database.rows(sql`INSERT INTO users (username) SELECT 'reader-' || n FROM generate_series(1, 5) n`);
    await database.rows(sql`INSERT INTO papers (title) SELECT 'Paper ' || n FROM generate_series(1, 6) n`);
    await database.rows(sql`INSERT INTO tags (slug, name, kind) SELECT 'tag-' || n, 'Tag', 'TASK' FROM generate_series(1, 4) n`);
    follower = new TasteFollower(database);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await testDatabase.drop();
  });

  const vote = (reader: number, paper: number): Promise<unknown[]> => database.rows(sql`INSERT INTO upvotes (user_id, paper_id) VALUES (${reader}, ${paper})`);
  const takeBack = (reader: number, paper: number): Promise<unknown[]> => database.rows(sql`DELETE FROM upvotes WHERE user_id = ${reader} AND paper_id = ${paper}`);
  const historyOf = (matrix: TasteMatrix, reader: number): number[] => matrix.historyOf(reader).map((paper) => matrix.paperIds[paper]!).sort();
  /** What a server that starts now would know. */
  const tables = async (): Promise<object> => contentOf(await new TasteFollower(database).current());
  async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
    const statements: string[] = [];
    database.onStatement = (text) => statements.push(text);
    await work();
    database.onStatement = null;
    return statements;
  }

  test('has what was committed before it is asked, also while it reads for others', async () => {
    expect(historyOf(await follower.current(), 1)).toEqual([]);
    await vote(1, 2);
    expect(historyOf(await follower.current(), 1)).toEqual([2]);
    const early = follower.current();
    await vote(1, 3);
    const late = follower.current();
    await early;
    expect(historyOf(await late, 1)).toEqual([2, 3]);
    await takeBack(1, 2);
    expect(historyOf(await follower.current(), 1)).toEqual([3]);
  });

  test('shares reads among those who ask at once', async () => {
    await follower.current();
    const statements = await statementsOf(() => Promise.all(Array.from({ length: 50 }, () => follower.current())));
    expect(statements.length).toBe(1);
    const idle = await statementsOf(() => follower.current());
    expect(idle).toEqual([expect.stringContaining('FROM (SELECT pg_current_snapshot()')]);
  });

  test('recovers from a read that failed', async () => {
    await vote(1, 1);
    const rows = jest.spyOn(database, 'transaction').mockRejectedValueOnce(new Error('connection lost'));
    const asked = [follower.current(), follower.current()];
    for (const one of asked) await expect(one).rejects.toThrow('connection lost');
    expect(historyOf(await follower.current(), 1)).toEqual([1]);
    rows.mockRestore();
    await vote(1, 2);
    jest.spyOn(database, 'rows').mockRejectedValueOnce(new Error('connection lost'));
    await expect(follower.current()).rejects.toThrow('connection lost');
    expect(historyOf(await follower.current(), 1)).toEqual([1, 2]);
  });

  test('forgets deleted papers, readers and tags, with what hung on them', async () => {
    await database.rows(sql`INSERT INTO paper_tags (paper_id, tag_id, weight) VALUES (1, 1, 0.5), (1, 2, 1), (2, 1, 1)`);
    await Promise.all([vote(1, 1), vote(2, 1), vote(2, 2)]);
    await follower.current();
    await database.rows(sql`DELETE FROM papers WHERE id = 1`);
    await database.rows(sql`DELETE FROM tags WHERE id = 1`);
    await database.rows(sql`DELETE FROM users WHERE id = 2`);
    const matrix = await follower.current();
    expect([matrix.paperCount, matrix.paperAt(1), matrix.historyOf(1), matrix.historyOf(2)]).toEqual([5, -1, [], []]);
    expect(Array.from(matrix.papersOfTag.values(0))).toEqual([]);
    expect(contentOf(matrix)).toEqual(await tables());
  });

  test('knows a new day of listing and a new weight', async () => {
    await database.rows(sql`INSERT INTO paper_tags (paper_id, tag_id) VALUES (1, 1)`);
    await follower.current();
    await database.rows(sql`UPDATE papers SET listed_at = '2026-01-01Z' WHERE id = 1`);
    await database.rows(sql`UPDATE paper_tags SET weight = 0.25`);
    const matrix = await follower.current();
    const paper = matrix.paperAt(1);
    expect([matrix.listedSeconds[paper], [weightOf(matrix, paper)]]).toEqual([Date.parse('2026-01-01Z') / 1000, [0.25]]);
  });

  test('two of them on one database agree after any changes, whenever each has read', async () => {
    const other = new TasteFollower(database);
    const random = chance(5);
    for (let step = 0; step < 150; step += 1) {
      const [paper, reader, tag] = [1 + random.below(6), 1 + random.below(5), 1 + random.below(4)];
      const statement = random.pick([
        `INSERT INTO upvotes (user_id, paper_id) SELECT ${reader}, id FROM papers WHERE id = ${paper} ON CONFLICT DO NOTHING`,
        `INSERT INTO upvotes (user_id, paper_id) SELECT ${reader}, id FROM papers ON CONFLICT DO NOTHING`,
        `DELETE FROM upvotes WHERE user_id = ${reader} AND paper_id <= ${paper}`,
        `INSERT INTO paper_tags (paper_id, tag_id, weight) SELECT id, ${tag}, 0.${1 + random.below(9)} FROM papers WHERE id = ${paper} ON CONFLICT (paper_id, tag_id) DO UPDATE SET weight = excluded.weight`,
        `DELETE FROM paper_tags WHERE paper_id = ${paper}`,
        `UPDATE papers SET listed_at = listed_at - interval '1 hour' WHERE id = ${paper}`,
        `WITH gone AS (DELETE FROM papers WHERE id = ${paper} RETURNING title) INSERT INTO papers (title) SELECT title FROM gone`,
      ]);
      await database.rows(rawSql(statement));
      if (random.number() < 0.5) await follower.current();
      if (random.number() < 0.1) await other.current();
    }
    const expected = await tables();
    expect(contentOf(await follower.current())).toEqual(expected);
    expect(contentOf(await other.current())).toEqual(expected);
  });

  test('starts from the tables again when it has not read for half a day, as the log may be pruned', async () => {
    await follower.current();
    await Promise.all([vote(1, 1), vote(2, 2)]);
    await database.rows(sql`DELETE FROM changes`);
    expect(historyOf(await follower.current(), 1)).toEqual([]);
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 13 * HOUR_MS);
    expect(contentOf(await follower.current())).toEqual(await tables());
    await vote(1, 2);
    expect(historyOf(await follower.current(), 1)).toEqual([1, 2]);
  });

  test('prunes what is older than a day, and nothing else', async () => {
    await follower.current();
    await vote(1, 1);
    await database.rows(sql`UPDATE changes SET recorded_at = now() - interval '25 hours' WHERE kind = 'PAPER'`);
    await database.rows(sql`UPDATE changes SET recorded_at = now() - interval '23 hours' WHERE kind = 'UPVOTE'`);
    await follower.prune();
    expect(await database.rows(sql`SELECT DISTINCT kind::text FROM changes`)).toEqual([{ kind: 'UPVOTE' }]);
    expect(contentOf(await follower.current())).toEqual(await tables());
  });

  onServer('does not lose a transaction that commits late, after later ones were read (PostgreSQL only)', async () => {
    await follower.current();
    const late = await openTransaction(sql`INSERT INTO upvotes (user_id, paper_id) VALUES (1, 1)`);
    await late.run(sql`INSERT INTO paper_tags (paper_id, tag_id) VALUES (3, 3)`);
    for (const reader of [2, 3, 4]) {
      await vote(reader, 2);
      const matrix = await follower.current();
      expect([historyOf(matrix, 1), historyOf(matrix, reader)]).toEqual([[], [2]]);
    }
    await takeBack(2, 2);
    // One that starts now, while the transaction is open, must not lose it either.
    const newcomer = new TasteFollower(database);
    expect(historyOf(await newcomer.current(), 1)).toEqual([]);
    await late.commit();
    const expected = await tables();
    expect(historyOf(await follower.current(), 1)).toEqual([1]);
    expect(contentOf(await follower.current())).toEqual(expected);
    expect(contentOf(await newcomer.current())).toEqual(expected);
  });

  onServer('does not go back to an older value when it starts beside open transactions (PostgreSQL only)', async () => {
    // Transaction 1 begins before 2, which stays open, and before 3; it changes the weight after 3, and commits.
    await database.rows(sql`INSERT INTO paper_tags (paper_id, tag_id) VALUES (1, 1)`);
    const first = await openTransaction(sql`INSERT INTO settings (key, value) VALUES ('first', '')`);
    const second = await openTransaction(sql`INSERT INTO settings (key, value) VALUES ('second', '')`);
    await database.rows(sql`UPDATE paper_tags SET weight = 0.3`);
    await first.run(sql`UPDATE paper_tags SET weight = 0.9`);
    await first.commit();
    const weights: number[] = [];
    for (let read = 1; read <= 2; read += 1) {
      const matrix = await follower.current();
      weights.push(weightOf(matrix, matrix.paperAt(1)) ?? NaN);
    }
    await second.commit();
    expect(weights).toEqual([0.9, 0.9]);
    expect(contentOf(await follower.current())).toEqual(await tables());
  });

  onServer('agrees with the tables while 8 writers commit in any order (PostgreSQL only)', async () => {
    const seen: number[] = [];
    const newcomers: TasteFollower[] = [];
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const random = chance(writer);
      for (let step = 0; step < 20; step += 1) {
        await database.transaction(async ({ rows }) => {
          await rows(sql`INSERT INTO upvotes (user_id, paper_id) VALUES (${1 + random.below(5)}, ${1 + random.below(6)}) ON CONFLICT DO NOTHING`);
          await new Promise((done) => setTimeout(done, random.below(8)));
        });
        await takeBack(1 + random.below(5), 1 + random.below(6));
        seen.push((await follower.current()).paperCount);
        if (step % 2 === 0) {
          const newcomer = new TasteFollower(database);
          newcomers.push(newcomer);
          await newcomer.current();
        }
      }
    });
    await Promise.all(writers);
    expect(seen).toEqual(Array.from({ length: 160 }, () => 6));
    const expected = await tables();
    for (const one of [follower, ...newcomers]) expect(contentOf(await one.current())).toEqual(expected);
  });

  /** A transaction that has written, and waits. */
  async function openTransaction(write: Sql): Promise<{ run(statement: Sql): Promise<unknown>; commit(): Promise<void> }> {
    let commit = (): void => undefined;
    const gate = new Promise<void>((done) => (commit = done));
    let whole: Promise<void> = gate;
    const transaction = await new Promise<Transaction>((done) => {
      whole = database.transaction(async (opened) => {
        await opened.rows(write);
        done(opened);
        await gate;
      });
    });
    return {
      run: (statement) => transaction.rows(statement),
      commit: () => {
        commit();
        return whole;
      },
    };
  }
});
