import { byArgument, loaderOfPages, loaderOfValue, loaderOfViewer, perRequest } from '../graphql/loaders.js';
import type { UpvoteService } from './upvote.service.js';
import type { TimelineRange } from './voteTimeline.js';
import type { VoteBucket } from './voteTimeline.type.js';

export type UpvoteLoaders = ReturnType<typeof upvoteLoaders>;

export function upvoteLoaders(upvotes: UpvoteService) {
  return perRequest(({ viewer }) => ({
    viewerHasUpvoted: loaderOfViewer(viewer, (userId, ids) => upvotes.upvotedAmong(userId, ids)),
    votersByPaperId: loaderOfPages((ids, page) => upvotes.votersByPaper(ids, page)),
    timelineByPaperId: byArgument((range: TimelineRange) => loaderOfValue<number, VoteBucket[]>((ids) => upvotes.timelines(ids, range), [])),
    papersByVoterId: loaderOfPages((ids, page) => upvotes.papersByVoter(ids, page)),
  }));
}
