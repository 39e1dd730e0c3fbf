import { loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { UpvoteService } from './upvote.service.js';

export type UpvoteLoaders = ReturnType<typeof upvoteLoaders>;

export function upvoteLoaders(upvotes: UpvoteService) {
  return perRequest(({ viewer }) => ({
    viewerHasUpvoted: loaderOfValue(
      async (ids: readonly number[]) => (viewer === null ? new Map<number, boolean>() : upvotes.upvotedAmong(viewer.id, ids)),
      false,
    ),
    votersByPaperId: loaderOfPages((ids, page) => upvotes.votersByPaper(ids, page)),
    papersByVoterId: loaderOfPages((ids, page) => upvotes.papersByVoter(ids, page)),
  }));
}
