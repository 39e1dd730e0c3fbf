import { json, nullableJson, type LinkedList, type Projection } from '../graphql/projection.js';
import type { Selected } from '../graphql/selection.js';
import { COMMENTS_OF_PAPER, COMMENT_ORDERS, IS_BY_AUTHOR, REPLIES_OF_COMMENT } from './comment.service.js';
import type { CommentOrder } from './comment.type.js';

/** The list in the order that `orderBy` names. */
function inCommentOrder(list: Omit<LinkedList, 'order'>): (args: Selected['args']) => LinkedList {
  return ({ orderBy }) => ({ ...list, order: COMMENT_ORDERS[orderBy as CommentOrder] });
}

/** See isTold. OFFSET 0: see UPVOTE_PROJECTION. */
const toldTo = (viewer: string, column: string): string => `CASE WHEN c.deleted_at IS NULL AND (c.hidden_at IS NULL OR c.user_id = ${viewer}
  OR EXISTS (SELECT FROM users x WHERE x.id = ${viewer} AND x.role <> 'READER' OFFSET 0)) THEN ${column} END`;

/** Comments `c`, but for HTML, mentions and editing, and those on papers `p`. */
export const COMMENT_PROJECTION: { readonly Comment: Projection; readonly Paper: Projection } = {
  Comment: {
    id: json.globalId('Comment', 'c.id'),
    depth: json.number('c.depth'),
    bodyMarkdown: (viewer) => nullableJson.text(toldTo(viewer, 'c.body')),
    createdAt: json.instant('c.created_at'),
    editedAt: nullableJson.instant('c.edited_at'),
    isDeleted: json.boolean('c.deleted_at IS NOT NULL'),
    isHidden: json.boolean('c.hidden_at IS NOT NULL'),
    upvoteCount: json.number('c.upvote_count'),
    replyCount: json.number('c.reply_count'),
    viewerHasUpvoted: (viewer) => json.boolean(`EXISTS (SELECT FROM comment_upvotes x WHERE x.user_id = ${viewer} AND x.comment_id = c.id OFFSET 0)`),
    author: (viewer) => ({ kind: 'one', type: 'User', from: 'users u', key: 'u.id', column: toldTo(viewer, 'c.user_id') }),
    isByAuthor: (viewer) => json.boolean(toldTo(viewer, IS_BY_AUTHOR)),
    paper: { kind: 'one', type: 'Paper', from: 'papers p', key: 'p.id', column: 'c.paper_id' },
    parent: { kind: 'one', type: 'Comment', from: 'comments c', key: 'c.id', column: 'c.parent_id' },
    replies: { kind: 'many', type: 'Comment', list: inCommentOrder(REPLIES_OF_COMMENT), id: 'c.id', edge: {}, totalCount: json.number('c.reply_count') },
  },
  Paper: {
    comments: {
      kind: 'many',
      type: 'Comment',
      list: inCommentOrder(COMMENTS_OF_PAPER),
      id: 'p.id',
      edge: {},
      totalCount: `(SELECT count(*)::text FROM ${COMMENTS_OF_PAPER.from.text} WHERE c.paper_id = p.id)`,
    },
  },
};
