import { byArgument, loaderOfOne, loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import { wayOf, type PaperService, type PaperWay } from './paper.service.js';
import type { Paper, PaperOrder } from './paper.type.js';
import type { PaperTagService } from './paperTag.service.js';

export type PaperLoaders = ReturnType<typeof paperLoaders>;

export function paperLoaders(papers: PaperService, paperTags: PaperTagService) {
  return perRequest(({ viewer }) => ({
    byId: loaderOfValue<number, Paper | null>((ids: readonly number[]) => papers.named(ids, viewer), null),
    /** Without hidden papers, whoever asks: for lists that are made elsewhere. */
    listedById: loaderOfOne((ids: readonly number[]) => papers.byIds(ids), (paper) => paper.rowId),
    byArxivId: loaderOfValue<string, Paper | null>((ids: readonly string[]) => papers.namedByArxivId(ids, viewer), null),
    byDoi: loaderOfValue<string, Paper | null>((dois: readonly string[]) => papers.namedByDoi(dois, viewer), null),
    abstractById: loaderOfValue((ids: readonly number[]) => papers.abstracts(ids), null),
    byTagId: byWay((way) => loaderOfPages((ids, page) => papers.pagesByTag(ids, way, page))),
    bySubmitterId: byArgument((order: PaperOrder) => loaderOfPages((ids, page) => papers.pagesBySubmitter(ids, order, page))),
    countBySubmitterId: loaderOfValue((ids: readonly number[]) => papers.countsBySubmitter(ids), 0),
    tagsByPaperId: loaderOfPages((ids, page) => paperTags.pagesByPaper(ids, page)),
    tagCountByPaperId: loaderOfValue((ids: readonly number[]) => paperTags.countsByPaper(ids), 0),
  }));
}

/** One loader an order and way; `paperCount` says how many papers the parent has. */
export function byWay<Loader>(make: (way: PaperWay) => Loader): (order: PaperOrder, paperCount: number) => Loader {
  const load = byArgument(make);
  return (order, paperCount) => load(wayOf(order, paperCount));
}
