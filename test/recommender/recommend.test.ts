import { describe, expect, test } from '@jest/globals';
import { DEFAULTS, recommend, type Recommendation } from '../../src/recommender/recommend.js';
import { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { chance } from '../support/random.js';
import { DAY, applyChanges, finalState, matrixOf, randomChanges, type TasteChange } from '../support/tasteWorld.js';

const SEEDS = [11, 12, 13, 14, 15, 16];
const ALL = 1000;

/** The papers that a seed's reader has upvoted, by id. */
function historyOf(matrix: TasteMatrix, reader: number): number[] {
  return matrix.historyOf(reader).map((paper) => matrix.paperIds[paper]!);
}

describe('a ranking computed by hand', () => {
  // Papers 1 to 4, the last one listed 14 days (one half-life) after the others; tags 7 and 8; readers 1 and 2.
  const matrix = matrixOf([
    ...[1, 2, 3].map((paper) => ({ kind: 'PAPER', paper, listed: 0 }) as const),
    { kind: 'PAPER', paper: 4, listed: 14 * DAY },
    { kind: 'TAG', paper: 1, tag: 7, weight: 1 },
    { kind: 'TAG', paper: 2, tag: 7, weight: 1 },
    { kind: 'TAG', paper: 2, tag: 8, weight: 1 },
    { kind: 'TAG', paper: 3, tag: 8, weight: 0.5 },
    ...[1, 2].map((paper) => ({ kind: 'UPVOTE', reader: 1, paper, isPresent: true }) as const),
    ...[1, 3].map((paper) => ({ kind: 'UPVOTE', reader: 2, paper, isPresent: true }) as const),
  ]);
  const near = (value: number): number => expect.closeTo(value, 6) as unknown as number;

  test('from one paper', () => {
    // Tags: each is on 2 of 4 papers, idf ln(1 + 4/2) = 1.098612; a paper's vector has length 1, so paper 1 = (1, 0),
    //   paper 2 = (0.707107, 0.707107), paper 3 = (0, 1). Term of paper 2: 0.5 · 1 · 0.707107 = 0.353553.
    // Votes: both readers have 2 votes, weight 1 / ln 4 = 0.721348. Papers 1 and 2 share one reader:
    //   0.721348 / (√(2 · 1) + 5) = 0.112461; papers 1 and 3 likewise.
    // Trend: 0.05 · ln(2 + readers) / ln(2 + 2) · 2^(−age/14). Papers 2 and 3: 0.05 · 0.792481 · 1/2 = 0.019812;
    //   paper 4: 0.05 · ln 2 / ln 4 · 1 = 0.025.
    expect(recommend(matrix, { historyIds: [1], limit: 10 })).toEqual({
      items: [
        {
          paperId: 2,
          score: near(0.485826),
          contributions: [
            { kind: 'SHARED_TAG', sourceId: 7, support: 1, contribution: near(0.353553) },
            { kind: 'CO_UPVOTED', sourceId: 1, support: 1, contribution: near(0.112461) },
            { kind: 'TRENDING', sourceId: null, support: 1, contribution: near(0.019812) },
          ],
        },
        {
          paperId: 3,
          score: near(0.132273),
          contributions: [
            { kind: 'CO_UPVOTED', sourceId: 1, support: 1, contribution: near(0.112461) },
            { kind: 'TRENDING', sourceId: null, support: 1, contribution: near(0.019812) },
          ],
        },
        { paperId: 4, score: near(0.025), contributions: [{ kind: 'TRENDING', sourceId: null, support: 0, contribution: near(0.025) }] },
      ],
      hasMore: false,
      total: 3,
    });
  });

  test('from two papers', () => {
    // Profile: (1, 0) + (0, 1), scaled: (0.707107, 0.707107). Paper 2: two terms of 0.5 · 0.707107 · 0.707107 = 0.25.
    // Votes: 0.112461 / √2 papers of history = 0.079522, from paper 1 only: 2 and 3 have no reader in common.
    const [first, second] = recommend(matrix, { historyIds: [1, 3], limit: 10 }).items;
    expect(first).toEqual({
      paperId: 2,
      score: near(0.599334),
      contributions: [
        { kind: 'SHARED_TAG', sourceId: 7, support: 1, contribution: near(0.25) },
        { kind: 'SHARED_TAG', sourceId: 8, support: 1, contribution: near(0.25) },
        { kind: 'CO_UPVOTED', sourceId: 1, support: 1, contribution: near(0.079522) },
        { kind: 'TRENDING', sourceId: null, support: 1, contribution: near(0.019812) },
      ],
    });
    expect(second!.paperId).toBe(4);
  });

  test('from nothing: by trend', () => {
    // Paper 4: 0.025. Paper 1, of two readers: 0.05 · 1 · 1/2 = 0.025 too, and the larger id wins. Then 3 before 2.
    const { items } = recommend(matrix, { historyIds: [], limit: 10 });
    expect(items.map(({ paperId, score }) => [paperId, score])).toEqual([[4, near(0.025)], [1, near(0.025)], [3, near(0.019812)], [2, near(0.019812)]]);
  });

  test('with other parameters', () => {
    // Without shrinkage and trend, by votes alone: 0.721348 / √2 = 0.510070.
    const parameters = { ...DEFAULTS, tagWeight: 0, trendWeight: 0, shrink: 0 };
    const { items } = recommend(matrix, { historyIds: [1], limit: 10 }, parameters);
    expect(items.map(({ paperId, score }) => [paperId, score])).toEqual([[3, near(0.51007)], [2, near(0.51007)], [4, 0]]);
    expect(items[2]!.contributions).toEqual([]);
  });
});

describe.each(SEEDS)('every ranking (seed %i)', (seed) => {
  const changes = randomChanges(seed, 600);
  const matrix = matrixOf(changes);
  const live = matrix.paperIds.filter((id) => matrix.paperAt(id) >= 0);
  const histories = [[], live.slice(0, 1), ...Array.from({ length: 15 }, (_, reader) => historyOf(matrix, reader + 1))];
  const rank = (historyIds: readonly number[], from = matrix): readonly Recommendation[] => recommend(from, { historyIds, limit: ALL }).items;

  test('has each live paper outside the history once, the highest score first', () => {
    for (const history of histories) {
      const items = rank(history);
      const expected = live.filter((id) => !history.includes(id));
      expect(items.map((item) => item.paperId).sort()).toEqual(expected.sort());
      for (let place = 1; place < items.length; place += 1) {
        const [above, below] = [items[place - 1]!, items[place]!];
        expect(above.score > below.score || (above.score === below.score && above.paperId > below.paperId)).toBe(true);
      }
    }
  });

  test('has scores that are exactly the sum of their contributions, the largest first', () => {
    for (const { score, contributions } of histories.flatMap((history) => rank(history))) {
      expect(contributions.reduce((sum, term) => sum + term.contribution, 0)).toBe(score);
      const values = contributions.map((term) => term.contribution);
      expect(values).toEqual([...values].sort((one, other) => other - one));
      expect(values.every((value) => Number.isFinite(value) && value > 0)).toBe(true);
    }
  });

  test('is the same page by page, over any size of page', () => {
    const [history] = histories.slice(-1) as [number[]];
    const whole = rank(history);
    for (const limit of [1, 3, 7]) {
      const pages: Recommendation[] = [];
      for (let after: { score: number; paperId: number } | null = null; ; ) {
        const page = recommend(matrix, { historyIds: history, limit, after });
        expect(page.total).toBe(whole.length);
        pages.push(...page.items);
        if (!page.hasMore) break;
        after = page.items.at(-1)!;
      }
      expect(pages).toEqual(whole);
    }
  });

  test('is the same whatever the ids are', () => {
    const renamed = (id: number): number => 10_000 + id;
    const twin = applyChanges(new TasteMatrix(), changes.map((change): TasteChange => {
      const paper = renamed(change.paper);
      if (change.kind === 'TAG') return { ...change, paper, tag: renamed(change.tag) };
      return change.kind === 'UPVOTE' ? { ...change, paper, reader: renamed(change.reader) } : { ...change, paper };
    }));
    for (const history of histories) {
      const expected = rank(history).map((item) => ({
        ...item,
        paperId: renamed(item.paperId),
        contributions: item.contributions.map((term) => ({ ...term, sourceId: term.sourceId === null ? null : renamed(term.sourceId) })),
      }));
      expect(rank(history.map(renamed), twin)).toEqual(expected);
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
      for (const [tag, weight] of matrix.tagsOfPaper[index]!) twin.setTag(999, matrix.tagIds[tag]!, weight);
      for (const reader of matrix.readersOfPaper[index]!) twin.setUpvote(matrix.readerIds[reader]!, 999, true);
      const place = (historyIds: number[]): number => rank(historyIds, twin).findIndex((item) => item.paperId === 999);
      const score = (historyIds: number[]): number => rank(historyIds, twin)[place(historyIds)]!.score;
      expect(score([...history, paper])).toBeGreaterThanOrEqual(score(history) - 1e-12);
      expect(place([...history, paper])).toBeLessThanOrEqual(place(history));
    }
  });
});

// Two servers rank one page each: a score that differs in its last bit moves a paper past the cursor between the pages.
test('a ranking is the same, to the last bit, whatever way the matrix came about', () => {
  const scores = (matrix: TasteMatrix, reader: number): [number, number][] => {
    const historyIds = historyOf(matrix, reader).sort((one, other) => one - other);
    return recommend(matrix, { historyIds, limit: ALL }).items.map(({ paperId, score }) => [paperId, score]);
  };
  for (const seed of SEEDS) {
    const changes = randomChanges(seed, 600);
    const [followed, fresh] = [matrixOf(changes), matrixOf(finalState(changes))];
    for (let reader = 1; reader <= 15; reader += 1) expect(scores(followed, reader)).toEqual(scores(fresh, reader));
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
    expect(recommend(matrix, { historyIds: [known!, known!, 999, -1, ...removed], limit: ALL })).toEqual(expected);
  });

  test('a removed paper is never recommended, and back when it is listed again', () => {
    const matrix = matrixOf([1, 2].map((paper) => ({ kind: 'PAPER', paper, listed: 0 })));
    matrix.setPaper(2, null);
    expect(recommend(matrix, { historyIds: [], limit: 10 })).toMatchObject({ total: 1, items: [{ paperId: 1 }] });
    matrix.setPaper(2, 0);
    expect(recommend(matrix, { historyIds: [], limit: 10 })).toMatchObject({ total: 2, items: [{ paperId: 2 }, { paperId: 1 }] });
  });

  test('ties go to the larger id, and pages go on in the middle of them', () => {
    const matrix = matrixOf([5, 3, 9, 1].map((paper) => ({ kind: 'PAPER', paper, listed: 0 })));
    const first = recommend(matrix, { historyIds: [], limit: 2 });
    expect(first).toMatchObject({ hasMore: true, total: 4, items: [{ paperId: 9 }, { paperId: 5 }] });
    expect(recommend(matrix, { historyIds: [], limit: 2, after: first.items[1]! })).toMatchObject({ hasMore: false, items: [{ paperId: 3 }, { paperId: 1 }] });
  });

  test('a limit of none gives none, and says whether there is more', () => {
    const matrix = matrixOf([{ kind: 'PAPER', paper: 1, listed: 0 }]);
    expect(recommend(matrix, { historyIds: [], limit: 0 })).toEqual({ items: [], hasMore: true, total: 1 });
  });
});
