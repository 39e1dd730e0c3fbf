import type { TasteMatrix } from './tasteMatrix.js';
import { TREND_HALF_LIFE_DAYS, trendKey, trendScore } from './trendOrder.js';

const DAY_SECONDS = 86_400;

/**
 * weight · ln(2 + readers) / ln(2 + most readers) · 2^(−age / half-life), at most the weight. The age is counted from the
 * latest listed paper rather than from now: a ranking can be replayed, and a feed that pauses keeps its order.
 */
export class Trend {
  private readonly topKey: number;

  constructor(
    private readonly matrix: TasteMatrix,
    private readonly weight: number,
  ) {
    this.topKey = matrix.paperCount === 0 ? 0 : trendKey(matrix.mostReaders(), matrix.latestListedSeconds());
  }

  /** The trend of a live paper. */
  scoreOf(paper: number): number {
    return this.weight * trendScore(this.matrix.trend.keyOf(paper), this.topKey);
  }

  /** Papers by trend, the largest first, then by larger id; from the first that ranks below the place. */
  *below(place: { readonly score: number; readonly paperId: number } | null): Generator<{ paper: number; score: number }> {
    const { trend } = this.matrix;
    for (let at = place === null ? 0 : this.firstBelow(place); at < trend.count; at += 1) {
      const paper = trend.paperAt(at);
      yield { paper, score: this.scoreOf(paper) };
    }
  }

  private firstBelow({ score, paperId }: { readonly score: number; readonly paperId: number }): number {
    let low = 0;
    let high = this.matrix.trend.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      const paper = this.matrix.trend.paperAt(middle);
      const trend = this.scoreOf(paper);
      if (trend > score || (trend === score && this.matrix.paperIdOf(paper) >= paperId)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** 2^(−age / half-life), 1 for the latest listed paper. */
export function freshnessOf(matrix: TasteMatrix, paper: number): number {
  const age = matrix.latestListedSeconds() - (matrix.listedSeconds[paper] as number);
  return 2 ** (-age / (TREND_HALF_LIFE_DAYS * DAY_SECONDS));
}
