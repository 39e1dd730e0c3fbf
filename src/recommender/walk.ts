import type { Adjacency } from './adjacency.js';
import { tagExponentFor, walkTagWeightFor } from './parameters.js';
import type { Reached } from './scratch.js';
import { nthLargest } from './typedArrays.js';
import type { Workspace } from './workspace.js';

/**
 * A walk of two steps from the history over readers and tags to papers: RP3β (Paudel et al., TiiS 2016) with tags as
 * further hyperedges. walk_i = d_i^(−β) Σ_u m_u + d_i^(−β/2) Σ_t m_t over the readers u and the tags t of paper i.
 */

/** The best papers of the walk that are live, not taken and allowed, in the order of their ids. */
export function walkCandidates(workspace: Workspace, history: Int32Array, request: { reader: number; allowed: ((paper: number) => boolean) | null }): Int32Array {
  const { matrix, parameters, rows, reached } = workspace;
  spreadHistory(workspace, history, request.reader);
  shareMasses(workspace, history.length);
  const scatterInto = { reached, budget: parameters.walkBudget };
  scatter(matrix.papersOfReader, { ids: rows.readerIds.subarray(0, rows.readers), idOf: matrix.readerIds, mass: rows.readerMass }, { ...scatterInto, into: reached.byReaders });
  scatter(matrix.papersOfTag, { ids: rows.tagIds.subarray(0, rows.tags), idOf: matrix.tagIds, mass: rows.tagMass }, { ...scatterInto, into: reached.byTags });
  const kept = keepRankable(workspace, request.allowed);
  return matrix.sortById(best(workspace, kept));
}

/** Mass of the rows next to the history: h_u = Σ d_i^(−α), h_t = Σ t_i^(−α). A tag of one paper leads nowhere. */
function spreadHistory({ matrix, tables, rows }: Workspace, history: Int32Array, ownReader: number): void {
  for (const paper of history) {
    const readers = matrix.readersOfPaper.values(paper);
    const perReader = tables.degree[readers.length] as number;
    for (const reader of readers) if (reader !== ownReader) rows.addReader(reader, perReader);
    const tags = matrix.tagsOfPaper.values(paper);
    const perTag = tables.degree[tags.length] as number;
    for (const tag of tags) if (matrix.papersOfTag.sizeOf(tag) > 1) rows.addTag(tag, perTag);
  }
}

/** What a row hands to each of its papers: a reader h_u^1.25 n_u^(−α), a tag w h_t f_t^(−α_t). */
function shareMasses({ matrix, tables, rows, parameters }: Workspace, votes: number): void {
  const tagWeight = walkTagWeightFor(parameters, votes);
  const tagExponent = tagExponentFor(parameters, votes);
  for (let k = 0; k < rows.readers; k += 1) {
    const reader = rows.readerIds[k] as number;
    const degree = tables.degree[matrix.papersOfReader.size[reader] as number] as number;
    rows.readerMass[reader] = sharpened(rows.readerMass[reader] as number) * degree;
  }
  for (let k = 0; k < rows.tags; k += 1) {
    const tag = rows.tagIds[k] as number;
    const logPapers = tables.log[matrix.papersOfTag.size[tag] as number] as number;
    rows.tagMass[tag] = (rows.tagMass[tag] as number) * tagWeight * Math.exp(-tagExponent * logPapers);
  }
}

/** x^1.25: the closest co-readers count more than in proportion, + 0.0023 of recall@20. */
function sharpened(mass: number): number {
  return mass * Math.sqrt(Math.sqrt(mass));
}

interface Source {
  /** Rows, by index. */
  readonly ids: Int32Array;
  readonly idOf: readonly number[];
  readonly mass: Float64Array;
}

interface Target {
  readonly reached: Reached;
  readonly into: Float64Array;
  /** Entries that may be read: the rows of fewest papers go first, and say most. */
  readonly budget: number;
}

function scatter(papersOf: Adjacency, { ids, idOf, mass }: Source, { reached, into, budget }: Target): void {
  const { pool, start, size } = papersOf;
  const { stamp, now, byReaders, byTags } = reached;
  let whole = 0;
  for (const row of ids) whole += size[row] as number;
  const bySize = (one: number, other: number): number =>
    (size[one] as number) - (size[other] as number) || (idOf[one] as number) - (idOf[other] as number);
  const order = whole > budget ? ids.slice().sort(bySize) : ids;
  let spent = 0;
  for (const row of order) {
    const end = (start[row] as number) + (size[row] as number);
    spent += size[row] as number;
    if (spent > budget) break;
    const share = mass[row] as number;
    for (let at = start[row] as number; at < end; at += 1) {
      const paper = pool[at] as number;
      if (stamp[paper] !== now) {
        stamp[paper] = now;
        reached.ids[reached.count++] = paper;
        byReaders[paper] = 0;
        byTags[paper] = 0;
      }
      into[paper] = (into[paper] as number) + share;
    }
  }
}

/** Moves the papers that may be ranked to the front, with their walk as key; returns how many they are. */
function keepRankable({ matrix, tables, reached }: Workspace, allowed: ((paper: number) => boolean) | null): number {
  const { ids, key, byReaders, byTags } = reached;
  let kept = 0;
  for (let k = 0; k < reached.count; k += 1) {
    const paper = ids[k] as number;
    if (reached.isTaken(paper) || !matrix.isLive(paper) || (allowed !== null && !allowed(paper))) continue;
    const popularity = tables.popularity[matrix.readersOfPaper.size[paper] as number] as number;
    ids[kept] = paper;
    key[kept++] = (byReaders[paper] as number) * popularity + (byTags[paper] as number) * Math.sqrt(popularity);
  }
  return kept;
}

/** The papers of the largest keys; of equal ones at the edge, those with larger ids. */
function best({ matrix, parameters, reached }: Workspace, kept: number): Int32Array<ArrayBuffer> {
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
  edge.sort((one, other) => (matrix.paperIds[other] as number) - (matrix.paperIds[one] as number));
  chosen.set(edge.slice(0, wanted - above), above);
  return chosen;
}
