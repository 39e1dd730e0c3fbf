import type { TasteChange } from './change.js';
import type { TasteMatrix } from './tasteMatrix.js';

/** What a change of this kind, subject and object would replace; null where nothing is. */
export function currentValue(matrix: TasteMatrix, { kind, subject, object }: Omit<TasteChange, 'value'>): number | null {
  const isOfPaper = kind === 'PAPER' || kind === 'TAG' || kind === 'AUTHOR';
  const of = isOfPaper ? matrix.papers.at(subject) : matrix.readers.at(subject);
  if (of < 0) return null;
  switch (kind) {
    case 'PAPER':
      return matrix.isLive(of) ? (matrix.listedSeconds[of] as number) : null;
    case 'TAG':
      return matrix.tags.ofPaper.weightOf(of, matrix.tags.ids.at(object));
    case 'AUTHOR':
      return matrix.authors.ofPaper.weightOf(of, matrix.authors.ids.at(object));
    case 'UPVOTE':
      return matrix.papersOfReader.weightOf(of, matrix.papers.at(object)) ?? (matrix.unlearnedBy.has(of, matrix.papers.at(object)) ? 0 : null);
    case 'DISMISSAL':
      return matrix.dismissedBy.weightOf(of, matrix.papers.at(object));
    case 'TAG_FOLLOW':
      return matrix.tags.followedBy.weightOf(of, matrix.tags.ids.at(object));
    case 'AUTHOR_FOLLOW':
      return matrix.authors.followedBy.weightOf(of, matrix.authors.ids.at(object));
    case 'TAG_MUTE':
      return matrix.tags.mutedBy.weightOf(of, matrix.tags.ids.at(object));
    case 'AUTHOR_MUTE':
      return matrix.authors.mutedBy.weightOf(of, matrix.authors.ids.at(object));
  }
}

/**
 * What `work` gives where these changes had happened; the matrix is afterwards as it was, to the last bit. Changes of
 * papers that are not there, and of tags or authors that never came, are left out.
 */
export function supposing<Result>(matrix: TasteMatrix, changes: readonly TasteChange[], work: () => Result): Result {
  const undone: TasteChange[] = [];
  try {
    for (const change of changes.filter((one) => isOfKnown(matrix, one))) {
      undone.unshift({ ...change, value: currentValue(matrix, change) });
      matrix.apply(change);
    }
    return work();
  } finally {
    for (const change of undone) matrix.apply(change);
  }
}

function isOfKnown(matrix: TasteMatrix, { kind, object }: TasteChange): boolean {
  if (kind === 'UPVOTE' || kind === 'DISMISSAL') return matrix.paperAt(object) >= 0;
  if (kind === 'PAPER') return true;
  const isOfTag = kind === 'TAG' || kind === 'TAG_FOLLOW' || kind === 'TAG_MUTE';
  return (isOfTag ? matrix.tags : matrix.authors).ids.at(object) >= 0;
}
