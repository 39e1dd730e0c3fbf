import { loaderOfOne, loaderOfPages, loaderOfValue, loaderOfViewer, perRequest, type PageLoader } from '../graphql/loaders.js';
import type { CommentService } from './comment.service.js';
import { CommentOrder, type Comment } from './comment.type.js';

export type CommentLoaders = ReturnType<typeof commentLoaders>;

export function commentLoaders(comments: CommentService) {
  return perRequest(({ viewer }) => ({
    byId: loaderOfOne((ids: readonly number[]) => comments.byIds(ids, viewer), (comment) => comment.rowId),
    byPaperId: anOrder((order) => loaderOfPages((ids, page) => comments.pagesByPaper(ids, order, page))),
    byParentId: anOrder((order) => loaderOfPages((ids, page) => comments.pagesByParent(ids, order, page))),
    countByPaperId: loaderOfValue((ids: readonly number[]) => comments.countsByPaper(ids), 0),
    byAuthorId: loaderOfPages((ids, page) => comments.pagesByAuthor(ids, viewer, page)),
    countByAuthorId: loaderOfValue((ids: readonly number[]) => comments.countsByAuthor(ids, viewer), 0),
    viewerHasUpvoted: loaderOfViewer(viewer, (userId, ids) => comments.upvotedAmong(userId, ids)),
    mentionsByCommentId: loaderOfPages((ids, page) => comments.mentionsByComment(ids, page)),
    mentionCountByCommentId: loaderOfValue((ids: readonly number[]) => comments.mentionCountsByComment(ids), 0),
  }));
}

/** One loader an order. */
function anOrder(make: (order: CommentOrder) => PageLoader<Comment>): Readonly<Record<CommentOrder, PageLoader<Comment>>> {
  return { BEST: make(CommentOrder.BEST), NEWEST: make(CommentOrder.NEWEST), OLDEST: make(CommentOrder.OLDEST) };
}
