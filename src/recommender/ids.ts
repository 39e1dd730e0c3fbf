import { SharedStructure, grownSharedFloats, sharedFloats, sharedInts } from './sharedMemory.js';

const COUNT = 0;

/** In which order lists keep their values: by id, or by a fixed shuffle of the ids. */
export type IdOrder = 'ascending' | 'shuffled';

/** Ids, whole numbers from 0 to 2^53 − 1, and the dense indices that they got in the order of their arrival. */
export class Ids extends SharedStructure {
  /** By index. */
  ids = sharedFloats(64);
  /** By index: what lists are sorted by. No two ids have the same key. */
  keys = sharedFloats(64);
  /** index + 1 by hash of the id, with open addressing; 0 is free. At most half of it is taken. */
  private slots = sharedInts(256);
  private readonly counters = sharedFloats(1);
  readonly #order: IdOrder;

  constructor(order: IdOrder = 'ascending') {
    super();
    this.#order = order;
  }

  get count(): number {
    return this.counters[COUNT] as number;
  }

  /** Index of an id; −1 for one that never came. */
  at(id: number): number {
    return (this.slots[this.slotOf(id)] as number) - 1;
  }

  /** Index of an id, which gets the next one when it is new. */
  intern(id: number): number {
    const known = this.at(id);
    if (known >= 0) return known;
    const index = this.count;
    this.counters[COUNT] = index + 1;
    this.ids = grownSharedFloats(this.ids, index + 1);
    this.keys = grownSharedFloats(this.keys, index + 1);
    this.ids[index] = id;
    this.keys[index] = this.#order === 'shuffled' ? shuffledKey(id) : id;
    if ((index + 1) * 2 > this.slots.length) this.rehash();
    else this.slots[this.slotOf(id)] = index + 1;
    return index;
  }

  private slotOf(id: number): number {
    const { slots, ids } = this;
    const mask = slots.length - 1;
    for (let slot = shuffledBits(id) & mask; ; slot = (slot + 1) & mask) {
      const taken = slots[slot] as number;
      if (taken === 0 || ids[taken - 1] === id) return slot;
    }
  }

  private rehash(): void {
    this.slots = sharedInts(this.slots.length * 2);
    for (let index = 0; index < this.count; index += 1) this.slots[this.slotOf(this.ids[index] as number)] = index + 1;
  }
}

const TWO_TO_32 = 4_294_967_296;

/** A bijection of the lower 32 bits: Appleby's finaliser of MurmurHash3. */
function shuffledBits(id: number): number {
  let bits = id | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** The shuffled lower 32 bits of an id, and behind them the upper 21: one key an id, in an order like chance. */
function shuffledKey(id: number): number {
  return (shuffledBits(id) >>> 0) * 2_097_152 + Math.floor(id / TWO_TO_32);
}
