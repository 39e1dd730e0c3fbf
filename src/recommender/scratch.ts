import { TouchedRows } from './touchedRows.js';
import { grownFloats, grownInts } from './typedArrays.js';

// Memory of one request at a time, kept for the next one: it grows with the matrix and holds no facts in between.

/** Rows of R (readers, tags or authors) next to a history, with their mass; sparse, in order of arrival. */
export class RowMass {
  mass = new Float64Array(0);
  /**
   * Σ (share − 1) · mass while masses are added, share being the readers that one of a sample stands for; then, by walk.ts,
   * the mean share less one: 0 where nothing is sampled.
   */
  extra = new Float64Array(0);
  /** Papers of the history that have the row. */
  support = new Int32Array(0);
  /** Root of the row's weight in the ridge; 1 for rows that are not next to the history. */
  rootWeight = new Float64Array(0);
  ids = new Int32Array(0);
  count = 0;

  fit(rows: number): void {
    const fitted = this.rootWeight.length;
    this.rootWeight = grownFloats(this.rootWeight, rows).fill(1, fitted);
    this.mass = grownFloats(this.mass, rows);
    this.extra = grownFloats(this.extra, rows);
    this.support = grownInts(this.support, rows);
    this.ids = grownInts(this.ids, rows);
  }

  add(row: number, mass: number, support: number): void {
    const before = this.mass[row] as number;
    if (before === 0) this.ids[this.count++] = row;
    this.mass[row] = before + mass;
    this.support[row] = (this.support[row] as number) + support;
  }

  /** Gives each row the weight 1 + c m / mean m in the ridge. */
  weigh(c: number): void {
    let sum = 0;
    for (let k = 0; k < this.count; k += 1) sum += this.mass[this.ids[k] as number] as number;
    if (sum === 0) return;
    const perMass = (c * this.count) / sum;
    for (let k = 0; k < this.count; k += 1) {
      const row = this.ids[k] as number;
      this.rootWeight[row] = Math.sqrt(1 + perMass * (this.mass[row] as number));
    }
  }

  /** What a row of the history's papers gives to a paper whose readers of the sample stand for `share` each. */
  partOf(row: number, share: number): number {
    return (this.mass[row] as number) * Math.max(1, share / (1 + (this.extra[row] as number)));
  }

  clear(): void {
    for (let k = 0; k < this.count; k += 1) {
      this.rootWeight[this.ids[k] as number] = 1;
      this.mass[this.ids[k] as number] = 0;
      this.extra[this.ids[k] as number] = 0;
      this.support[this.ids[k] as number] = 0;
    }
    this.count = 0;
  }
}

/** Which papers of the history a reader upvoted, with what each gave the reader in the walk: linked lists by reader. */
export class HistoryLinks {
  /** Entry + 1 of the last link of a reader; 0 for none. */
  head = new Int32Array(0);
  next = new Int32Array(1024);
  /** Place in the history. */
  place = new Int32Array(1024);
  given = new Float64Array(1024);
  count = 0;

  fit(readers: number): void {
    this.head = grownInts(this.head, readers);
  }

  add(reader: number, place: number, given: number): void {
    const entry = this.count++;
    this.next = grownInts(this.next, this.count);
    this.place = grownInts(this.place, this.count);
    this.given = grownFloats(this.given, this.count);
    this.next[entry] = (this.head[reader] as number) - 1;
    this.place[entry] = place;
    this.given[entry] = given;
    this.head[reader] = entry + 1;
  }

  /** Forgets the links of these readers, who must be all that have any. */
  clear({ ids, count }: RowMass): void {
    for (let k = 0; k < count; k += 1) this.head[ids[k] as number] = 0;
    this.count = 0;
  }
}

/** Papers that a walk reached, with what readers and features gave them. */
export class Reached {
  /** The request that a paper was last reached in. */
  stamp = new Int32Array(0);
  /** The request that a paper was last taken in: known to the reader, or a candidate. */
  taken = new Int32Array(0);
  ids = new Int32Array(0);
  byReaders = new Float64Array(0);
  byFeatures = new Float64Array(0);
  key = new Float64Array(0);
  keysToSelect = new Float64Array(0);
  now = 0;
  count = 0;

  /** Starts a request. */
  begin(papers: number): void {
    this.stamp = grownInts(this.stamp, papers);
    this.taken = grownInts(this.taken, papers);
    this.ids = grownInts(this.ids, papers);
    this.byReaders = grownFloats(this.byReaders, papers);
    this.byFeatures = grownFloats(this.byFeatures, papers);
    this.key = grownFloats(this.key, papers);
    this.keysToSelect = grownFloats(this.keysToSelect, papers);
    this.now += 1;
    this.count = 0;
  }

  /** Notes papers that are not to be ranked any more, before or after a walk. */
  take(papers: Int32Array): void {
    for (const paper of papers) this.taken[paper] = this.now;
  }

  /** Keeps a walk that is yet to come from listing these papers. */
  passOver(papers: Int32Array): void {
    for (const paper of papers) this.stamp[paper] = this.now;
  }

  isTaken(paper: number): boolean {
    return this.taken[paper] === this.now;
  }
}

/** Vectors of a system, by the place of the paper in it. */
const VECTORS = ['y', 'r', 'p', 'q', 'pi', 'ridge', 'phi', 'diagonal', 'ownDiagonal', 'walk', 'featureWalk', 'taper', 'trend', 'dismissal', 'total'] as const;
type Vectors = Record<(typeof VECTORS)[number], Float64Array<ArrayBuffer>>;

/** The candidates and the history of a request, and the rows of R that join them: see system.ts. */
export class System {
  /** Candidates in the order of their ids, and after them the history in the order of its ids. */
  papers: Int32Array = new Int32Array(0);
  /** Columns: the papers, and after them one for each followed feature. */
  count = 0;
  candidates = 0;
  rows = 0;
  /** Entries of column a: from[a] to below from[a + 1]. */
  from = new Int32Array(0);
  row = new Int32Array(1024);
  value = new Float64Array(1024);
  /** By row of R. */
  z = new Float64Array(1024);
  rowSum = new Float64Array(1024);
  readonly vectors = Object.fromEntries(VECTORS.map((name) => [name, new Float64Array(0)])) as Vectors;
  /** Search directions of the solve. */
  readonly directions: Float64Array<ArrayBuffer>[] = [];
  readonly touchedReaders = new TouchedRows();

  setPapers(papers: Int32Array, { candidates, columns }: { readonly candidates: number; readonly columns: number }): void {
    this.papers = papers;
    this.count = columns;
    this.candidates = candidates;
    this.rows = 0;
    this.from = grownInts(this.from, columns + 1);
    for (const name of VECTORS) this.vectors[name] = grownFloats(this.vectors[name], columns);
  }

  fitEntries(entries: number): void {
    this.row = grownInts(this.row, entries);
    this.value = grownFloats(this.value, entries);
  }

  /** Gives each row that two columns share a row of R. */
  numberRows(touched: TouchedRows): void {
    for (let number = 0; number < touched.count; number += 1) {
      touched.row[number] = (touched.columns[number] as number) > 1 ? this.rows++ : -1;
    }
    this.z = grownFloats(this.z, this.rows);
    this.rowSum = grownFloats(this.rowSum, this.rows);
  }

  /** The kth search direction, to write to. */
  direction(k: number): Float64Array<ArrayBuffer> {
    return (this.directions[k] = grownFloats(this.directions[k] ?? new Float64Array(0), this.count));
  }
}
