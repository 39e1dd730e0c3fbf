import { loaderOfOne, loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { PaperService } from './paper.service.js';
import type { Paper, PaperOrder } from './paper.type.js';
import type { PaperTagService } from './paperTag.service.js';

export type PaperLoaders = ReturnType<typeof paperLoaders>;

export function paperLoaders(papers: PaperService, paperTags: PaperTagService) {
  return perRequest(() => ({
    byId: loaderOfOne((ids: readonly number[]) => papers.byIds(ids), (paper) => paper.rowId),
    byArxivId: loaderOfOne((ids: readonly string[]) => papers.byArxivIds(ids), (paper: Paper) => paper.arxivId ?? ''),
    abstractById: loaderOfValue((ids: readonly number[]) => papers.abstracts(ids), null),
    byTagId: byOrder((order) => loaderOfPages((ids, page) => papers.pagesByTag(ids, order, page))),
    bySubmitterId: byOrder((order) => loaderOfPages((ids, page) => papers.pagesBySubmitter(ids, order, page))),
    countBySubmitterId: loaderOfValue((ids: readonly number[]) => papers.countsBySubmitter(ids), 0),
    tagsByPaperId: loaderOfPages((ids, page) => paperTags.pagesByPaper(ids, page)),
    tagCountByPaperId: loaderOfValue((ids: readonly number[]) => paperTags.countsByPaper(ids), 0),
  }));
}

/** One loader an order, made when first asked for. */
export function byOrder<Loader>(make: (order: PaperOrder) => Loader): (order: PaperOrder) => Loader {
  const loaders = new Map<PaperOrder, Loader>();
  return (order) => {
    const loader = loaders.get(order) ?? make(order);
    loaders.set(order, loader);
    return loader;
  };
}
