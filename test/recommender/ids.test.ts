import { describe, expect, test } from '@jest/globals';
import { Ids } from '../../src/recommender/ids.js';
import { chance } from '../support/random.js';

const LARGEST = Number.MAX_SAFE_INTEGER;

/** 100,000 different ids of any size, with neighbours, multiples of 2^32 and the borders. */
function manyIds(seed: number): number[] {
  const random = chance(seed);
  const ids = new Set([0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, LARGEST - 1, LARGEST]);
  for (let k = 1; k <= 1000; k += 1) ids.add(k * 2 ** 32);
  while (ids.size < 100_000) ids.add(Math.floor(2 ** (53 * random.number())) - 1);
  return random.sample([...ids].slice(0, 2000), 2000).concat([...ids].slice(2000));
}

describe.each(['ascending', 'shuffled'] as const)('100,000 ids of any size, %s', (order) => {
  const all = manyIds(1);
  const ids = new Ids(order);
  const indices = all.map((id) => ids.intern(id));

  test('have the indices of their arrival, also when they come again', () => {
    const expected = all.map((_, index) => index);
    expect(indices).toEqual(expected);
    expect(all.map((id) => ids.intern(id))).toEqual(expected);
    expect(all.map((id) => ids.at(id))).toEqual(expected);
    expect([...ids.ids.subarray(0, ids.count)]).toEqual(all);
    expect(ids.count).toBe(all.length);
  });

  test('are not found where they never came', () => {
    const came = new Set(all);
    const others = manyIds(2).filter((id) => !came.has(id));
    expect(others.length).toBeGreaterThan(10_000);
    expect(others.filter((id) => ids.at(id) !== -1)).toEqual([]);
    expect([ids.at(-1), ids.at(0.5), ids.at(NaN)]).toEqual([-1, -1, -1]);
  });

  test('have a whole key each', () => {
    const keys = [...ids.keys.subarray(0, ids.count)];
    expect(new Set(keys).size).toBe(all.length);
    expect(keys.every((key) => Number.isSafeInteger(key) && key >= 0)).toBe(true);
  });
});

test('ascending keys are the ids', () => {
  const ids = new Ids();
  for (const id of [7, 0, LARGEST]) ids.intern(id);
  expect([...ids.keys.subarray(0, 3)]).toEqual([7, 0, LARGEST]);
});

test('shuffled keys are those of the id alone, in an order like chance', () => {
  const [upwards, downwards] = [new Ids('shuffled'), new Ids('shuffled')];
  const count = 10_000;
  for (let id = 0; id < count; id += 1) upwards.intern(id);
  for (let id = count - 1; id >= 0; id -= 1) downwards.intern(id);
  const keyOf = (ids: Ids, id: number): number => ids.keys[ids.at(id)]!;
  const all = Array.from({ length: count }, (_, id) => id);
  expect(all.filter((id) => keyOf(upwards, id) !== keyOf(downwards, id))).toEqual([]);
  const order = all.sort((one, other) => keyOf(upwards, one) - keyOf(upwards, other));
  // The mean of 1,000 ids drawn by chance is 5,000 ± 87; half of all steps rise, ± 0.5 %.
  expect(Math.abs(order.slice(0, 1000).reduce((sum, id) => sum + id, 0) / 1000 - count / 2)).toBeLessThan(400);
  const rises = order.filter((id, place) => place > 0 && id > order[place - 1]!).length;
  expect(Math.abs(rises / count - 0.5)).toBeLessThan(0.03);
});
