import { inverseFrequency, type Tables } from './tables.js';
import type { TasteMatrix } from './tasteMatrix.js';
import { grownFloats, grownInts } from './typedArrays.js';

/** The facts, and what is looked up of them. */
interface Facts {
  readonly matrix: TasteMatrix;
  readonly tables: Tables;
}

/** A paper that is not yet in its place, with the paper above that it is most like. */
export interface Marginal {
  readonly paper: number;
  likest: number;
  /** From 0 to 1. */
  likeness: number;
  /** How many of the papers above it was compared with. */
  compared: number;
  /** Of its vector of tags; NaN until it is needed. */
  length: number;
}

/**
 * The papers at the top of a ranking, by their tags: the likeness of two papers is the cosine of their vectors of weight ·
 * inverse frequency of the tag. Comparing a paper with all above reads its tags once and what they share.
 */
export class PapersAbove {
  private readonly papers: number[] = [];
  /** Entries by tag, as linked lists; `stamp` says in which request a tag's list was begun. */
  private stamp = new Int32Array(0);
  private head = new Int32Array(0);
  private next = new Int32Array(64);
  private paper = new Int32Array(64);
  private entry = new Float64Array(64);
  private used = 0;
  private now = 0;
  private products = new Float64Array(64);
  private facts!: Facts;

  /** Starts a request, with nothing above. */
  begin(facts: Facts): this {
    const tags = facts.matrix.tags.ids.count;
    this.facts = facts;
    this.stamp = grownInts(this.stamp, tags);
    this.head = grownInts(this.head, tags);
    this.papers.length = 0;
    this.used = 0;
    this.now += 1;
    return this;
  }

  get count(): number {
    return this.papers.length;
  }

  add(paper: number): void {
    const place = this.papers.push(paper) - 1;
    const { from, end, pool } = this.tagsOf(paper);
    const length = this.lengthOf(paper);
    // 0 where all papers have its tags.
    const unit = length > 0 ? 1 / length : 0;
    this.products = grownFloats(this.products, place + 1);
    for (let at = from; at < end; at += 1) {
      const tag = pool[at] as number;
      const isNew = this.stamp[tag] !== this.now;
      this.stamp[tag] = this.now;
      this.next = grownInts(this.next, this.used + 1);
      this.paper = grownInts(this.paper, this.used + 1);
      this.entry = grownFloats(this.entry, this.used + 1);
      this.next[this.used] = isNew ? -1 : (this.head[tag] as number);
      this.paper[this.used] = place;
      this.entry[this.used] = unit * this.entryAt(at);
      this.head[tag] = this.used++;
    }
  }

  /** Brings a paper's largest likeness up to date. */
  compare(marginal: Marginal): void {
    const { papers, products } = this;
    if (marginal.compared === papers.length) return;
    products.fill(0, marginal.compared, papers.length);
    const isFound = this.multiply(marginal);
    for (let place = marginal.compared; isFound && place < papers.length; place += 1) {
      if ((products[place] as number) === 0) continue;
      if (Number.isNaN(marginal.length)) marginal.length = this.lengthOf(marginal.paper);
      const likeness = (products[place] as number) / marginal.length;
      if (likeness <= marginal.likeness) continue;
      marginal.likeness = likeness;
      marginal.likest = papers[place] as number;
    }
    marginal.compared = papers.length;
  }

  /** Adds up the products with the papers above that are new to it; whether there are any. */
  private multiply({ paper, compared }: Marginal): boolean {
    const { from, end, pool } = this.tagsOf(paper);
    let isFound = false;
    for (let at = from; at < end; at += 1) {
      const tag = pool[at] as number;
      if (this.stamp[tag] !== this.now) continue;
      const entry = this.entryAt(at);
      // The latest come first.
      for (let e = this.head[tag] as number; e >= 0 && (this.paper[e] as number) >= compared; e = this.next[e] as number) {
        const place = this.paper[e] as number;
        this.products[place] = (this.products[place] as number) + entry * (this.entry[e] as number);
        isFound = true;
      }
    }
    return isFound;
  }

  private tagsOf(paper: number): { from: number; end: number; pool: Int32Array } {
    const { pool, start, size } = this.facts.matrix.tags.ofPaper;
    const from = start[paper] as number;
    return { from, end: from + (size[paper] as number), pool };
  }

  private entryAt(at: number): number {
    const { matrix, tables } = this.facts;
    const { ofPaper, logPapers } = matrix.tags;
    return ofPaper.weightAt(at) * inverseFrequency(tables.logPapers, logPapers[ofPaper.pool[at] as number] as number);
  }

  private lengthOf(paper: number): number {
    const { from, end } = this.tagsOf(paper);
    let squares = 0;
    for (let at = from; at < end; at += 1) squares += this.entryAt(at) ** 2;
    return Math.sqrt(squares);
  }
}
