import type { Dataset } from './dataset.js';
import { rowOf, transpose, rowLength } from './sparseRows.js';

export const RECALL_DEPTHS = [20, 50, 100, 300] as const;
export const NDCG_DEPTHS = [10, 20] as const;
/** How deep a ranking is read. */
export const LIST_DEPTH = 300;
/** How deep a reader looks: coverage, novelty and diversity are of the first twenty. */
const SHOWN = 20;

/** Of one reader's ranking. */
export type ReaderMetrics = Readonly<Record<MetricName, number>>;
export type MetricName = `recall@${(typeof RECALL_DEPTHS)[number]}` | `ndcg@${(typeof NDCG_DEPTHS)[number]}` | 'map' | 'novelty' | 'diversity';

/** Share of the held-out papers among the first k. */
export function recallAt(hits: readonly boolean[], heldOut: number, depth: number): number {
  return hits.slice(0, depth).filter(Boolean).length / heldOut;
}

/**
 * Discounted cumulative gain with binary gains over its ideal, which has min(k, held out) hits on top. Järvelin and
 * Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002.
 */
export function ndcgAt(hits: readonly boolean[], heldOut: number, depth: number): number {
  let gain = 0;
  let ideal = 0;
  for (let place = 0; place < depth; place += 1) {
    const discount = 1 / Math.log2(place + 2);
    if (hits[place] === true) gain += discount;
    if (place < heldOut) ideal += discount;
  }
  return gain / ideal;
}

/** Mean over the held-out papers of the precision at the place of each, to the depth of the list. */
export function averagePrecision(hits: readonly boolean[], heldOut: number): number {
  let found = 0;
  let sum = 0;
  hits.forEach((isHit, place) => {
    if (!isHit) return;
    found += 1;
    sum += found / (place + 1);
  });
  return sum / Math.min(heldOut, LIST_DEPTH);
}

/** Measures rankings of one data set. */
export class Meter {
  private readonly readersOfPaper;
  private readonly seen: Uint8Array;

  constructor(private readonly data: Dataset) {
    this.readersOfPaper = transpose(data.train);
    this.seen = new Uint8Array(data.train.columnCount);
  }

  /** One reader's ranking, the best first. */
  measure(reader: number, ranking: ArrayLike<number>): ReaderMetrics {
    const heldOut = this.heldOut(reader);
    const hits = Array.from({ length: Math.min(ranking.length, LIST_DEPTH) }, (_, place) => heldOut.has(ranking[place] as number));
    const shown = Array.from({ length: Math.min(SHOWN, ranking.length) }, (_, place) => ranking[place] as number);
    for (const paper of shown) this.seen[paper] = 1;
    const size = heldOut.size;
    return {
      'recall@20': recallAt(hits, size, 20),
      'recall@50': recallAt(hits, size, 50),
      'recall@100': recallAt(hits, size, 100),
      'recall@300': recallAt(hits, size, 300),
      'ndcg@10': ndcgAt(hits, size, 10),
      'ndcg@20': ndcgAt(hits, size, 20),
      map: averagePrecision(hits, size),
      novelty: this.novelty(shown),
      diversity: this.diversity(shown),
    };
  }

  /**
   * Share of the reader's held-out papers without training votes that stand among the first twenty of the same ranking:
   * what new papers get beside all others. Null for a reader who has none.
   */
  newPaperRecall(reader: number, ranking: ArrayLike<number>): number | null {
    const unvoted = new Set([...this.heldOut(reader)].filter((paper) => rowLength(this.readersOfPaper, paper) === 0));
    if (unvoted.size === 0) return null;
    return recallAt(Array.from({ length: Math.min(SHOWN, ranking.length) }, (_, place) => unvoted.has(ranking[place] as number)), unvoted.size, SHOWN);
  }

  /** Share of the papers that stood among the first twenty of any ranking measured so far. */
  coverage(): number {
    const candidates = this.data.among?.reduce((sum, isIn) => sum + isIn, 0) ?? this.seen.length;
    return this.seen.reduce((sum, isSeen) => sum + isSeen, 0) / candidates;
  }

  private heldOut(reader: number): ReadonlySet<number> {
    const { among, test } = this.data;
    return new Set([...rowOf(test, reader)].filter((paper) => among === null || among[paper] === 1));
  }

  // Mean self-information in bits: −log2 of the share of readers who upvoted it (Zhou et al., PNAS 2010).
  private novelty(shown: readonly number[]): number {
    const readers = this.data.train.rowCount;
    const bits = shown.map((paper) => -Math.log2((rowLength(this.readersOfPaper, paper) + 1) / (readers + 1)));
    return mean(bits);
  }

  // Mean over pairs of 1 − Jaccard of their tags (Ziegler et al., WWW 2005).
  private diversity(shown: readonly number[]): number {
    const tags = shown.map((paper) => new Set(rowOf(this.data.tags, paper)));
    const distances: number[] = [];
    tags.forEach((one, index) => {
      for (const other of tags.slice(index + 1)) {
        let shared = 0;
        for (const tag of one) if (other.has(tag)) shared += 1;
        const union = one.size + other.size - shared;
        distances.push(union === 0 ? 1 : 1 - shared / union);
      }
    });
    return mean(distances);
  }
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
