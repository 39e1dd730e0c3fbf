import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { rawSql, sql, type Database, type Sql, type Transaction } from '../../src/database/database.js';
import { ChangeLog } from '../../src/recommendations/changeLog.js';
import type { MatrixState } from '../../src/recommendations/engineJobs.js';
import { TasteFollower } from '../../src/recommendations/tasteFollower.js';
import { CHANGE_KINDS } from '../../src/recommender/change.js';
import { currentValue } from '../../src/recommender/supposing.js';
import type { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { OpenEngine } from '../support/openEngine.js';
import { chance } from '../support/random.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';

const HOUR_MS = 3_600_000;
const onServer = isOnServer ? test : test.skip;

/** A follower, and the matrix that it keeps. */
class Followed {
  readonly engine = new OpenEngine();
  readonly taste: TasteFollower;

  constructor(database: Database) {
    this.taste = new TasteFollower(database, { log: new ChangeLog(database), engine: this.engine });
  }

  /** Its matrix once it is up to date. */
  async current(): Promise<TasteMatrix> {
    await this.taste.current();
    return this.engine.matrix;
  }

  /** What it holds, up to the room that it keeps for more. */
  async content(): Promise<Omit<MatrixState, 'bytes'>> {
    const { bytes: _, ...content } = (await this.taste.ask({ kind: 'state' })).answer;
    return content;
  }
}

/** The weight of the one tag that a paper has. */
function weightOf({ tags: { ofPaper } }: TasteMatrix, paper: number): number | null {
  const [tag] = ofPaper.values(paper);
  return ofPaper.weightOf(paper, tag ?? -1);
}

describe(`TasteFollower on ${isOnServer ? 'PostgreSQL' : 'PGlite'}`, () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let follower: Followed;

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    database = testDatabase.database;
    await database.rows(sql`INSERT INTO users (username) SELECT 'reader-' || n FROM generate_series(1, 5) n`);
    await database.rows(sql`INSERT INTO papers (title) SELECT 'Paper ' || n FROM generate_series(1, 6) n`);
    await database.rows(sql`INSERT INTO tags (slug, name, kind) SELECT 'tag-' || n, 'Tag', 'TASK' FROM generate_series(1, 4) n`);
    await database.rows(sql`INSERT INTO authors (name) SELECT 'Author ' || n FROM generate_series(1, 4) n`);
    follower = new Followed(database);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await testDatabase.drop();
  });

  const vote = (reader: number, paper: number): Promise<unknown[]> => database.rows(sql`INSERT INTO upvotes (user_id, paper_id) VALUES (${reader}, ${paper})`);
  const takeBack = (reader: number, paper: number): Promise<unknown[]> => database.rows(sql`DELETE FROM upvotes WHERE user_id = ${reader} AND paper_id = ${paper}`);
  const historyOf = async (one: Followed, reader: number): Promise<number[]> => (await one.current()).historyOf(reader);
  /** What a server that starts now would know. */
  const tables = (): Promise<object> => new Followed(database).content();
  async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
    const statements: string[] = [];
    database.onStatement = (text) => statements.push(text);
    await work();
    database.onStatement = null;
    return statements;
  }

  test('has what was committed before it is asked, also while it reads for others', async () => {
    expect(await historyOf(follower, 1)).toEqual([]);
    await vote(1, 2);
    expect(await historyOf(follower, 1)).toEqual([2]);
    const early = follower.current();
    await vote(1, 3);
    const late = historyOf(follower, 1);
    await early;
    expect(await late).toEqual([2, 3]);
    await takeBack(1, 2);
    expect(await historyOf(follower, 1)).toEqual([3]);
  });

  test('knows every kind of fact as it comes and as it goes', async () => {
    await follower.current();
    const facts: readonly (readonly [Sql, Sql, (matrix: TasteMatrix) => number | null])[] = [
      [sql`INSERT INTO papers (title) VALUES ('Paper 7')`, sql`DELETE FROM papers WHERE title = 'Paper 7'`, (matrix) => matrix.paperCount - 6 || null],
      [sql`INSERT INTO paper_tags (paper_id, tag_id, weight) VALUES (1, 2, 1)`, sql`DELETE FROM paper_tags`, (matrix) => currentValue(matrix, { kind: 'TAG', subject: 1, object: 2 })],
      [sql`INSERT INTO paper_authors (paper_id, author_id, position) VALUES (1, 2, 0)`, sql`DELETE FROM paper_authors`, (matrix) => currentValue(matrix, { kind: 'AUTHOR', subject: 1, object: 2 })],
      [sql`INSERT INTO upvotes (user_id, paper_id) VALUES (3, 2)`, sql`DELETE FROM upvotes`, (matrix) => currentValue(matrix, { kind: 'UPVOTE', subject: 3, object: 2 })],
      [sql`INSERT INTO dismissals (user_id, paper_id) VALUES (3, 2)`, sql`DELETE FROM dismissals`, (matrix) => currentValue(matrix, { kind: 'DISMISSAL', subject: 3, object: 2 })],
      [sql`INSERT INTO tag_follows (user_id, tag_id) VALUES (3, 2)`, sql`DELETE FROM tag_follows`, (matrix) => currentValue(matrix, { kind: 'TAG_FOLLOW', subject: 3, object: 2 })],
      [sql`INSERT INTO author_follows (user_id, author_id) VALUES (3, 2)`, sql`DELETE FROM author_follows`, (matrix) => currentValue(matrix, { kind: 'AUTHOR_FOLLOW', subject: 3, object: 2 })],
      [sql`INSERT INTO tag_mutes (user_id, tag_id) VALUES (3, 2)`, sql`DELETE FROM tag_mutes`, (matrix) => currentValue(matrix, { kind: 'TAG_MUTE', subject: 3, object: 2 })],
      [sql`INSERT INTO author_mutes (user_id, author_id) VALUES (3, 2)`, sql`DELETE FROM author_mutes`, (matrix) => currentValue(matrix, { kind: 'AUTHOR_MUTE', subject: 3, object: 2 })],
    ];
    expect(facts).toHaveLength(CHANGE_KINDS.length);
    const before = await follower.content();
    for (const [come, go, valueIn] of facts) {
      await database.rows(come);
      expect(valueIn(await follower.current())).toBe(1);
      expect((await follower.content()).checksum).not.toBe(before.checksum);
      expect(await tables()).toEqual(await follower.content());
      await database.rows(go);
      expect(valueIn(await follower.current())).toBeNull();
      expect(await follower.content()).toEqual(before);
    }
  });

  test('knows that a dismissal ended an upvote, and an upvote a dismissal', async () => {
    const seen = async (): Promise<unknown> => {
      const matrix = await follower.current();
      return [matrix.historyOf(1), matrix.dismissalsOf(1)];
    };
    await follower.current();
    await vote(1, 2);
    await database.rows(sql`INSERT INTO dismissals (user_id, paper_id) VALUES (1, 2)`);
    expect(await seen()).toEqual([[], [2]]);
    await vote(1, 2);
    expect(await seen()).toEqual([[2], []]);
    expect(await follower.content()).toEqual(await tables());
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
    jest.spyOn(database, 'snapshot').mockRejectedValueOnce(new Error('connection lost'));
    const asked = [follower.current(), follower.current()];
    for (const one of asked) await expect(one).rejects.toThrow('connection lost');
    expect(await historyOf(follower, 1)).toEqual([1]);
    await vote(1, 2);
    jest.spyOn(database, 'rows').mockRejectedValueOnce(new Error('connection lost'));
    await expect(follower.current()).rejects.toThrow('connection lost');
    expect(await historyOf(follower, 1)).toEqual([1, 2]);
  });

  test.each(['beginLoading', 'load', 'endLoading'] as const)('starts to load again when the engine failed at %s', async (kind) => {
    await vote(1, 1);
    follower.engine.beforeJob = (job) => {
      if (job.kind === kind) throw new Error('out of memory');
    };
    await expect(follower.taste.ask({ kind: 'state' })).rejects.toThrow('out of memory');
    follower.engine.beforeJob = () => undefined;
    expect(await follower.content()).toEqual(await tables());
  });

  test('loads again when the engine failed to apply changes, of which it may have some', async () => {
    await follower.current();
    await vote(1, 1);
    follower.engine.beforeJob = (job) => {
      if (job.kind === 'apply') throw new Error('out of memory');
    };
    await expect(follower.taste.ask({ kind: 'state' })).rejects.toThrow('out of memory');
    follower.engine.beforeJob = () => undefined;
    const statements = await statementsOf(() => follower.current());
    expect(statements.length).toBeGreaterThan(CHANGE_KINDS.length);
    expect(await historyOf(follower, 1)).toEqual([1]);
    expect(await follower.content()).toEqual(await tables());
  });

  test('loads again when a supposition failed, which may have left its changes', async () => {
    await vote(1, 1);
    await follower.current();
    const changes = [{ kind: 'UPVOTE' as const, subject: 1, object: 2, value: 1 }];
    const question = { kind: 'suppose' as const, request: { readerId: 1, limit: 5 }, changes, past: null, compared: 5 };
    // A thread that ends in the middle of it.
    follower.engine.beforeJob = (job) => {
      if (job.kind !== 'suppose') return;
      for (const change of changes) follower.engine.matrix.apply(change);
      throw new Error('a thread of the recommender ended');
    };
    await expect(follower.taste.ask(question)).rejects.toThrow('a thread of the recommender ended');
    follower.engine.beforeJob = () => undefined;
    expect(await historyOf(follower, 1)).toEqual([1]);
    expect(await follower.content()).toEqual(await tables());
  });

  test('forgets deleted papers, readers, tags and authors, with what hung on them', async () => {
    await database.rows(sql`INSERT INTO paper_tags (paper_id, tag_id, weight) VALUES (1, 1, 0.5), (1, 2, 1), (2, 1, 1)`);
    await database.rows(sql`INSERT INTO paper_authors (paper_id, author_id, position) VALUES (1, 1, 0), (1, 2, 1), (2, 1, 0)`);
    await database.rows(sql`INSERT INTO dismissals (user_id, paper_id) VALUES (2, 4), (3, 1)`);
    await database.rows(sql`INSERT INTO tag_follows (user_id, tag_id) VALUES (1, 1), (2, 2)`);
    await database.rows(sql`INSERT INTO author_follows (user_id, author_id) VALUES (1, 1), (2, 2)`);
    await Promise.all([vote(1, 1), vote(2, 1), vote(2, 2)]);
    await follower.current();
    await database.rows(sql`DELETE FROM papers WHERE id = 1`);
    await database.rows(sql`DELETE FROM tags WHERE id = 1`);
    await database.rows(sql`DELETE FROM authors WHERE id = 1`);
    await database.rows(sql`DELETE FROM users WHERE id = 2`);
    const matrix = await follower.current();
    expect([matrix.paperCount, matrix.paperAt(1), matrix.historyOf(1), matrix.historyOf(2), matrix.dismissalsOf(2), matrix.dismissalsOf(3)]).toEqual([5, -1, [], [], [], []]);
    for (const { papersOf, ofPaper, followedBy } of [matrix.tags, matrix.authors]) {
      for (const lists of [papersOf, ofPaper, followedBy]) expect(lists.size.every((size) => size === 0)).toBe(true);
    }
    expect(await follower.content()).toEqual(await tables());
  });

  test('knows a new day of listing and a new weight', async () => {
    await database.rows(sql`INSERT INTO paper_tags (paper_id, tag_id) VALUES (1, 1)`);
    await follower.current();
    await database.rows(sql`UPDATE papers SET listed_at = '2026-01-01Z' WHERE id = 1`);
    await database.rows(sql`UPDATE paper_tags SET weight = 0.25`);
    const matrix = await follower.current();
    const paper = matrix.paperAt(1);
    expect([matrix.listedSeconds[paper], weightOf(matrix, paper)]).toEqual([Date.parse('2026-01-01Z') / 1000, 0.25]);
  });

  test('two of them on one database agree after any changes, whenever each has read', async () => {
    const other = new Followed(database);
    const random = chance(5);
    for (let step = 0; step < 250; step += 1) {
      const [paper, reader, feature] = [1 + random.below(6), 1 + random.below(5), 1 + random.below(4)];
      const statement = random.pick([
        `INSERT INTO upvotes (user_id, paper_id) SELECT ${reader}, id FROM papers WHERE id = ${paper} ON CONFLICT DO NOTHING`,
        `INSERT INTO upvotes (user_id, paper_id) SELECT ${reader}, id FROM papers ON CONFLICT DO NOTHING`,
        `DELETE FROM upvotes WHERE user_id = ${reader} AND paper_id <= ${paper}`,
        `INSERT INTO dismissals (user_id, paper_id) SELECT ${reader}, id FROM papers WHERE id >= ${paper} ON CONFLICT DO NOTHING`,
        `DELETE FROM dismissals WHERE user_id = ${reader}`,
        `INSERT INTO paper_tags (paper_id, tag_id, weight) SELECT id, ${feature}, 0.${1 + random.below(9)} FROM papers WHERE id = ${paper} ON CONFLICT (paper_id, tag_id) DO UPDATE SET weight = excluded.weight`,
        `DELETE FROM paper_tags WHERE paper_id = ${paper}`,
        `INSERT INTO paper_authors (paper_id, author_id, position) SELECT id, ${feature}, ${feature} FROM papers WHERE id = ${paper} ON CONFLICT DO NOTHING`,
        `DELETE FROM paper_authors WHERE paper_id = ${paper}`,
        `INSERT INTO tag_follows (user_id, tag_id) VALUES (${reader}, ${feature}) ON CONFLICT DO NOTHING`,
        `DELETE FROM tag_follows WHERE tag_id = ${feature}`,
        `INSERT INTO author_follows (user_id, author_id) VALUES (${reader}, ${feature}) ON CONFLICT DO NOTHING`,
        `DELETE FROM author_follows WHERE author_id = ${feature}`,
        `UPDATE papers SET listed_at = listed_at - interval '1 hour' WHERE id = ${paper}`,
        `WITH gone AS (DELETE FROM papers WHERE id = ${paper} RETURNING title) INSERT INTO papers (title) SELECT title FROM gone`,
      ]);
      await database.rows(rawSql(statement));
      if (random.number() < 0.5) await follower.current();
      if (random.number() < 0.1) await other.current();
    }
    const expected = await tables();
    expect(await follower.content()).toEqual(expected);
    expect(await other.content()).toEqual(expected);
  });

  test('loads tables, and goes back over changes, of more rows than are read at once', async () => {
    const before = await follower.content();
    const { snapshot } = await follower.taste.ask({ kind: 'state' });
    await database.rows(sql`INSERT INTO users (username) SELECT 'more-' || n FROM generate_series(1, 210) n`);
    await database.rows(sql`INSERT INTO papers (title) SELECT 'More ' || n FROM generate_series(1, 120) n`);
    await database.rows(sql`INSERT INTO upvotes (user_id, paper_id) SELECT u.id, p.id FROM users u, papers p WHERE u.username LIKE 'more-%' AND p.title LIKE 'More %'`);
    expect(await follower.content()).toMatchObject({ papers: 126, readers: 210, upvotes: 25_200 });
    expect(await tables()).toEqual(await follower.content());
    const [oldestOpen = '', next = ''] = snapshot.split(':');
    const ranking = await follower.taste.askAt({ snapshot, oldestOpen: BigInt(oldestOpen), next: BigInt(next) }, (past) => ({ kind: 'recommend', request: { readerId: null, limit: 100 }, past }));
    expect(ranking.page).toMatchObject({ total: before.papers, items: Array.from({ length: before.papers }, () => expect.objectContaining({ contributions: [expect.objectContaining({ support: 0 })] })) });
  });

  test('starts from the tables again when it has not read for half a day, as the log may be pruned', async () => {
    await follower.current();
    await Promise.all([vote(1, 1), vote(2, 2)]);
    await database.rows(sql`DELETE FROM changes`);
    expect(await historyOf(follower, 1)).toEqual([]);
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 13 * HOUR_MS);
    expect(await follower.content()).toEqual(await tables());
    await vote(1, 2);
    expect(await historyOf(follower, 1)).toEqual([1, 2]);
  });

  describe('the log is pruned', () => {
    const noted = async (): Promise<string | null> => (await database.rows<{ value: string }>(sql`SELECT value FROM settings WHERE key = 'changes_pruned'`))[0]?.value ?? null;
    const log = (): ChangeLog => new ChangeLog(database);

    test('of what is older than it is kept, and of nothing else, and notes up to where', async () => {
      await follower.current();
      await vote(1, 1);
      await database.rows(sql`UPDATE changes SET recorded_at = now() - interval '73 hours' WHERE kind = 'PAPER'`);
      await database.rows(sql`UPDATE changes SET recorded_at = now() - interval '71 hours' WHERE kind = 'UPVOTE'`);
      const [last] = await database.rows<{ at: string; id: string }>(sql`
        SELECT to_char(max(recorded_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, max(transaction_id)::text AS id FROM changes WHERE kind = 'PAPER'`);
      await log().prune(4);
      expect([await noted(), await database.rows(sql`SELECT DISTINCT kind::text FROM changes ORDER BY kind`)]).toEqual([null, [{ kind: 'PAPER' }, { kind: 'UPVOTE' }]]);
      await log().prune(3);
      expect([await noted(), await database.rows(sql`SELECT DISTINCT kind::text FROM changes`)]).toEqual([`${last!.id} ${last!.at}`, [{ kind: 'UPVOTE' }]]);
      await log().prune(3);
      expect(await noted()).toBe(`${last!.id} ${last!.at}`);
      expect(await follower.content()).toEqual(await tables());
    });

    test('and never notes an earlier place than before: a transaction may begin late and draw its id early', async () => {
      await database.rows(sql`DELETE FROM changes`);
      const record = (transactionId: number, age: string): Promise<unknown> => database.rows(sql`
        INSERT INTO changes (transaction_id, recorded_at, kind, paper_id, value) VALUES (${transactionId}::int4, now() - ${age}::text::interval, 'PAPER', 1, 1)`);
      await record(105, '72 hours');
      await record(101, '48 hours');
      await log().prune(3);
      expect(await noted()).toMatch(/^105 /);
      const [at] = await database.rows<{ at: string }>(sql`SELECT to_char(max(recorded_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at FROM changes`);
      await log().prune(1);
      expect(await noted()).toBe(`105 ${at!.at}`);
    });
  });

  onServer('does not lose a transaction that commits late, after later ones were read (PostgreSQL only)', async () => {
    await follower.current();
    const late = await openTransaction(sql`INSERT INTO upvotes (user_id, paper_id) VALUES (1, 1)`);
    for (const statement of [
      sql`INSERT INTO paper_tags (paper_id, tag_id) VALUES (3, 3)`,
      sql`INSERT INTO paper_authors (paper_id, author_id, position) VALUES (3, 3, 0)`,
      sql`INSERT INTO dismissals (user_id, paper_id) VALUES (1, 4)`,
      sql`INSERT INTO tag_follows (user_id, tag_id) VALUES (1, 4)`,
      sql`INSERT INTO author_follows (user_id, author_id) VALUES (1, 4)`,
    ]) await late.run(statement);
    for (const reader of [2, 3, 4]) {
      await vote(reader, 2);
      expect([await historyOf(follower, 1), await historyOf(follower, reader)]).toEqual([[], [2]]);
    }
    await takeBack(2, 2);
    // One that starts now, while the transaction is open, must not lose it either.
    const newcomer = new Followed(database);
    expect(await historyOf(newcomer, 1)).toEqual([]);
    await late.commit();
    const expected = await tables();
    expect(await historyOf(follower, 1)).toEqual([1]);
    expect(follower.engine.matrix.dismissalsOf(1)).toEqual([4]);
    expect(await follower.content()).toEqual(expected);
    expect(await newcomer.content()).toEqual(expected);
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
    expect(await follower.content()).toEqual(await tables());
  });

  onServer('agrees with the tables while 8 writers commit in any order (PostgreSQL only)', async () => {
    const seen: number[] = [];
    const newcomers: Followed[] = [];
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const random = chance(writer);
      for (let step = 0; step < 20; step += 1) {
        await database.transaction(async ({ rows }) => {
          const table = random.pick(['upvotes', 'dismissals']);
          await rows(sql`INSERT INTO ${rawSql(table)} (user_id, paper_id) VALUES (${1 + random.below(5)}, ${1 + random.below(6)}) ON CONFLICT DO NOTHING`);
          await new Promise((done) => setTimeout(done, random.below(8)));
        });
        await takeBack(1 + random.below(5), 1 + random.below(6));
        await database.rows(sql`INSERT INTO tag_follows (user_id, tag_id) VALUES (${1 + random.below(5)}, ${1 + random.below(4)}) ON CONFLICT DO NOTHING`);
        seen.push((await follower.current()).paperCount);
        if (step % 2 === 0) {
          const newcomer = new Followed(database);
          newcomers.push(newcomer);
          await newcomer.current();
        }
      }
    });
    await Promise.all(writers);
    expect(seen).toEqual(Array.from({ length: 160 }, () => 6));
    const expected = await tables();
    for (const one of [follower, ...newcomers]) expect(await one.content()).toEqual(expected);
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
