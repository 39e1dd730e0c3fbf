import type { TasteMatrix } from './tasteMatrix.js';

export interface RelatedTag {
  readonly tagId: number;
  /** Above 0, at most 1. */
  readonly similarity: number;
  /** Papers that have both tags. */
  readonly sharedPapers: number;
}

/** Tags that stand on the same papers, by the cosine of the two sets of papers: shared / √(papers · papers). */
export function relatedTags(matrix: TasteMatrix, tagId: number): RelatedTag[] {
  const tag = matrix.tagAt(tagId);
  const papers = matrix.papersOfTag.values(tag);
  const shared = new Map<number, number>();
  for (const paper of papers) {
    for (const other of matrix.tagsOfPaper.values(paper)) {
      if (other !== tag) shared.set(other, (shared.get(other) ?? 0) + 1);
    }
  }
  return [...shared]
    .map(([other, sharedPapers]) => ({
      tagId: matrix.tagIds[other] as number,
      similarity: sharedPapers / Math.sqrt(papers.length * matrix.papersOfTag.sizeOf(other)),
      sharedPapers,
    }))
    .sort((one, other) => other.similarity - one.similarity || one.tagId - other.tagId);
}
