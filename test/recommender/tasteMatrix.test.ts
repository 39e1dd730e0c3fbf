import { describe, expect, test } from '@jest/globals';
import { recommend } from '../../src/recommender/recommend.js';
import { relatedTags } from '../../src/recommender/relatedTags.js';
import { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { applyChanges, contentOf, finalState, historyIdsOf, matrixOf, randomChanges } from '../support/tasteWorld.js';

const SEEDS = [1, 2, 3, 4, 5];

/** What every reader is recommended, to the last bit. */
function recommendations(matrix: TasteMatrix): object {
  const readers = Array.from({ length: 15 }, (_, index) => index + 1);
  return readers.map((readerId) => recommend(matrix, { historyIds: historyIdsOf(matrix, readerId), readerId, limit: 100 }));
}

describe('a TasteMatrix', () => {
  test.each(SEEDS)('after 5,000 changes equals one built afresh from what is left (seed %i)', (seed) => {
    const changes = randomChanges(seed, 5000);
    const followed = matrixOf(changes);
    const fresh = matrixOf(finalState(changes));
    expect(contentOf(followed)).toEqual(contentOf(fresh));
    expect(recommendations(followed)).toEqual(recommendations(fresh));
    for (let tag = 1; tag <= 10; tag += 1) expect(relatedTags(followed, tag)).toEqual(relatedTags(fresh, tag));
  });

  test.each(SEEDS)('is not changed by changes that it has (seed %i)', (seed) => {
    const changes = randomChanges(seed, 400);
    const once = matrixOf(changes);
    const twice = matrixOf(changes.flatMap((change) => [change, change]));
    const again = applyChanges(matrixOf(changes), changes.slice(-1));
    const replayed = applyChanges(matrixOf(changes), changes);
    for (const matrix of [twice, again, replayed]) expect(contentOf(matrix)).toEqual(contentOf(once));
  });

  test('takes votes and tags before their paper, whose listing may come later', () => {
    const matrix = new TasteMatrix();
    matrix.setUpvote(1, 7, true);
    matrix.setTag(7, 3, 0.5);
    expect(matrix.paperAt(7)).toBe(-1);
    expect(matrix.paperCount).toBe(0);
    expect(recommend(matrix, { historyIds: [], limit: 10 })).toEqual({ items: [], hasMore: false, total: 0 });
    matrix.setPaper(7, 0);
    expect(matrix.paperAt(7)).toBe(0);
    expect(matrix.paperCount).toBe(1);
    expect(matrix.historyOf(1)).toEqual([0]);
  });

  test('counts a paper once, however often it is listed and removed', () => {
    const matrix = new TasteMatrix();
    for (const listed of [5, 6, null, null, 7]) matrix.setPaper(1, listed);
    expect(matrix.paperCount).toBe(1);
    matrix.setPaper(1, null);
    matrix.setPaper(2, null);
    expect(matrix.paperCount).toBe(0);
  });

  test('knows nothing of ids that it never met', () => {
    const matrix = matrixOf(randomChanges(1, 100));
    expect([matrix.paperAt(999), matrix.tagAt(999), matrix.historyOf(999), relatedTags(matrix, 999)]).toEqual([-1, -1, [], []]);
    expect([matrix.isLive(-1), matrix.isLive(1e6)]).toEqual([false, false]);
  });
});
