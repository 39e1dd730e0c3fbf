import { describe, expect, test } from '@jest/globals';
import { DEFAULTS, type Parameters } from '../../src/recommender/parameters.js';
import { recommend, type Recommendation } from '../../src/recommender/recommend.js';
import { recommendAmong } from '../../src/recommender/recommendAmong.js';
import type { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { chance } from '../support/random.js';
import { READERS, dismissal, livePaperIds, matrixOf, paper, randomChanges, tag, tagFollow, upvote } from '../support/tasteWorld.js';

const SEEDS = [21, 22, 23, 24, 25, 26];
const ALL = 1000;
const NARROW: Parameters = { ...DEFAULTS, candidates: 5, leaders: 3, mostHistory: 3, trendCandidates: 3, diversePlaces: 3, authorWindow: 4, mostOfAuthor: 1, mostDismissals: 1, mostFollows: 1 };
const BOTH: [string, Parameters][] = [['default', DEFAULTS], ['narrow', NARROW]];

const idsOf = (items: readonly Recommendation[]): number[] => items.map(({ paperId }) => paperId);
const byId = (items: readonly Recommendation[]): Map<number, Recommendation> => new Map(items.map((item) => [item.paperId, item]));
const upvotedBy = (matrix: TasteMatrix, reader: number): number[] => Array.from(matrix.papersOfReader.values(matrix.readers.at(reader)), (index) => matrix.paperIdOf(index));
function isUnwanted(matrix: TasteMatrix, readerId: number, paperId: number): boolean {
  const [reader, index] = [matrix.readers.at(readerId), matrix.papers.at(paperId)];
  const isMuted = [matrix.tags, matrix.authors].some(({ ofPaper, mutedBy }) => ofPaper.values(index).some((feature) => mutedBy.has(reader, feature)));
  return isMuted || matrix.dismissedBy.has(reader, index);
}
const isTrendAlone = ({ contributions }: Recommendation): boolean => contributions.every(({ kind }) => kind === 'TRENDING');

describe.each(SEEDS)('papers of a random set (seed %i)', (seed) => {
  const matrix = matrixOf(randomChanges(seed, 400));
  const live = livePaperIds(matrix);

  test.each(BOTH)('have the scores and terms that recommend gives its candidates, whichever are asked for (%s)', (_, parameters) => {
    const random = chance(seed);
    for (const readerId of [...READERS, null]) {
      const whole = byId(recommend(matrix, { readerId, limit: ALL }, parameters).items);
      const amongIds = live.filter(() => random.number() < 0.5);
      for (const item of recommendAmong(matrix, { readerId, amongIds, limit: ALL }, parameters).items) {
        const other = whole.get(item.paperId);
        if (other === undefined) continue;
        // With room for all papers, what the walk reaches is a candidate.
        if (parameters === DEFAULTS || !isTrendAlone(other) || isTrendAlone(item)) expect(item).toEqual(other);
      }
    }
  });

  test.each(BOTH)('are each given one place, the best first; all but dismissed and muted ones, upvoted ones by trend (%s)', (_, parameters) => {
    const trend = byId(recommend(matrix, { limit: ALL }).items);
    for (const readerId of READERS) {
      const { items, total, hasMore } = recommendAmong(matrix, { readerId, amongIds: [...live, ...live, 9999], limit: ALL }, parameters);
      expect([...idsOf(items)].sort()).toEqual(live.filter((id) => !isUnwanted(matrix, readerId, id)).sort());
      expect({ total, hasMore }).toEqual({ total: items.length, hasMore: false });
      items.slice(1).forEach((item, k) => {
        const above = items[k]!;
        expect(item.score < above.score || (item.score === above.score && item.paperId < above.paperId)).toBe(true);
      });
      for (const id of upvotedBy(matrix, readerId)) if (byId(items).has(id)) expect(byId(items).get(id)).toEqual(trend.get(id));
    }
  });

  test.each(BOTH)('have scores that are the sum of their terms, and are the same page by page (%s)', (_, parameters) => {
    for (const readerId of READERS) {
      const whole = recommendAmong(matrix, { readerId, amongIds: live, limit: ALL }, parameters).items;
      for (const { score, contributions } of whole) expect(contributions.reduce((sum, term) => sum + term.contribution, 0)).toBeCloseTo(score, 9);
      const paged: Recommendation[] = [];
      for (let page = recommendAmong(matrix, { readerId, amongIds: live, limit: 3 }, parameters); ; ) {
        paged.push(...page.items);
        if (!page.hasMore) break;
        page = recommendAmong(matrix, { readerId, amongIds: live, limit: 3, after: page.items.at(-1)! }, parameters);
      }
      expect(paged).toEqual(whole);
    }
  });

  test('leave the next request as it would have been', () => {
    const before = recommend(matrix, { readerId: 1, limit: ALL });
    recommendAmong(matrix, { readerId: 1, amongIds: live, limit: ALL });
    recommendAmong(matrix, { readerId: 2, amongIds: live, limit: 2 }, NARROW);
    expect(recommend(matrix, { readerId: 1, limit: ALL })).toEqual(before);
  });
});

describe('a paper that is no candidate', () => {
  // Of a followed tag's seven papers one is a candidate: a reader who follows the tag would see the others by trend alone.
  const one: Parameters = { ...DEFAULTS, candidates: 1, trendCandidates: 0 };
  const matrix = matrixOf([...[1, 2, 3, 4, 5, 6, 7, 8].map((id) => paper(id)), ...[1, 2, 3, 4, 5, 6, 7].map((id) => tag(id, 7, id / 10)), upvote(2, 8), tagFollow(1, 7)]);

  test('has what the walk gave it, and stands above what the walk did not reach', () => {
    const items = recommendAmong(matrix, { readerId: 1, amongIds: [8, 3, 7], limit: ALL }, one).items;
    expect(idsOf(items).at(-1)).toBe(8);
    const left = items.find(({ paperId }) => paperId === 3)!;
    expect(left.contributions.map(({ kind }) => kind)).toEqual(['FOLLOWED_TAG', 'FRESH', 'TRENDING']);
    expect(byId(recommend(matrix, { readerId: 1, limit: ALL }, one).items).get(3)!.contributions.map(({ kind }) => kind)).toEqual(['TRENDING']);
  });

  test('loses by being like a dismissed one', () => {
    const scoreOf3 = (more = matrix): number => recommendAmong(more, { readerId: 1, amongIds: [3], limit: 1 }, one).items[0]!.score;
    const before = scoreOf3();
    matrix.apply(dismissal(1, 4));
    expect(scoreOf3()).toBeLessThan(before);
    expect(recommendAmong(matrix, { readerId: 1, amongIds: [4], limit: 1 }, one)).toEqual({ items: [], hasMore: false, total: 0 });
  });
});
