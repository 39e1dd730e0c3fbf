import { isAuthorOf } from '../claims/authorship.js';
import { rawSql, sql, type Database, type Sql } from '../database/database.js';
import { latestFirst, readCounts, readPagesByParent, readPresent, type Order, type Page, type PageOf } from '../database/lists.js';
import { DomainError } from '../errors.js';
import { hasRole, isOwnerOrCurator, type Viewer } from '../graphql/context.js';
import { isVisibleTo } from '../papers/paper.visibility.js';
import { USER_COLUMNS } from '../users/user.service.js';
import type { User } from '../users/user.type.js';
import type { CommentOrder } from './comment.type.js';
import { Comment } from './comment.type.js';

/** Whether a comment `c` is by an author of its paper. */
export const IS_BY_AUTHOR = isAuthorOf({ user: 'c.user_id', paper: 'c.paper_id' });

/** Columns of comments `c` as a Comment has them. */
const COMMENT_COLUMNS = sql`c.id AS "rowId", c.paper_id AS "paperId", c.parent_id AS "parentId", c.user_id AS "authorId", c.body, c.depth,
  c.created_at AS "createdAt", c.edited_at AS "editedAt", c.deleted_at IS NOT NULL AS "isDeleted", c.hidden_at IS NOT NULL AS "isHidden",
  c.upvote_count AS "upvoteCount", c.reply_count AS "replyCount", ${rawSql(IS_BY_AUTHOR)} AS "isByPaperAuthor"`;

const BY_TIME = latestFirst('comment.newest', { createdAt: 'c.created_at', id: 'c.id' });

// comments_top_paper_id_best_score_id_idx, comments_top_paper_id_created_at_id_idx; comments_parent_id_best_score_id_idx,
// comments_parent_id_created_at_id_idx
export const COMMENT_ORDERS: Readonly<Record<CommentOrder, Order>> = {
  BEST: {
    name: 'comment.best',
    descending: true,
    keys: [
      { column: 'c.best_score', type: 'float8' },
      { column: 'c.id', type: 'int4' },
    ],
  },
  NEWEST: BY_TIME,
  OLDEST: { ...BY_TIME, name: 'comment.oldest', descending: false },
};

// Tombstones without replies are not listed; reply_count counts what is.
/** The comments `c` on papers themselves. */
export const COMMENTS_OF_PAPER = {
  from: sql`(SELECT * FROM comments WHERE parent_id IS NULL AND (deleted_at IS NULL OR reply_count > 0)) c`,
  parentColumn: 'c.paper_id',
};

/** The replies `c` to comments. */
export const REPLIES_OF_COMMENT = {
  from: sql`(SELECT * FROM comments WHERE deleted_at IS NULL OR reply_count > 0) c`,
  parentColumn: 'c.parent_id',
};

// comments_user_id_created_at_id_idx
const COMMENTS_OF_AUTHOR = { from: sql`comments c JOIN listed_papers p ON p.id = c.paper_id`, parentColumn: 'c.user_id', order: latestFirst('user.comments', { createdAt: 'c.created_at', id: 'c.id' }) };

// comment_mentions_pkey; 20 at most.
const MENTIONS_OF_COMMENT = {
  from: sql`comment_mentions m JOIN users u ON u.id = m.user_id`,
  parentColumn: 'm.comment_id',
  order: { name: 'comment.mentions', descending: false, keys: [{ column: 'm.user_id', type: 'int4' }] },
} as const;

/** Reads discussions of papers. */
export class CommentService {
  constructor(private readonly database: Database) {}

  /** Without those on hidden papers that the viewer may not see. */
  async byIds(ids: readonly number[], viewer: Viewer | null): Promise<Comment[]> {
    const rows = await this.database.rows<Comment>(sql`
      SELECT ${COMMENT_COLUMNS} FROM comments c JOIN papers p ON p.id = c.paper_id WHERE c.id = ANY (${[...ids]}::int4[]) AND ${isVisibleTo(viewer)}`);
    return rows.map(toComment);
  }

  /** The comment; throws NOT_FOUND, also for one on a hidden paper that the viewer may not see. */
  async get(id: number, viewer: Viewer | null): Promise<Comment> {
    const [comment] = await this.byIds([id], viewer);
    if (comment === undefined) throw new DomainError('NOT_FOUND', 'there is no such comment', 'commentId');
    return comment;
  }

  pagesByPaper(paperIds: readonly number[], order: CommentOrder, page: Page): Promise<Map<number, PageOf<Comment>>> {
    const list = { ...COMMENTS_OF_PAPER, columns: COMMENT_COLUMNS, where: [], order: COMMENT_ORDERS[order] };
    return readPagesByParent<Comment>(this.database, list, { ids: paperIds, page });
  }

  pagesByParent(commentIds: readonly number[], order: CommentOrder, page: Page): Promise<Map<number, PageOf<Comment>>> {
    const list = { ...REPLIES_OF_COMMENT, columns: COMMENT_COLUMNS, where: [], order: COMMENT_ORDERS[order] };
    return readPagesByParent<Comment>(this.database, list, { ids: commentIds, page });
  }

  countsByPaper(paperIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT c.paper_id AS id, count(*)::int4 AS count FROM ${COMMENTS_OF_PAPER.from}
      WHERE c.paper_id = ANY (${[...paperIds]}::int4[]) GROUP BY c.paper_id`);
  }

  pagesByAuthor(userIds: readonly number[], viewer: Viewer | null, page: Page): Promise<Map<number, PageOf<Comment>>> {
    const list = { ...COMMENTS_OF_AUTHOR, columns: COMMENT_COLUMNS, where: [isSeenBy(viewer)] };
    return readPagesByParent<Comment>(this.database, list, { ids: userIds, page });
  }

  countsByAuthor(userIds: readonly number[], viewer: Viewer | null): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT c.user_id AS id, count(*)::int4 AS count FROM ${COMMENTS_OF_AUTHOR.from}
      WHERE c.user_id = ANY (${[...userIds]}::int4[]) AND ${isSeenBy(viewer)} GROUP BY c.user_id`);
  }

  /** Which of these comments the user upvoted. */
  upvotedAmong(userId: number, commentIds: readonly number[]): Promise<Map<number, boolean>> {
    return readPresent(this.database, commentIds, (id) => sql`SELECT FROM comment_upvotes WHERE user_id = ${userId} AND comment_id = ${id}`);
  }

  mentionsByComment(commentIds: readonly number[], page: Page): Promise<Map<number, PageOf<User>>> {
    return readPagesByParent<User>(this.database, { ...MENTIONS_OF_COMMENT, columns: USER_COLUMNS, where: [] }, { ids: commentIds, page });
  }

  mentionCountsByComment(commentIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT comment_id AS id, count(*)::int4 AS count FROM comment_mentions WHERE comment_id = ANY (${[...commentIds]}::int4[]) GROUP BY comment_id`);
  }
}

export function toComment(row: Comment): Comment {
  return Object.assign(new Comment(), row);
}

/** Whether the viewer is told what a comment says, and who says it. */
export function isTold({ isDeleted, isHidden, authorId }: Comment, viewer: Viewer | null): boolean {
  if (isDeleted) return false;
  return !isHidden || isOwnerOrCurator(viewer, authorId);
}

/** The same as a condition on comments `c`. */
function isSeenBy(viewer: Viewer | null): Sql {
  const seesHidden = viewer !== null && hasRole(viewer, 'CURATOR');
  return sql`c.deleted_at IS NULL AND (c.hidden_at IS NULL OR ${seesHidden}::boolean OR c.user_id = ${viewer?.id ?? null}::int4)`;
}
