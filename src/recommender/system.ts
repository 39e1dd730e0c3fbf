import { sampledReaders } from './sample.js';
import type { System } from './scratch.js';
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
  touchReaders(workspace);
  let most = system.touchedReaders.used;
  for (const space of spaces) {
    touchFeatures(workspace, space, taste.followed[space.kind]);
    most += space.touched.used;
    space.unit = grownFloats(space.unit as Float64Array<ArrayBuffer>, system.count);
  }
  system.fitEntries(most);
  const cursors = { reader: 0, features: spaces.map(() => 0) };
  let entries = 0;
  for (let a = 0; a < papers.length; a += 1) {
    system.from[a] = entries;
    const readers = addReaders(workspace, a, { entries, at: cursors.reader });
    cursors.reader = readers.at;
    entries = readers.entries;
    let { squares, unshared } = readers;
    spaces.forEach((space, k) => {
      const features = addFeatures(workspace, space, { a, entries, at: cursors.features[k] as number });
      cursors.features[k] = features.at;
      entries = features.entries;
      squares += features.squares;
      unshared += features.unshared;
    });
    vectors.diagonal[a] = tables.regularisation + squares;
    vectors.ownDiagonal[a] = tables.regularisation + unshared;
  }
  addFollowed(workspace, taste, entries);
}

/** Numbers the readers of the papers and notes their numbers, paper after paper. */
function touchReaders(workspace: Workspace): void {
  const { matrix, tables, system, readers } = workspace;
  const { touchedReaders: touched, papers } = system;
  const { pool } = matrix.readersOfPaper;
  const votes = matrix.papersOfReader.size;
  let most = 0;
  for (const paper of papers) most += sampledReaders(workspace, paper).count;
  touched.fitEntries(most);
  const { numberOf, ids, columns, base, entries } = touched;
  for (const paper of papers) {
    const { from, end } = sampledReaders(workspace, paper);
    for (let at = from; at < end; at += 1) {
      const reader = pool[at] as number;
      let number = (numberOf[reader] as number) - 1;
      if (number < 0) {
        number = touched.count++;
        numberOf[reader] = number + 1;
        ids[number] = reader;
        columns[number] = 0;
        base[number] = (tables.readerEntry[votes[reader] as number] as number) * (readers.rootWeight[reader] as number);
      }
      columns[number] = (columns[number] as number) + 1;
      entries[touched.used++] = number;
    }
  }
  system.numberRows(touched);
}

/** The same for the features of the papers, and for followed ones, each of which is a column more. */
function touchFeatures({ tables, system }: Workspace, space: FeatureSpace, followed: Int32Array): void {
  const { touched, rows } = space;
  const { ofPaper, logPapers } = space.features;
  const { pool, start, size } = ofPaper;
  let most = followed.length;
  for (const paper of system.papers) most += size[paper] as number;
  touched.fitEntries(most);
  const { numberOf, ids, columns, base, entries } = touched;
  const touch = (feature: number): number => {
    const number = touched.count++;
    numberOf[feature] = number + 1;
    ids[number] = feature;
    columns[number] = 0;
    // A feature of one paper leads nowhere, unless the reader follows it.
    const isLinked = (logPapers[feature] as number) > 0 || space.followed[feature] === 1;
    base[number] = isLinked ? inverseFrequency(tables.logPapers, logPapers[feature] as number) * (rows.rootWeight[feature] as number) : 0;
    return number;
  };
  for (const paper of system.papers) {
    const from = start[paper] as number;
    const end = from + (size[paper] as number);
    for (let at = from; at < end; at += 1) {
      const feature = pool[at] as number;
      let number = (numberOf[feature] as number) - 1;
      if (number < 0) number = touch(feature);
      columns[number] = (columns[number] as number) + 1;
      entries[touched.used++] = number;
    }
  }
  for (const feature of followed) {
    const known = (numberOf[feature] as number) - 1;
    const number = known < 0 ? touch(feature) : known;
    columns[number] = (columns[number] as number) + 1;
  }
  system.numberRows(touched);
}

interface Cursor {
  /** Entries of the system so far. */
  readonly entries: number;
  /** Next of the touched rows' entries. */
  readonly at: number;
}

interface Added extends Cursor {
  /** Σ of the squared entries, of all rows and of those that no other column shares. */
  readonly squares: number;
  readonly unshared: number;
}

function addReaders(workspace: Workspace, a: number, cursor: Cursor): Added {
  const { system, weights } = workspace;
  const { base, row: rowOf, entries: numbers } = system.touchedReaders;
  const { row, value } = system;
  const { count, share } = sampledReaders(workspace, system.papers[a] as number);
  const scale = Math.sqrt(share * weights.votes);
  const end = cursor.at + count;
  let { entries } = cursor;
  let squares = 0;
  let unshared = 0;
  for (let at = cursor.at; at < end; at += 1) {
    const number = numbers[at] as number;
    const entry = scale * (base[number] as number);
    squares += entry * entry;
    if ((rowOf[number] as number) < 0) {
      unshared += entry * entry;
      continue;
    }
    row[entries] = rowOf[number] as number;
    value[entries++] = entry;
  }
  return { entries, at: end, squares, unshared };
}

function addFeatures({ system, weights }: Workspace, space: FeatureSpace, { a, entries: first, at: begin }: Cursor & { readonly a: number }): Added {
  const { weight, start, size } = space.features.ofPaper;
  const { base, row: rowOf, entries: numbers } = space.touched;
  const { row, value } = system;
  const paper = system.papers[a] as number;
  const end = begin + (size[paper] as number);
  const offset = (start[paper] as number) - begin;
  let entries = first;
  let squares = 0;
  for (let at = begin; at < end; at += 1) {
    const number = numbers[at] as number;
    const entry = (weight[at + offset] as number) * (base[number] as number);
    squares += entry * entry;
    if ((rowOf[number] as number) < 0) continue;
    row[entries] = rowOf[number] as number;
    value[entries++] = entry;
  }
  const unit = squares > 0 ? (space.rowNorm * Math.sqrt(weights.tags)) / Math.sqrt(squares) : 0;
  space.unit[a] = unit;
  const all = squares * unit * unit;
  return { entries, at: end, squares: all, unshared: Math.max(0, all - scaleEntries(value, { from: first, end: entries }, unit)) };
}

/** The columns of followed features, after those of the papers. */
function addFollowed({ system, spaces, tables, weights }: Workspace, taste: Taste, first: number): void {
  const { vectors, row, value } = system;
  let column = system.papers.length;
  let entries = first;
  for (const { kind, touched, rowNorm } of spaces) {
    const entry = rowNorm * Math.sqrt(weights.tags);
    for (const feature of taste.followed[kind]) {
      system.from[column] = entries;
      const rowOfFeature = touched.rowAt(feature);
      if (rowOfFeature >= 0) {
        row[entries] = rowOfFeature;
        value[entries++] = entry;
      }
      vectors.diagonal[column] = tables.regularisation + entry * entry;
      vectors.ownDiagonal[column] = tables.regularisation + (rowOfFeature >= 0 ? 0 : entry * entry);
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

/** Undoes the marks of buildSystem. */
export function clearSystem({ system, spaces }: Workspace): void {
  system.touchedReaders.clear();
  for (const { touched } of spaces) touched.clear();
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
