import { loaderOfOne, loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import { byWay } from '../papers/paper.loaders.js';
import type { AuthorService } from './author.service.js';

export type AuthorLoaders = ReturnType<typeof authorLoaders>;

export function authorLoaders(authors: AuthorService) {
  return perRequest(() => ({
    byId: loaderOfOne((ids: readonly number[]) => authors.byIds(ids), (author) => author.rowId),
    byPaperId: loaderOfPages((ids, page) => authors.pagesByPaper(ids, page)),
    countByPaperId: loaderOfValue((ids: readonly number[]) => authors.countsByPaper(ids), 0),
    papersByAuthorId: byWay((way) => loaderOfPages((ids, page) => authors.papersByAuthor(ids, way, page))),
  }));
}
