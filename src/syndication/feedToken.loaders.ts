import { loaderOfOne, perRequest } from '../graphql/loaders.js';
import type { FeedTokenService } from './feedToken.service.js';
import type { FeedToken } from './feedToken.type.js';

export type FeedTokenLoaders = ReturnType<typeof feedTokenLoaders>;

export function feedTokenLoaders(tokens: FeedTokenService) {
  return perRequest(({ viewer }) => ({
    ownById: loaderOfOne<number, FeedToken>(async (ids) => (viewer === null ? [] : tokens.ownByIds(viewer.id, ids)), (token) => token.rowId),
  }));
}
