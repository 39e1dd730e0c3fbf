import { loaderOfPages, loaderOfValue, loaderOfViewer, perRequest } from '../graphql/loaders.js';
import type { FollowService } from './follow.service.js';

export type FollowLoaders = ReturnType<typeof followLoaders>;

export function followLoaders(follows: FollowService) {
  return perRequest(({ viewer }) => ({
    viewerFollowsTag: loaderOfViewer(viewer, (userId, ids) => follows.tagsAmong(userId, ids)),
    viewerFollowsAuthor: loaderOfViewer(viewer, (userId, ids) => follows.authorsAmong(userId, ids)),
    viewerFollowsUser: loaderOfViewer(viewer, (userId, ids) => follows.usersAmong(userId, ids)),
    tagsByFollowerId: loaderOfPages((ids, page) => follows.tagsByFollower(ids, page)),
    tagCountByFollowerId: loaderOfValue((ids: readonly number[]) => follows.tagCountsByFollower(ids), 0),
    authorsByFollowerId: loaderOfPages((ids, page) => follows.authorsByFollower(ids, page)),
    authorCountByFollowerId: loaderOfValue((ids: readonly number[]) => follows.authorCountsByFollower(ids), 0),
    usersByFollowerId: loaderOfPages((ids, page) => follows.usersByFollower(ids, page)),
    userCountByFollowerId: loaderOfValue((ids: readonly number[]) => follows.userCountsByFollower(ids), 0),
    followersByUserId: loaderOfPages((ids, page) => follows.followersByUser(ids, page)),
  }));
}
