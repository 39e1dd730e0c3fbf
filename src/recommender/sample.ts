import type { Workspace } from './workspace.js';

/** A part of the readers of a paper: pool[from] … pool[end − 1] of `readersOfPaper`. */
export interface ReaderSample {
  readonly from: number;
  readonly end: number;
  readonly count: number;
  /** Readers that each of the sample stands for. */
  readonly share: number;
}

/**
 * The first readers of a paper, at most `mostReaders`: lists of readers are shuffled by a hash of the reader, so these
 * are a bottom-k sketch, and what two papers' sketches share estimates what the papers share. Cohen and Kaplan, "Summarizing
 * data using bottom-k sketches", PODC 2007. A paper with fewer readers is its own sample.
 */
export function sampledReaders({ matrix, parameters }: Pick<Workspace, 'matrix' | 'parameters'>, paper: number): ReaderSample {
  const lists = matrix.readersOfPaper;
  const from = lists.start[paper] as number;
  const size = lists.size[paper] as number;
  const count = Math.min(size, parameters.mostReaders);
  return { from, end: from + count, count, share: count === 0 ? 1 : size / count };
}
