import { sql, type Database, type Transaction } from '../database/database.js';
import { lockThroughMerges } from '../database/redirects.js';
import { DomainError, RateLimitError, badInput } from '../errors.js';
import type { Viewer } from '../graphql/context.js';
import { once } from '../graphql/lazy.js';
import { isVisibleTo } from '../papers/paper.visibility.js';
import { UNLIMITED, requireCast, type VoteLimits } from '../upvotes/voteLimits.js';
import type { CommentService } from './comment.service.js';
import { MAX_BODY_CHARACTERS, MAX_DEPTH, type Comment } from './comment.type.js';

/** What an installation says of comments. */
export interface CommentRules {
  /** How long an author may edit a comment. */
  readonly editMinutes: number;
  /** How many comments a reader may write in `WINDOW_MINUTES`. */
  readonly mostInWindow: number;
  /** Of upvotes; none where left out. */
  readonly voteLimits?: VoteLimits;
}

export interface NewComment {
  readonly userId: number;
  readonly paperId: number;
  readonly parentId: number | null;
  readonly body: string;
}

/** In which comments are counted, and the same comment again is the same comment. */
const WINDOW_MINUTES = 10;
const MOST_MENTIONS = 20;
/** Names the advisory locks of readers who write, beside the reader's id. */
const WRITING = 7_270_739;

// The parser loads in 60 ms, which a start is spared.
const markdown = once(() => import('./commentMarkdown.js'));

/** Writes discussions. Triggers keep what is counted; see prisma/migrations for the order of locks: papers come first. */
export class CommentWriter {
  constructor(
    private readonly database: Database,
    private readonly comments: CommentService,
    private readonly rules: CommentRules,
  ) {}

  /** When a comment can be edited no longer. */
  editableUntil({ createdAt }: Comment): Date {
    return new Date(createdAt.getTime() + this.rules.editMinutes * 60_000);
  }

  /** Adds a comment, or finds the same one of the last minutes; throws BAD_USER_INPUT, NOT_FOUND, CONFLICT or RATE_LIMITED. */
  async add(comment: NewComment): Promise<number> {
    const body = checkedBody(comment.body);
    const mentions = (await markdown()).mentionsIn(body);
    return this.database.transaction(async (transaction) => {
      // A reader's comments come one after the other, so that of two at once the second one sees the first.
      await transaction.rows(sql`SELECT pg_advisory_xact_lock(${WRITING}::int4, ${comment.userId}::int4)::text`);
      const paperId = await checkPlace(transaction, comment);
      const same = await this.sameOrRoom(transaction, { ...comment, paperId });
      if (same !== null) return same;
      const [row] = await transaction.rows<{ id: number }>(sql`
        INSERT INTO comments (paper_id, parent_id, user_id, body)
        VALUES (${paperId}::int4, ${comment.parentId}::int4, ${comment.userId}::int4, ${body}) RETURNING id`);
      if (row === undefined) throw new Error('a comment was inserted and has no id');
      await writeMentions(transaction, row.id, mentions);
      return row.id;
    });
  }

  /** Changes the text; the text that it has already changes nothing. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND or CONFLICT. */
  async edit(viewer: Viewer, commentId: number, text: string): Promise<void> {
    const body = checkedBody(text);
    const mentions = (await markdown()).mentionsIn(body);
    await this.database.transaction(async (transaction) => {
      const [row] = await transaction.rows<{ userId: number | null; body: string; isDeleted: boolean; isHidden: boolean; isLate: boolean }>(sql`
        SELECT c.user_id AS "userId", c.body, c.deleted_at IS NOT NULL AS "isDeleted", c.hidden_at IS NOT NULL AS "isHidden",
          c.created_at + make_interval(secs => ${this.rules.editMinutes * 60}::float8) <= clock_timestamp() AS "isLate"
        FROM comments c JOIN papers p ON p.id = c.paper_id WHERE c.id = ${commentId} AND ${isVisibleTo(viewer)} FOR NO KEY UPDATE OF c`);
      if (row === undefined) throw new DomainError('NOT_FOUND', 'there is no such comment', 'commentId');
      if (row.userId !== viewer.id) throw new DomainError('FORBIDDEN', 'only the author of a comment may edit it', 'commentId');
      if (row.body === body) return;
      if (row.isDeleted) throw new DomainError('CONFLICT', 'the comment was deleted', 'commentId');
      if (row.isHidden) throw new DomainError('CONFLICT', 'a hidden comment cannot be edited', 'commentId');
      if (row.isLate) throw new DomainError('CONFLICT', `a comment can be edited for ${this.rules.editMinutes} minutes after it was written`, 'commentId');
      await transaction.rows(sql`UPDATE comments SET body = ${body}, edited_at = clock_timestamp() WHERE id = ${commentId}`);
      await writeMentions(transaction, commentId, mentions);
    });
  }

  /** Empties a comment; what is deleted already stays so. Throws FORBIDDEN or NOT_FOUND. */
  async delete(viewer: Viewer, commentId: number): Promise<void> {
    const { authorId } = await this.comments.get(commentId, viewer);
    if (authorId !== viewer.id) throw new DomainError('FORBIDDEN', 'only the author of a comment may delete it', 'commentId');
    await this.database.rows(sql`
      WITH paper AS (SELECT id FROM papers WHERE id = (SELECT paper_id FROM comments WHERE id = ${commentId}) FOR NO KEY UPDATE)
      UPDATE comments SET body = '', edited_at = NULL, deleted_at = now()
      WHERE id = ${commentId} AND paper_id = (SELECT id FROM paper) AND deleted_at IS NULL`);
  }

  /** Upvotes a comment; upvoting it again changes nothing. Throws FORBIDDEN, NOT_FOUND, CONFLICT or RATE_LIMITED. */
  async upvote(viewer: Viewer, commentId: number): Promise<void> {
    const { authorId, paperId, isDeleted, isHidden } = await this.comments.get(commentId, viewer);
    if (authorId === viewer.id) throw new DomainError('FORBIDDEN', 'nobody upvotes a comment of their own', 'commentId');
    if (isDeleted || isHidden) throw new DomainError('CONFLICT', `the comment was ${isDeleted ? 'deleted' : 'hidden'}`, 'commentId');
    const limits = this.rules.voteLimits ?? UNLIMITED;
    const [row] = await this.database.rows<{ outcome: number }>(sql`
      WITH paper AS (SELECT id FROM papers WHERE id = ${paperId} FOR NO KEY UPDATE)
      SELECT cast_comment_upvote(${viewer.id}::int4, ${commentId}::int4, ${limits.perMinute}::int4, ${limits.perDay}::int4) AS outcome FROM paper`);
    // The paper was merged into another one meanwhile, and its comments went along.
    if (row === undefined) return this.upvote(viewer, commentId);
    requireCast(row.outcome, limits);
  }

  /** Takes an upvote back; taking back what is not there changes nothing. Throws NOT_FOUND. */
  async removeUpvote(viewer: Viewer, commentId: number): Promise<void> {
    const { paperId } = await this.comments.get(commentId, viewer);
    await this.database.rows(sql`
      WITH paper AS (SELECT id FROM papers WHERE id = ${paperId} FOR NO KEY UPDATE)
      DELETE FROM comment_upvotes WHERE user_id = ${viewer.id} AND comment_id = ${commentId} AND EXISTS (SELECT FROM paper)`);
  }

  // comments_user_id_created_at_id_idx
  /** The same comment of the last minutes, or null where there is none and room for another one; throws RATE_LIMITED. */
  private async sameOrRoom(transaction: Transaction, { userId, paperId, parentId, body }: NewComment): Promise<number | null> {
    const { mostInWindow } = this.rules;
    const recent = await transaction.rows<{ id: number; isSame: boolean; freeIn: number }>(sql`
      SELECT id, deleted_at IS NULL AND paper_id = ${paperId} AND parent_id IS NOT DISTINCT FROM ${parentId}::int4 AND body = ${body} AS "isSame",
        extract(epoch FROM created_at + make_interval(mins => ${WINDOW_MINUTES}::int4) - clock_timestamp())::float8 AS "freeIn"
      FROM comments WHERE user_id = ${userId} AND created_at > clock_timestamp() - make_interval(mins => ${WINDOW_MINUTES}::int4)
      ORDER BY created_at DESC, id DESC LIMIT ${mostInWindow}`);
    const same = recent.find(({ isSame }) => isSame);
    if (same !== undefined) return same.id;
    if (recent.length < mostInWindow) return null;
    const retryAfter = Math.max(1, Math.ceil(recent.at(-1)?.freeIn ?? 0));
    throw new RateLimitError(`a reader may write ${mostInWindow} comments in ${WINDOW_MINUTES} minutes: try again in ${retryAfter} seconds`, retryAfter);
  }
}

/** HTML of what a comment says. */
export async function renderedComment(body: string): Promise<string> {
  return (await markdown()).renderComment(body);
}

/** As written: white space may mean something to Markdown. */
function checkedBody(body: string): string {
  const length = Array.from(body).length;
  if (length > MAX_BODY_CHARACTERS || body.trim() === '') throw badInput('body', `must have 1 to ${MAX_BODY_CHARACTERS} characters that are not all white space`, body);
  if (body.includes('\0') || !body.isWellFormed()) throw badInput('body', 'must be well-formed text without NUL', body);
  return body;
}

// In two statements: the second one sees what the first one waited for.
/** The paper that the comment is on: the given one, or what it was merged into. */
async function checkPlace(transaction: Transaction, comment: NewComment): Promise<number> {
  const paperId = await lockThroughMerges(transaction, { type: 'Paper', id: comment.paperId });
  if (paperId === null) throw new DomainError('NOT_FOUND', 'there is no such paper', 'paperId');
  if (comment.parentId !== null) await checkParent(transaction, paperId, comment.parentId);
  return paperId;
}

async function checkParent(transaction: Transaction, paperId: number, parentId: number): Promise<void> {
  const [parent] = await transaction.rows<{ paperId: number; depth: number; isDeleted: boolean; isHidden: boolean }>(sql`
    SELECT paper_id AS "paperId", depth, deleted_at IS NOT NULL AS "isDeleted", hidden_at IS NOT NULL AS "isHidden" FROM comments WHERE id = ${parentId}`);
  if (parent === undefined) throw new DomainError('NOT_FOUND', 'there is no such comment', 'parentId');
  if (parent.paperId !== paperId) throw badInput('parentId', 'must be a comment on the paper of paperId', 'one on another paper');
  if (parent.depth >= MAX_DEPTH) throw badInput('parentId', `must be a comment at most ${MAX_DEPTH - 1} deep`, parent.depth);
  if (parent.isDeleted || parent.isHidden) throw new DomainError('CONFLICT', `the comment was ${parent.isDeleted ? 'deleted' : 'hidden'}`, 'parentId');
}

/** Makes a comment's mentions those of its text: of accounts that exist, the first 20. */
async function writeMentions(transaction: Transaction, commentId: number, names: readonly string[]): Promise<void> {
  await transaction.rows(sql`
    WITH named AS (SELECT u.id FROM unnest(${[...names]}::text[]) WITH ORDINALITY AS x (name, place) JOIN users u ON u.username = x.name ORDER BY x.place LIMIT ${MOST_MENTIONS}),
    gone AS (DELETE FROM comment_mentions WHERE comment_id = ${commentId} AND user_id NOT IN (SELECT id FROM named))
    INSERT INTO comment_mentions (comment_id, user_id) SELECT ${commentId}::int4, id FROM named ON CONFLICT DO NOTHING`);
}
