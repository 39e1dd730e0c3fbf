import { loaderOfOne, perRequest } from '../graphql/loaders.js';
import type { TagService } from './tag.service.js';

export type TagLoaders = ReturnType<typeof tagLoaders>;

export function tagLoaders(tags: TagService) {
  return perRequest(() => ({
    byId: loaderOfOne((ids: readonly number[]) => tags.byIds(ids), (tag) => tag.rowId),
    bySlug: loaderOfOne((slugs: readonly string[]) => tags.bySlugs(slugs), (tag) => tag.slug),
  }));
}
