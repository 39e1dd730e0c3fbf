import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rawSql, sql, type Database } from '../../src/database/database.js';
import { chance, type Chance } from '../support/random.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';

interface Row {
  readonly id: number;
  readonly paperId: number;
  readonly parentId: number | null;
  readonly userId: number | null;
  readonly createdAt: number;
  readonly isDeleted: boolean;
  readonly isHidden: boolean;
  readonly depth: number;
  readonly upvoteCount: number;
  readonly replyCount: number;
  readonly bestScore: number;
}

interface Vote {
  readonly userId: number;
  readonly commentId: number;
  readonly at: number;
}

const Z = 1.281551565545;

/** Wilson's lower bound as the root of (p − x)² = z² x (1 − x) / n, found by halving. */
function lowerBound(successes: number, trials: number): number {
  const p = successes / trials;
  let [low, high] = [0, p];
  for (let turn = 0; turn < 80; turn += 1) {
    const x = (low + high) / 2;
    if ((p - x) ** 2 > (Z ** 2 * x * (1 - x)) / trials) low = x;
    else high = x;
  }
  return low;
}

let testDatabase: TestDatabase;
let database: Database;
beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = testDatabase.database;
  await database.rows(sql`INSERT INTO users (username) SELECT 'reader-' || n FROM generate_series(1, 9) n`);
  await database.rows(sql`INSERT INTO papers (title) SELECT 'Paper ' || n FROM generate_series(1, 2) n`);
});
afterEach(() => testDatabase.drop());

/** What the tables say that they should not. */
async function faults(): Promise<string[]> {
  const comments = await database.rows<Row>(sql`
    SELECT id, paper_id AS "paperId", parent_id AS "parentId", user_id AS "userId", extract(epoch FROM created_at)::float8 AS "createdAt", depth,
      deleted_at IS NOT NULL AS "isDeleted", hidden_at IS NOT NULL AS "isHidden", upvote_count AS "upvoteCount", reply_count AS "replyCount", best_score AS "bestScore" FROM comments`);
  const votes = await database.rows<Vote>(sql`SELECT user_id AS "userId", comment_id AS "commentId", extract(epoch FROM created_at)::float8 AS at FROM comment_upvotes`);
  const papers = await database.rows<{ id: number; count: number }>(sql`SELECT id, comment_count AS count FROM papers`);
  const byId = new Map(comments.map((comment) => [comment.id, comment]));
  const isListed = (comment: Row): boolean => !comment.isDeleted || comments.some((reply) => reply.parentId === comment.id && isListed(reply));
  const siblings = (a: Row, b: Row | undefined): boolean => a.paperId === b?.paperId && a.parentId === b.parentId;
  const found = papers.filter(({ id, count }) => count !== comments.filter((c) => c.paperId === id && !c.isDeleted && !c.isHidden).length).map(({ id }) => `count of paper ${id}`);
  for (const comment of comments) {
    const own = votes.filter(({ commentId }) => commentId === comment.id);
    const voters = new Set(votes.filter((vote) => vote.at >= comment.createdAt && vote.userId !== comment.userId && siblings(comment, byId.get(vote.commentId))).map(({ userId }) => userId));
    const score = own.length === 0 ? 0 : lowerBound(own.length, Math.max(own.length, voters.size));
    if (own.length !== comment.upvoteCount) found.push(`votes of ${comment.id}`);
    if (Math.abs(score - comment.bestScore) > 0.0051 * score + 1e-9) found.push(`score of ${comment.id}: ${comment.bestScore}, not ${score}`);
    if (comments.filter((reply) => reply.parentId === comment.id && isListed(reply)).length !== comment.replyCount) found.push(`replies of ${comment.id}`);
    if (comment.depth !== (comment.parentId === null ? 0 : (byId.get(comment.parentId)?.depth ?? NaN) + 1)) found.push(`depth of ${comment.id}`);
  }
  return found;
}

/** Statements as the API and its operators cause them, at times of their own. */
function randomChange(draw: Chance): string {
  const at = `timestamptz '2026-01-01Z' + ${draw.below(1000)} * interval '1 minute'`;
  const [reader, comment] = [1 + draw.below(9), 1 + draw.below(12)];
  return draw.pick([
    () => `INSERT INTO comments (paper_id, user_id, body, created_at) SELECT ${1 + draw.below(2)}, id, 'x', ${at} FROM users WHERE id = ${reader}`,
    () => `INSERT INTO comments (paper_id, parent_id, user_id, body, created_at) SELECT c.paper_id, c.id, u.id, 'x', ${at} FROM comments c, users u WHERE c.id = ${comment} AND u.id = ${reader} AND c.depth < 8`,
    ...Array.from({ length: 4 }, () => () => `INSERT INTO comment_upvotes (user_id, comment_id, created_at) SELECT u.id, c.id, greatest(c.created_at, ${at}) FROM comments c, users u WHERE c.id = ${comment} AND u.id = ${reader} AND c.user_id <> u.id ON CONFLICT DO NOTHING`),
    () => `INSERT INTO comment_upvotes (user_id, comment_id, created_at) SELECT u.id, c.id, greatest(c.created_at, ${at}) FROM comments c, users u WHERE u.id = ${reader} AND c.user_id <> u.id ON CONFLICT DO NOTHING`,
    () => `DELETE FROM comment_upvotes WHERE user_id = ${reader} AND comment_id % 3 = ${draw.below(3)}`,
    () => `UPDATE comments SET deleted_at = now(), body = '' WHERE id = ${comment} AND deleted_at IS NULL`,
    () => `UPDATE comments SET hidden_at = CASE WHEN hidden_at IS NULL THEN now() END WHERE id = ${comment}`,
    () => (draw.below(15) === 0 ? `DELETE FROM users WHERE id = ${reader}` : `UPDATE comments SET body = 'y', edited_at = now() WHERE id = ${comment} AND deleted_at IS NULL`),
    () => (draw.below(9) === 0 ? `DELETE FROM comments WHERE id = ${comment}` : 'SELECT 1 AS one'),
  ])();
}

describe('comments', () => {
  test.each([1, 2])('150 random changes leave every counter and score right (seed %i)', async (seed) => {
    const draw = chance(seed);
    let isVaried = false;
    for (let step = 0; step < 150; step += 1) {
      const change = randomChange(draw);
      await database.rows(rawSql(change));
      expect([change, ...(await faults())]).toEqual([change]);
      const [state] = await database.rows<{ isVaried: boolean }>(sql`SELECT max(depth) > 1 AND max(best_score) > 0 AND count(deleted_at) > 0 AS "isVaried" FROM comments`);
      isVaried ||= state?.isVaried === true;
    }
    expect(isVaried).toBe(true);
  });

  test.each([
    ["INSERT INTO comments (paper_id, user_id, body, upvote_count) VALUES (1, 1, 'x', 1)", 'counters'],
    ["INSERT INTO comments (paper_id, parent_id, user_id, body) VALUES (2, 1, 1, 'x')", 'is not on paper'],
    ["INSERT INTO comments (paper_id, body) VALUES (1, 'x')", 'comments_author_until_deleted'],
    ["INSERT INTO comments (paper_id, user_id, body) VALUES (1, 1, '')", 'comments_body_until_deleted'],
    ["INSERT INTO comments (paper_id, user_id, body) VALUES (1, 1, repeat('x', 10001))", 'comments_body_length'],
    ['UPDATE comments SET best_score = 0.5', 'counters'],
    ['UPDATE comments SET reply_count = 1', 'counters'],
    ['UPDATE comments SET deleted_at = now()', 'comments_body_until_deleted'],
    ['UPDATE comments SET parent_id = 1', 'refused'],
    ['UPDATE comment_upvotes SET created_at = now()', 'refused'],
    ['UPDATE papers SET comment_count = 7', 'counters'],
    ['TRUNCATE comments CASCADE', 'refused'],
  ])('refuse %s', async (statement, part) => {
    await database.rows(sql`INSERT INTO comments (paper_id, user_id, body) VALUES (1, 1, 'first')`);
    await expect(database.rows(rawSql(statement))).rejects.toThrow(part);
  });
});
