import { leadingPlaces, scoreCandidates, type Scale } from './blend.js';
import { byContribution, contributionsIn, trendContribution, type Contribution } from './contributions.js';
import { DEFAULTS, type Parameters } from './parameters.js';
import { byScore, rulesOf, type RankedPaper } from './rules.js';
import { clearSystem } from './system.js';
import { isEmpty, tasteOf, type Taste, type TasteSource } from './taste.js';
import type { TasteMatrix } from './tasteMatrix.js';
import { Trend } from './trend.js';
import { clearWalk } from './walk.js';
import { SERVED_WEIGHTS, workspaceOf, type Weights, type Workspace } from './workspace.js';

export interface Recommendation {
  readonly paperId: number;
  /** The contributions add up to it, to 1e-9 of the largest of them. Comparable within one ranking only. */
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

/** For a reader of the matrix, or from papers that stand for upvotes; these and dismissed ones are never recommended. */
export interface RecommendRequest extends TasteSource {
  readonly limit: number;
  /** Continue after this place of the ranking. */
  readonly after?: Place | null;
  readonly weights?: Weights;
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
 * Ranks all papers that the reader neither upvoted nor dismissed nor muted. The walk finds candidates, which are scored by walk, ridge, tags,
 * dismissals and trend (blend.ts) and put in order by the rules (rules.ts); all other papers have the trend alone. Ties go to
 * the larger id. For an anonymous reader, or one who has said nothing yet, only the trend speaks. Nothing is trained or
 * cached: a score is a function of the matrix as it is now, and equal, to the last bit, for matrices that say the same,
 * however they came about.
 */
export function recommend(matrix: TasteMatrix, request: RecommendRequest, parameters: Parameters = DEFAULTS): RecommendationPage {
  const workspace = workspaceOf(matrix, parameters, request.weights ?? SERVED_WEIGHTS);
  const { allowed = null } = request;
  const isAllowed = allowed === null ? null : (paper: number): boolean => allowed(matrix.paperIdOf(paper));
  const taste = tasteOf(matrix, request, parameters);
  const trend = new Trend(matrix, parameters.trendWeight);
  const rankable = takeUnrankable(workspace, taste, isAllowed);
  const hidden = new Set(taste.unlearned.filter((paper) => !workspace.reached.isTaken(paper) && (isAllowed === null || isAllowed(paper))));
  try {
    const scale = isEmpty(taste) ? null : scoreCandidates(workspace, taste, { trend, allowed: isAllowed });
    const ranked = [...rank({ workspace, scale, trend, allowed: isAllowed, hidden }, request)];
    const explain = scale === null ? (): Contribution[] => [] : contributionsIn(workspace, taste, scale);
    const reasonsOf = ({ paper, place, score, adjustments }: RankedPaper): Contribution[] =>
      place < 0 ? [trendContribution(workspace, paper, score)] : [...explain(place), ...adjustments];
    const items = ranked.slice(0, request.limit).map((item, index) => toRecommendation(matrix, item, index < (request.reasons ?? Infinity) ? reasonsOf(item) : []));
    return { items, hasMore: ranked.length > request.limit, total: rankable - hidden.size };
  } finally {
    clearSystem(workspace);
    clearWalk(workspace, taste);
  }
}

/** A place of a ranking with the terms of its score. */
export function toRecommendation(matrix: TasteMatrix, { paper, score }: RankedPaper, terms: readonly Contribution[]): Recommendation {
  return { paperId: matrix.paperIdOf(paper), score, contributions: terms.filter((term) => term.contribution !== 0).sort(byContribution) };
}

interface Scored {
  readonly workspace: Workspace;
  /** Null without candidates. */
  readonly scale: Scale | null;
  readonly trend: Trend;
  readonly allowed: ((paper: number) => boolean) | null;
  /** Left out of the ranking as it is given, in which they have their place: the others stand as though the reader had never known them. */
  readonly hidden: ReadonlySet<number>;
}

/** The ranking's next papers, one more than the page has if there are as many: candidates and others by score. */
function* rank({ workspace, scale, trend, allowed, hidden }: Scored, { limit, after = null }: RecommendRequest): Generator<RankedPaper> {
  const { reached, matrix } = workspace;
  const others = trend.below(after);
  const nextOther = (): RankedPaper | null => {
    for (let next = others.next(); next.done !== true; next = others.next()) {
      const { paper, score } = next.value;
      if (!reached.isTaken(paper) && !hidden.has(paper) && (allowed === null || allowed(paper))) return { paper, place: -1, score, adjustments: [] };
    }
    return null;
  };
  const isBefore = byScore(workspace);
  let given = 0;
  let other: RankedPaper | null = null;
  let areOthersRead = false;
  for (const candidate of scale === null ? [] : orderedCandidates(workspace, scale)) {
    if (given > limit) return;
    if (hidden.has(candidate.paper)) continue;
    if (after !== null && !isBelow({ score: candidate.score, paperId: matrix.paperIdOf(candidate.paper) }, after)) continue;
    // No trend is larger than its weight: most pages are done without a look at the other papers.
    if (candidate.score <= workspace.parameters.trendWeight) {
      if (!areOthersRead) other = nextOther();
      areOthersRead = true;
      for (; other !== null && given <= limit && isBefore(other, candidate) < 0; other = nextOther(), given += 1) yield other;
      if (given > limit) return;
    }
    given += 1;
    yield candidate;
  }
  if (!areOthersRead && given <= limit) other = nextOther();
  for (; other !== null && given <= limit; other = nextOther(), given += 1) yield other;
}

/** Candidates that are put in order first: a page of twenty seldom needs more, and sorting them all costs more than ranking it. */
const SORTED_FIRST = 64;

/** The candidates in the order that the rules give them. */
export function orderedCandidates(workspace: Workspace, scale: Scale): Iterable<RankedPaper> {
  return rulesOf(workspace, scale.best).reduce<Iterable<RankedPaper>>((ranked, rule) => rule(ranked), byTaste(workspace));
}

function* byTaste({ system, matrix }: Workspace): Generator<RankedPaper> {
  const idOf = (paper: number): number => matrix.paperIdOf(paper);
  for (let from = 0, count = SORTED_FIRST; from < system.candidates; from = count, count = system.candidates) {
    for (const place of leadingPlaces(system, { count, idOf }).slice(from)) {
      yield { paper: system.papers[place] as number, place, score: system.vectors.total[place] as number, adjustments: [] };
    }
  }
}

/** Whether the one ranks below the other. */
export function isBelow(one: Place, other: Place): boolean {
  return one.score < other.score || (one.score === other.score && one.paperId < other.paperId);
}

/** Notes what is not to be ranked; returns how many papers are left. */
export function takeUnrankable({ matrix, reached }: Workspace, { known, unwanted }: Taste, allowed: ((paper: number) => boolean) | null): number {
  const taken = reached.take(known) + reached.take(unwanted);
  if (allowed === null) return matrix.paperCount - taken;
  let count = 0;
  for (let paper = 0; paper < matrix.papers.count; paper += 1) if (matrix.isLive(paper) && !reached.isTaken(paper) && allowed(paper)) count += 1;
  return count;
}
