import { scoreCandidates, type Scale } from './blend.js';
import { contributionsIn, trendContribution, type Contribution } from './contributions.js';
import { newPaperTaper, DEFAULTS, type Parameters } from './parameters.js';
import { isBelow, orderedCandidates, takeUnrankable, toRecommendation, type RecommendationPage, type RecommendRequest } from './recommend.js';
import { byScore, freshGain, type RankedPaper } from './rules.js';
import { clearSystem } from './system.js';
import { isEmpty, tasteOf, type Taste } from './taste.js';
import type { TasteMatrix } from './tasteMatrix.js';
import { Trend, freshnessOf } from './trend.js';
import { clearWalk } from './walk.js';
import { SERVED_WEIGHTS, workspaceOf, type Workspace } from './workspace.js';

/** Papers to put in order for a reader. */
export interface AmongRequest extends Pick<RecommendRequest, 'readerId' | 'limit' | 'after' | 'reasons' | 'weights'> {
  readonly amongIds: ArrayLike<number>;
}

/** What a score of given papers is made of. */
interface Scored {
  readonly workspace: Workspace;
  readonly taste: Taste;
  readonly trend: Trend;
  /** Null for a reader who has said nothing. */
  readonly scale: Scale | null;
}

/**
 * Ranks given papers as `recommend` ranks all: its candidates have the very scores and terms that they have there, places
 * among all papers included. `recommend` looks at no more than its candidates and leaves all others to the trend; of a given
 * paper that is none of them, but that the walk reached, the walk, the trend, freshness and dismissals count, as all else needs
 * the ridge's system. Papers that the walk did not reach have the trend alone, and so have upvoted ones, which need no
 * recommending. Dismissed and muted papers, and such as the matrix does not know, are left out.
 */
export function recommendAmong(matrix: TasteMatrix, request: AmongRequest, parameters: Parameters = DEFAULTS): RecommendationPage {
  const workspace = workspaceOf(matrix, parameters, request.weights ?? SERVED_WEIGHTS);
  const taste = tasteOf(matrix, request, parameters);
  const trend = new Trend(matrix, parameters.trendWeight);
  takeUnrankable(workspace, taste, null);
  try {
    const scale = isEmpty(taste) ? null : scoreCandidates(workspace, taste, { trend, allowed: null });
    const scored: Scored = { workspace, taste, trend, scale };
    const papers = livePapers(matrix, taste, request.amongIds);
    const explain = scale === null ? (): Contribution[] => [] : contributionsIn(workspace, taste, scale);
    const ranked = rankedAmong(scored, papers);
    const { after = null, limit, reasons = Infinity } = request;
    const below = after === null ? ranked : ranked.filter(({ paper, score }) => isBelow({ score, paperId: matrix.paperIdOf(paper) }, after));
    const termsOf = ({ paper, place, score, adjustments }: RankedPaper): Contribution[] => {
      if (place >= 0) return [...explain(place), ...adjustments];
      return adjustments.length > 0 ? [...adjustments] : [trendContribution(workspace, paper, score)];
    };
    const items = below.slice(0, limit).map((item, index) => toRecommendation(matrix, item, index < reasons ? termsOf(item) : []));
    return { items, hasMore: below.length > limit, total: ranked.length };
  } finally {
    clearSystem(workspace);
    clearWalk(workspace, taste);
  }
}

/** The papers that may be ranked, once each. */
function livePapers(matrix: TasteMatrix, { reader, unwanted }: Taste, ids: ArrayLike<number>): number[] {
  const muted = new Set(unwanted);
  const papers = new Set(Array.from(ids, (id) => matrix.papers.at(id)));
  return [...papers].filter((paper) => paper >= 0 && matrix.isLive(paper) && !muted.has(paper) && !(reader >= 0 && matrix.dismissedBy.has(reader, paper)));
}

function rankedAmong(scored: Scored, papers: readonly number[]): RankedPaper[] {
  const { workspace, scale, trend } = scored;
  const known = new Set(scored.taste.known);
  const candidates = new Map<number, RankedPaper>();
  // To the end: what rules take from a paper follows from all that rank above it.
  for (const candidate of scale === null ? [] : orderedCandidates(workspace, scale)) candidates.set(candidate.paper, candidate);
  const reached = scale === null ? [] : papers.filter((paper) => !candidates.has(paper) && !known.has(paper) && workspace.reached.slotOf(paper) >= 0);
  if (scale !== null && reached.length > 0) for (const item of scoredByWalk(scored, scale, reached)) candidates.set(item.paper, item);
  const byTrend = (paper: number): RankedPaper => ({ paper, place: -1, score: trend.scoreOf(paper), adjustments: [] });
  return papers.map((paper) => candidates.get(paper) ?? byTrend(paper)).sort(byScore(workspace));
}

/** Papers that the walk reached and the ridge knows nothing of: their scores are the sums of their terms. */
function scoredByWalk({ workspace, taste, trend }: Scored, scale: Scale, papers: readonly number[]): RankedPaper[] {
  const { matrix, parameters } = workspace;
  const first = workspace.system.addPapers(papers);
  const { vectors } = workspace.system;
  papers.forEach((paper, k) => {
    vectors.taper[first + k] = scale.featureWalk * newPaperTaper(parameters, matrix.readersOfPaper.sizeOf(paper));
    vectors.trend[first + k] = trend.scoreOf(paper);
  });
  const explain = contributionsIn(workspace, taste, { ...scale, ridge: 0 });
  const gain = freshGain(workspace, scale.best);
  return papers.map((paper, k) => {
    const fresh: Contribution = { kind: 'FRESH', sourceId: null, support: 0, contribution: gain * freshnessOf(matrix, paper) };
    const adjustments = [...explain(first + k), fresh];
    return { paper, place: -1, score: adjustments.reduce((sum, term) => sum + term.contribution, 0), adjustments };
  });
}
