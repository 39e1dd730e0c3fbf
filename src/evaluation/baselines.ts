import type { Dataset } from './dataset.js';
import { rankerOf, type Ranker } from './ranker.js';
import { rowLength, rowOf, stack, transpose, type SparseRows } from './sparseRows.js';

/** The methods that any result is compared with, with the parameters that their papers or the field's tables use. */
export const BASELINES: Readonly<Record<string, (data: Dataset) => Ranker>> = {
  popularity,
  'tag overlap': (data) => itemNeighbours(data, data.tags, { neighbours: 400, shrink: 200 }),
  'item kNN': (data) => itemNeighbours(data, transpose(data.train), { neighbours: 400, shrink: 10 }),
  'hybrid kNN': (data) => itemNeighbours(data, withTags(data), { neighbours: 400, shrink: 10 }),
  'user kNN': (data) => userNeighbours(data, { neighbours: 200, shrink: 10 }),
  RP3beta: (data) => randomWalk(data, { alpha: 0.6, beta: 0.35, tagWeight: 0 }),
  'RP3beta with tags': (data) => randomWalk(data, { alpha: 0.6, beta: 0.35, tagWeight: 0.3 }),
};

/** The number of training votes of a paper. */
export function popularity(data: Dataset): Ranker {
  const readersOf = transpose(data.train);
  return rankerOf(data, {
    score(_reader, scores) {
      for (let paper = 0; paper < scores.length; paper += 1) scores[paper] = rowLength(readersOf, paper);
    },
  });
}

/** Features of each paper: its readers, and after them its tags. */
function withTags(data: Dataset): SparseRows {
  return transpose(stack(data.train, transpose(data.tags)));
}

interface Neighbourhood {
  /** The most similar that are kept. */
  readonly neighbours: number;
  readonly shrink: number;
}

/**
 * Item kNN: Σ over upvoted papers of their similarity, the cosine of TF-IDF weighted features with shrinkage, to the k
 * nearest. Sarwar et al., WWW 2001; the weighting as in Ferrari Dacrema et al., TOIS 2021.
 */
export function itemNeighbours(data: Dataset, features: SparseRows, { neighbours, shrink }: Neighbourhood): Ranker {
  const similar = nearest(features, { neighbours, shrink });
  return rankerOf(data, {
    score(reader, scores) {
      for (const upvoted of rowOf(data.train, reader)) {
        const { indices, weights } = similar(upvoted);
        indices.forEach((paper, place) => (scores[paper] = (scores[paper] as number) + (weights[place] as number)));
      }
    },
  });
}

/** User kNN: Σ over the k nearest readers of their similarity, for what they upvoted. Herlocker et al., SIGIR 1999. */
export function userNeighbours(data: Dataset, options: Neighbourhood): Ranker {
  const similar = nearest(data.train, options);
  return rankerOf(data, {
    score(reader, scores) {
      const { indices, weights } = similar(reader);
      indices.forEach((other, place) => {
        for (const paper of rowOf(data.train, other)) scores[paper] = (scores[paper] as number) + (weights[place] as number);
      });
    },
  });
}

export interface Nearest {
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** Finds the rows nearest to a row, once for each. */
export function nearest(rows: SparseRows, { neighbours, shrink }: Neighbourhood): (row: number) => Nearest {
  const byColumn = transpose(rows);
  const squaredIdf = Float64Array.from({ length: rows.columnCount }, (_, column) => Math.log(rows.rowCount / rowLength(byColumn, column)) ** 2);
  const norms = Float64Array.from({ length: rows.rowCount }, (_, row) =>
    Math.sqrt(rowOf(rows, row).reduce((sum, column) => sum + (squaredIdf[column] as number), 0)),
  );
  const products = new Float64Array(rows.rowCount);
  const cache = new Map<number, Nearest>();
  const find = (row: number): Nearest => {
    const touched: number[] = [];
    for (const column of rowOf(rows, row)) {
      const product = squaredIdf[column] as number;
      // A column that all rows have says nothing.
      if (product === 0) continue;
      for (const other of rowOf(byColumn, column)) {
        if (products[other] === 0) touched.push(other);
        products[other] = (products[other] as number) + product;
      }
    }
    const similarity = (other: number): number => (products[other] as number) / ((norms[row] as number) * (norms[other] as number) + shrink);
    const found = touched.filter((other) => other !== row).map((other) => ({ other, weight: similarity(other) }));
    for (const other of touched) products[other] = 0;
    found.sort((one, another) => another.weight - one.weight || one.other - another.other);
    const kept = found.slice(0, neighbours);
    return { indices: Int32Array.from(kept, (entry) => entry.other), weights: Float64Array.from(kept, (entry) => entry.weight) };
  };
  return (row) => {
    const known = cache.get(row) ?? find(row);
    cache.set(row, known);
    return known;
  };
}

interface Walk {
  /** Exponent of the degrees that mass is divided by. */
  readonly alpha: number;
  /** Exponent of the popularity that scores are divided by. */
  readonly beta: number;
  /** Mass that goes by tags for each unit that goes by readers. */
  readonly tagWeight: number;
}

/**
 * RP3β: a walk from the reader's papers to readers (and tags) and back, divided by popularity^β. Paudel et al., TiiS
 * 2016; with tags as further hyperedges of the same walk.
 */
export function randomWalk(data: Dataset, { alpha, beta, tagWeight }: Walk): Ranker {
  const readersOf = transpose(data.train);
  const papersOf = transpose(data.tags);
  const readerMass = new Float64Array(data.train.rowCount);
  const tagMass = new Float64Array(data.tags.columnCount);
  const spread = (mass: Float64Array, target: SparseRows, scores: Float64Array): void => {
    mass.forEach((value, node) => {
      if (value === 0) return;
      const share = value * rowLength(target, node) ** -alpha;
      for (const paper of rowOf(target, node)) scores[paper] = (scores[paper] as number) + share;
    });
  };
  return rankerOf(data, {
    score(reader, scores) {
      readerMass.fill(0);
      tagMass.fill(0);
      for (const paper of rowOf(data.train, reader)) {
        const voteShare = rowLength(readersOf, paper) ** -alpha;
        for (const other of rowOf(readersOf, paper)) if (other !== reader) readerMass[other] = (readerMass[other] as number) + voteShare;
        const tagShare = tagWeight * rowLength(data.tags, paper) ** -alpha;
        for (const tag of rowOf(data.tags, paper)) tagMass[tag] = (tagMass[tag] as number) + tagShare;
      }
      spread(readerMass, data.train, scores);
      if (tagWeight > 0) spread(tagMass, papersOf, scores);
      // A paper without votes counts as one with a single vote.
      for (let paper = 0; paper < scores.length; paper += 1) {
        if (scores[paper] !== 0) scores[paper] = (scores[paper] as number) * Math.max(1, rowLength(readersOf, paper)) ** -beta;
      }
    },
  });
}
