import { loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { FollowingFeedService, FollowingReasonRow } from './followingFeed.service.js';

export type FollowingFeedLoaders = ReturnType<typeof followingFeedLoaders>;

export function followingFeedLoaders(feed: FollowingFeedService) {
  return perRequest(({ viewer }) => ({
    reasonsOfViewerByPaperId: loaderOfValue(
      async (ids: readonly number[]) => (viewer === null ? new Map<number, FollowingReasonRow[]>() : feed.reasonsByPaper(viewer.id, ids)),
      [] as FollowingReasonRow[],
    ),
  }));
}
