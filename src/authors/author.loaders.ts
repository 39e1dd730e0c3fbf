import { loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import { byWay } from '../papers/paper.loaders.js';
import type { AuthorService } from './author.service.js';
import type { Author } from './author.type.js';

export type AuthorLoaders = ReturnType<typeof authorLoaders>;

export function authorLoaders(authors: AuthorService) {
  return perRequest(() => ({
    byId: loaderOfValue<number, Author | null>((ids: readonly number[]) => authors.named(ids), null),
    byPaperId: loaderOfPages((ids, page) => authors.pagesByPaper(ids, page)),
    countByPaperId: loaderOfValue((ids: readonly number[]) => authors.countsByPaper(ids), 0),
    papersByAuthorId: byWay((way) => loaderOfPages((ids, page) => authors.papersByAuthor(ids, way, page))),
  }));
}
