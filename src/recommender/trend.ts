import type { Parameters } from './parameters.js';
import type { TasteMatrix } from './tasteMatrix.js';

const DAY_SECONDS = 86_400;

interface TrendFacts {
  readonly readers: number;
  readonly mostReaders: number;
  readonly ageDays: number;
}

/**
 * ln(2 + readers) / ln(2 + most readers) · 2^(−age / half-life), at most 1. The age is counted from the latest listed
 * paper rather than from now: a ranking can be replayed, and a feed that pauses keeps its order.
 */
export function trendOf({ readers, mostReaders, ageDays }: TrendFacts, halfLifeDays: number): number {
  return (Math.log(2 + readers) / Math.log(2 + mostReaders)) * 2 ** (-ageDays / halfLifeDays);
}

/** All live papers by trend, sorted when it is first asked for after a change. */
export class TrendOrder {
  private countedAt = -1;
  private mostReaders = 0;
  private sortedAt = -1;
  private sorted: readonly number[] = [];
  private scores = new Float64Array(0);

  constructor(
    private readonly matrix: TasteMatrix,
    private readonly parameters: Parameters,
  ) {}

  /** The trend's share of a live paper's score, at most `trendWeight`. */
  scoreOf(paper: number): number {
    const { matrix, parameters } = this;
    if (this.countedAt !== matrix.version) this.mostReaders = matrix.mostReaders();
    this.countedAt = matrix.version;
    const ageDays = (matrix.latestListedSeconds() - (matrix.listedSeconds[paper] as number)) / DAY_SECONDS;
    const facts = { readers: matrix.readersOfPaper.sizeOf(paper), mostReaders: this.mostReaders, ageDays };
    return parameters.trendWeight * trendOf(facts, parameters.trendHalfLifeDays);
  }

  /** Papers by trend, the largest first, then by larger id; from the first that ranks below the place. */
  *below(place: { readonly score: number; readonly paperId: number } | null): Generator<{ paper: number; score: number }> {
    this.refresh();
    const { sorted, scores } = this;
    for (let at = place === null ? 0 : this.firstBelow(place); at < sorted.length; at += 1) {
      const paper = sorted[at] as number;
      yield { paper, score: scores[paper] as number };
    }
  }

  private firstBelow({ score, paperId }: { readonly score: number; readonly paperId: number }): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const paper = this.sorted[middle] as number;
      const trend = this.scores[paper] as number;
      if (trend > score || (trend === score && (this.matrix.paperIds[paper] as number) >= paperId)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private refresh(): void {
    const { matrix } = this;
    if (this.sortedAt === matrix.version) return;
    this.sortedAt = matrix.version;
    const scores = Float64Array.from({ length: matrix.paperIds.length }, (_, paper) => (matrix.isLive(paper) ? this.scoreOf(paper) : 0));
    const ids = matrix.paperIds;
    const live = ids.map((_, paper) => paper).filter((paper) => matrix.isLive(paper));
    this.scores = scores;
    this.sorted = live.sort((one, other) => (scores[other] as number) - (scores[one] as number) || (ids[other] as number) - (ids[one] as number));
  }
}
