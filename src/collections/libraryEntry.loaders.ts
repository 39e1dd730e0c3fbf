import { loaderOfOne, perRequest } from '../graphql/loaders.js';
import type { LibraryEntryService } from './libraryEntry.service.js';

export type LibraryEntryLoaders = ReturnType<typeof libraryEntryLoaders>;

export function libraryEntryLoaders(entries: LibraryEntryService) {
  return perRequest(({ viewer }) => ({
    ofViewerByPaperId: loaderOfOne(async (ids: readonly number[]) => (viewer === null ? [] : entries.byPapers(viewer.id, ids)), (entry) => entry.paperId),
  }));
}
