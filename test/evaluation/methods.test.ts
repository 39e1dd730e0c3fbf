import { describe, expect, test } from '@jest/globals';
import { testReaders, type Dataset } from '../../src/evaluation/dataset.js';
import { evaluate } from '../../src/evaluation/evaluate.js';
import { METHODS, methodsFor } from '../../src/evaluation/methods.js';
import type { Method, Ranker } from '../../src/evaluation/ranker.js';
import { rowLength, rowOf } from '../../src/evaluation/sparseRows.js';
import { chance } from '../support/random.js';
import { PAPERS, plantedSet } from './planted.js';

const COLD = new Set(Array.from({ length: 30 }, (_, place) => String(4 * place)));

// What a method meets sooner or later.
const SETS: readonly [name: string, data: Dataset][] = [
  ['a planted set', plantedSet(1)],
  ['some papers alone are ranked', plantedSet(2, () => ({ among: COLD }))],
  ['papers without votes', plantedSet(3, ({ train }) => ({ train: train.filter(({ paper }) => !COLD.has(paper)), among: COLD }))],
  ['a reader without votes', plantedSet(4, ({ train }) => ({ train: train.filter(({ reader }) => reader !== '7') }))],
  ['papers without tags', plantedSet(5, ({ tags }) => ({ tags: tags.filter(({ paper }) => Number(paper) > 40) }))],
  ['no tags at all', plantedSet(6, () => ({ tags: [] }))],
  ['a tag that all papers have', plantedSet(7, ({ tags }) => ({ tags: [...tags, ...Array.from({ length: PAPERS }, (_, paper) => ({ paper: String(paper), tag: 'all' }))] }))],
  ['one reader', plantedSet(8, ({ train, test: held }) => ({ train: train.filter(({ reader }) => reader === '0'), test: held.filter(({ reader }) => reader === '0') }))],
  ['nothing held out', plantedSet(9, () => ({ test: [] }))],
  ['no votes to learn from', plantedSet(10, () => ({ train: [] }))],
];

const rankings = (ranker: Ranker, data: Dataset, limit: number): number[][] => Array.from({ length: data.train.rowCount }, (_, reader) => Array.from(ranker.rank(reader, limit)));

function brokenRules(ranking: readonly number[], { train, among }: Dataset, { reader, limit }: { readonly reader: number; readonly limit: number }): string[] {
  const trained = new Set(rowOf(train, reader));
  const rules: readonly [name: string, isBroken: boolean][] = [
    ['at most limit', ranking.length > limit],
    ['no repeats', new Set(ranking).size < ranking.length],
    ['no training paper', ranking.some((paper) => trained.has(paper))],
    ['papers of the set', ranking.some((paper) => !(paper >= 0 && paper < train.columnCount))],
    ['papers of among', ranking.some((paper) => among?.[paper] === 0)],
  ];
  return rules.filter(([, isBroken]) => isBroken).map(([name]) => `reader ${reader}, limit ${limit}: ${name}`);
}

describe.each(METHODS.map((method) => [method.name, method] as const))('%s', (_, method) => {
  test.each(SETS)('keeps the contract of a ranker: %s', (__, data) => {
    const ranker = method.make(data);
    for (const limit of [1, 10, 2 * PAPERS]) {
      expect(rankings(ranker, data, limit).flatMap((ranking, reader) => brokenRules(ranking, data, { reader, limit }))).toEqual([]);
    }
  });

  test('a shorter list is the beginning of a longer one, and made anew it says the same', () => {
    const data = plantedSet(11);
    const longest = rankings(method.make(data), data, PAPERS);
    const again = method.make(data);
    expect(rankings(again, data, PAPERS)).toEqual(longest);
    expect(rankings(again, data, 5)).toEqual(longest.map((ranking) => ranking.slice(0, 5)));
  });

  test('beats chance by half where readers have communities', () => {
    const data = plantedSet(12);
    const [result, ofChance] = evaluate(data, [method, atRandom], { baseline: 'chance', seed: 1, clock: () => 0 });
    expect(result!.averages['recall@20']).toBeGreaterThan(1.5 * ofChance!.averages['recall@20']);
    expect(result!.averages['ndcg@20']).toBeGreaterThan(1.5 * ofChance!.averages['ndcg@20']);
    expect(result!.versusBaseline!['ndcg@20'].low).toBeGreaterThan(0);
  });
});

const atRandom: Method = {
  name: 'chance',
  make(data) {
    const random = chance(99);
    const papers = Array.from({ length: data.train.columnCount }, (_, paper) => paper);
    return { rank: (reader, limit) => random.sample(papers.filter((paper) => !rowOf(data.train, reader).includes(paper)), limit) };
  },
};

describe('choosing methods', () => {
  // Inverting so many papers would take minutes.
  const large: Dataset = { ...plantedSet(1), train: { ...plantedSet(1).train, columnCount: 4001 } };

  test('by name in the order given; without names all that are for the size', () => {
    const names = (of: Dataset, list: string[] | null): string[] => methodsFor(of, list, 'hybrid kNN').map(({ name }) => name);
    expect(names(plantedSet(1), ['EASE', 'engine'])).toEqual(['EASE', 'engine']);
    expect(names(plantedSet(1), null)).toEqual(METHODS.map(({ name }) => name));
    expect(METHODS.map(({ name }) => name).filter((name) => !names(large, null).includes(name))).toEqual(['EASE', 'EASE with tags']);
  });

  test('one that the set is too large for is refused, as a baseline too', () => {
    expect(() => methodsFor(large, ['engine', 'EASE'], 'hybrid kNN')).toThrow('EASE must have at most 4000 papers, received 4001');
    expect(() => methodsFor(large, null, 'EASE with tags')).toThrow('EASE with tags must have at most 4000 papers, received 4001');
  });
});

test('the sets are what they are called', () => {
  const of = (name: string): Dataset => SETS.find(([one]) => one === name)![1];
  const emptyRows = ({ rowCount, offsets }: Dataset['train']): number => Array.from({ length: rowCount }, (_, row) => offsets[row + 1]! - offsets[row]!).filter((length) => length === 0).length;
  expect(emptyRows(of('a reader without votes').train)).toBe(1);
  expect(testReaders(of('a reader without votes')).some((reader) => rowLength(of('a reader without votes').train, reader) === 0)).toBe(true);
  expect(emptyRows(of('papers without tags').tags)).toBeGreaterThan(30);
  expect(of('no tags at all').tags.columnCount).toBe(0);
  expect(of('one reader').train.rowCount).toBe(1);
  expect(testReaders(of('nothing held out'))).toEqual([]);
});
