import { loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { TagService } from './tag.service.js';
import type { Tag } from './tag.type.js';

export type TagLoaders = ReturnType<typeof tagLoaders>;

export function tagLoaders(tags: TagService) {
  return perRequest(() => ({
    byId: loaderOfValue<number, Tag | null>((ids: readonly number[]) => tags.named(ids), null),
    bySlug: loaderOfValue((slugs: readonly string[]) => tags.bySlugs(slugs), null),
    aliasesById: loaderOfValue((ids: readonly number[]) => tags.aliases(ids), []),
  }));
}
