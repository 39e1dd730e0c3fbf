import type { Adjacency } from './adjacency.js';
import { influenceOf } from './influence.js';
import { newPaperBoostFor, newPaperTaper, ridgeShareFor } from './parameters.js';
import type { System } from './scratch.js';
import { solve } from './solve.js';
import { buildSystem } from './system.js';
import { nthLargest } from './typedArrays.js';
import { walkCandidates } from './walk.js';
import type { Workspace } from './workspace.js';

/** What the parts of a score are multiplied by; 0 for a part that says nothing. */
export interface Scale {
  /** 1 / largest walk. */
  readonly walk: number;
  /** Share of the ridge / largest ridge · φ. */
  readonly ridge: number;
}

interface ScoreRequest {
  /** The reader whose own votes are no co-reader's; −1 for none. */
  readonly reader: number;
  readonly allowed: ((paper: number) => boolean) | null;
}

/**
 * Scores the candidates of a history, which must not be empty, into the workspace's system:
 * total_i = walk_i / max walk + q φ_i ridge_i / max φ ridge + κ taper_i tagwalk_i / max tagwalk + trend_i.
 */
export function scoreCandidates(workspace: Workspace, history: Int32Array, request: ScoreRequest): Scale {
  const { parameters, system, reached } = workspace;
  const candidates = walkCandidates(workspace, history, request);
  reached.take(candidates);
  const papers = new Int32Array(candidates.length + history.length);
  papers.set(candidates);
  papers.set(history, candidates.length);
  system.setPapers(papers, candidates.length);
  const walk = pullWalk(workspace, newPaperBoostFor(parameters, history.length));
  const ridgeShare = ridgeShareFor(parameters, history.length);
  if (ridgeShare <= 0 || candidates.length === 0) return blend(system, { walk, ridge: 0 });
  buildSystem(workspace);
  solve(system, parameters.steps);
  system.vectors.phi.fill(1, 0, system.candidates);
  blend(system, { walk, ridge: ridgeScale(system, ridgeShare) });
  correct(workspace);
  return blend(system, { walk, ridge: ridgeScale(system, ridgeShare) });
}

/** The walk of each candidate over all of its rows, its taper and its trend; returns 1 / largest walk. */
function pullWalk({ matrix, parameters, tables, rows, system, trend }: Workspace, boost: number): number {
  const { vectors, papers, candidates } = system;
  let mostWalk = 0;
  let mostTagWalk = 0;
  for (let a = 0; a < candidates; a += 1) {
    const paper = papers[a] as number;
    const votes = matrix.readersOfPaper.sizeOf(paper);
    const popularity = tables.popularity[votes] as number;
    const tagWalk = pulled(matrix.tagsOfPaper, paper, rows.tagMass) * Math.sqrt(popularity);
    const walk = pulled(matrix.readersOfPaper, paper, rows.readerMass) * popularity + tagWalk;
    vectors.tagWalk[a] = tagWalk;
    vectors.walk[a] = walk;
    vectors.taper[a] = newPaperTaper(parameters, votes);
    vectors.trend[a] = trend.scoreOf(paper);
    mostWalk = Math.max(mostWalk, walk);
    mostTagWalk = Math.max(mostTagWalk, tagWalk);
  }
  const perTagWalk = mostTagWalk > 0 ? boost / mostTagWalk : 0;
  for (let a = 0; a < candidates; a += 1) vectors.taper[a] = (vectors.taper[a] as number) * perTagWalk;
  return mostWalk > 0 ? 1 / mostWalk : 0;
}

function pulled({ pool, start, size }: Adjacency, paper: number, mass: Float64Array): number {
  const from = start[paper] as number;
  const end = from + (size[paper] as number);
  let sum = 0;
  for (let at = from; at < end; at += 1) sum += mass[pool[at] as number] as number;
  return sum;
}

function ridgeScale({ vectors, candidates }: System, share: number): number {
  let most = 0;
  for (let a = 0; a < candidates; a += 1) most = Math.max(most, (vectors.ridge[a] as number) * (vectors.phi[a] as number));
  return most > 0 ? share / most : 0;
}

function blend({ vectors, candidates }: System, scale: Scale): Scale {
  const { walk, ridge, phi, taper, tagWalk, trend, total } = vectors;
  for (let a = 0; a < candidates; a += 1) {
    const ofRidge = scale.ridge === 0 ? 0 : scale.ridge * (phi[a] as number) * (ridge[a] as number);
    total[a] = scale.walk * (walk[a] as number) + ofRidge + (taper[a] as number) * (tagWalk[a] as number) + (trend[a] as number);
  }
  return scale;
}

/** φ of the leaders over their mean; the others keep the mean, 1. */
function correct({ parameters, system, influence, matrix }: Workspace): void {
  const leaders = leadingPlaces(system, { count: parameters.leaders, paperIds: matrix.paperIds });
  if (leaders.length === 0) return;
  const values = influenceOf(system, leaders, influence);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  leaders.forEach((a, k) => {
    system.vectors.phi[a] = (values[k] as number) / mean;
  });
}

/** Which candidates to take: so many, below a place of the ranking if one is given. */
export interface Cut {
  readonly count: number;
  readonly paperIds: readonly number[];
  readonly after?: { readonly score: number; readonly paperId: number } | null | undefined;
}

/** Places of the candidates with the largest totals, the largest first; ties go to the larger id. */
export function leadingPlaces({ vectors, papers, candidates }: System, { count, paperIds, after }: Cut): number[] {
  const { total } = vectors;
  const idOf = (a: number): number => paperIds[papers[a] as number] as number;
  const places: number[] = [];
  for (let a = 0; a < candidates; a += 1) {
    const score = total[a] as number;
    if (after == null || score < after.score || (score === after.score && idOf(a) < after.paperId)) places.push(a);
  }
  const least = count > 0 && count < places.length ? nthLargest(Float64Array.from(places, (a) => total[a] as number), places.length, count) : -Infinity;
  return places
    .filter((a) => (total[a] as number) >= least)
    .sort((one, other) => (total[other] as number) - (total[one] as number) || idOf(other) - idOf(one))
    .slice(0, count);
}
