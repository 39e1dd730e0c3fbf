import { BEST, DEFAULTS, type Parameters } from '../recommender/parameters.js';
import { recommend } from '../recommender/recommend.js';
import { TasteMatrix } from '../recommender/tasteMatrix.js';
import type { Dataset } from './dataset.js';
import type { Method, Ranker } from './ranker.js';
import { rowOf } from './sparseRows.js';

/** EASE with tags and nothing beside it, on the same candidates: what new papers lose to it shows what the rest is for. */
export const RIDGE_ALONE: Parameters = { ...DEFAULTS, ridgeShare: 1e6, newPaperBoost: 0, leaders: 0, alikeReaders: 0, alikeFeatures: 0, trendWeight: 0, trendCandidates: 0, freshness: 0, diversity: 0 };

/** The engine as it serves requests, in its best configuration, and with the ridge alone. */
export const engineMethods: readonly Method[] = [
  { name: 'engine', make: (data) => engineRanker(data, DEFAULTS) },
  { name: 'engine at any cost', make: (data) => engineRanker(data, BEST) },
  { name: 'ridge alone', make: (data) => engineRanker(data, RIDGE_ALONE) },
];

/** Ranks with the very `recommend` that serves requests. A paper's id is its index. */
export function engineRanker(data: Dataset, parameters: Parameters): Ranker {
  const matrix = matrixOf(data);
  const { among } = data;
  const allowed = among === null ? null : (paperId: number): boolean => among[paperId] === 1;
  return {
    rank(reader, limit) {
      const request = { historyIds: Array.from(rowOf(data.train, reader)), readerId: reader, limit, allowed, reasons: 0 };
      return recommend(matrix, request, parameters).items.map((item) => item.paperId);
    },
  };
}

/** All papers listed at the same second: the sets know of no time. */
export function matrixOf({ train, tags }: Dataset): TasteMatrix {
  const matrix = new TasteMatrix();
  matrix.beginLoading();
  for (let paper = 0; paper < train.columnCount; paper += 1) {
    matrix.setPaper(paper, 0);
    for (const tag of rowOf(tags, paper)) matrix.setTag(paper, tag, 1);
  }
  for (let reader = 0; reader < train.rowCount; reader += 1) {
    for (const paper of rowOf(train, reader)) matrix.setUpvote(reader, paper, true);
  }
  matrix.endLoading();
  return matrix;
}
