import { sampledReaders } from './sample.js';
import type { System, Touched } from './scratch.js';
import { inverseFrequency } from './tables.js';
import type { Taste } from './taste.js';
import { grownFloats } from './typedArrays.js';
import type { FeatureSpace, Workspace } from './workspace.js';

/**
 * The rows of R that at least two columns of the system share, as a compressed matrix by column: a reader's entry is
 * √(c n^(−e)), a tag's its weight times ln(papers / papers of the tag), scaled so that a paper's tags have length
 * `tagRowNorm`; authors alike. Rows near the history in the walk weigh more, 1 + c m / mean m, so that the ridge is fitted
 * where the reader is, as in locally weighted regression (Cleveland and Devlin, JASA 1988): + 0.007 of nDCG@20 on
 * validation. A row with one column in the system only adds to that column's diagonal. G = RᵀR.
 *
 * A followed feature is a column of its own, that of a paper which has this feature alone and no readers.
 */
export function buildSystem(workspace: Workspace, taste: Taste): void {
  const { system, spaces, tables } = workspace;
  const { papers, vectors } = system;
  let most = 0;
  for (const paper of papers) most += sampledReaders(workspace, paper).count;
  countReaders(workspace);
  for (const space of spaces) {
    countFeatures(system, space);
    for (const paper of papers) most += space.features.ofPaper.sizeOf(paper);
    for (const feature of taste.followed[space.kind]) countRow(space.rowOf, feature, space.touched);
    most += taste.followed[space.kind].length;
    space.unit = grownFloats(space.unit as Float64Array<ArrayBuffer>, system.count);
  }
  system.fitEntries(most);
  let entries = 0;
  for (let a = 0; a < papers.length; a += 1) {
    system.from[a] = entries;
    const readers = addReaders(workspace, a, entries);
    entries = readers.entries;
    let { squares, unshared } = readers;
    for (const space of spaces) {
      const features = addFeatures(workspace, space, { a, first: entries });
      entries = features.entries;
      squares += features.squares;
      unshared += features.unshared;
    }
    vectors.diagonal[a] = tables.regularisation + squares;
    vectors.ownDiagonal[a] = tables.regularisation + unshared;
  }
  addFollowed(workspace, taste, entries);
}

// Rows are numbered from 1; until one has its number it is in one of these states. One array for all, as the loops over
// it wait for memory: 0.2 ms less a request than one for the counts and one for the rows.
const UNSEEN = 0;
const SEEN_ONCE = -1;
const SHARED = -2;

function countReaders(workspace: Workspace): void {
  const { pool } = workspace.matrix.readersOfPaper;
  const { readerRow, papers, touchedReaders } = workspace.system;
  for (const paper of papers) {
    const { from, end } = sampledReaders(workspace, paper);
    for (let at = from; at < end; at += 1) countRow(readerRow, pool[at] as number, touchedReaders);
  }
}

function countFeatures({ papers }: System, { features, rowOf, touched }: FeatureSpace): void {
  const { pool, start, size } = features.ofPaper;
  for (const paper of papers) {
    const from = start[paper] as number;
    const end = from + (size[paper] as number);
    for (let at = from; at < end; at += 1) countRow(rowOf, pool[at] as number, touched);
  }
}

function countRow(rowOf: Int32Array, row: number, touched: Touched): void {
  const state = rowOf[row] as number;
  if (state === SHARED) return;
  if (state === UNSEEN) touched.add(row);
  rowOf[row] = state - 1;
}

interface Added {
  readonly entries: number;
  /** Σ of the squared entries, of all rows and of those that no other column shares. */
  readonly squares: number;
  readonly unshared: number;
}

function addReaders(workspace: Workspace, a: number, first: number): Added {
  const { matrix, tables, system, weights, readers } = workspace;
  const { pool } = matrix.readersOfPaper;
  const votes = matrix.papersOfReader.size;
  const { readerRow, row, value } = system;
  const { from, end, share } = sampledReaders(workspace, system.papers[a] as number);
  const scale = Math.sqrt(share * weights.votes);
  let entries = first;
  let squares = 0;
  let unshared = 0;
  for (let at = from; at < end; at += 1) {
    const reader = pool[at] as number;
    const entry = scale * (tables.readerEntry[votes[reader] as number] as number) * (readers.rootWeight[reader] as number);
    squares += entry * entry;
    const state = readerRow[reader] as number;
    if (state === SEEN_ONCE) {
      unshared += entry * entry;
      continue;
    }
    row[entries] = (state === SHARED ? (readerRow[reader] = system.newRow()) : state) - 1;
    value[entries++] = entry;
  }
  return { entries, squares, unshared };
}

function addFeatures({ tables, system, weights }: Workspace, space: FeatureSpace, { a, first }: { readonly a: number; readonly first: number }): Added {
  const { pool, weight, start, size } = space.features.ofPaper;
  const { logPapers } = space.features;
  const { row, value } = system;
  const { rowOf, rows, followed } = space;
  const { rootWeight } = rows;
  const from = start[system.papers[a] as number] as number;
  const end = from + (size[system.papers[a] as number] as number);
  let entries = first;
  let squares = 0;
  for (let at = from; at < end; at += 1) {
    const feature = pool[at] as number;
    const logPapersOf = logPapers[feature] as number;
    // A feature of one paper leads nowhere, unless the reader follows it.
    if (logPapersOf === 0 && followed[feature] === 0) continue;
    const entry = (weight[at] as number) * inverseFrequency(tables.logPapers, logPapersOf) * (rootWeight[feature] as number);
    squares += entry * entry;
    const state = rowOf[feature] as number;
    if (state === SEEN_ONCE) continue;
    row[entries] = (state === SHARED ? (rowOf[feature] = system.newRow()) : state) - 1;
    value[entries++] = entry;
  }
  const unit = squares > 0 ? (space.rowNorm * Math.sqrt(weights.tags)) / Math.sqrt(squares) : 0;
  space.unit[a] = unit;
  const all = squares * unit * unit;
  return { entries, squares: all, unshared: Math.max(0, all - scaleEntries(value, { from: first, end: entries }, unit)) };
}

/** The columns of followed features, after those of the papers. */
function addFollowed({ system, spaces, tables, weights }: Workspace, taste: Taste, first: number): void {
  const { vectors, row, value } = system;
  let column = system.papers.length;
  let entries = first;
  for (const { kind, rowOf, rowNorm } of spaces) {
    const entry = rowNorm * Math.sqrt(weights.tags);
    for (const feature of taste.followed[kind]) {
      system.from[column] = entries;
      const state = rowOf[feature] as number;
      const isShared = state !== SEEN_ONCE;
      if (isShared) {
        row[entries] = (state === SHARED ? (rowOf[feature] = system.newRow()) : state) - 1;
        value[entries++] = entry;
      }
      vectors.diagonal[column] = tables.regularisation + entry * entry;
      vectors.ownDiagonal[column] = tables.regularisation + (isShared ? 0 : entry * entry);
      column += 1;
    }
  }
  system.from[column] = entries;
}

/** Multiplies entries by the unit; returns the sum of their squares. */
function scaleEntries(value: Float64Array, { from, end }: { readonly from: number; readonly end: number }, unit: number): number {
  let squares = 0;
  for (let at = from; at < end; at += 1) {
    const scaled = (value[at] as number) * unit;
    value[at] = scaled;
    squares += scaled * scaled;
  }
  return squares;
}

/** The row of R of a reader or a feature; −1 for one that fewer than two columns of the system share. */
export function rowAt(rowOf: Int32Array, index: number): number {
  return Math.max(0, rowOf[index] as number) - 1;
}

/** Undoes the marks of buildSystem. */
export function clearSystem({ system, spaces }: Workspace): void {
  system.touchedReaders.clear(system.readerRow);
  for (const { touched, rowOf } of spaces) touched.clear(rowOf);
  system.papers = new Int32Array(0);
  system.count = 0;
  system.candidates = 0;
}

/** z = R p */
export function throughRows({ from, row, value, count, rows }: System, p: Float64Array, z: Float64Array): void {
  z.fill(0, 0, rows);
  for (let a = 0; a < count; a += 1) {
    const x = p[a] as number;
    if (x === 0) continue;
    const end = from[a + 1] as number;
    for (let e = from[a] as number; e < end; e += 1) {
      const at = row[e] as number;
      z[at] = (z[at] as number) + (value[e] as number) * x;
    }
  }
}

/** (Rᵀ z)_a */
export function gathered({ from, row, value }: System, z: Float64Array, a: number): number {
  const end = from[a + 1] as number;
  let sum = 0;
  for (let e = from[a] as number; e < end; e += 1) sum += (value[e] as number) * (z[row[e] as number] as number);
  return sum;
}
