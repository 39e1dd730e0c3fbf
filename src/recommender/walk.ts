import type { Adjacency } from './adjacency.js';
import { alikeFeaturesFor, featureExponentFor } from './parameters.js';
import { sampledReaders } from './sample.js';
import type { Reached, RowMass } from './scratch.js';
import type { Taste } from './taste.js';
import { nthLargest } from './typedArrays.js';
import type { FeatureSpace, Workspace } from './workspace.js';

/**
 * A walk of two steps from the history over readers, tags and authors to papers: RP3β (Paudel et al., TiiS 2016) with
 * tags and authors as further hyperedges. walk_i = d_i^(−β) Σ_u m_u + d_i^(−β/2) Σ_t m_t over the readers u and the
 * tags and authors t of paper i. A followed tag or author counts as an upvoted paper that has it alone.
 */

/** The best papers of the walk that are live, neither known to the reader nor unwanted, and allowed. */
export function walkCandidates(workspace: Workspace, taste: Taste, allowed: ((paper: number) => boolean) | null): Int32Array {
  const { matrix, parameters, readers, spaces, reached } = workspace;
  reached.passOver(taste.known);
  reached.passOver(taste.unwanted);
  spreadHistory(workspace, taste);
  shareMasses(workspace, taste);
  scatter({ papersOf: matrix.papersOfReader, rows: readers }, { reached, budget: parameters.walkBudget, into: reached.byReaders });
  for (const { features, rows } of spaces) scatter({ papersOf: features.papersOf, rows }, { reached, budget: parameters.featureBudget, into: reached.byFeatures });
  const kept = keepRankable(workspace, allowed);
  // A removed paper may have links for a moment.
  return best(workspace, kept).filter((paper) => matrix.isLive(paper));
}

/** What a followed tag or author counts for, where an upvoted paper that has it alone counts 1. */
export const FOLLOW_WEIGHT = 1;

/** Mass of the rows next to the history: h_u = Σ d_i^(−α), h_t = Σ t_i^(−α). A tag of one paper leads nowhere. */
export function spreadHistory(workspace: Workspace, taste: Taste): void {
  const { matrix, parameters, tables, readers, links, spaces } = workspace;
  const { pool } = matrix.readersOfPaper;
  taste.history.forEach((paper, place) => {
    const { from, end, share } = sampledReaders(workspace, paper);
    const perReader = tables.degree[matrix.readersOfPaper.sizeOf(paper)] as number;
    for (let at = from; at < end; at += 1) {
      const reader = pool[at] as number;
      if (reader === taste.reader) continue;
      readers.add(reader, perReader, 1);
      links.add(reader, place, share * perReader);
      readers.extra[reader] = (readers.extra[reader] as number) + (share - 1) * perReader;
    }
    for (const { features, rows } of spaces) {
      const ofPaper = features.ofPaper.values(paper);
      // Not from a table: a paper may have thousands of authors, more than there are papers or readers.
      const perFeature = ofPaper.length ** -parameters.degreeExponent;
      for (const feature of ofPaper) if ((features.logPapers[feature] as number) > 0) rows.add(feature, perFeature, 1);
    }
  });
  for (const { kind, rows, followed } of spaces) {
    for (const feature of taste.followed[kind]) {
      rows.add(feature, FOLLOW_WEIGHT, 0);
      followed[feature] = 1;
    }
  }
}

/**
 * What a row hands to each of its papers: a reader s_u h_u^1.25 n_u^(−α), s_u the readers it stands for, a tag w h_t f_t^(−α_t);
 * and what it weighs in the ridge.
 */
function shareMasses({ matrix, tables, readers, spaces, parameters, weights }: Workspace, taste: Taste): void {
  const votes = Math.max(1, taste.history.length);
  for (let k = 0; k < readers.count; k += 1) {
    const reader = readers.ids[k] as number;
    const degree = tables.degree[matrix.papersOfReader.size[reader] as number] as number;
    const mass = readers.mass[reader] as number;
    const extra = (readers.extra[reader] as number) / mass;
    readers.extra[reader] = extra;
    readers.mass[reader] = weights.votes * sharpened(mass) * (1 + extra) * degree;
  }
  readers.weigh(parameters.alikeReaders);
  const exponent = featureExponentFor(parameters, votes);
  for (const { features, rows, walkWeightFor } of spaces) {
    const weight = weights.tags * walkWeightFor(parameters, votes);
    for (let k = 0; k < rows.count; k += 1) {
      const feature = rows.ids[k] as number;
      const logPapers = features.logPapers[feature] as number;
      rows.mass[feature] = (rows.mass[feature] as number) * weight * Math.exp(-exponent * logPapers);
    }
    rows.weigh(alikeFeaturesFor(parameters, votes));
  }
}

/** x^1.25: the closest co-readers count more than in proportion, + 0.0023 of recall@20. */
function sharpened(mass: number): number {
  return mass * Math.sqrt(Math.sqrt(mass));
}

interface Source {
  readonly papersOf: Adjacency;
  readonly rows: RowMass;
}

interface Target {
  readonly reached: Reached;
  readonly into: Float64Array;
  /** Entries that may be read: the rows of fewest papers go first, and say most. */
  readonly budget: number;
}

function scatter({ papersOf, rows }: Source, { reached, into, budget }: Target): void {
  const { pool, start, size } = papersOf;
  // What Reached.reach does, with its fields at hand: the loop runs 40,000 times a request.
  const { slots, offset, ids, byReaders, byFeatures } = reached;
  let { count } = reached;
  const largest = largestAffordable(papersOf, rows, budget);
  for (let k = 0; k < rows.count; k += 1) {
    const row = rows.ids[k] as number;
    if ((size[row] as number) > largest) {
      rows.mass[row] = 0;
      continue;
    }
    const end = (start[row] as number) + (size[row] as number);
    const share = rows.mass[row] as number;
    for (let at = start[row] as number; at < end; at += 1) {
      const paper = pool[at] as number;
      let slot = (slots[paper] as number) - offset;
      if (slot < 0) {
        slot = count++;
        slots[paper] = offset + slot;
        ids[slot] = paper;
        byReaders[slot] = 0;
        byFeatures[slot] = 0;
      }
      into[slot] = (into[slot] as number) + share;
    }
  }
  reached.count = count;
}

/** The largest number of papers at which the rows of so many papers and fewer are within the budget; Infinity if all are. */
function largestAffordable({ size }: Adjacency, rows: RowMass, budget: number): number {
  let whole = 0;
  for (let k = 0; k < rows.count; k += 1) whole += size[rows.ids[k] as number] as number;
  if (whole <= budget) return Infinity;
  const entriesBySize = new Map<number, number>();
  for (let k = 0; k < rows.count; k += 1) {
    const papers = size[rows.ids[k] as number] as number;
    entriesBySize.set(papers, (entriesBySize.get(papers) ?? 0) + papers);
  }
  let largest = 0;
  let spent = 0;
  for (const [papers, entries] of [...entriesBySize].sort(([one], [other]) => one - other)) {
    spent += entries;
    if (spent > budget) break;
    largest = papers;
  }
  return largest;
}

/** Moves the papers that may be ranked to the front, with their walk as key; returns how many they are. */
function keepRankable({ matrix, tables, reached }: Workspace, allowed: ((paper: number) => boolean) | null): number {
  const { ids, key, byReaders, byFeatures } = reached;
  const { size } = matrix.readersOfPaper;
  let kept = 0;
  for (let k = reached.passedOver; k < reached.count; k += 1) {
    const paper = ids[k] as number;
    if (allowed !== null && !allowed(paper)) continue;
    const votes = size[paper] as number;
    ids[kept] = paper;
    key[kept++] = (byReaders[k] as number) * (tables.popularity[votes] as number) + (byFeatures[k] as number) * (tables.rootPopularity[votes] as number);
  }
  return kept;
}

/** The papers of the largest keys; of equal ones at the edge, those with larger ids. */
function best({ matrix, parameters, reached }: Workspace, kept: number): Int32Array {
  const { ids, key, keysToSelect } = reached;
  const wanted = parameters.candidates;
  if (kept <= wanted) return ids.slice(0, kept);
  keysToSelect.set(key.subarray(0, kept));
  const least = nthLargest(keysToSelect, kept, wanted);
  const chosen = new Int32Array(wanted);
  const edge: number[] = [];
  let above = 0;
  for (let k = 0; k < kept; k += 1) {
    if ((key[k] as number) > least) chosen[above++] = ids[k] as number;
    else if (key[k] === least) edge.push(ids[k] as number);
  }
  edge.sort((one, other) => matrix.paperIdOf(other) - matrix.paperIdOf(one));
  chosen.set(edge.slice(0, wanted - above), above);
  return chosen;
}

/** Undoes what a walk noted. */
export function clearWalk({ readers, links, spaces }: Workspace, taste: Taste): void {
  links.clear(readers);
  readers.clear();
  for (const { kind, rows, followed } of spaces) {
    rows.clear();
    for (const feature of taste.followed[kind]) followed[feature] = 0;
  }
}

/** Whether a feature takes part for the reader at all. */
export function isLinking({ features, followed }: FeatureSpace, feature: number): boolean {
  return (features.logPapers[feature] as number) > 0 || followed[feature] === 1;
}
