import type { Adjacency } from './adjacency.js';
import type { System } from './scratch.js';
import type { Workspace } from './workspace.js';

/**
 * The rows of R that at least two papers of the system share, as a compressed matrix by paper: a reader's entry is
 * √(c n^(−e)), a tag's its weight times ln(papers / papers of the tag), scaled so that a paper's tags have length
 * `tagRowNorm`. A row with one paper in the system only adds to that paper's diagonal. G = RᵀR.
 */
export function buildSystem({ matrix, parameters, tables, system }: Workspace): void {
  const { papers, count, vectors } = system;
  countRows(matrix.readersOfPaper, system, system.readerRow);
  countRows(matrix.tagsOfPaper, system, system.tagRow);
  let most = 0;
  for (const paper of papers) most += matrix.readersOfPaper.sizeOf(paper) + matrix.tagsOfPaper.sizeOf(paper);
  system.fitEntries(most);
  const context = { matrix, tables, system };
  let entries = 0;
  for (let a = 0; a < count; a += 1) {
    system.from[a] = entries;
    const readers = addReaders(context, a, entries);
    const tags = addTags(context, a, readers.entries);
    const unit = tags.squares > 0 ? parameters.tagRowNorm / Math.sqrt(tags.squares) : 0;
    const shared = scaleEntries(system.value, { from: readers.entries, end: tags.entries }, unit);
    const ofTags = tags.squares * unit * unit;
    entries = tags.entries;
    vectors.tagUnit[a] = unit;
    vectors.diagonal[a] = tables.regularisation + readers.squares + ofTags;
    vectors.ownDiagonal[a] = tables.regularisation + readers.unshared + Math.max(0, ofTags - shared);
  }
  system.from[count] = entries;
}

// Rows are numbered from 1; until one has its number it is in one of these states. One array for all, as the loops over
// it wait for memory: 0.2 ms less a request than one for the counts and one for the rows.
const UNSEEN = 0;
const SEEN_ONCE = -1;
const SHARED = -2;

function countRows({ pool, start, size }: Adjacency, { papers, count }: System, rowOf: Int32Array): void {
  for (let a = 0; a < count; a += 1) {
    const from = start[papers[a] as number] as number;
    const end = from + (size[papers[a] as number] as number);
    for (let at = from; at < end; at += 1) {
      const state = rowOf[pool[at] as number] as number;
      if (state !== SHARED) rowOf[pool[at] as number] = state - 1;
    }
  }
}

type Context = Pick<Workspace, 'matrix' | 'tables' | 'system'>;

function addReaders({ matrix, tables, system }: Context, a: number, first: number): { entries: number; squares: number; unshared: number } {
  const { pool, start, size } = matrix.readersOfPaper;
  const votes = matrix.papersOfReader.size;
  const { readerRow, row, value } = system;
  const from = start[system.papers[a] as number] as number;
  const end = from + (size[system.papers[a] as number] as number);
  let entries = first;
  let squares = 0;
  let unshared = 0;
  for (let at = from; at < end; at += 1) {
    const reader = pool[at] as number;
    const entry = tables.readerEntry[votes[reader] as number] as number;
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

// Entries are not yet scaled here.
function addTags({ matrix, tables, system }: Context, a: number, first: number): { entries: number; squares: number } {
  const { pool, weight, start, size } = matrix.tagsOfPaper;
  const papersOf = matrix.papersOfTag.size;
  const { tagRow, row, value } = system;
  const from = start[system.papers[a] as number] as number;
  const end = from + (size[system.papers[a] as number] as number);
  let entries = first;
  let squares = 0;
  for (let at = from; at < end; at += 1) {
    const tag = pool[at] as number;
    const papers = papersOf[tag] as number;
    if (papers < 2) continue;
    const entry = (weight[at] as number) * inverseFrequency(tables.logPapers, tables.log[papers] as number);
    squares += entry * entry;
    const state = tagRow[tag] as number;
    if (state === SEEN_ONCE) continue;
    row[entries] = (state === SHARED ? (tagRow[tag] = system.newRow()) : state) - 1;
    value[entries++] = entry;
  }
  return { entries, squares };
}

/** ln(papers / papers of the tag). Spärck Jones, 1972. A tag of removed papers may be on more than there are: 0. */
export function inverseFrequency(logPapers: number, logPapersOfTag: number): number {
  return Math.max(0, logPapers - logPapersOfTag);
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

/** The row of R of a reader or a tag; −1 for one that fewer than two papers of the system share. */
export function rowAt(rowOf: Int32Array, index: number): number {
  return Math.max(0, rowOf[index] as number) - 1;
}

/** Undoes the marks of buildSystem, in time linear in the system. */
export function clearSystem({ matrix, system }: Workspace): void {
  clearRows(matrix.readersOfPaper, system, system.readerRow);
  clearRows(matrix.tagsOfPaper, system, system.tagRow);
  system.count = 0;
  system.candidates = 0;
}

function clearRows({ pool, start, size }: Adjacency, { papers, count }: System, rowOf: Int32Array): void {
  for (let a = 0; a < count; a += 1) {
    const from = start[papers[a] as number] as number;
    const end = from + (size[papers[a] as number] as number);
    for (let at = from; at < end; at += 1) rowOf[pool[at] as number] = UNSEEN;
  }
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
