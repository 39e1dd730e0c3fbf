import type { Ids } from './ids.js';
import { SharedStructure, grownSharedFloats, grownSharedInts, sharedFloats, sharedInts } from './sharedMemory.js';

const DAY_SECONDS = 86_400;
/** Keys are whole numbers of this part of a halving, so that papers of one score have one key. */
const STEPS_A_HALVING = 2 ** 20;
/** 2^−1022 is the smallest number of full precision; beyond, scores fall slower, but fall. */
const DEEPEST_HALVING = 1000;
const COUNT = 0;
const IS_LOADING = 1;

export const TREND_HALF_LIFE_DAYS = 14;

/**
 * log2 of ln(2 + readers) · 2^(time / half-life): what orders papers by trend. It does not change as time passes nor with
 * other papers' votes, so that a vote moves one paper.
 */
export function trendKey(readers: number, listedSeconds: number): number {
  const halvings = Math.log2(Math.log(2 + readers)) + listedSeconds / (TREND_HALF_LIFE_DAYS * DAY_SECONDS);
  return Math.round(halvings * STEPS_A_HALVING);
}

/** 2^−((top − key) / steps): 1 at the top key. Two keys never have the same score. */
export function trendScore(key: number, topKey: number): number {
  const halvings = (topKey - key) / STEPS_A_HALVING;
  return halvings <= DEEPEST_HALVING ? 2 ** -halvings : 2 ** -DEEPEST_HALVING / (1 + halvings - DEEPEST_HALVING);
}

/** All live papers by trend, the last first; ties go to the larger id. A change moves one paper. */
export class TrendOrder extends SharedStructure {
  /** Papers in ascending order: new ones come to the end. */
  order = sharedInts(64);
  /** By paper; NaN for one that is not in the order. */
  private key = sharedFloats(64);
  private readonly counters = sharedFloats(2);
  readonly #papers: Ids;

  constructor(papers: Ids) {
    super();
    this.#papers = papers;
  }

  get count(): number {
    return this.counters[COUNT] as number;
  }

  keyOf(paper: number): number {
    return this.key[paper] as number;
  }

  addPaper(paper: number): void {
    this.key = grownSharedFloats(this.key, paper + 1);
    this.key[paper] = NaN;
  }

  /** Puts a paper where its key belongs; NaN takes it out. */
  move(paper: number, key: number): void {
    const before = this.key[paper] as number;
    if (Object.is(before, key)) return;
    if (this.counters[IS_LOADING] === 1) {
      this.key[paper] = key;
      return;
    }
    if (Number.isNaN(before)) this.putIn(paper, key);
    else if (Number.isNaN(key)) this.takeOut(paper, key);
    else this.shift(paper, key);
  }

  /** The paper at a place, counted from the end; the highest key is at 0. */
  paperAt(place: number): number {
    return this.order[this.count - 1 - place] as number;
  }

  beginLoading(): void {
    this.counters[IS_LOADING] = 1;
  }

  endLoading(): void {
    this.counters[IS_LOADING] = 0;
    const { key } = this;
    const { ids } = this.#papers;
    const live: number[] = [];
    for (let paper = 0; paper < this.#papers.count; paper += 1) if (!Number.isNaN(key[paper])) live.push(paper);
    const sorted = Int32Array.from(live).sort(
      (one, other) => (key[one] as number) - (key[other] as number) || (ids[one] as number) - (ids[other] as number),
    );
    this.order = grownSharedInts(this.order, sorted.length);
    this.order.set(sorted);
    this.counters[COUNT] = sorted.length;
  }

  private takeOut(paper: number, key: number): void {
    const place = this.placeOf(this.key[paper] as number, this.#papers.ids[paper] as number);
    this.order.copyWithin(place, place + 1, this.count);
    this.counters[COUNT] = this.count - 1;
    this.key[paper] = key;
  }

  private putIn(paper: number, key: number): void {
    this.order = grownSharedInts(this.order, this.count + 1);
    const place = this.placeOf(key, this.#papers.ids[paper] as number);
    this.order.copyWithin(place + 1, place, this.count);
    this.order[place] = paper;
    this.counters[COUNT] = this.count + 1;
    this.key[paper] = key;
  }

  /** Only the papers between the two places move: a vote passes a few thousand of a million. */
  private shift(paper: number, key: number): void {
    const id = this.#papers.ids[paper] as number;
    const from = this.placeOf(this.key[paper] as number, id);
    const to = this.placeOf(key, id);
    const place = to > from ? to - 1 : to;
    if (place > from) this.order.copyWithin(from, from + 1, place + 1);
    else this.order.copyWithin(place + 1, place, from);
    this.order[place] = paper;
    this.key[paper] = key;
  }

  /** First place, counted from the beginning, whose paper does not come before a key and id. */
  private placeOf(key: number, paperId: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      const paper = this.order[middle] as number;
      const other = this.key[paper] as number;
      if (other < key || (other === key && (this.#papers.ids[paper] as number) < paperId)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
