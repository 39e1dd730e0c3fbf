import { leadingPlaces, scoreCandidates } from './blend.js';
import { contributionsIn, trendContribution, type Contribution } from './contributions.js';
import { DEFAULTS } from './parameters.js';
import { clearSystem } from './system.js';
import type { TasteMatrix } from './tasteMatrix.js';
import { workspaceOf, type Workspace } from './workspace.js';

export type { Contribution } from './contributions.js';
export { DEFAULTS, type Parameters } from './parameters.js';

export interface Recommendation {
  readonly paperId: number;
  /** The contributions add up to it, to 1e-9 of it. Comparable within one ranking only. */
  readonly score: number;
  /** The largest first, by absolute value; empty where `reasons` left them out. */
  readonly contributions: readonly Contribution[];
}

export interface RecommendationPage {
  readonly items: readonly Recommendation[];
  readonly hasMore: boolean;
  /** Papers that can be recommended to the reader at all. */
  readonly total: number;
}

export interface RecommendRequest {
  /** Papers to recommend from, by id; these are never recommended. */
  readonly historyIds: readonly number[];
  /** The reader whose history it is, if any: their votes are not those of another reader. */
  readonly readerId?: number | null;
  readonly limit: number;
  /** Continue after this place of the ranking. */
  readonly after?: Place | null;
  /** Rank among these papers only; null for all. */
  readonly allowed?: ((paperId: number) => boolean) | null;
  /** How many leading items get contributions; all by default. */
  readonly reasons?: number;
}

interface Place {
  readonly score: number;
  readonly paperId: number;
}

/**
 * Ranks all papers outside the history. The walk finds candidates, which are scored by walk, ridge, tags and trend
 * (blend.ts); all other papers have the trend alone. Ties go to the larger id. Without a history, only the trend speaks.
 * Nothing is trained or cached: a score is a function of the matrix as it is now, and equal, to the last bit, for
 * matrices that say the same, however they came about.
 */
export function recommend(matrix: TasteMatrix, request: RecommendRequest, parameters = DEFAULTS): RecommendationPage {
  const workspace = workspaceOf(matrix, parameters);
  const { allowed = null } = request;
  const isAllowed = allowed === null ? null : (paper: number): boolean => allowed(matrix.paperIds[paper] as number);
  const upvoted = livePapers(matrix, request.historyIds);
  workspace.reached.take(upvoted);
  try {
    const history = leastUpvoted(matrix, upvoted, parameters.mostHistory);
    const reader = request.readerId == null ? -1 : matrix.readerAt(request.readerId);
    const scale = history.length === 0 ? { walk: 0, ridge: 0 } : scoreCandidates(workspace, history, { reader, allowed: isAllowed });
    const ranked = rank(workspace, request, isAllowed);
    const explain = contributionsIn(workspace, history, scale);
    const items = ranked.slice(0, request.limit).map(({ paper, place, score }, index): Recommendation => {
      const isExplained = index < (request.reasons ?? Infinity);
      const contributions = place < 0 ? [trendContribution(workspace, paper)].filter((term) => term.contribution !== 0) : null;
      return { paperId: matrix.paperIds[paper] as number, score, contributions: isExplained ? (contributions ?? explain(place)) : [] };
    });
    return { items, hasMore: ranked.length > request.limit, total: countRankable(matrix, upvoted, isAllowed) };
  } finally {
    clearSystem(workspace);
    workspace.rows.clear();
  }
}

/** The papers that are there, once each, by index, in the order of their ids. */
function livePapers(matrix: TasteMatrix, ids: readonly number[]): Int32Array<ArrayBuffer> {
  const papers = [...new Set(ids)].map((id) => matrix.paperAt(id)).filter((paper) => paper >= 0);
  return matrix.sortById(Int32Array.from(papers));
}

/** At most so many papers: of a library of thousands, those that fewest upvoted, which tell readers apart. */
function leastUpvoted(matrix: TasteMatrix, papers: Int32Array<ArrayBuffer>, most: number): Int32Array<ArrayBuffer> {
  if (papers.length <= most) return papers;
  const votes = matrix.readersOfPaper;
  const idOf = (paper: number): number => matrix.paperIds[paper] as number;
  const rarest = papers.slice().sort((one, other) => votes.sizeOf(one) - votes.sizeOf(other) || idOf(one) - idOf(other));
  return matrix.sortById(rarest.slice(0, most));
}

interface Ranked {
  readonly paper: number;
  /** In the system of candidates; −1 for a paper that is none. */
  readonly place: number;
  readonly score: number;
}

/** The ranking's next papers, one more than the page has if there are as many. */
function rank(workspace: Workspace, { limit, after = null }: RecommendRequest, isAllowed: ((paper: number) => boolean) | null): Ranked[] {
  const { matrix, parameters, system, reached, trend } = workspace;
  const wanted = limit + 1;
  const candidates = leadingPlaces(system, { count: wanted, paperIds: matrix.paperIds, after }).map(
    (place): Ranked => ({ paper: system.papers[place] as number, place, score: system.vectors.total[place] as number }),
  );
  // No trend is larger than its weight: most pages are done here, without a look at all papers.
  const last = candidates[wanted - 1];
  if (last !== undefined && last.score > parameters.trendWeight) return candidates;
  const others: Ranked[] = [];
  for (const { paper, score } of trend.below(after)) {
    if (others.length === wanted) break;
    if (!reached.isTaken(paper) && (isAllowed === null || isAllowed(paper))) others.push({ paper, place: -1, score });
  }
  const idOf = ({ paper }: Ranked): number => matrix.paperIds[paper] as number;
  return [...candidates, ...others].sort((one, other) => other.score - one.score || idOf(other) - idOf(one)).slice(0, wanted);
}

function countRankable(matrix: TasteMatrix, upvoted: Int32Array, isAllowed: ((paper: number) => boolean) | null): number {
  if (isAllowed === null) return matrix.paperCount - upvoted.length;
  const allowed = matrix.paperIds.filter((_, paper) => matrix.isLive(paper) && isAllowed(paper)).length;
  return allowed - upvoted.filter(isAllowed).length;
}
