import { Likeness } from './dismissals.js';
import { influenceOf } from './influence.js';
import { newPaperBoostFor, newPaperTaper, ridgeShareFor } from './parameters.js';
import { sampledReaders } from './sample.js';
import type { System } from './scratch.js';
import { solve } from './solve.js';
import { buildSystem } from './system.js';
import type { Taste } from './taste.js';
import type { Trend } from './trend.js';
import { nthLargest } from './typedArrays.js';
import { walkCandidates } from './walk.js';
import type { Workspace } from './workspace.js';

/** What the parts of a score are multiplied by; 0 for a part that says nothing. */
export interface Scale {
  /** 1 / largest walk. */
  readonly walk: number;
  /** κ / largest feature walk, which a paper's taper is multiplied by. */
  readonly featureWalk: number;
  /** Share of the ridge / largest ridge · φ. */
  readonly ridge: number;
  /** The best score that taste gives: what freshness, dismissals and diversity are parts of. */
  readonly best: number;
  /** Likeness to dismissed papers; null without any. */
  readonly likeness: Likeness | null;
}

interface ScoreRequest {
  readonly trend: Trend;
  readonly allowed: ((paper: number) => boolean) | null;
}

/**
 * Scores the candidates of a taste, which must not be empty, into the workspace's system:
 * total_i = walk_i / max walk + q φ_i ridge_i / max φ ridge + κ taper_i featurewalk_i / max featurewalk + trend_i − dismissal_i.
 */
export function scoreCandidates(workspace: Workspace, taste: Taste, request: ScoreRequest): Scale {
  const { parameters, system, weights } = workspace;
  setCandidates(workspace, taste, request);
  const votes = taste.history.length;
  const { walk, featureWalk } = pullWalk(workspace, { boost: weights.tags * newPaperBoostFor(parameters, votes), trend: request.trend });
  const ridgeShare = ridgeShareFor(parameters, votes);
  let ridge = 0;
  if (ridgeShare > 0 && system.candidates > 0) {
    buildSystem(workspace, taste);
    solve(system, parameters.steps);
    system.vectors.phi.fill(1, 0, system.candidates);
    blend(system, { walk, ridge: ridgeScale(system, ridgeShare) });
    correct(workspace);
    ridge = ridgeScale(system, ridgeShare);
  }
  const best = blend(system, { walk, ridge });
  return { walk, featureWalk, ridge, best, likeness: pushAway(workspace, taste, best) };
}

/** The walk's best, and where these are few the trend's first. */
function setCandidates(workspace: Workspace, taste: Taste, { trend, allowed }: ScoreRequest): void {
  const { matrix, parameters, system, reached } = workspace;
  const found = walkCandidates(workspace, taste, allowed);
  reached.take(found);
  const trending: number[] = [];
  if (found.length < parameters.trendCandidates) {
    for (const { paper } of trend.below(null)) {
      if (found.length + trending.length >= parameters.trendCandidates) break;
      if (!reached.isTaken(paper) && (allowed === null || allowed(paper))) trending.push(paper);
    }
  }
  reached.take(Int32Array.from(trending));
  const candidates = matrix.sortById(Int32Array.of(...found, ...trending));
  const papers = new Int32Array(candidates.length + taste.history.length);
  papers.set(candidates);
  papers.set(taste.history, candidates.length);
  system.setPapers(papers, { candidates: candidates.length, columns: papers.length + taste.followed.TAG.length + taste.followed.AUTHOR.length });
}

/** The walk of each candidate, its taper and its trend. */
function pullWalk(workspace: Workspace, { boost, trend }: { readonly boost: number; readonly trend: Trend }): Pick<Scale, 'walk' | 'featureWalk'> {
  const { matrix, parameters, tables, reached, system } = workspace;
  const { vectors, papers, candidates } = system;
  let mostWalk = 0;
  let mostFeatureWalk = 0;
  for (let a = 0; a < candidates; a += 1) {
    const paper = papers[a] as number;
    const votes = matrix.readersOfPaper.sizeOf(paper);
    // A paper that only the trend brought was given nothing; of a sampled one the contributions know the sample alone.
    const slot = reached.slotOf(paper);
    const given = slot < 0 ? 0 : (reached.byReaders[slot] as number);
    const ofReaders = votes <= parameters.mostReaders ? given : pulledByReaders(workspace, paper);
    const featureWalk = slot < 0 ? 0 : (reached.byFeatures[slot] as number) * (tables.rootPopularity[votes] as number);
    const walk = ofReaders * (tables.popularity[votes] as number) + featureWalk;
    vectors.featureWalk[a] = featureWalk;
    vectors.walk[a] = walk;
    vectors.taper[a] = newPaperTaper(parameters, votes);
    vectors.trend[a] = trend.scoreOf(paper);
    mostWalk = Math.max(mostWalk, walk);
    mostFeatureWalk = Math.max(mostFeatureWalk, featureWalk);
  }
  const perFeatureWalk = mostFeatureWalk > 0 ? boost / mostFeatureWalk : 0;
  for (let a = 0; a < candidates; a += 1) vectors.taper[a] = (vectors.taper[a] as number) * perFeatureWalk;
  return { walk: mostWalk > 0 ? 1 / mostWalk : 0, featureWalk: perFeatureWalk };
}

/**
 * Of two papers that are sampled a reader is in both samples as often as in the one that is drawn more thinly, so the larger
 * share counts, not their product.
 */
function pulledByReaders({ matrix, parameters, readers }: Workspace, paper: number): number {
  const { pool } = matrix.readersOfPaper;
  const { from, end, share } = sampledReaders({ matrix, parameters }, paper);
  const { mass } = readers;
  let sum = 0;
  if (share === 1) for (let at = from; at < end; at += 1) sum += mass[pool[at] as number] as number;
  else for (let at = from; at < end; at += 1) sum += readers.partOf(pool[at] as number, share);
  return sum;
}

function ridgeScale({ vectors, candidates }: System, share: number): number {
  let most = 0;
  for (let a = 0; a < candidates; a += 1) most = Math.max(most, (vectors.ridge[a] as number) * (vectors.phi[a] as number));
  return most > 0 ? share / most : 0;
}

/** Adds up the totals; returns the largest. */
function blend({ vectors, candidates }: System, scale: Pick<Scale, 'walk' | 'ridge'>): number {
  const { walk, ridge, phi, taper, featureWalk, trend, total } = vectors;
  let best = 0;
  for (let a = 0; a < candidates; a += 1) {
    const ofRidge = scale.ridge === 0 ? 0 : scale.ridge * (phi[a] as number) * (ridge[a] as number);
    const sum = scale.walk * (walk[a] as number) + ofRidge + (taper[a] as number) * (featureWalk[a] as number) + (trend[a] as number);
    total[a] = sum;
    best = Math.max(best, sum);
  }
  return best;
}

/** φ of the leaders over their mean; the others keep the mean, 1. */
function correct({ parameters, system, influence, matrix }: Workspace): void {
  const leaders = leadingPlaces(system, { count: parameters.leaders, idOf: (paper) => matrix.paperIdOf(paper) });
  if (leaders.length === 0) return;
  const values = influenceOf(system, leaders, influence);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  leaders.forEach((a, k) => {
    system.vectors.phi[a] = (values[k] as number) / mean;
  });
}

/** Takes from each candidate what its likeness to dismissed papers costs. */
function pushAway(workspace: Workspace, taste: Taste, best: number): Likeness | null {
  const { system, parameters } = workspace;
  if (taste.dismissed.length === 0) return null;
  const { vectors, papers, candidates } = system;
  const likeness = new Likeness(workspace, taste.dismissed);
  for (let a = 0; a < candidates; a += 1) {
    vectors.total[a] = (vectors.total[a] as number) - parameters.dismissal * best * likeness.sumFor(papers[a] as number);
  }
  return likeness;
}

interface Cut {
  readonly count: number;
  readonly idOf: (paper: number) => number;
}

/** Places of the candidates with the largest totals, the largest first; ties go to the larger id. */
export function leadingPlaces({ vectors, papers, candidates }: System, { count, idOf }: Cut): number[] {
  const { total } = vectors;
  const places = Array.from({ length: candidates }, (_, a) => a);
  const least = count > 0 && count < candidates ? nthLargest(total.slice(0, candidates), candidates, count) : -Infinity;
  return places
    .filter((a) => (total[a] as number) >= least)
    .sort((one, other) => (total[other] as number) - (total[one] as number) || idOf(papers[other] as number) - idOf(papers[one] as number))
    .slice(0, count);
}
