import type { Dataset } from './dataset.js';
import { rowOf } from './sparseRows.js';

/** A method under evaluation, made from the training part of a data set. */
export interface Ranker {
  /** Papers for a reader, the best first, at most `limit`: none of the reader's training papers, only among the data set's. */
  rank(reader: number, limit: number): ArrayLike<number>;
}

/** A method to evaluate. */
export interface Method {
  readonly name: string;
  /** Makes the ranker from the training part; what it takes is its build time. */
  make(data: Dataset): Ranker;
  /** The largest set that it is for; absent for any. */
  readonly mostPapers?: number;
}

/** A method that scores all papers; 0 says nothing of a paper, and it is then left out. */
export interface Scorer {
  /** Adds the reader's scores to `scores`, which is all zero. */
  score(reader: number, scores: Float64Array): void;
}

/** The ranker of a scorer: full ranking, no sampling. Ties go to the paper with the smaller index. */
export function rankerOf(data: Dataset, scorer: Scorer): Ranker {
  const scores = new Float64Array(data.train.columnCount);
  return {
    rank(reader, limit) {
      scores.fill(0);
      scorer.score(reader, scores);
      for (const paper of rowOf(data.train, reader)) scores[paper] = 0;
      return topScored(scores, limit, data.among);
    },
  };
}

/** Indices of the largest scores other than 0, the largest first. */
export function topScored(scores: Float64Array, limit: number, among: Uint8Array | null): number[] {
  const candidates: number[] = [];
  for (let index = 0; index < scores.length; index += 1) {
    if (scores[index] !== 0 && (among === null || among[index] === 1)) candidates.push(index);
  }
  candidates.sort((one, other) => (scores[other] as number) - (scores[one] as number) || one - other);
  return candidates.slice(0, limit);
}
