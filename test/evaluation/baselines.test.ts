import { describe, expect, test } from '@jest/globals';
import { BASELINES, itemNeighbours, popularity, randomWalk, userNeighbours } from '../../src/evaluation/baselines.js';
import { transpose } from '../../src/evaluation/sparseRows.js';
import type { Ranker } from '../../src/evaluation/ranker.js';
import { setOf } from './planted.js';

const ranking = (ranker: Ranker, reader = 0): number[] => Array.from(ranker.rank(reader, 10));

describe('popularity', () => {
  test('goes by readers, ties by the smaller index, unvoted papers not at all', () => {
    expect(ranking(popularity(setOf([[5], [1, 2], [2, 3], [0, 2]], { tags: [[], [], [], [], ['x'], ['x']] })))).toEqual([2, 0, 1, 3]);
  });
});

describe('user kNN', () => {
  // With idf² of 0.48, 0.08 and 1.92 for papers 0, 1 and 2 or 3: reader 1 is at cosine 0.476, reader 2 at 0.078.
  const data = setOf([[0, 1], [0, 1, 2], [1, 3], [4]]);

  test('nearer readers first, and nothing of readers who share nothing', () => {
    expect(ranking(userNeighbours(data, { neighbours: 10, shrink: 0 }))).toEqual([2, 3]);
  });

  test('only so many neighbours speak', () => {
    expect(ranking(userNeighbours(data, { neighbours: 1, shrink: 0 }))).toEqual([2]);
  });

  test('shrinkage puts much in common before little of little', () => {
    // Each paper has two readers. Reader 1 shares one of two papers, reader 2 two of nine: cosines 0.35 and 0.33.
    const shared = setOf([[0, 1, 2, 3], [0, 4], [1, 2, 5, 6, 7, 8, 9, 10, 11], [3, 4, 5, 6, 7, 8, 9, 10, 11]]);
    expect(ranking(userNeighbours(shared, { neighbours: 1, shrink: 0 }))[0]).toBe(4);
    expect(ranking(userNeighbours(shared, { neighbours: 1, shrink: 100 }))[0]).toBe(5);
  });
});

describe('item kNN', () => {
  test('what more readers upvoted beside comes first; each history paper speaks', () => {
    const data = setOf([[0, 1], [0, 2], [0, 2, 3], [1, 3], [4]]);
    const ranker = itemNeighbours(data, transpose(data.train), { neighbours: 10, shrink: 0 });
    // From paper 0: paper 2 through two readers, paper 3 through one; from paper 1: paper 3 through one.
    expect(ranking(ranker)).toEqual([3, 2]);
    expect(ranking(ranker, 4)).toEqual([]);
  });
});

describe('tag overlap', () => {
  const overlap = BASELINES['tag overlap']!;

  test('a rare tag says more than a broad one, and a paper without votes counts as any', () => {
    const data = setOf([[0], [1, 2]], { tags: [['rare', 'broad'], ['broad'], ['broad'], ['rare'], ['other'], ['other']] });
    expect(ranking(overlap(data))).toEqual([3, 1, 2]);
  });

  test('a tag that all papers have says nothing, and takes no neighbour’s place', () => {
    const data = setOf([[0]], { tags: [['all', 'left', 'low'], ['all', 'left'], ['all', 'left', 'low'], ['all', 'right'], ['all', 'right']] });
    expect(ranking(itemNeighbours(data, data.tags, { neighbours: 2, shrink: 0 }))).toEqual([2, 1]);
  });
});

describe('hybrid kNN', () => {
  const data = setOf([[0, 1], [0, 2], [3]], { tags: [['x'], [], ['x'], ['y'], ['x'], ['y']] });

  test('finds by readers and by tags, and first what both say', () => {
    expect(ranking(BASELINES['hybrid kNN']!(data), 0)).toEqual([2, 4]);
    expect(ranking(BASELINES['hybrid kNN']!(data), 2)).toEqual([5]);
    expect(ranking(BASELINES['item kNN']!(data), 0)).toEqual([2]);
  });
});

describe('RP3beta', () => {
  // From paper 0 half the mass goes to each of readers 1 and 2, then to their papers: 1/2 to paper 1, 1/4 to papers 2
  // and 3 each, of which paper 2 has three readers more.
  const data = setOf([[0], [0, 1], [0, 2, 3, 1], [2], [2], [2]]);

  test('mass over degrees, by hand', () => {
    expect(ranking(randomWalk(data, { alpha: 1, beta: 0, tagWeight: 0 }))).toEqual([1, 2, 3]);
  });

  test('β takes from papers that many read', () => {
    expect(ranking(randomWalk(data, { alpha: 1, beta: 1, tagWeight: 0 }))).toEqual([1, 3, 2]);
  });

  test('only with a tag weight does it reach a paper without votes', () => {
    const tagged = setOf([[0], [0, 1]], { tags: [['x'], [], ['x']] });
    expect(ranking(BASELINES['RP3beta']!(tagged))).toEqual([1]);
    expect(ranking(BASELINES['RP3beta with tags']!(tagged))).toEqual([1, 2]);
    expect(ranking(randomWalk(tagged, { alpha: 1, beta: 0, tagWeight: 3 }))).toEqual([2, 1]);
  });
});
