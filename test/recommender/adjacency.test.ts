import { describe, expect, test } from '@jest/globals';
import { Adjacency } from '../../src/recommender/adjacency.js';
import { Ids, type IdOrder } from '../../src/recommender/ids.js';
import { chance } from '../support/random.js';

const LISTS = 50;
const ORDERS: IdOrder[] = ['ascending', 'shuffled'];

/** 200 ids that fall while their indices rise. */
function fallingIds(order: IdOrder): Ids {
  const ids = new Ids(order);
  for (let index = 0; index < 200; index += 1) ids.intern(5_000_000_000 - index);
  return ids;
}

function emptyLists(ids: Ids, isWeighted: boolean): Adjacency {
  const lists = new Adjacency(ids, { isWeighted });
  for (let list = 0; list < LISTS; list += 1) lists.addList();
  return lists;
}

function expectEntries(lists: Adjacency, ids: Ids, expected: readonly Map<number, number>[]): void {
  expected.forEach((entries, list) => {
    expect([...lists.values(list)]).toEqual([...entries.keys()].sort((one, other) => ids.keys[one]! - ids.keys[other]!));
    const values = Array.from({ length: ids.count }, (_, value) => value);
    expect(values.map((value) => lists.weightOf(list, value))).toEqual(values.map((value) => entries.get(value) ?? null));
    expect(values.filter((value) => lists.has(list, value))).toEqual(values.filter((value) => entries.has(value)));
  });
}

describe.each([true, false])('an Adjacency (weighted: %s)', (isWeighted) => {
  test.each([1, 2, 3, 4])('holds after 20,000 random changes what maps would, sorted by key (seed %i)', (seed) => {
    const random = chance(seed);
    const ids = fallingIds(ORDERS[seed % 2]!);
    const lists = emptyLists(ids, isWeighted);
    const expected = Array.from({ length: LISTS }, () => new Map<number, number>());
    let wrongAnswers = 0;
    for (let change = 0; change < 20_000; change += 1) {
      // Later lists grow longer.
      const list = Math.floor(LISTS * Math.sqrt(random.number()));
      const value = random.below(4 * (list + 1));
      const weight = isWeighted ? 1 + random.below(3) : 1;
      const known = expected[list]!.get(value);
      if (random.number() < 0.6) {
        if (lists.set(list, value, weight) !== (known !== weight)) wrongAnswers += 1;
        expected[list]!.set(value, weight);
      } else {
        if (lists.remove(list, value) !== (known !== undefined)) wrongAnswers += 1;
        expected[list]!.delete(value);
      }
    }
    expect(wrongAnswers).toBe(0);
    expectEntries(lists, ids, expected);
  });

  test.each([5, 6])('holds what it loaded in any order, before and after more changes (seed %i)', (seed) => {
    const random = chance(seed);
    const ids = fallingIds(ORDERS[seed % 2]!);
    const lists = emptyLists(ids, isWeighted);
    const expected = Array.from({ length: LISTS }, () => new Map<number, number>());
    lists.beginLoading();
    for (let entry = 0; entry < 3000; entry += 1) {
      const [list, value, weight] = [random.below(LISTS), random.below(200), isWeighted ? 1 + random.below(3) : 1];
      if (expected[list]!.has(value)) continue;
      lists.set(list, value, weight);
      expected[list]!.set(value, weight);
    }
    lists.endLoading();
    expectEntries(lists, ids, expected);
    for (const value of [0, 100, 199]) {
      lists.remove(7, value);
      expected[7]!.delete(value);
      lists.set(8, value);
      expected[8]!.set(value, 1);
    }
    expectEntries(lists, ids, expected);
  });
});

test('takes room in proportion to what is in it, however often lists move', () => {
  const ids = fallingIds('ascending');
  const lists = emptyLists(ids, true);
  for (let value = 0; value < 200; value += 1) for (let list = 0; list < LISTS; list += 1) lists.set(list, value);
  expect(lists.pool.length).toBeLessThanOrEqual(8 * 200 * LISTS);
});

test('a list that is not there is empty', () => {
  const lists = emptyLists(fallingIds('ascending'), true);
  expect([lists.sizeOf(-1), lists.sizeOf(LISTS), [...lists.values(-1)], lists.has(-1, 0), lists.has(0, -1), lists.weightOf(-1, 0)]).toEqual([0, 0, [], false, false, null]);
});
