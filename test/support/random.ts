import { mulberry32 } from '../../src/random.js';

/** Seeded chance: the same seed makes the same choices. */
export interface Chance {
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  /** One of the items; throws on an empty list. */
  pick<Item>(items: readonly Item[]): Item;
  /** Up to `size` different items. */
  sample<Item>(items: readonly Item[], size: number): Item[];
  number(): number;
}

export function chance(seed: number): Chance {
  const number = mulberry32(seed);
  const below = (end: number): number => Math.floor(number() * end);
  const pick = <Item>(items: readonly Item[]): Item => {
    if (items.length === 0) throw new Error('pick needs an item');
    return items[below(items.length)] as Item;
  };
  return {
    number,
    below,
    pick,
    sample: (items, size) => {
      const rest = [...items];
      return Array.from({ length: Math.min(size, rest.length) }, () => rest.splice(below(rest.length), 1)).flat();
    },
  };
}
