import { byContribution, type Contribution } from './contributions.js';
import { DEFAULTS, type Parameters } from './parameters.js';
import { sampledReaders } from './sample.js';
import { inverseFrequency } from './tables.js';
import type { TasteMatrix } from './tasteMatrix.js';
import { workspaceOf, type Workspace } from './workspace.js';

export interface SimilarReader {
  readonly readerId: number;
  /** Above 0, at most 1; the contributions add up to it. */
  readonly similarity: number;
  /** CO_UPVOTED: a paper that both upvoted, the largest first. */
  readonly contributions: readonly Contribution[];
}

/** Readers that are compared in full: those who share most with the history. */
const MOST_COMPARED = 500;

/**
 * Readers with the taste of one, by the cosine of their upvotes, each weighted by ln(readers / readers of the paper):
 * Σ over shared papers of idf² / (‖u‖ ‖v‖). Breese, Heckerman and Kadie, UAI 1998, with inverse user frequency.
 */
export function similarReaders(matrix: TasteMatrix, readerId: number, parameters: Parameters = DEFAULTS): SimilarReader[] {
  const workspace = workspaceOf(matrix, parameters);
  const reader = matrix.readerAt(readerId);
  const history = matrix.papersOfReader.values(reader).filter((paper) => matrix.isLive(paper)).slice(-parameters.mostHistory);
  const frequency = frequencyIn(workspace);
  const shared = new Map<number, number>();
  for (const paper of history) {
    const weight = frequency(paper) ** 2;
    const { from, end } = sampledReaders(workspace, paper);
    for (let at = from; at < end; at += 1) {
      const other = matrix.readersOfPaper.pool[at] as number;
      if (other !== reader && weight > 0) shared.set(other, (shared.get(other) ?? 0) + weight);
    }
  }
  const byShared = [...shared].sort(([one, a], [other, b]) => b - a || idOf(matrix, one) - idOf(matrix, other));
  const own = lengthOf(matrix, reader, frequency);
  return byShared
    .slice(0, MOST_COMPARED)
    .map(([other]) => compared(matrix, { history, other, lengths: own * lengthOf(matrix, other, frequency) }, frequency))
    .sort((one, other) => other.similarity - one.similarity || one.readerId - other.readerId);
}

interface Pair {
  readonly history: Int32Array;
  readonly other: number;
  /** ‖u‖ ‖v‖ */
  readonly lengths: number;
}

function compared(matrix: TasteMatrix, { history, other, lengths }: Pair, frequency: (paper: number) => number): SimilarReader {
  const contributions = Array.from(history)
    .filter((paper) => matrix.papersOfReader.has(other, paper))
    .map((paper): Contribution => ({
      kind: 'CO_UPVOTED',
      sourceId: matrix.paperIdOf(paper),
      support: matrix.readersOfPaper.sizeOf(paper),
      contribution: frequency(paper) ** 2 / lengths,
    }))
    .sort(byContribution);
  // Rounding may pass 1.
  const sum = contributions.reduce((all, term) => all + term.contribution, 0);
  return { readerId: idOf(matrix, other), similarity: Math.min(1, sum), contributions };
}

/** ln((readers with votes + 1) / readers of the paper): what all upvoted still counts a little. */
function frequencyIn({ matrix, tables }: Workspace): (paper: number) => number {
  const readers = matrix.readersBySize.reduce((sum, count, votes) => (votes === 0 ? sum : sum + count), 0);
  const most = Math.log(Math.max(1, readers) + 1);
  return (paper) => inverseFrequency(most, tables.log[matrix.readersOfPaper.sizeOf(paper)] as number);
}

function lengthOf(matrix: TasteMatrix, reader: number, frequency: (paper: number) => number): number {
  let squares = 0;
  for (const paper of matrix.papersOfReader.values(reader)) if (matrix.isLive(paper)) squares += frequency(paper) ** 2;
  return Math.sqrt(squares);
}

function idOf(matrix: TasteMatrix, reader: number): number {
  return matrix.readers.ids[reader] as number;
}
