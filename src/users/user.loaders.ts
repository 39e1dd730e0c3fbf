import { loaderOfOne, perRequest } from '../graphql/loaders.js';
import type { UserService } from './user.service.js';

export type UserLoaders = ReturnType<typeof userLoaders>;

export function userLoaders(users: UserService) {
  return perRequest(() => ({
    byId: loaderOfOne((ids: readonly number[]) => users.byIds(ids), (user) => user.rowId),
    byUsername: loaderOfOne((names: readonly string[]) => users.byUsernames(names), (user) => user.username),
  }));
}
