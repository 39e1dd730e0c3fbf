import { readerWeight, scaledToUnit, shrunkCosine, tagVector } from './similarity.js';
import type { TasteMatrix } from './tasteMatrix.js';

/** One term of a score. Terms of one kind differ in `sourceId`; all terms of a score add up to it. */
export interface Contribution {
  readonly kind: 'SHARED_TAG' | 'CO_UPVOTED' | 'TRENDING';
  /** The tag that is shared, or the upvoted paper whose readers upvoted this one too; null for TRENDING. */
  readonly sourceId: number | null;
  /** SHARED_TAG: in how many upvoted papers the tag is. CO_UPVOTED: how many readers upvoted both. */
  readonly support: number;
  readonly contribution: number;
}

export interface Recommendation {
  readonly paperId: number;
  /** Exactly the sum of the contributions. */
  readonly score: number;
  /** The largest first. */
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
  readonly limit: number;
  /** Continue after this place of the ranking. */
  readonly after?: { readonly score: number; readonly paperId: number } | null;
}

/** What the formulas leave open. */
export interface Parameters {
  /** Share of the tag profile's cosine, which is at most 1. */
  readonly tagWeight: number;
  /** Share of the votes' similarity, which is about as large. */
  readonly voteWeight: number;
  /** Share of the trend, at most 1: it decides only where taste says nothing. */
  readonly trendWeight: number;
  /** Co-readers that a pair of papers has to outweigh. */
  readonly shrink: number;
  /** Time in which the trend of a paper halves, counted back from the latest listed paper. */
  readonly trendHalfLifeDays: number;
}

export const DEFAULTS: Parameters = { tagWeight: 0.5, voteWeight: 1, trendWeight: 0.05, shrink: 5, trendHalfLifeDays: 14 };

const DAY_SECONDS = 86_400;
// Contributions are multiples of 2⁻⁴⁰: sums of them are exact in a double, in any order. So the terms that are shown add
// up to the score to the last bit, and two servers agree on it, however their matrices came about.
const GRID = 2 ** 40;

/**
 * Ranks all papers outside the history: tag overlap, collaborative upvotes and the trend, added up. Ties go to the
 * larger id. Without a history, only the trend speaks. O(papers + votes of co-readers + papers of shared tags).
 */
export function recommend(matrix: TasteMatrix, request: RecommendRequest, parameters = DEFAULTS): RecommendationPage {
  const taste = readTaste(matrix, request.historyIds, parameters);
  const isBelow = (one: Scored, other: Scored): boolean =>
    one.score < other.score || (one.score === other.score && one.paperId < other.paperId);
  const candidates: Scored[] = [];
  let total = 0;
  for (let paper = 0; paper < matrix.paperIds.length; paper += 1) {
    if (!matrix.isLive(paper) || taste.history.has(paper)) continue;
    total += 1;
    const scored = { paper, paperId: matrix.paperIds[paper] as number, score: scoreOf(taste, paper) };
    if (request.after == null || isBelow(scored, { paper: -1, ...request.after })) candidates.push(scored);
  }
  candidates.sort((one, other) => (isBelow(one, other) ? 1 : -1));
  const items = candidates.slice(0, request.limit).map(({ paper, paperId, score }) => ({
    paperId,
    score,
    contributions: [...taste.termsOf(paper)].filter((term) => term.contribution !== 0).sort(byContribution),
  }));
  return { items, hasMore: candidates.length > request.limit, total };
}

interface Scored {
  readonly paper: number;
  readonly paperId: number;
  readonly score: number;
}

interface Taste {
  readonly history: ReadonlySet<number>;
  /** The terms of a paper's score, in the order in which the score adds them. */
  termsOf(paper: number): Iterable<Contribution>;
}

// Everything that scores is read here once; a paper's terms are then looked up.
function readTaste(matrix: TasteMatrix, historyIds: readonly number[], parameters: Parameters): Taste {
  const history = new Set(historyIds.map((id) => matrix.paperAt(id)).filter((paper) => paper >= 0));
  const profile = tagProfile(matrix, history);
  const neighbours = coUpvoted(matrix, history, parameters);
  const trend = trendOf(matrix, parameters);
  return {
    history,
    *termsOf(paper) {
      if (profile.size > 0) yield* sharedTags(matrix, tagVector(matrix, paper), { profile, tagWeight: parameters.tagWeight });
      yield* neighbours.get(paper) ?? [];
      yield { kind: 'TRENDING', sourceId: null, support: matrix.readersOfPaper[paper]?.length ?? 0, contribution: onGrid(trend(paper)) };
    },
  };
}

// The very terms that are shown are the ones that are added.
function scoreOf(taste: Taste, paper: number): number {
  let score = 0;
  for (const term of taste.termsOf(paper)) score += term.contribution;
  return score;
}

/** The nearest multiple of 2⁻⁴⁰. */
function onGrid(value: number): number {
  return Math.round(value * GRID) / GRID;
}

function byContribution(one: Contribution, other: Contribution): number {
  return other.contribution - one.contribution || one.kind.localeCompare(other.kind) || (one.sourceId ?? 0) - (other.sourceId ?? 0);
}

interface ProfileEntry {
  readonly value: number;
  /** Papers of the history that have the tag. */
  readonly support: number;
}

/** The history's tag vectors, summed and scaled to length 1. */
function tagProfile(matrix: TasteMatrix, history: ReadonlySet<number>): Map<number, ProfileEntry> {
  const sum = new Map<number, number>();
  const support = new Map<number, number>();
  for (const paper of history) {
    for (const [tag, value] of tagVector(matrix, paper)) {
      sum.set(tag, (sum.get(tag) ?? 0) + value);
      support.set(tag, (support.get(tag) ?? 0) + 1);
    }
  }
  return new Map([...scaledToUnit(sum)].map(([tag, value]) => [tag, { value, support: support.get(tag) ?? 0 }]));
}

/** Terms of the cosine between the profile and a paper, one a shared tag. */
function* sharedTags(
  matrix: TasteMatrix,
  vector: ReadonlyMap<number, number>,
  { profile, tagWeight }: { readonly profile: ReadonlyMap<number, ProfileEntry>; readonly tagWeight: number },
): Iterable<Contribution> {
  for (const [tag, value] of vector) {
    const entry = profile.get(tag);
    if (entry === undefined) continue;
    const sourceId = matrix.tagIds[tag] as number;
    yield { kind: 'SHARED_TAG', sourceId, support: entry.support, contribution: onGrid(tagWeight * entry.value * value) };
  }
}

/**
 * Terms of item kNN, one a pair of an upvoted paper and a candidate with readers in common; divided by √|history|, so
 * that long histories do not drown the other terms.
 */
function coUpvoted(matrix: TasteMatrix, history: ReadonlySet<number>, parameters: Parameters): Map<number, Contribution[]> {
  const terms = new Map<number, Contribution[]>();
  const scale = parameters.voteWeight / Math.sqrt(Math.max(1, history.size));
  for (const upvoted of history) {
    const readers = matrix.readersOfPaper[upvoted] ?? [];
    for (const [paper, shared] of coReaders(matrix, readers)) {
      if (history.has(paper)) continue;
      const others = matrix.readersOfPaper[paper]?.length ?? 0;
      const similarity = shrunkCosine(shared.weight, [readers.length, others], parameters.shrink);
      const sourceId = matrix.paperIds[upvoted] as number;
      const term: Contribution = { kind: 'CO_UPVOTED', sourceId, support: shared.readers, contribution: onGrid(scale * similarity) };
      const known = terms.get(paper);
      if (known === undefined) terms.set(paper, [term]);
      else known.push(term);
    }
  }
  return terms;
}

interface Shared {
  /** Sum of the co-readers' weights. */
  weight: number;
  readers: number;
}

function coReaders(matrix: TasteMatrix, readers: readonly number[]): Map<number, Shared> {
  const shared = new Map<number, Shared>();
  for (const reader of readers) {
    const papers = matrix.papersOfReader[reader] ?? [];
    const weight = readerWeight(papers.length);
    for (const paper of papers) {
      const entry = shared.get(paper);
      if (entry === undefined) shared.set(paper, { weight, readers: 1 });
      else {
        entry.weight += weight;
        entry.readers += 1;
      }
    }
  }
  return shared;
}

/**
 * ln(2 + readers) / ln(2 + most readers) · 2^(−age / half-life), the age counted from the latest listed paper rather
 * than from now: a ranking can be replayed, and a feed that pauses keeps its order.
 */
function trendOf(matrix: TasteMatrix, { trendWeight, trendHalfLifeDays }: Parameters): (paper: number) => number {
  let latest = -Infinity;
  let most = 0;
  for (let paper = 0; paper < matrix.paperIds.length; paper += 1) {
    if (!matrix.isLive(paper)) continue;
    latest = Math.max(latest, matrix.listedSeconds[paper] as number);
    most = Math.max(most, matrix.readersOfPaper[paper]?.length ?? 0);
  }
  return (paper) => {
    const ageDays = (latest - (matrix.listedSeconds[paper] as number)) / DAY_SECONDS;
    const popularity = Math.log(2 + (matrix.readersOfPaper[paper]?.length ?? 0)) / Math.log(2 + most);
    return trendWeight * popularity * 2 ** (-ageDays / trendHalfLifeDays);
  };
}
