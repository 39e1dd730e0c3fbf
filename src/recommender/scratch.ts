import { grownFloats, grownInts } from './typedArrays.js';

// Memory of one request at a time, kept for the next one: it grows with the matrix and holds no facts in between.

/** Readers and tags next to a history, with their mass; sparse, in order of arrival. */
export class HistoryRows {
  readerMass = new Float64Array(0);
  tagMass = new Float64Array(0);
  /** Papers of the history that have a tag. */
  tagSupport = new Int32Array(0);
  readerIds = new Int32Array(0);
  tagIds = new Int32Array(0);
  readers = 0;
  tags = 0;

  fit(readers: number, tags: number): void {
    this.readerMass = grownFloats(this.readerMass, readers);
    this.readerIds = grownInts(this.readerIds, readers);
    this.tagMass = grownFloats(this.tagMass, tags);
    this.tagSupport = grownInts(this.tagSupport, tags);
    this.tagIds = grownInts(this.tagIds, tags);
  }

  clear(): void {
    for (let k = 0; k < this.readers; k += 1) this.readerMass[this.readerIds[k] as number] = 0;
    for (let k = 0; k < this.tags; k += 1) {
      this.tagMass[this.tagIds[k] as number] = 0;
      this.tagSupport[this.tagIds[k] as number] = 0;
    }
    this.readers = 0;
    this.tags = 0;
  }

  addReader(reader: number, mass: number): void {
    const before = this.readerMass[reader] as number;
    if (before === 0) this.readerIds[this.readers++] = reader;
    this.readerMass[reader] = before + mass;
  }

  addTag(tag: number, mass: number): void {
    const before = this.tagMass[tag] as number;
    if (before === 0) this.tagIds[this.tags++] = tag;
    this.tagMass[tag] = before + mass;
    this.tagSupport[tag] = (this.tagSupport[tag] as number) + 1;
  }
}

/** Papers that a walk reached, with what readers and tags gave them. */
export class Reached {
  /** The request that a paper was last reached in. */
  stamp = new Int32Array(0);
  /** The request that a paper was last taken in: upvoted by the reader, or a candidate. */
  taken = new Int32Array(0);
  /** Place of a paper in the history, if history[place] is the paper. */
  placeInHistory = new Int32Array(0);
  ids = new Int32Array(0);
  byReaders = new Float64Array(0);
  byTags = new Float64Array(0);
  key = new Float64Array(0);
  keysToSelect = new Float64Array(0);
  now = 0;
  count = 0;

  /** Starts a request. */
  begin(papers: number): void {
    this.stamp = grownInts(this.stamp, papers);
    this.taken = grownInts(this.taken, papers);
    this.placeInHistory = grownInts(this.placeInHistory, papers);
    this.ids = grownInts(this.ids, papers);
    this.byReaders = grownFloats(this.byReaders, papers);
    this.byTags = grownFloats(this.byTags, papers);
    this.key = grownFloats(this.key, papers);
    this.keysToSelect = grownFloats(this.keysToSelect, papers);
    this.now += 1;
    this.count = 0;
  }

  take(papers: Int32Array): void {
    for (const paper of papers) this.taken[paper] = this.now;
  }

  isTaken(paper: number): boolean {
    return this.taken[paper] === this.now;
  }
}

/** Vectors of a system, by the place of the paper in it. */
const VECTORS = ['y', 'r', 'p', 'q', 'pi', 'ridge', 'phi', 'diagonal', 'ownDiagonal', 'tagUnit', 'walk', 'tagWalk', 'taper', 'trend', 'total'] as const;
type Vectors = Record<(typeof VECTORS)[number], Float64Array<ArrayBuffer>>;

/** The candidates and the history of a request, and the rows of R that join them: see system.ts. */
export class System {
  /** Candidates in the order of their ids, and after them the history in the order of its ids. */
  papers = new Int32Array(0);
  count = 0;
  candidates = 0;
  rows = 0;
  /** Entries of paper a: from[a] to below from[a + 1]. */
  from = new Int32Array(0);
  row = new Int32Array(1024);
  value = new Float64Array(1024);
  /** By row of R. */
  z = new Float64Array(1024);
  rowSum = new Float64Array(1024);
  readonly vectors = Object.fromEntries(VECTORS.map((name) => [name, new Float64Array(0)])) as Vectors;
  /** Search directions of the solve. */
  readonly directions: Float64Array<ArrayBuffer>[] = [];
  /** By reader and by tag: its row of R from 1, or a state of system.ts; 0 between requests. */
  readerRow = new Int32Array(0);
  tagRow = new Int32Array(0);

  fitMatrix(readers: number, tags: number): void {
    this.readerRow = grownInts(this.readerRow, readers);
    this.tagRow = grownInts(this.tagRow, tags);
  }

  setPapers(papers: Int32Array<ArrayBuffer>, candidates: number): void {
    this.papers = papers;
    this.count = papers.length;
    this.candidates = candidates;
    this.rows = 0;
    this.from = grownInts(this.from, papers.length + 1);
    for (const name of VECTORS) this.vectors[name] = grownFloats(this.vectors[name], papers.length);
  }

  fitEntries(entries: number): void {
    this.row = grownInts(this.row, entries);
    this.value = grownFloats(this.value, entries);
  }

  /** Adds a row of R; returns how many there are. */
  newRow(): number {
    this.rows += 1;
    this.z = grownFloats(this.z, this.rows);
    this.rowSum = grownFloats(this.rowSum, this.rows);
    return this.rows;
  }

  /** The kth search direction, to write to. */
  direction(k: number): Float64Array<ArrayBuffer> {
    return (this.directions[k] = grownFloats(this.directions[k] ?? new Float64Array(0), this.count));
  }
}
