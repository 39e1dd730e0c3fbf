import { loaderOfOne, loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { CollectionService } from './collection.service.js';
import type { CollectionPaperService } from './collectionPaper.service.js';

export type CollectionLoaders = ReturnType<typeof collectionLoaders>;

/** All of them see what the viewer of the request sees. */
export function collectionLoaders(collections: CollectionService, places: CollectionPaperService) {
  return perRequest(({ viewer }) => {
    const viewerId = viewer?.id ?? null;
    return {
      byId: loaderOfOne((ids: readonly number[]) => collections.byIds(ids, viewerId), (collection) => collection.rowId),
      byOwnerId: loaderOfPages((ids, page) => collections.pagesByOwner(ids, viewerId, page)),
      countByOwnerId: loaderOfValue((ids: readonly number[]) => collections.countsByOwner(ids, viewerId), 0),
      papersByCollectionId: loaderOfPages((ids, page) => places.papersByCollection(ids, page)),
      byPaperId: loaderOfPages((ids, page) => places.collectionsByPaper(ids, viewerId, page)),
      countByPaperId: loaderOfValue((ids: readonly number[]) => places.countsByPaper(ids, viewerId), 0),
    };
  });
}
