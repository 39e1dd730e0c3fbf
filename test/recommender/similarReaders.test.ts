import { describe, expect, test } from '@jest/globals';
import { DEFAULTS } from '../../src/recommender/parameters.js';
import { relatedTags } from '../../src/recommender/relatedTags.js';
import { similarReaders } from '../../src/recommender/similarReaders.js';
import { READERS, TAGS, matrixOf, paper, randomChanges, tag, upvote } from '../support/tasteWorld.js';

const SEEDS = [1, 2, 3];

describe('similarReaders', () => {
  test('of a hand-made set: shared papers count by how few readers they have', () => {
    // Readers of paper 1: 1, 2 and 3; of paper 2: 1 and 2; of paper 3: 3; reader 4 has nothing, 5 something else.
    const matrix = matrixOf([...[1, 2, 3, 4].map((id) => paper(id)), upvote(1, 1), upvote(1, 2), upvote(2, 1), upvote(2, 2), upvote(3, 1), upvote(3, 3), upvote(5, 4)]);
    const [ofThree, ofTwo, ofOne] = [Math.log(5 / 3) ** 2, Math.log(5 / 2) ** 2, Math.log(5) ** 2];
    const found = similarReaders(matrix, 1);
    expect(found.map(({ readerId }) => readerId)).toEqual([2, 3]);
    expect(found[0]!.similarity).toBeCloseTo(1, 14);
    expect(found[1]!.similarity).toBeCloseTo(ofThree / Math.sqrt((ofThree + ofTwo) * (ofThree + ofOne)), 14);
    expect(found[0]!.contributions).toEqual([
      { kind: 'CO_UPVOTED', sourceId: 2, support: 2, contribution: expect.closeTo(ofTwo / (ofThree + ofTwo), 14) },
      { kind: 'CO_UPVOTED', sourceId: 1, support: 3, contribution: expect.closeTo(ofThree / (ofThree + ofTwo), 14) },
    ]);
    expect(similarReaders(matrix, 4)).toEqual([]);
  });

  test.each(SEEDS)('is the sum of its contributions, above 0, at most 1 and the same both ways (seed %i)', (seed) => {
    const matrix = matrixOf(randomChanges(seed, 1500));
    const all = new Map(READERS.map((id) => [id, similarReaders(matrix, id)]));
    for (const [id, found] of all) {
      expect(found.length).toBeGreaterThan(5);
      expect(found.map(({ readerId }) => readerId)).not.toContain(id);
      expect(new Set(found.map(({ readerId }) => readerId)).size).toBe(found.length);
      found.forEach(({ readerId, similarity, contributions }, place) => {
        expect(similarity).toBeCloseTo(contributions.reduce((sum, term) => sum + term.contribution, 0), 14);
        expect(similarity > 0 && similarity <= 1).toBe(true);
        if (place > 0) expect(similarity).toBeLessThanOrEqual(found[place - 1]!.similarity);
        expect(all.get(readerId)!.find((other) => other.readerId === id)!.similarity).toBeCloseTo(similarity, 12);
        const shared = matrix.historyOf(id).filter((upvoted) => matrix.historyOf(readerId).includes(upvoted) && matrix.paperAt(upvoted) >= 0);
        expect(contributions.map((term) => term.sourceId!).sort((one, other) => one - other)).toEqual(shared);
      });
    }
  });

  test('is at most 1 for readers of the same papers, however many these are', () => {
    for (let count = 1; count <= 60; count += 1) {
      const ids = Array.from({ length: count }, (_, index) => index + 1);
      const matrix = matrixOf(ids.flatMap((id) => [paper(id), upvote(1, id), upvote(2, id), ...(id % 3 === 0 ? [upvote(3 + (id % 7), id)] : [])]));
      const similarity = similarReaders(matrix, 1).find(({ readerId }) => readerId === 2)!.similarity;
      expect(similarity).toBeCloseTo(1, 12);
      expect(similarity).toBeLessThanOrEqual(1);
    }
  });

  test('reads the latest papers of a long history, whose shares are still of the whole', () => {
    const matrix = matrixOf([1, 2, 3].flatMap((id) => [paper(id), upvote(1, id), upvote(2, id)]));
    const [found] = similarReaders(matrix, 1, { ...DEFAULTS, mostHistory: 2 });
    expect(found!.contributions.map(({ sourceId }) => sourceId)).toEqual([2, 3]);
    expect(found!.similarity).toBeCloseTo(2 / 3, 14);
  });
});

describe('relatedTags', () => {
  test('of a hand-made set: by the cosine of the sets of papers', () => {
    // Tag 7 is on papers 1 to 4, tag 8 on 1 and 2, tag 9 on 1, 5 and 6, tag 10 on 6 alone.
    const matrix = matrixOf([[1, 7], [2, 7], [3, 7], [4, 7], [1, 8], [2, 8], [1, 9], [5, 9], [6, 9], [6, 10]].flatMap(([id, of]) => [paper(id!), tag(id!, of!, 0.3)]));
    expect(relatedTags(matrix, 7)).toEqual([
      { tagId: 8, similarity: 2 / Math.sqrt(4 * 2), sharedPapers: 2 },
      { tagId: 9, similarity: 1 / Math.sqrt(4 * 3), sharedPapers: 1 },
    ]);
    expect(relatedTags(matrix, 10)).toEqual([{ tagId: 9, similarity: 1 / Math.sqrt(3), sharedPapers: 1 }]);
  });

  test.each(SEEDS)('are the same both ways, above 0 and at most 1 (seed %i)', (seed) => {
    const matrix = matrixOf(randomChanges(seed, 1500));
    for (const id of TAGS) {
      for (const { tagId, similarity, sharedPapers } of relatedTags(matrix, id)) {
        expect(similarity > 0 && similarity <= 1).toBe(true);
        expect(relatedTags(matrix, tagId).find((other) => other.tagId === id)).toEqual({ tagId: id, similarity, sharedPapers });
      }
    }
  });
});
