import { loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { CitationService, CitedByline } from './citation.service.js';

export type CitationLoaders = ReturnType<typeof citationLoaders>;

export function citationLoaders(citations: CitationService) {
  return perRequest(() => ({
    bylineByPaperId: loaderOfValue<number, CitedByline>((ids) => citations.bylines(ids), { authors: [], primaryClass: null }),
  }));
}
