import { describe, expect, test } from '@jest/globals';
import { RIDGE_ALONE, engineRanker } from '../../src/evaluation/engine.js';
import { exactEase, exactEaseWithTags, inverted } from '../../src/evaluation/exactEase.js';
import { DEFAULTS } from '../../src/recommender/parameters.js';
import { plantedSet, setOf } from './planted.js';

describe('exact EASE', () => {
  test('two papers in one library, by hand: B₀₁ = 1 / (1 + λ) and nothing to a third', () => {
    const data = setOf([[0, 1], [0], [2]]);
    expect(Array.from(exactEase(data, 1).rank(1, 10))).toEqual([1]);
    expect(Array.from(exactEase(data, 1).rank(2, 10))).toEqual([]);
  });

  test('what speaks against a paper puts it last, not out', () => {
    // Paper 2 is read with paper 0 only where paper 1 is too: given 1, paper 0 speaks against it.
    const data = setOf([[0, 1], [0, 1], [1, 2], [1, 2], [0], [0, 3], [0, 3]]);
    const ranking = Array.from(exactEase(data, 0.1).rank(4, 10));
    expect(ranking.at(-1)).toBe(2);
    expect(ranking).toHaveLength(3);
  });

  test('tags link a paper without votes', () => {
    const data = setOf([[0], [1]], { tags: [['x'], ['y'], ['x'], ['y']] });
    expect(Array.from(exactEase(data, 1).rank(0, 10))).toEqual([]);
    expect(Array.from(exactEaseWithTags(data).rank(0, 10))[0]).toBe(2);
    expect(Array.from(exactEaseWithTags(data).rank(1, 10))[0]).toBe(3);
  });

  test('a matrix times its inverse is the identity', () => {
    const matrix = [4, 1, 0.5, 1, 3, 0.2, 0.5, 0.2, 2];
    const inverse = inverted(Float64Array.from(matrix), 3);
    for (let row = 0; row < 3; row += 1) {
      for (let column = 0; column < 3; column += 1) {
        const product = [0, 1, 2].reduce((sum, k) => sum + matrix[row * 3 + k]! * inverse[k * 3 + column]!, 0);
        expect(product).toBeCloseTo(row === column ? 1 : 0, 12);
      }
    }
  });
});

describe('the engine’s ridge', () => {
  const data = plantedSet(12);
  const exact = exactEaseWithTags(data);
  /** Share of the first twenty that both rankings have, over all readers. */
  const agreement = (steps: number, leaders: number): number => {
    const ranker = engineRanker(data, { ...RIDGE_ALONE, steps, leaders });
    const shared = Array.from({ length: data.train.rowCount }, (_, reader) => {
      const expected = new Set(exact.rank(reader, 20) as number[]);
      return Array.from(ranker.rank(reader, 20)).filter((paper) => expected.has(paper)).length / 20;
    });
    return shared.reduce((sum, share) => sum + share, 0) / shared.length;
  };

  test('solved to the end differs only in 1 / P_ii, which it takes over the candidates without the history', () => {
    expect(agreement(60, 500)).toBeGreaterThan(0.995);
  });

  test('as it serves requests it is close to it', () => {
    expect(agreement(DEFAULTS.steps, DEFAULTS.leaders)).toBeGreaterThan(0.95);
  });
});
