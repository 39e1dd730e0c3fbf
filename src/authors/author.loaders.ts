import { loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import { byWay } from '../papers/paper.loaders.js';
import type { AuthorService } from './author.service.js';
import type { Author } from './author.type.js';
import type { SharedAuthorsService } from './sharedAuthors.service.js';

export type AuthorLoaders = ReturnType<typeof authorLoaders>;

export function authorLoaders(authors: AuthorService, sharedAuthors: SharedAuthorsService) {
  return perRequest(() => ({
    byId: loaderOfValue<number, Author | null>((ids: readonly number[]) => authors.named(ids), null),
    byPaperId: loaderOfPages((ids, page) => authors.pagesByPaper(ids, page)),
    countByPaperId: loaderOfValue((ids: readonly number[]) => authors.countsByPaper(ids), 0),
    bySharedAuthors: loaderOfPages((ids, page) => sharedAuthors.pages(ids, page)),
    countBySharedAuthors: loaderOfValue((ids: readonly number[]) => sharedAuthors.counts(ids), 0),
    papersByAuthorId: byWay((way) => loaderOfPages((ids, page) => authors.papersByAuthor(ids, way, page))),
  }));
}
