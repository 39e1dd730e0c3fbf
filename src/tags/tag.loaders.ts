import { loaderOfOne, loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { TagService } from './tag.service.js';

export type TagLoaders = ReturnType<typeof tagLoaders>;

export function tagLoaders(tags: TagService) {
  return perRequest(() => ({
    byId: loaderOfOne((ids: readonly number[]) => tags.byIds(ids), (tag) => tag.rowId),
    bySlug: loaderOfValue((slugs: readonly string[]) => tags.bySlugs(slugs), null),
    aliasesById: loaderOfValue((ids: readonly number[]) => tags.aliases(ids), []),
  }));
}
