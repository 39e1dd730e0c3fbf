import { loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { UpvoteService } from './upvote.service.js';
import type { TimelineRange } from './voteTimeline.js';
import type { VoteBucket } from './voteTimeline.type.js';

export type UpvoteLoaders = ReturnType<typeof upvoteLoaders>;

export function upvoteLoaders(upvotes: UpvoteService) {
  return perRequest(({ viewer }) => ({
    viewerHasUpvoted: loaderOfValue(
      async (ids: readonly number[]) => (viewer === null ? new Map<number, boolean>() : upvotes.upvotedAmong(viewer.id, ids)),
      false,
    ),
    votersByPaperId: loaderOfPages((ids, page) => upvotes.votersByPaper(ids, page)),
    timelineByPaperId: byRange((range) => loaderOfValue<number, VoteBucket[]>((ids) => upvotes.timelines(ids, range), [])),
    papersByVoterId: loaderOfPages((ids, page) => upvotes.papersByVoter(ids, page)),
  }));
}

/** The papers that ask for the same range share one statement. */
function byRange<Loader>(make: (range: TimelineRange) => Loader): (range: TimelineRange) => Loader {
  const loaders = new Map<string, Loader>();
  return (range) => {
    const key = JSON.stringify(range);
    const loader = loaders.get(key) ?? make(range);
    loaders.set(key, loader);
    return loader;
  };
}
