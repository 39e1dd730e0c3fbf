import type { Ids } from './ids.js';
import { SharedStructure, grownSharedFloats, grownSharedInts, sharedFloats, sharedInts } from './sharedMemory.js';

const SMALLEST_ROOM = 2;
// Places of the counters.
const COUNT = 0;
const END = 1;
const IS_LOADING = 2;

interface AdjacencyOptions {
  /** Whether the entries have weights; without, all weigh 1. */
  readonly isWeighted?: boolean;
}

/**
 * Lists of dense indices in one growable block; list k is pool[start[k]] … pool[start[k] + size[k] − 1]. A list that is
 * full moves to the end of the block with twice the room; what all lists leave behind is less than what they have.
 *
 * Lists are sorted by the keys of what they hold, not by its indices, which depend on the order of arrival: whatever
 * walks a list adds up the same numbers in the same order in every process that knows the same facts, to the last bit.
 */
export class Adjacency extends SharedStructure {
  pool = sharedInts(64);
  /** Weights of the entries, aligned with `pool`; empty without weights. */
  weight = sharedFloats(0);
  start = sharedInts(64);
  size = sharedInts(64);
  private room = sharedInts(64);
  private readonly counters = sharedFloats(3);
  readonly #values: Ids;
  readonly #isWeighted: boolean;

  /** `values`: the ids of what the lists hold. */
  constructor(values: Ids, { isWeighted = false }: AdjacencyOptions = {}) {
    super();
    this.#values = values;
    this.#isWeighted = isWeighted;
    if (isWeighted) this.weight = sharedFloats(this.pool.length);
  }

  /** Number of lists. */
  get count(): number {
    return this.counters[COUNT] as number;
  }

  /** Appends an empty list. */
  addList(): void {
    const count = this.count + 1;
    this.counters[COUNT] = count;
    this.start = grownSharedInts(this.start, count);
    this.size = grownSharedInts(this.size, count);
    this.room = grownSharedInts(this.room, count);
  }

  sizeOf(list: number): number {
    return list < 0 ? 0 : (this.size[list] ?? 0);
  }

  /** The values of a list, as they are until the next change; empty for −1. */
  values(list: number): Int32Array {
    const start = this.start[list] ?? 0;
    return this.pool.subarray(start, start + this.sizeOf(list));
  }

  has(list: number, value: number): boolean {
    return list >= 0 && value >= 0 && this.isAt(list, this.placeOf(list, value), value);
  }

  /** Weight of a value in a list; null where it is not in the list. */
  weightOf(list: number, value: number): number | null {
    if (value < 0) return null;
    const place = this.placeOf(list, value);
    return this.isAt(list, place, value) ? this.weightAt(place) : null;
  }

  /** Weight of the entry at a place of the pool. */
  weightAt(place: number): number {
    return this.#isWeighted ? (this.weight[place] as number) : 1;
  }

  /** Puts a value with its weight into a list, or gives it this weight; whether that changed anything. */
  set(list: number, value: number, weight = 1): boolean {
    if (this.counters[IS_LOADING] === 1) return this.append(list, value, weight);
    const place = this.placeOf(list, value);
    if (!this.isAt(list, place, value)) {
      this.insert(list, value, weight);
      return true;
    }
    if (this.weightAt(place) === weight) return false;
    this.weight[place] = weight;
    return true;
  }

  /** Takes a value out of a list; whether it was there. */
  remove(list: number, value: number): boolean {
    const place = this.placeOf(list, value);
    if (!this.isAt(list, place, value)) return false;
    const end = (this.start[list] as number) + (this.size[list] as number);
    this.pool.copyWithin(place, place + 1, end);
    if (this.#isWeighted) this.weight.copyWithin(place, place + 1, end);
    this.size[list] = (this.size[list] as number) - 1;
    return true;
  }

  /** From here to `endLoading` entries are only added, each once: they are appended, and sorted at the end. */
  beginLoading(): void {
    this.counters[IS_LOADING] = 1;
  }

  endLoading(): void {
    this.counters[IS_LOADING] = 0;
    for (let list = 0; list < this.count; list += 1) this.sort(list);
  }

  private sort(list: number): void {
    const { keys } = this.#values;
    const start = this.start[list] as number;
    const values = this.values(list);
    if (isAscending(values, keys)) return;
    const byKey = (one: number, other: number): number => (keys[one] as number) - (keys[other] as number);
    if (!this.#isWeighted) {
      values.sort(byKey);
      return;
    }
    const entries = Array.from(values, (value, place) => ({ value, weight: this.weightAt(start + place) }));
    entries.sort((one, other) => byKey(one.value, other.value));
    entries.forEach(({ value, weight }, place) => {
      this.pool[start + place] = value;
      this.weight[start + place] = weight;
    });
  }

  /** First place in the pool whose value does not come before this one. */
  private placeOf(list: number, value: number): number {
    const { keys } = this.#values;
    const key = keys[value] as number;
    let low = this.start[list] as number;
    let high = low + (this.size[list] as number);
    // Most arrive in order.
    if (low < high && (keys[this.pool[high - 1] as number] as number) < key) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((keys[this.pool[middle] as number] as number) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private isAt(list: number, place: number, value: number): boolean {
    return place < (this.start[list] as number) + (this.size[list] as number) && this.pool[place] === value;
  }

  private insert(list: number, value: number, weight: number): void {
    if (this.size[list] === this.room[list]) this.move(list);
    const place = this.placeOf(list, value);
    const end = (this.start[list] as number) + (this.size[list] as number);
    this.pool.copyWithin(place + 1, place, end);
    if (this.#isWeighted) this.weight.copyWithin(place + 1, place, end);
    this.put(list, { place, value, weight });
  }

  private append(list: number, value: number, weight: number): boolean {
    if (this.size[list] === this.room[list]) this.move(list);
    this.put(list, { place: (this.start[list] as number) + (this.size[list] as number), value, weight });
    return true;
  }

  private put(list: number, { place, value, weight }: { readonly place: number; readonly value: number; readonly weight: number }): void {
    this.pool[place] = value;
    if (this.#isWeighted) this.weight[place] = weight;
    this.size[list] = (this.size[list] as number) + 1;
  }

  private move(list: number): void {
    const room = Math.max(SMALLEST_ROOM, (this.room[list] as number) * 2);
    const end = this.counters[END] as number;
    this.pool = grownSharedInts(this.pool, end + room);
    if (this.#isWeighted) this.weight = grownSharedFloats(this.weight, this.pool.length);
    const start = this.start[list] as number;
    this.pool.copyWithin(end, start, start + this.sizeOf(list));
    if (this.#isWeighted) this.weight.copyWithin(end, start, start + this.sizeOf(list));
    this.start[list] = end;
    this.room[list] = room;
    this.counters[END] = end + room;
  }
}

function isAscending(values: Int32Array, keys: Float64Array): boolean {
  for (let place = 1; place < values.length; place += 1) {
    if ((keys[values[place - 1] as number] as number) > (keys[values[place] as number] as number)) return false;
  }
  return true;
}
