import { describe, expect, test } from '@jest/globals';
import { OptionError, readOptions, type RawOptions } from '../../src/evaluation/options.js';

const FILES: RawOptions = { train: 'train.txt', tags: 'tags.dat', test: 'test.txt' };
const SPLIT: RawOptions = { train: 'votes.csv', tags: 'tags.csv', split: 'random' };

describe('options', () => {
  test('what is left out has its default', () => {
    expect(readOptions(FILES)).toEqual({
      train: 'train.txt',
      tags: 'tags.dat',
      holdOut: { kind: 'FILES', test: 'test.txt', cold: null },
      isMixed: false,
      methods: null,
      baseline: 'hybrid kNN',
      everyReader: 1,
      seed: 1,
    });
  });

  test('the share is of votes or papers, and for few a number of votes', () => {
    const holdOut = (raw: Partial<RawOptions>): unknown => readOptions({ ...SPLIT, ...raw }).holdOut;
    expect(holdOut({})).toEqual({ kind: 'SPLIT', split: 'random', share: 0.2 });
    expect(holdOut({ split: 'cold', share: '0.35' })).toEqual({ kind: 'SPLIT', split: 'cold', share: 0.35 });
    expect(holdOut({ split: 'few' })).toEqual({ kind: 'SPLIT', split: 'few', share: 10 });
    expect(holdOut({ split: 'few', share: '3' })).toEqual({ kind: 'SPLIT', split: 'few', share: 3 });
  });

  test('methods are told apart, once each, in their order', () => {
    const { methods, baseline } = readOptions({ ...FILES, methods: 'popularity, engine,popularity', baseline: 'popularity', seed: '0' });
    expect([methods, baseline]).toEqual([['popularity', 'engine'], 'popularity']);
  });

  test('mixed comes with either way to cold papers', () => {
    expect(readOptions({ ...FILES, cold: 'cold.txt', mixed: true }).isMixed).toBe(true);
    expect(readOptions({ ...SPLIT, split: 'cold', mixed: true }).isMixed).toBe(true);
  });
});

describe('a value that breaks a rule is named with the rule', () => {
  test.each<[raw: RawOptions, message: string]>([
    [{ tags: 'tags.dat', test: 'test.txt' }, '--train must name a file, received no such option'],
    [{ train: 'train.txt', test: 'test.txt' }, '--tags must name a file, received no such option'],
    [{ ...FILES, train: '' }, '--train must name a file, received an empty name'],
    [{ train: 'train.txt', tags: 'tags.dat' }, 'one of --test, --split and --cold must say what is held out, received none'],
    [{ ...FILES, split: 'random' }, '--split must come without --test and --cold, received random and test.txt'],
    [{ ...SPLIT, cold: 'cold.txt' }, '--split must come without --test and --cold, received random and cold.txt'],
    [{ ...FILES, share: '0.2' }, '--share must come with --split, received 0.2 without it'],
    [{ ...SPLIT, split: 'newest' }, '--split must be random, temporal, cold, few, received newest'],
    [{ ...SPLIT, share: '2' }, '--share must be above 0 and below 1 with --split random, received 2'],
    [{ ...SPLIT, split: 'temporal', share: '1' }, '--share must be above 0 and below 1 with --split temporal, received 1'],
    [{ ...SPLIT, split: 'cold', share: '' }, '--share must be above 0 and below 1 with --split cold, received '],
    [{ ...SPLIT, split: 'few', share: '0.2' }, '--share must be a whole number of at least 1, received 0.2'],
    [{ ...FILES, mixed: true }, '--mixed must come with --cold or --split cold, received neither'],
    [{ ...FILES, readers: 'x' }, '--readers must be a whole number of at least 1, received x'],
    [{ ...FILES, readers: '0' }, '--readers must be a whole number of at least 1, received 0'],
    [{ ...FILES, seed: 'abc' }, '--seed must be a whole number from 0 to 4294967295, received abc'],
    [{ ...FILES, seed: '4294967296' }, '--seed must be a whole number from 0 to 4294967295, received 4294967296'],
    [{ ...FILES, seed: '' }, '--seed must be a whole number from 0 to 4294967295, received '],
    [{ ...FILES, methods: 'engine', baseline: 'user kNN' }, '--baseline must be one of the methods (engine), received user kNN'],
  ])('%j', (raw, message) => {
    expect(() => readOptions(raw)).toThrow(new OptionError(message));
  });

  test('unknown methods, as such and as baseline', () => {
    expect(() => readOptions({ ...FILES, methods: 'engine,magic' })).toThrow(/^--methods must name some of engine, engine at any cost, ridge alone, .+, EASE with tags, received magic$/);
    expect(() => readOptions({ ...FILES, methods: '' })).toThrow(/^--methods must name some of .+, received $/);
    expect(() => readOptions({ ...FILES, baseline: 'magic' })).toThrow(/^--baseline must be one of the methods \(engine, .+\), received magic$/);
  });
});
