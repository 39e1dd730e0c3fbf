import { grownFloats, grownInts } from './typedArrays.js';

const SMALLEST_ROOM = 4;

/**
 * Lists of dense indices in one growable block; list k is pool[start[k]] … pool[start[k] + size[k] − 1]. A list that is
 * full moves to the end of the block with twice the room, and the block is compacted when half of it is left behind.
 *
 * Lists are sorted by the ids of what they hold, not by its indices, which depend on the order of arrival: whatever
 * walks a list adds up the same numbers in the same order in every process that knows the same facts, to the last bit.
 */
export class Adjacency {
  pool = new Int32Array(1024);
  /** Weights of the entries, aligned with `pool`. */
  weight = new Float64Array(1024);
  start = new Int32Array(64);
  size = new Int32Array(64);
  private room = new Int32Array(64);
  private end = 0;
  private leftBehind = 0;

  /** Number of lists. */
  count = 0;

  /** `ids` of the values, by index. */
  constructor(private readonly ids: readonly number[]) {}

  /** Appends an empty list. */
  addList(): void {
    this.count += 1;
    this.start = grownInts(this.start, this.count);
    this.size = grownInts(this.size, this.count);
    this.room = grownInts(this.room, this.count);
  }

  sizeOf(list: number): number {
    return this.size[list] ?? 0;
  }

  /** The values of a list, as they are until the next change. */
  values(list: number): Int32Array {
    const start = this.start[list] ?? 0;
    return this.pool.subarray(start, start + this.sizeOf(list));
  }

  /** Weight of a value in a list; null where it is not in the list. */
  weightOf(list: number, value: number): number | null {
    const place = this.placeOf(list, value);
    return this.isAt(list, place, value) ? (this.weight[place] as number) : null;
  }

  /** Puts a value with its weight into a list, or gives it this weight; whether that changed anything. */
  set(list: number, value: number, weight: number): boolean {
    const place = this.placeOf(list, value);
    if (!this.isAt(list, place, value)) {
      this.insert(list, value, weight);
      return true;
    }
    const isChanged = this.weight[place] !== weight;
    this.weight[place] = weight;
    return isChanged;
  }

  /** Takes a value out of a list; whether it was there. */
  remove(list: number, value: number): boolean {
    const place = this.placeOf(list, value);
    if (!this.isAt(list, place, value)) return false;
    const end = (this.start[list] as number) + (this.size[list] as number);
    this.pool.copyWithin(place, place + 1, end);
    this.weight.copyWithin(place, place + 1, end);
    this.size[list] = (this.size[list] as number) - 1;
    return true;
  }

  /** First place in the pool whose value does not come before this one. */
  private placeOf(list: number, value: number): number {
    const id = this.ids[value] as number;
    let low = this.start[list] as number;
    let high = low + (this.size[list] as number);
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ids[this.pool[middle] as number] as number) < id) low = middle + 1;
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
    this.weight.copyWithin(place + 1, place, end);
    this.pool[place] = value;
    this.weight[place] = weight;
    this.size[list] = (this.size[list] as number) + 1;
  }

  private move(list: number): void {
    if (this.leftBehind > this.pool.length / 2) this.compact();
    const room = Math.max(SMALLEST_ROOM, (this.room[list] as number) * 2);
    this.pool = grownInts(this.pool, this.end + room);
    this.weight = grownFloats(this.weight, this.end + room);
    const start = this.start[list] as number;
    this.pool.copyWithin(this.end, start, start + this.sizeOf(list));
    this.weight.copyWithin(this.end, start, start + this.sizeOf(list));
    this.leftBehind += this.room[list] as number;
    this.start[list] = this.end;
    this.room[list] = room;
    this.end += room;
  }

  private compact(): void {
    const pool = new Int32Array(this.pool.length);
    const weight = new Float64Array(this.weight.length);
    let end = 0;
    for (let list = 0; list < this.count; list += 1) {
      const start = this.start[list] as number;
      pool.set(this.pool.subarray(start, start + this.sizeOf(list)), end);
      weight.set(this.weight.subarray(start, start + this.sizeOf(list)), end);
      this.start[list] = end;
      end += this.room[list] as number;
    }
    this.pool = pool;
    this.weight = weight;
    this.end = end;
    this.leftBehind = 0;
  }
}
