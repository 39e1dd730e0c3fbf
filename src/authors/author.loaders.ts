import { sql } from '../database/database.js';
import { loaderOfOne, loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import { byOrder } from '../papers/paper.loaders.js';
import type { PaperService } from '../papers/paper.service.js';
import type { AuthorService } from './author.service.js';

export type AuthorLoaders = ReturnType<typeof authorLoaders>;

const BY_AUTHOR = { from: sql`paper_authors l JOIN papers p ON p.id = l.paper_id`, parentColumn: 'l.author_id' };

export function authorLoaders(authors: AuthorService, papers: PaperService) {
  return perRequest(() => ({
    byId: loaderOfOne((ids: readonly number[]) => authors.byIds(ids), (author) => author.rowId),
    byPaperId: loaderOfPages((ids, page) => authors.pagesByPaper(ids, page)),
    countByPaperId: loaderOfValue((ids: readonly number[]) => authors.countsByPaper(ids), 0),
    papersByAuthorId: byOrder((order) => loaderOfPages((ids, page) => papers.listLinked(BY_AUTHOR, order, { ids, page }))),
  }));
}
