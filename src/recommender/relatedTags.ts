import type { TasteMatrix } from './tasteMatrix.js';

export interface RelatedTag {
  readonly tagId: number;
  /** Above 0, at most 1. */
  readonly similarity: number;
  /** Papers that have both tags. */
  readonly sharedPapers: number;
}

/** Papers of a tag that are looked through. */
const MOST_PAPERS = 20_000;

/**
 * Tags that stand on the same papers, by the cosine of the two sets of papers: shared / √(papers · papers). Of a tag with
 * more papers than `MOST_PAPERS`, the latest.
 */
export function relatedTags(matrix: TasteMatrix, tagId: number): RelatedTag[] {
  const { papersOf, ofPaper, ids } = matrix.tags;
  const tag = ids.at(tagId);
  const papers = papersOf.values(tag).slice(-MOST_PAPERS);
  const shared = new Map<number, number>();
  for (const paper of papers) {
    // A hidden paper waits with its tags.
    if (!matrix.isLive(paper)) continue;
    for (const other of ofPaper.values(paper)) {
      if (other !== tag) shared.set(other, (shared.get(other) ?? 0) + 1);
    }
  }
  return [...shared]
    .map(([other, sharedPapers]) => ({
      tagId: ids.ids[other] as number,
      similarity: sharedPapers / Math.sqrt(papers.length * papersOf.sizeOf(other)),
      sharedPapers,
    }))
    .sort((one, other) => other.similarity - one.similarity || one.tagId - other.tagId);
}
