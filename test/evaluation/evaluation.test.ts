import { describe, expect, test } from '@jest/globals';
import { exactEase, inverted, itemNeighbours, popularity, randomWalk } from '../../src/evaluation/baselines.js';
import { pairedBootstrap } from '../../src/evaluation/bootstrap.js';
import { buildDataset, parseTags, parseVotes, type Vote } from '../../src/evaluation/dataset.js';
import { engineMethods } from '../../src/evaluation/engine.js';
import { evaluate } from '../../src/evaluation/evaluate.js';
import { averagePrecision, ndcgAt, recallAt } from '../../src/evaluation/metrics.js';
import { coldPaperSplit, fewVotesSplit, randomSplit, temporalSplit } from '../../src/evaluation/splits.js';
import { transpose } from '../../src/evaluation/sparseRows.js';

// Readers a–d like papers 0–2, readers e–h papers 3–5; each has one of the other group's in nobody's library.
const LIBRARIES = ['0 1', '0 1 2', '1 2', '0 2', '3 4', '3 4 5', '4 5', '3 5'];
const votes: Vote[] = LIBRARIES.flatMap((papers, reader) => papers.split(' ').map((paper, time) => ({ reader: String(reader), paper, time })));
const tags = [0, 1, 2, 3, 4, 5].map((paper) => ({ paper: String(paper), tag: paper < 3 ? 'left' : 'right' }));

describe('metrics by hand', () => {
  test('recall, nDCG and average precision of hits at places 1 and 3 of two held-out papers', () => {
    const hits = [true, false, true];
    expect(recallAt(hits, 2, 1)).toBe(0.5);
    expect(recallAt(hits, 4, 20)).toBe(0.5);
    expect(ndcgAt(hits, 2, 10)).toBeCloseTo((1 + 1 / 2) / (1 + 1 / Math.log2(3)), 12);
    expect(averagePrecision(hits, 2)).toBeCloseTo((1 + 2 / 3) / 2, 12);
  });

  test('a bootstrap interval holds its mean, and is a point where all readers differ by the same', () => {
    expect(pairedBootstrap([2, 3, 4], [1, 2, 3], 1)).toEqual({ difference: 1, low: 1, high: 1 });
    const { difference, low, high } = pairedBootstrap([1, 0, 1, 1], [0, 0, 1, 0], 7);
    expect(difference).toBe(0.5);
    expect(low <= 0.5 && high >= 0.5 && low < high).toBe(true);
  });
});

describe('files', () => {
  test('three layouts say the same votes', () => {
    const expected = [['0', '7'], ['0', '9'], ['1', '7']];
    const pairs = (parsed: Vote[]): string[][] => parsed.map(({ reader, paper }) => [reader, paper]);
    expect(pairs(parseVotes('2 7 9\n1 7\n', 'libraries'))).toEqual(expected);
    expect(pairs(parseVotes('0 7 9\n1 7\n', 'splits'))).toEqual(expected);
    expect(pairs(parseVotes('user,item,timestamp\n0,7,1\n0,9,2\n1,7,3\n', 'csv'))).toEqual(expected);
    expect(parseTags('1 5\n0\n', 'libraries')).toEqual([{ paper: '0', tag: '5' }]);
  });

  test('a count that is wrong names its line', () => {
    expect(() => parseVotes('2 7 9\n3 7\n', 'libraries')).toThrow('line 2 must start with the number of its entries (1), received 3');
  });
});

describe('splits', () => {
  test.each([
    ['random', randomSplit(votes, 0.3, 5)],
    ['temporal', temporalSplit(votes, 0.3)],
    ['few votes', fewVotesSplit(votes, 1, 5)],
  ])('%s: each vote once, on one side, and something to learn from each reader', (_, { train, test: held }) => {
    expect(new Set([...train, ...held])).toEqual(new Set(votes));
    expect(train.length + held.length).toBe(votes.length);
    expect(new Set(train.map((vote) => vote.reader)).size).toBe(LIBRARIES.length);
    expect(held.length).toBeGreaterThan(0);
  });

  test('the latest votes are held out, and cold papers keep no vote', () => {
    expect(temporalSplit(votes, 0.3).test.every((vote) => vote.time === LIBRARIES[Number(vote.reader)]!.split(' ').length - 1)).toBe(true);
    const { train, among } = coldPaperSplit(votes, 0.34, 2);
    expect(among!.size).toBe(2);
    expect(train.some((vote) => among!.has(vote.paper))).toBe(false);
  });
});

describe('methods', () => {
  const held = new Set(votes.filter(({ reader, paper }) => (reader === '1' && paper === '2') || (reader === '5' && paper === '5')));
  const data = buildDataset({ train: votes.filter((vote) => !held.has(vote)), test: [...held], tags });

  test.each([
    ['engine', (of: typeof data) => engineMethods[0]!.make(of)],
    ['item kNN', (of: typeof data) => itemNeighbours(of, transpose(of.train), { neighbours: 10, shrink: 0 })],
    ['random walk', (of: typeof data) => randomWalk(of, { alpha: 0.6, beta: 0.3, tagWeight: 0.3 })],
    ['EASE', (of: typeof data) => exactEase(of, 1)],
  ])('%s finds the held-out paper of the reader’s own group first, and never a trained one', (_, make) => {
    const ranker = make(data);
    expect([ranker.rank(1, 3)[0], ranker.rank(5, 3)[0]]).toEqual([2, 5]);
    expect(Array.from(ranker.rank(1, 10))).not.toEqual(expect.arrayContaining([0]));
  });

  test('evaluate averages over the readers and compares with the baseline', () => {
    let time = 0;
    const [engine, popular] = evaluate(data, [engineMethods[0]!, { name: 'popularity', make: popularity }], {
      baseline: 'popularity',
      seed: 1,
      clock: () => (time += 1),
    });
    expect(engine!.averages['ndcg@10']).toBe(1);
    expect(engine!.readers).toBe(2);
    expect(popular!.averages['ndcg@10']).toBeLessThan(1);
    expect(engine!.versusBaseline!['ndcg@20'].difference).toBeCloseTo(1 - popular!.averages['ndcg@20'], 12);
    expect(popular!.versusBaseline).toBeUndefined();
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
