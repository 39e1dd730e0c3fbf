import { loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { OriginService } from './origin.service.js';

export type OriginLoaders = ReturnType<typeof originLoaders>;

export function originLoaders(origins: OriginService) {
  return perRequest(() => ({
    byPaperId: loaderOfPages((ids, page) => origins.pagesByPaper(ids, page)),
    countByPaperId: loaderOfValue((ids: readonly number[]) => origins.countsByPaper(ids), 0),
  }));
}
