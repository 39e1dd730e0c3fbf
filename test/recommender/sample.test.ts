import { describe, expect, test } from '@jest/globals';
import { DEFAULTS } from '../../src/recommender/parameters.js';
import { recommend, type Recommendation } from '../../src/recommender/recommend.js';
import { sampledReaders } from '../../src/recommender/sample.js';
import type { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { workspaceOf } from '../../src/recommender/workspace.js';
import { chance } from '../support/random.js';
import { READERS, loadedMatrix, matrixOf, paper, randomChanges, upvote } from '../support/tasteWorld.js';

/** The readers of a paper's sample. */
function sampleOf(matrix: TasteMatrix, id: number, mostReaders: number): { readers: number[]; share: number } {
  const { from, end, count, share } = sampledReaders(workspaceOf(matrix, { ...DEFAULTS, mostReaders }), matrix.paperAt(id));
  expect(end - from).toBe(count);
  return { readers: [...matrix.readersOfPaper.pool.subarray(from, end)], share };
}

/** Papers of so many readers each, the first `shared` of whom upvoted both; ids as a sequence gives them. */
function twoPapers({ one, other, shared }: { readonly one: number; readonly other: number; readonly shared: number }): TasteMatrix {
  const of = (id: number, from: number, count: number): ReturnType<typeof upvote>[] => Array.from({ length: count }, (_, index) => upvote(1 + from + index, id));
  return loadedMatrix([paper(1), paper(2), ...of(1, 0, one), ...of(2, 0, shared), ...of(2, one, other - shared)]);
}

test('where no paper has more readers than are read, all are, and each stands for itself', () => {
  const matrix = matrixOf(randomChanges(1, 1000));
  for (let index = 0; index < matrix.papers.count; index += 1) {
    const { count, share } = sampledReaders(workspaceOf(matrix, DEFAULTS), index);
    expect([count, share]).toEqual([matrix.readersOfPaper.sizeOf(index), 1]);
  }
  for (const readerId of READERS) {
    expect(recommend(matrix, { readerId, limit: 100 }, { ...DEFAULTS, mostReaders: 1e9 })).toEqual(recommend(matrix, { readerId, limit: 100 }));
  }
});

describe('of papers with more readers', () => {
  test('those read stand for the others, and are the same of two papers with the same readers', () => {
    const matrix = twoPapers({ one: 2000, other: 2000, shared: 2000 });
    const [first, second] = [sampleOf(matrix, 1, 100), sampleOf(matrix, 2, 100)];
    expect(first.share).toBe(20);
    expect(first).toEqual(second);
  });

  test('a vote that comes or goes moves the sample by one reader at most', () => {
    const matrix = twoPapers({ one: 2000, other: 10, shared: 0 });
    for (let reader = 5000; reader < 5100; reader += 1) {
      const before = new Set(sampleOf(matrix, 1, 100).readers);
      matrix.setUpvote(reader, 1, true);
      expect(sampleOf(matrix, 1, 100).readers.filter((one) => !before.has(one)).length).toBeLessThanOrEqual(1);
    }
  });

  // 400 of 4,000 readers or more: a third that is shared is 133 of the sample, give or take 10, or 7 %.
  test.each([
    { one: 4000, other: 4000, shared: 1300 },
    { one: 4000, other: 4000, shared: 4000 },
    { one: 4000, other: 16_000, shared: 2000 },
    { one: 16_000, other: 4000, shared: 2000 },
    { one: 300, other: 16_000, shared: 300 },
    { one: 16_000, other: 300, shared: 300 },
  ])('what is said of the readers that two share is close: %o', (sizes) => {
    const matrix = twoPapers(sizes);
    const best = (mostReaders: number): Recommendation => recommend(matrix, { historyIds: [1], limit: 1 }, { ...DEFAULTS, mostReaders }).items[0]!;
    const term = best(400).contributions.find(({ kind }) => kind === 'CO_UPVOTED')!;
    // Four deviations of the number sampled of both.
    const inBoth = (Math.min(1, 400 / Math.max(sizes.one, sizes.other)) * sizes.shared);
    expect(Math.abs(term.support / sizes.shared - 1)).toBeLessThan(Math.max(1e-9, 4 / Math.sqrt(inBoth)));
  });

  test('the walk to a paper is close to that by all readers', () => {
    const random = chance(9);
    // Papers 2 to 9 share more and more of the readers of paper 1, and have as many others.
    const ids = Array.from({ length: 8 }, (_, index) => index + 2);
    const votes = ids.flatMap((id) => Array.from({ length: 2000 }, (_, reader) => reader).flatMap((reader) => [
      ...(random.number() < id / 10 ? [upvote(1 + reader, id)] : []),
      ...(id % 2 === 0 ? [upvote(1 + 2000 * id + reader, id)] : []),
    ]));
    const matrix = loadedMatrix([paper(1), ...ids.map((id) => paper(id)), ...Array.from({ length: 2000 }, (_, reader) => upvote(1 + reader, 1)), ...votes]);
    const walks = (mostReaders: number): Map<number, number> => new Map(recommend(matrix, { historyIds: [1], limit: 100, weights: { tags: 1, votes: 1, freshness: 0, diversity: 0 } }, { ...DEFAULTS, mostReaders }).items.map(({ paperId, score }) => [paperId, score]));
    const [exact, sampled] = [walks(1e9), walks(400)];
    // Three deviations of the number sampled of both.
    for (const id of ids) expect(Math.abs(sampled.get(id)! / exact.get(id)! - 1)).toBeLessThan(3 / Math.sqrt(40 * id));
  });
});
