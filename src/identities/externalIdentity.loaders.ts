import { loaderOfOne, perRequest } from '../graphql/loaders.js';
import type { ExternalIdentityService } from './externalIdentity.service.js';
import type { ExternalIdentity } from './externalIdentity.type.js';

export type ExternalIdentityLoaders = ReturnType<typeof externalIdentityLoaders>;

export function externalIdentityLoaders(identities: ExternalIdentityService) {
  return perRequest(({ viewer }) => ({
    ownById: loaderOfOne<number, ExternalIdentity>(async (ids) => (viewer === null ? [] : identities.ownByIds(viewer.id, ids)), (identity) => identity.rowId),
  }));
}
