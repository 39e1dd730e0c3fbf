import { loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { FollowService } from './follow.service.js';

export type FollowLoaders = ReturnType<typeof followLoaders>;

export function followLoaders(follows: FollowService) {
  return perRequest(({ viewer }) => ({
    viewerFollowsTag: loaderOfValue(
      async (ids: readonly number[]) => (viewer === null ? new Map<number, boolean>() : follows.tagsAmong(viewer.id, ids)),
      false,
    ),
    viewerFollowsAuthor: loaderOfValue(
      async (ids: readonly number[]) => (viewer === null ? new Map<number, boolean>() : follows.authorsAmong(viewer.id, ids)),
      false,
    ),
    viewerFollowsUser: loaderOfValue(
      async (ids: readonly number[]) => (viewer === null ? new Map<number, boolean>() : follows.usersAmong(viewer.id, ids)),
      false,
    ),
    tagsByFollowerId: loaderOfPages((ids, page) => follows.tagsByFollower(ids, page)),
    tagCountByFollowerId: loaderOfValue((ids: readonly number[]) => follows.tagCountsByFollower(ids), 0),
    authorsByFollowerId: loaderOfPages((ids, page) => follows.authorsByFollower(ids, page)),
    authorCountByFollowerId: loaderOfValue((ids: readonly number[]) => follows.authorCountsByFollower(ids), 0),
    usersByFollowerId: loaderOfPages((ids, page) => follows.usersByFollower(ids, page)),
    userCountByFollowerId: loaderOfValue((ids: readonly number[]) => follows.userCountsByFollower(ids), 0),
    followersByUserId: loaderOfPages((ids, page) => follows.followersByUser(ids, page)),
  }));
}
