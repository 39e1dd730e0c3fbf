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

/**
 * Papers that a walk reached, each in a slot, with what readers and features gave them. The sums of a walk lie together by
 * slot, so that a reached paper costs one read far away rather than four: 1.3 times faster among a million papers.
 */
export class Reached {
  /** Slot of a paper and `offset`; below `offset` for a paper that was not reached. */
  slots = new Int32Array(0);
  /** Moves past the slots of each request, so that nothing needs to be cleared. */
  offset = 1;
  /** The request that a paper was last taken in: known to the reader, or a candidate. */
  private taken = new Int32Array(0);
  private now = 0;
  /** By slot. */
  ids = new Int32Array(0);
  byReaders = new Float64Array(0);
  byFeatures = new Float64Array(0);
  key = new Float64Array(0);
  keysToSelect = new Float64Array(0);
  count = 0;
  /** Slots, from 0, of papers that are not to be ranked. */
  passedOver = 0;

  /** Starts a request. */
  begin(papers: number): void {
    this.slots = grownInts(this.slots, papers);
    this.taken = grownInts(this.taken, papers);
    this.ids = grownInts(this.ids, papers);
    this.byReaders = grownFloats(this.byReaders, papers);
    this.byFeatures = grownFloats(this.byFeatures, papers);
    this.key = grownFloats(this.key, papers);
    this.keysToSelect = grownFloats(this.keysToSelect, papers);
    this.now += 1;
    this.offset += this.count;
    this.count = 0;
    this.passedOver = 0;
    if (this.offset < LAST_OFFSET) return;
    this.slots.fill(0);
    this.offset = 1;
  }

  /** Notes papers that are not to be ranked any more, before or after a walk; returns how many were not noted before. */
  take(papers: Int32Array): number {
    let count = 0;
    for (const paper of papers) {
      if (this.taken[paper] !== this.now) count += 1;
      this.taken[paper] = this.now;
    }
    return count;
  }

  isTaken(paper: number): boolean {
    return this.taken[paper] === this.now;
  }

  /** Gives papers the first slots, so that a walk that is yet to come does not rank them. */
  passOver(papers: Int32Array): void {
    for (const paper of papers) if (this.slotOf(paper) < 0) this.reach(paper);
    this.passedOver = this.count;
  }

  /** Slot of a paper; below 0 for one that was not reached. */
  slotOf(paper: number): number {
    return (this.slots[paper] as number) - this.offset;
  }

  /** Gives a paper that was not reached the next slot. */
  reach(paper: number): number {
    const slot = this.count++;
    this.slots[paper] = this.offset + slot;
    this.ids[slot] = paper;
    this.byReaders[slot] = 0;
    this.byFeatures[slot] = 0;
    return slot;
  }
}

/** A request takes as many slots as it reaches papers, and the last slot must be below 2^31. */
const LAST_OFFSET = 2 ** 30;

/** Vectors of a system, by the place of the paper in it. */
const VECTORS = ['y', 'r', 'p', 'q', 'pi', 'ridge', 'phi', 'diagonal', 'ownDiagonal', 'walk', 'featureWalk', 'taper', 'trend', 'total'] as const;
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

  /** Gives papers that are no columns places behind all others, for what is said of a paper by its place; returns the first. */
  addPapers(added: readonly number[]): number {
    const first = this.count;
    const papers = new Int32Array(first + added.length);
    papers.set(this.papers);
    papers.set(added, first);
    this.papers = papers;
    for (const name of VECTORS) this.vectors[name] = grownFloats(this.vectors[name], papers.length);
    return first;
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
