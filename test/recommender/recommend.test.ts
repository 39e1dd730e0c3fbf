import { describe, expect, test } from '@jest/globals';
import { DEFAULTS, recommend, type Recommendation } from '../../src/recommender/recommend.js';
import { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { chance } from '../support/random.js';
import { DAY, applyChanges, finalState, historyIdsOf, matrixOf, randomChanges, type TasteChange } from '../support/tasteWorld.js';

const SEEDS = [11, 12, 13, 14, 15, 16];
const READERS = Array.from({ length: 15 }, (_, index) => index + 1);
const ALL = 1000;
const idsOf = (items: readonly Recommendation[]): number[] => items.map((item) => item.paperId);

describe('golden rankings of a hand-made set', () => {
  // Papers 1 to 3 are about tag 7, papers 4 to 6 about tag 8, paper 9 about nothing and listed two weeks later.
  const matrix = matrixOf([
    ...[1, 2, 3, 4, 5, 6].map((paper) => ({ kind: 'PAPER', paper, listed: 0 }) as const),
    { kind: 'PAPER', paper: 9, listed: 14 * DAY },
    ...[1, 2, 3].map((paper) => ({ kind: 'TAG', paper, tag: 7, weight: 1 }) as const),
    ...[4, 5, 6].map((paper) => ({ kind: 'TAG', paper, tag: 8, weight: 1 }) as const),
    ...[[1, 1], [1, 2], [2, 1], [2, 2], [2, 4], [3, 4], [3, 5]].map(([reader, paper]) => ({ kind: 'UPVOTE', reader: reader!, paper: paper!, isPresent: true }) as const),
  ]);

  test('from nothing: by trend, the age halving it, ties to the larger id', () => {
    // Readers: 2 of papers 1, 2 and 4; 1 of 5; none of 3, 6 and 9. ln 4 / ln 4 / 2 = 0.5 = ln 2 / ln 4 of the new paper 9.
    const { items, total, hasMore } = recommend(matrix, { historyIds: [], limit: 10 });
    expect(idsOf(items)).toEqual([9, 4, 2, 1, 5, 6, 3]);
    expect(items[0]!.score).toBeCloseTo(DEFAULTS.trendWeight / 2, 12);
    expect(items[4]!.contributions).toEqual([{ kind: 'TRENDING', sourceId: null, support: 1, contribution: items[4]!.score }]);
    expect({ total, hasMore }).toEqual({ total: 7, hasMore: false });
  });

  test('from one paper: co-readers and the tag, then the tag alone, then co-readers alone, then the trend', () => {
    const { items } = recommend(matrix, { historyIds: [1], limit: 10 });
    expect(idsOf(items)).toEqual([2, 3, 4, 9, 5, 6]);
    expect(items[0]!.contributions.map(({ kind, sourceId, support }) => [kind, sourceId, support])).toEqual([
      ['CO_UPVOTED', 1, 2],
      ['SHARED_TAG', 7, 1],
      ['TRENDING', null, 2],
    ]);
    expect(items[1]!.contributions.map(({ kind, sourceId }) => [kind, sourceId])).toEqual([['SHARED_TAG', 7], ['TRENDING', null]]);
    expect(items[2]!.contributions.map(({ kind, sourceId, support }) => [kind, sourceId, support])).toEqual([['CO_UPVOTED', 1, 1], ['TRENDING', null, 2]]);
    // The walk's best has 1 of it; the trend comes on top.
    expect(items[0]!.score).toBeCloseTo(1 + DEFAULTS.trendWeight / 2, 12);
  });

  test('for a reader: what they upvoted counts, their own votes are not those of a co-reader', () => {
    const forReader = recommend(matrix, { historyIds: [4, 5], readerId: 3, limit: 10 }).items;
    expect(forReader[0]!.paperId).toBe(6);
    const five = recommend(matrix, { historyIds: [4], readerId: 3, limit: 10 }).items.find((item) => item.paperId === 5)!;
    expect(five.contributions.some((term) => term.kind === 'CO_UPVOTED')).toBe(false);
    const anyone = recommend(matrix, { historyIds: [4], limit: 10 }).items.find((item) => item.paperId === 5)!;
    expect(anyone.contributions.some((term) => term.kind === 'CO_UPVOTED')).toBe(true);
  });
});

describe.each(SEEDS)('every ranking (seed %i)', (seed) => {
  const changes = randomChanges(seed, 600);
  const matrix = matrixOf(changes);
  const live = matrix.paperIds.filter((id) => matrix.paperAt(id) >= 0);
  const histories = [[], live.slice(0, 1), ...READERS.map((reader) => historyIdsOf(matrix, reader))];
  // Few candidates, so that most papers are none.
  const NARROW = { ...DEFAULTS, candidates: 5, leaders: 3, mostHistory: 3 };

  test.each([DEFAULTS, NARROW])('has each live paper outside the history once, the highest score first', (parameters) => {
    for (const historyIds of histories) {
      const { items, total } = recommend(matrix, { historyIds, limit: ALL }, parameters);
      const expected = live.filter((id) => !historyIds.includes(id));
      expect(idsOf(items).sort()).toEqual(expected.sort());
      expect(total).toBe(expected.length);
      for (let place = 1; place < items.length; place += 1) {
        const [above, below] = [items[place - 1]!, items[place]!];
        expect(above.score > below.score || (above.score === below.score && above.paperId > below.paperId)).toBe(true);
      }
    }
  });

  test.each([DEFAULTS, NARROW])('has scores that are the sum of their contributions, the largest first', (parameters) => {
    for (const historyIds of histories) {
      for (const { score, contributions } of recommend(matrix, { historyIds, limit: ALL }, parameters).items) {
        const values = contributions.map((term) => term.contribution);
        expect(Math.abs(values.reduce((sum, value) => sum + value, 0) - score)).toBeLessThanOrEqual(1e-9 * Math.abs(score));
        const sizes = values.map((value) => Math.abs(value));
        expect(sizes).toEqual([...sizes].sort((one, other) => other - one));
        expect(sizes.every((size) => Number.isFinite(size) && size > 0)).toBe(true);
        expect(new Set(contributions.map((term) => `${term.kind} ${String(term.sourceId)}`)).size).toBe(contributions.length);
      }
    }
  });

  test.each([DEFAULTS, NARROW])('is the same page by page, over any size of page', (parameters) => {
    const historyIds = histories[5]!;
    const whole = recommend(matrix, { historyIds, limit: ALL }, parameters).items;
    for (const limit of [1, 3, 7]) {
      const pages: Recommendation[] = [];
      for (let after: { score: number; paperId: number } | null = null; ; ) {
        const page = recommend(matrix, { historyIds, limit, after }, parameters);
        expect(page.total).toBe(whole.length);
        pages.push(...page.items);
        if (!page.hasMore) break;
        after = page.items.at(-1)!;
      }
      expect(pages).toEqual(whole);
    }
  });

  test('is the same whatever the ids are', () => {
    const renamed = (id: number): number => 7_000_000_000 + id;
    const twin = applyChanges(new TasteMatrix(), changes.map((change): TasteChange => {
      const paper = renamed(change.paper);
      if (change.kind === 'TAG') return { ...change, paper, tag: renamed(change.tag) };
      return change.kind === 'UPVOTE' ? { ...change, paper, reader: renamed(change.reader) } : { ...change, paper };
    }));
    for (const historyIds of histories) {
      const expected = recommend(matrix, { historyIds, limit: ALL }).items.map((item) => ({
        ...item,
        paperId: renamed(item.paperId),
        contributions: item.contributions.map((term) => ({ ...term, sourceId: term.sourceId === null ? null : renamed(term.sourceId) })),
      }));
      expect(recommend(twin, { historyIds: historyIds.map(renamed), limit: ALL }).items).toEqual(expected);
    }
  });

  test('is one of the allowed papers alone where some are not', () => {
    const allowed = (id: number): boolean => id % 2 === 0;
    for (const historyIds of histories) {
      const { items, total } = recommend(matrix, { historyIds, limit: ALL, allowed });
      const expected = live.filter((id) => allowed(id) && !historyIds.includes(id));
      expect(idsOf(items).sort()).toEqual(expected.sort());
      expect(total).toBe(expected.length);
    }
  });

  test('does not lower the double of a paper that is added to the history', () => {
    const random = chance(seed);
    for (let round = 0; round < 20; round += 1) {
      const history = random.sample(live, 1 + random.below(4));
      const paper = random.pick(live.filter((id) => !history.includes(id)));
      // Paper 999 has the tags, the readers and the day of `paper`.
      const index = matrix.paperAt(paper);
      const twin = matrixOf([...changes, { kind: 'PAPER', paper: 999, listed: matrix.listedSeconds[index]! }]);
      for (const tag of matrix.tagsOfPaper.values(index)) twin.setTag(999, matrix.tagIds[tag]!, matrix.tagsOfPaper.weightOf(index, tag));
      for (const reader of matrix.readersOfPaper.values(index)) twin.setUpvote(matrix.readerIds[reader]!, 999, true);
      const place = (historyIds: number[]): number => idsOf(recommend(twin, { historyIds, limit: ALL }).items).indexOf(999);
      expect(place([...history, paper])).toBeLessThanOrEqual(place(history));
    }
  });
});

// Two servers rank one page each: a score that differs in its last bit moves a paper past the cursor between the pages.
test.each(SEEDS)('a ranking is the same, to the last bit, after 5,000 changes and from what is left of them (seed %i)', (seed) => {
  const changes = randomChanges(seed, 5000);
  const [followed, fresh] = [matrixOf(changes), matrixOf(finalState(changes))];
  for (const readerId of READERS) {
    const pages = [followed, fresh].map((matrix) => recommend(matrix, { historyIds: historyIdsOf(matrix, readerId), readerId, limit: ALL }));
    expect(pages[0]).toEqual(pages[1]);
  }
});

describe('borders', () => {
  test('an empty matrix recommends nothing', () => {
    expect(recommend(new TasteMatrix(), { historyIds: [1, 2], limit: 10 })).toEqual({ items: [], hasMore: false, total: 0 });
  });

  test('unknown, removed and repeated papers of a history count for nothing', () => {
    const matrix = matrixOf(randomChanges(1, 300));
    const [known] = matrix.paperIds.filter((id) => matrix.paperAt(id) >= 0);
    const removed = matrix.paperIds.filter((id) => matrix.paperAt(id) < 0);
    expect(removed.length).toBeGreaterThan(0);
    const expected = recommend(matrix, { historyIds: [known!], limit: ALL });
    expect(recommend(matrix, { historyIds: [known!, known!, 999, -1, ...removed], readerId: 12345, limit: ALL })).toEqual(expected);
  });

  test('a removed paper is never recommended, even while its votes are there, and back when it is listed again', () => {
    const matrix = matrixOf([1, 2, 3].map((paper) => ({ kind: 'PAPER', paper, listed: 0 })));
    for (const paper of [1, 2]) for (const reader of [1, 2]) matrix.setUpvote(reader, paper, true);
    matrix.setPaper(2, null);
    expect(idsOf(recommend(matrix, { historyIds: [1], limit: 10 }).items)).toEqual([3]);
    matrix.setPaper(2, 0);
    expect(idsOf(recommend(matrix, { historyIds: [1], limit: 10 }).items)).toEqual([2, 3]);
  });

  test('a ranking follows each change at once', () => {
    const matrix = matrixOf([1, 2, 3].map((paper) => ({ kind: 'PAPER', paper, listed: 0 })));
    expect(idsOf(recommend(matrix, { historyIds: [1], limit: 1 }).items)).toEqual([3]);
    for (const paper of [1, 2]) matrix.setUpvote(8, paper, true);
    expect(idsOf(recommend(matrix, { historyIds: [1], limit: 1 }).items)).toEqual([2]);
    matrix.setUpvote(8, 1, false);
    expect(recommend(matrix, { historyIds: [1], limit: 1 }).items[0]!.contributions.map((term) => term.kind)).toEqual(['TRENDING']);
  });

  test('ties go to the larger id, and pages go on in the middle of them', () => {
    const matrix = matrixOf([5, 3, 9, 1].map((paper) => ({ kind: 'PAPER', paper, listed: 0 })));
    const first = recommend(matrix, { historyIds: [], limit: 2 });
    expect(first).toMatchObject({ hasMore: true, total: 4, items: [{ paperId: 9 }, { paperId: 5 }] });
    expect(recommend(matrix, { historyIds: [], limit: 2, after: first.items[1]! })).toMatchObject({ hasMore: false, items: [{ paperId: 3 }, { paperId: 1 }] });
  });

  test('reasons are given for as many leading items as are asked for, and change no score', () => {
    const matrix = matrixOf(randomChanges(2, 600));
    const whole = recommend(matrix, { historyIds: historyIdsOf(matrix, 3), limit: 6 }).items;
    const some = recommend(matrix, { historyIds: historyIdsOf(matrix, 3), limit: 6, reasons: 2 }).items;
    expect(some).toEqual(whole.map((item, index) => (index < 2 ? item : { ...item, contributions: [] })));
  });

  test('a filter that throws leaves the next request as it was', () => {
    const matrix = matrixOf(randomChanges(3, 600));
    const request = { historyIds: historyIdsOf(matrix, 3), limit: ALL };
    const before = recommend(matrix, request);
    expect(() => recommend(matrix, { ...request, allowed: () => { throw new Error('no'); } })).toThrow('no');
    expect(recommend(matrix, request)).toEqual(before);
  });

  test('a limit of none gives none, and says whether there is more', () => {
    const matrix = matrixOf([{ kind: 'PAPER', paper: 1, listed: 0 }]);
    expect(recommend(matrix, { historyIds: [], limit: 0 })).toEqual({ items: [], hasMore: true, total: 1 });
  });
});
