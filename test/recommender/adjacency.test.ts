import { expect, test } from '@jest/globals';
import { Adjacency } from '../../src/recommender/adjacency.js';
import { chance } from '../support/random.js';

test.each([1, 2, 3])('20,000 random changes leave what maps would hold, sorted by id (seed %i)', (seed) => {
  const random = chance(seed);
  // Ids that fall while the indices rise.
  const ids = Array.from({ length: 200 }, (_, index) => 5_000_000_000 - index);
  const lists = new Adjacency(ids);
  const expected = Array.from({ length: 50 }, () => new Map<number, number>());
  expected.forEach(() => {
    lists.addList();
  });
  let wrongAnswers = 0;
  for (let change = 0; change < 20_000; change += 1) {
    // Later lists grow longer.
    const list = Math.floor(50 * Math.sqrt(random.number()));
    const value = random.below(4 * (list + 1));
    const weight = random.below(3);
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
  expected.forEach((entries, list) => {
    expect([...lists.values(list)]).toEqual([...entries.keys()].sort((one, other) => ids[one]! - ids[other]!));
    for (const [value, weight] of entries) expect(lists.weightOf(list, value)).toBe(weight);
  });
});
