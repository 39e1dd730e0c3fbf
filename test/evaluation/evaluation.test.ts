import { describe, expect, test } from '@jest/globals';
import { popularity } from '../../src/evaluation/baselines.js';
import { pairedBootstrap } from '../../src/evaluation/bootstrap.js';
import { buildDataset } from '../../src/evaluation/dataset.js';
import { engineMethods } from '../../src/evaluation/engine.js';
import { evaluate } from '../../src/evaluation/evaluate.js';
import { METHODS } from '../../src/evaluation/methods.js';
import { averagePrecision, ndcgAt, recallAt } from '../../src/evaluation/metrics.js';
import type { Method } from '../../src/evaluation/ranker.js';
import { coldPaperSplit, randomSplit } from '../../src/evaluation/splits.js';
import { plantedTags, plantedVotes, setOf, tags, votes } from './planted.js';

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

describe('new papers in the one list', () => {
  // Readers 0 and 1 have papers 8 and 9 held out, which have no vote to learn from; reader 2 has none such.
  const data = setOf([[0, 1], [0, 2], [1, 2]], { held: [[2, 8], [8, 9], [0]], tags: [[], [], [], [], [], [], [], [], [], ['x']] });
  const unknown = data.train.columnCount;
  const indexOf = (paper: number): number => [0, 1, 2, 8, 9].indexOf(paper);
  const fixed = (name: string, lists: readonly (readonly number[])[]): Method => ({ name, make: () => ({ rank: (reader) => lists[reader]!.map(indexOf) }) });
  const options = { baseline: 'none', seed: 1, clock: () => 0 };

  test('are counted by themselves, over the readers who have some', () => {
    const [some, none] = evaluate(data, [fixed('some', [[2, 8], [8], [0]]), fixed('none', [[2], [1], [8, 9, 0]])], options);
    expect(unknown).toBe(5);
    expect(some!.newPapers).toEqual({ readers: 2, 'recall@20': 0.75 });
    expect(none!.newPapers).toEqual({ readers: 2, 'recall@20': 0 });
    expect(none!.averages['recall@20']).toBeCloseTo((0.5 + 0 + 1) / 3, 12);
  });

  test('count only in the first twenty', () => {
    const late: Method = { name: 'late', make: () => ({ rank: (reader) => [...Array.from({ length: reader === 0 ? 20 : 19 }, () => -1), indexOf(8)] }) };
    expect(evaluate(data, [late], options)[0]!.newPapers).toEqual({ readers: 2, 'recall@20': 0.25 });
  });

  test('are null where nobody has any', () => {
    const { train, test: held } = randomSplit(votes, 0.3, 5);
    expect(evaluate(buildDataset({ train: [...train, ...held.map((one) => ({ ...one, reader: 'other' }))], test: held, tags }), [{ name: 'popularity', make: popularity }], options)[0]!.newPapers).toBeNull();
  });

  test('an engine that ranks them beside all others finds more of them than votes alone', () => {
    const { train, test: held } = coldPaperSplit(plantedVotes(3), 0.2, 3);
    const mixed = buildDataset({ train, test: held, tags: plantedTags(3) });
    const found = Object.fromEntries(evaluate(mixed, METHODS, options).map(({ name, newPapers }) => [name, newPapers!['recall@20']]));
    expect([found['popularity'], found['user kNN'], found['item kNN'], found['RP3beta']]).toEqual([0, 0, 0, 0]);
    expect(found['engine']!).toBeGreaterThan(found['ridge alone']!);
    expect(found['tag overlap']!).toBeGreaterThan(0.2);
  });
});

describe('all readers together', () => {
  const held = new Set(votes.filter(({ reader, paper }) => (reader === '1' && paper === '2') || (reader === '5' && paper === '5')));
  const data = buildDataset({ train: votes.filter((vote) => !held.has(vote)), test: [...held], tags });

  test('without a reader to rank for there is nothing to average', () => {
    expect(() => evaluate(buildDataset({ train: votes, test: [], tags }), engineMethods, { baseline: '', seed: 1, clock: () => 0 })).toThrow('at least one reader must have a held-out paper that is ranked, received none');
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
});
