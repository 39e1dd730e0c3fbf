import { describe, expect, test } from '@jest/globals';
import { DEFAULTS } from '../../src/recommender/parameters.js';
import { cappedByAuthor, diverse, freshFirst, rulesOf, type RankedPaper, type Rule } from '../../src/recommender/rules.js';
import type { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { TREND_HALF_LIFE_DAYS } from '../../src/recommender/trendOrder.js';
import { SERVED_WEIGHTS, workspaceOf, type Workspace } from '../../src/recommender/workspace.js';
import { chance, type Chance } from '../support/random.js';
import { DAY, author, matrixOf, paper, tag } from '../support/tasteWorld.js';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const workspaceFor = (matrix: TasteMatrix): Workspace => workspaceOf(matrix, DEFAULTS);

/** A ranking of papers with these ids and scores. */
function ranking(matrix: TasteMatrix, scores: readonly (readonly [id: number, score: number])[]): RankedPaper[] {
  return scores.map(([id, score], place): RankedPaper => ({ paper: matrix.papers.at(id), place, score, adjustments: [] }));
}

/** Papers 1 to 40 with up to two authors and three tags of few, ranked by scores of few values. */
function randomRanking(random: Chance): { matrix: TasteMatrix; ranked: RankedPaper[] } {
  const ids = Array.from({ length: 40 }, (_, index) => index + 1);
  const matrix = matrixOf(
    ids.flatMap((id) => [
      paper(id, random.below(60)),
      ...random.sample([101, 102, 103, 104], random.below(3)).map((other) => author(id, other)),
      ...random.sample([201, 202, 203, 204, 205, 206], random.below(4)).map((other) => tag(id, other, (1 + random.below(10)) / 10)),
    ]),
  );
  const scores = ids.map((id) => [id, random.below(4) === 0 ? random.below(3) : random.number()] as const);
  return { matrix, ranked: ranking(matrix, scores.sort(([one, a], [other, b]) => b - a || other - one)) };
}

const idsOf = (matrix: TasteMatrix, items: Iterable<RankedPaper>): number[] => Array.from(items, (item) => matrix.paperIdOf(item.paper));

function expectFalling(matrix: TasteMatrix, items: readonly RankedPaper[]): void {
  items.forEach((item, place) => {
    const above = items[place - 1];
    if (above === undefined || item.score < above.score) return;
    expect(item.score).toBe(above.score);
    expect(matrix.paperIdOf(item.paper)).toBeLessThan(matrix.paperIdOf(above.paper));
  });
}

/** What rules say that they added is what they added, and they changed nothing else. */
function expectAccounted(items: readonly RankedPaper[], before: readonly RankedPaper[]): void {
  const known = new Map(before.map((item) => [item.paper, item]));
  expect(items.map((item) => item.paper).sort()).toEqual([...known.keys()].sort());
  for (const item of items) {
    const { score, place } = known.get(item.paper)!;
    expect(item.place).toBe(place);
    expect(item.adjustments.reduce((sum, term) => sum + term.contribution, score)).toBeCloseTo(item.score, 12);
  }
}

function* readNoFurtherThan(items: readonly RankedPaper[], count: number): Generator<RankedPaper> {
  for (const [index, item] of items.entries()) {
    if (index >= count) throw new Error(`read more than ${count}`);
    yield item;
  }
}

const take = (items: Iterable<RankedPaper>, count: number): RankedPaper[] => {
  const taken: RankedPaper[] = [];
  for (const item of items) if (taken.push(item) === count) break;
  return taken;
};

describe('diverse', () => {
  const LOSS = 0.3;

  /** Cosine of the weights times ln(papers / papers of the tag). */
  function likeness(matrix: TasteMatrix, one: number, other: number): number {
    const { ofPaper, papersOf } = matrix.tags;
    const entry = (of: number, feature: number): number => (ofPaper.weightOf(of, feature) ?? 0) * Math.log(matrix.paperCount / papersOf.sizeOf(feature));
    const product = (a: number, b: number): number => Array.from(ofPaper.values(a), (feature) => entry(a, feature) * entry(b, feature)).reduce((sum, value) => sum + value, 0);
    const shared = product(one, other);
    return shared === 0 ? 0 : shared / Math.sqrt(product(one, one) * product(other, other));
  }

  /** Each place to the largest score less its largest likeness above, by looking at all. */
  function bruteForce(matrix: TasteMatrix, ranked: readonly RankedPaper[], places: number): { id: number; score: number }[] {
    const above: number[] = [];
    const result: { id: number; score: number }[] = [];
    const left = new Set(ranked);
    while (left.size > 0) {
      const valued = [...left].map((item) => ({
        item,
        id: matrix.paperIdOf(item.paper),
        score: item.score - LOSS * Math.max(0, ...above.slice(0, places).map((other) => likeness(matrix, item.paper, other))),
      }));
      valued.sort((one, other) => (Math.abs(one.score - other.score) < 1e-12 ? other.id - one.id : other.score - one.score));
      const [{ item, id, score }] = valued as [(typeof valued)[0]];
      left.delete(item);
      above.push(item.paper);
      result.push({ id, score });
    }
    return result;
  }

  test.each(SEEDS)('gives each place to the largest margin (seed %i)', (seed) => {
    const { matrix, ranked } = randomRanking(chance(seed));
    const before = structuredClone(ranked);
    for (const places of [0, 1, 3, 10, 100]) {
      const items = [...diverse(workspaceFor(matrix), { loss: LOSS, places })(ranked)];
      const expected = bruteForce(matrix, ranked, places);
      items.forEach((item, place) => {
        expect(item.score).toBeCloseTo(expected[place]!.score, 12);
      });
      expect(idsOf(matrix, items)).toEqual(expected.map(({ id }) => id));
      expectFalling(matrix, items);
      expectAccounted(items, ranked);
      expect(items.flatMap((item) => item.adjustments).every(({ kind, contribution }) => kind === 'REPETITION' && contribution < 0)).toBe(true);
    }
    expect(ranked).toEqual(before);
  });

  test('names the paper above that a paper repeats', () => {
    const matrix = matrixOf([1, 2, 3, 4].flatMap((id) => [paper(id), ...(id < 4 ? [tag(id, id < 3 ? 7 : 8)] : [])]));
    const items = [...diverse(workspaceFor(matrix), { loss: 0.5, places: 10 })(ranking(matrix, [[1, 3], [2, 2.9], [3, 2.5], [4, 1]]))];
    expect(items.map(({ score, adjustments }) => [score, adjustments.map((term) => term.sourceId)])).toEqual([[3, []], [2.5, []], [2.4, [1]], [1, []]]);
  });

  test('a tag that all papers have is no likeness', () => {
    const matrix = matrixOf([1, 2, 3].flatMap((id) => [paper(id), tag(id, 7), ...(id > 1 ? [tag(id, 8)] : [])]));
    const items = [...diverse(workspaceFor(matrix), { loss: 0.5, places: 10 })(ranking(matrix, [[1, 3], [2, 2], [3, 1]]))];
    expect(items.map(({ score }) => score)).toEqual([3, 2, 0.5]);
  });

  test('without a loss is the ranking itself', () => {
    const { matrix, ranked } = randomRanking(chance(1));
    expect(diverse(workspaceFor(matrix), { loss: 0, places: 10 })(ranked)).toBe(ranked);
  });
});

describe('cappedByAuthor', () => {
  const authorsOf = (matrix: TasteMatrix, item: RankedPaper): number[] => [...matrix.authors.ofPaper.values(item.paper)];

  /** Whether a paper may follow others without one of its authors being there too often. */
  function mayFollow(matrix: TasteMatrix, item: RankedPaper, { above, most, window }: { above: readonly RankedPaper[]; most: number; window: number }): boolean {
    const recent = window > 1 ? above.slice(1 - window) : [];
    return authorsOf(matrix, item).every((one) => recent.filter((other) => authorsOf(matrix, other).includes(one)).length < most);
  }

  test.each(SEEDS)('gives each place to the first paper that may have it, if there is one (seed %i)', (seed) => {
    const random = chance(seed);
    const { matrix, ranked } = randomRanking(random);
    // No two of one score: ties go before those that waited.
    const distinct = ranked.map((item, place) => ({ ...item, score: item.score - place }));
    for (const [most, window] of [[1, 2], [1, 4], [2, 5], [3, 20], [1, 1], [1, 100]] as const) {
      const items = [...cappedByAuthor(workspaceFor(matrix), { most, window })(distinct)];
      const left = [...distinct];
      const above: RankedPaper[] = [];
      while (left.length > 0) {
        const next = Math.max(0, left.findIndex((item) => mayFollow(matrix, item, { above, most, window })));
        above.push(...left.splice(next, 1));
      }
      expect(idsOf(matrix, items)).toEqual(idsOf(matrix, above));
    }
  });

  test.each(SEEDS)('lets no author have more of a window while there are others, and accounts for what it did (seed %i)', (seed) => {
    const { matrix, ranked } = randomRanking(chance(seed));
    const before = structuredClone(ranked);
    for (const [most, window] of [[1, 3], [2, 4], [1, 10], [3, 20]] as const) {
      const items = [...cappedByAuthor(workspaceFor(matrix), { most, window })(ranked)];
      items.forEach((item, place) => {
        if (mayFollow(matrix, item, { above: items.slice(0, place), most, window })) return;
        expect(items.slice(place).filter((other) => mayFollow(matrix, other, { above: items.slice(0, place), most, window }))).toEqual([]);
      });
      expectFalling(matrix, items);
      expectAccounted(items, ranked);
      items.forEach(({ adjustments, score }, place) => {
        if (adjustments.length > 0) expect(score).toBeLessThan(items[place - 1]!.score);
        expect(adjustments.every(({ kind, contribution, sourceId }) => kind === 'AUTHOR_CAP' && contribution < 0 && sourceId === null)).toBe(true);
      });
    }
    expect(ranked).toEqual(before);
  });

  test('lets the fourth paper of an author wait for one by another', () => {
    const matrix = matrixOf([1, 2, 3, 4, 5, 6].flatMap((id) => [paper(id), ...(id <= 4 ? [author(id, 9)] : [])]));
    const ranked = ranking(matrix, [[1, 6], [2, 5], [3, 4], [4, 3], [5, 2], [6, 1]]);
    expect(idsOf(matrix, cappedByAuthor(workspaceFor(matrix), { most: 3, window: 4 })(ranked))).toEqual([1, 2, 3, 5, 4, 6]);
    expect(idsOf(matrix, cappedByAuthor(workspaceFor(matrix), { most: 3, window: 20 })(ranked))).toEqual([1, 2, 3, 5, 6, 4]);
  });

  test('a paper that waited long is still below those that it waited for, to the last bit', () => {
    const matrix = matrixOf([1, 2, 3, 4].flatMap((id) => [paper(id), ...(id < 4 ? [author(id, 9)] : [])]));
    for (const last of [0.01, 1e-5, 0.0123456789, 1e-300, 0, -0.3]) {
      const items = [...cappedByAuthor(workspaceFor(matrix), { most: 1, window: 2 })(ranking(matrix, [[1, 1], [2, 0.9], [3, 0.7], [4, last]]))];
      expect(idsOf(matrix, items)).toEqual([1, 4, 2, 3]);
      expect(items.every(({ score }, place) => place === 0 || score < items[place - 1]!.score)).toBe(true);
    }
  });

  test('a paper that waited is never lifted', () => {
    const matrix = matrixOf([1, 2, 3].flatMap((id) => [paper(id), ...(id === 2 ? [] : [author(id, 9)])]));
    const items = [...cappedByAuthor(workspaceFor(matrix), { most: 1, window: 5 })(ranking(matrix, [[1, 3], [2, 2], [3, 1]]))];
    expect(items.map(({ score, adjustments }) => [score, adjustments])).toEqual([[3, []], [2, []], [1, []]]);
  });

  test('at the end, one that may follow goes before one that may not', () => {
    // By author 9: 1, 2 and 3; by author 8: 4 and 5; by nobody: 6.
    const matrix = matrixOf([1, 2, 3, 4, 5, 6].flatMap((id) => [paper(id), ...(id < 6 ? [author(id, id < 4 ? 9 : 8)] : [])]));
    const ranked = ranking(matrix, [[1, 6], [2, 5], [3, 4], [4, 3], [5, 2], [6, 1]]);
    expect(idsOf(matrix, cappedByAuthor(workspaceFor(matrix), { most: 1, window: 3 })(ranked))).toEqual([1, 4, 6, 2, 5, 3]);
  });

  test('reads no further than it is read, but for one more where a paper waits', () => {
    const matrix = matrixOf([1, 2, 3, 4, 5].flatMap((id) => [paper(id), ...(id <= 3 ? [author(id, 9)] : [])]));
    const ranked = ranking(matrix, [[1, 5], [2, 4], [3, 3], [4, 2], [5, 1]]);
    const capped = cappedByAuthor(workspaceFor(matrix), { most: 2, window: 3 });
    expect(idsOf(matrix, take(capped(readNoFurtherThan(ranked, 2)), 2))).toEqual([1, 2]);
    expect(idsOf(matrix, take(capped(readNoFurtherThan(ranked, 4)), 3))).toEqual([1, 2, 4]);
  });
});

describe('freshFirst', () => {
  test('adds the gain to the latest paper and half of it to one of a half-life before', () => {
    const matrix = matrixOf([paper(1, 0), paper(2, TREND_HALF_LIFE_DAYS), paper(3, 2 * TREND_HALF_LIFE_DAYS)]);
    const ranked = ranking(matrix, [[1, 3], [2, 2.5], [3, 2.25]]);
    const items = [...freshFirst(workspaceFor(matrix), 1)(ranked)];
    expect(items.map(({ paper: index, score }) => [matrix.paperIdOf(index), score])).toEqual([[3, 3.25], [1, 3.25], [2, 3]]);
    expect(items.map(({ adjustments }) => adjustments.map(({ kind }) => kind))).toEqual([['FRESH'], ['FRESH'], ['FRESH']]);
    expectAccounted(items, ranked);
  });

  test('puts equal papers in the order of their days', () => {
    const matrix = matrixOf([paper(1, 3 * DAY), paper(2, 1 * DAY), paper(3, 2 * DAY)]);
    expect(idsOf(matrix, freshFirst(workspaceFor(matrix), 1)(ranking(matrix, [[3, 1], [2, 1], [1, 1]])))).toEqual([1, 3, 2]);
  });
});

test.each(SEEDS)('all rules of a request give a ranking of the same papers, whose scores they account for (seed %i)', (seed) => {
  const { matrix, ranked } = randomRanking(chance(seed));
  const workspace = workspaceOf(matrix, { ...DEFAULTS, diversity: 0.3, mostOfAuthor: 1, authorWindow: 5 }, SERVED_WEIGHTS);
  const items = [...rulesOf(workspace, 1).reduce<Iterable<RankedPaper>>((list, rule: Rule) => rule(list), ranked)];
  expectFalling(matrix, items);
  expectAccounted(items, ranked);
});
