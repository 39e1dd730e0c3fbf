import { describe, expect, test } from '@jest/globals';
import { Ids } from '../../src/recommender/ids.js';
import { TREND_HALF_LIFE_DAYS, TrendOrder, trendKey, trendScore } from '../../src/recommender/trendOrder.js';
import { chance, type Chance } from '../support/random.js';
import { DAY } from '../support/tasteWorld.js';

const PAPERS = 300;

function somePapers(random: Chance): { papers: Ids; order: TrendOrder; keys: number[] } {
  const papers = new Ids();
  const order = new TrendOrder(papers);
  while (papers.count < PAPERS) {
    const before = papers.count;
    const paper = papers.intern(random.below(1000));
    if (papers.count > before) order.addPaper(paper);
  }
  return { papers, order, keys: Array.from({ length: PAPERS }, () => NaN) };
}

/** Few keys, so that many are equal. */
const randomKey = (random: Chance): number => (random.number() < 0.3 ? NaN : random.below(20) - 10);

function sorted({ papers, keys }: { papers: Ids; keys: readonly number[] }): number[] {
  const live = keys.map((_, paper) => paper).filter((paper) => !Number.isNaN(keys[paper]));
  return live.sort((one, other) => keys[other]! - keys[one]! || papers.ids[other]! - papers.ids[one]!);
}

const orderOf = (order: TrendOrder): number[] => Array.from({ length: order.count }, (_, place) => order.paperAt(place));

describe.each([1, 2, 3])('a TrendOrder (seed %i)', (seed) => {
  test('is that of a sort at any time of 3,000 moves', () => {
    const random = chance(seed);
    const world = somePapers(random);
    for (let move = 0; move < 3000; move += 1) {
      const paper = random.below(PAPERS);
      world.keys[paper] = randomKey(random);
      world.order.move(paper, world.keys[paper]);
      if (move % 30 === 0) expect(orderOf(world.order)).toEqual(sorted(world));
    }
    expect(world.keys.map((_, paper) => world.order.keyOf(paper))).toEqual(world.keys);
  });

  test('is that of a sort after loading, over moves back and forth, and goes on from there', () => {
    const random = chance(seed);
    const world = somePapers(random);
    const move = (paper: number): void => {
      world.keys[paper] = randomKey(random);
      world.order.move(paper, world.keys[paper]);
    };
    for (let paper = 0; paper < 50; paper += 1) move(paper);
    world.order.beginLoading();
    for (let round = 0; round < 1000; round += 1) move(random.below(PAPERS));
    world.order.endLoading();
    expect(orderOf(world.order)).toEqual(sorted(world));
    for (let round = 0; round < 100; round += 1) move(random.below(PAPERS));
    expect(orderOf(world.order)).toEqual(sorted(world));
  });
});

describe('trendScore', () => {
  test('is 1 at the top and halves with every half-life and every squaring of ln(2 + readers)', () => {
    const top = trendKey(5, 100 * DAY);
    expect(trendScore(top, top)).toBe(1);
    expect(trendScore(trendKey(5, (100 - TREND_HALF_LIFE_DAYS) * DAY), top)).toBeCloseTo(0.5, 5);
    expect(trendScore(trendKey(0, 100 * DAY), top)).toBeCloseTo(Math.log(2) / Math.log(7), 5);
  });

  test('falls strictly with the key, over thousands of halvings, and stays above 0', () => {
    const halving = trendKey(0, TREND_HALF_LIFE_DAYS * DAY) - trendKey(0, 0);
    const top = trendKey(1e6, 2e9);
    const random = chance(4);
    const distances = [0, 1, 2, 999 * halving, 1000 * halving - 1, 1000 * halving, 1000 * halving + 1, 1e6 * halving];
    while (distances.length < 20_000) distances.push(Math.floor(halving * 3000 * random.number()));
    for (const distance of distances) {
      const [score, next] = [trendScore(top - distance, top), trendScore(top - distance - 1, top)];
      if (!(next < score && next > 0)) throw new Error(`score ${score} then ${next} at ${distance} steps from the top`);
    }
  });

  test('keys rise as readers come and as time passes', () => {
    const steps = Array.from({ length: 1000 }, (_, step) => step);
    expect(steps.filter((readers) => trendKey(readers + 1, 0) <= trendKey(readers, 0))).toEqual([]);
    const days = steps.map((step) => 40 * step - 20_000);
    expect(days.filter((day) => trendKey(3, (day + 1) * DAY) <= trendKey(3, day * DAY))).toEqual([]);
  });
});
