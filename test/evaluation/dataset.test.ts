import { describe, expect, test } from '@jest/globals';
import { DatasetError, buildDataset, testReaders, type Vote } from '../../src/evaluation/dataset.js';
import { rowOf } from '../../src/evaluation/sparseRows.js';
import { coldListSplit, coldPaperSplit, fewVotesSplit, randomSplit, temporalSplit } from '../../src/evaluation/splits.js';
import { parseTags, parseVotes } from '../../src/evaluation/voteFiles.js';
import { LIBRARIES, votes } from './planted.js';

describe('files', () => {
  test('three layouts say the same votes', () => {
    const expected = [['0', '7'], ['0', '9'], ['1', '7']];
    const pairs = (parsed: Vote[]): string[][] => parsed.map(({ reader, paper }) => [reader, paper]);
    expect(pairs(parseVotes('2 7 9\n1 7\n', 'libraries'))).toEqual(expected);
    expect(pairs(parseVotes('0 7 9\n1 7\n', 'splits'))).toEqual(expected);
    expect(pairs(parseVotes('user,item,timestamp\n0,7,1\n0,9,2\n1,7,3\n', 'csv'))).toEqual(expected);
    expect(parseTags('1 5\n0\n', 'libraries')).toEqual([{ paper: '0', tag: '5' }]);
  });

  test('columns of a CSV file stand in any order, with times as numbers or dates', () => {
    const text = '\uFEFFTimestamp,Paper,rating,User\r\n2026-01-02,p,5,a\r\n\r\n 1767312000000 , q ,1, b \r\n';
    expect(parseVotes(text, 'csv')).toEqual([
      { reader: 'a', paper: 'p', time: Date.parse('2026-01-02') },
      { reader: 'b', paper: 'q', time: 1_767_312_000_000 },
    ]);
    expect(parseVotes('reader,paper\na,p\n', 'csv')).toEqual([{ reader: 'a', paper: 'p', time: null }]);
    expect(parseTags('tag,paper\nx,p\n', 'csv')).toEqual([{ paper: 'p', tag: 'x' }]);
  });

  test.each([
    ['2 7 9\n3 7\n', 'libraries', 'line 2 must start with the number of its entries (1), received 3'],
    ['reader,time\n', 'csv', 'line 1 must name the columns reader, paper, time, received reader,time'],
    ['reader,paper\na,p\n\nb\n', 'csv', 'line 4 must have a paper, received none'],
    ['reader,paper,time\na,p,soon\n', 'csv', 'line 2 must have a number or a date as time, received soon'],
    ['reader,paper,time\na,p,\n', 'csv', 'line 2 must have a time, received none'],
  ] as const)('%j is refused by its line', (text, layout, message) => {
    expect(() => parseVotes(text, layout)).toThrow(new DatasetError(message));
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

  test('a lone vote stays to learn from, and so does one of each reader at any share', () => {
    const library = votes.slice(0, 2);
    for (const split of [randomSplit(library, 0.99, 1), temporalSplit(library, 0.99), randomSplit(library, 0.01, 1)]) expect([split.train.length, split.test.length]).toEqual([1, 1]);
    for (const split of [randomSplit([library[0]!], 0.99, 1), temporalSplit([library[0]!], 0.99)]) expect(split.test).toEqual([]);
  });

  test('a temporal split needs times', () => {
    expect(() => temporalSplit([{ reader: 'a', paper: 'p', time: null }], 0.2)).toThrow('a temporal split must have a time for each vote');
  });

  test('papers of a list lose their votes; held-out votes of other papers are kept beside', () => {
    const cold = new Set(['0', '5']);
    const { train, test: taken, among } = coldListSplit(votes, cold, null);
    expect(taken.every(({ paper }) => cold.has(paper))).toBe(true);
    expect(taken.length + train.length).toBe(votes.length);
    expect(among).toBe(cold);
    const held = [votes[1]!];
    expect(coldListSplit(votes, cold, held)).toEqual({ train, test: held, among: cold });
  });

  test('few votes: each reader keeps so many, or all they have', () => {
    const { train } = fewVotesSplit(votes, 2, 5);
    LIBRARIES.forEach((_, reader) => {
      expect(train.filter((vote) => vote.reader === String(reader))).toHaveLength(2);
    });
    expect(fewVotesSplit(votes, 9, 5).test).toEqual([]);
  });

  test('the same seed splits alike, another one does not', () => {
    expect(randomSplit(votes, 0.3, 5)).toEqual(randomSplit(votes, 0.3, 5));
    expect(randomSplit(votes, 0.3, 5)).not.toEqual(randomSplit(votes, 0.3, 6));
  });

  test('the latest votes are held out, and cold papers keep no vote', () => {
    expect(temporalSplit(votes, 0.3).test.every((vote) => vote.time === LIBRARIES[Number(vote.reader)]!.split(' ').length - 1)).toBe(true);
    const { train, among } = coldPaperSplit(votes, 0.34, 2);
    expect(among!.size).toBe(2);
    expect(train.some((vote) => among!.has(vote.paper))).toBe(false);
  });
});

describe('parts put together', () => {
  const vote = (reader: string, paper: string): Vote => ({ reader, paper, time: null });

  test('readers and papers that only the test part knows are there, with nothing to learn from', () => {
    const data = buildDataset({ train: [vote('1', '10')], test: [vote('2', '20'), vote('1', '20')], tags: [{ paper: '30', tag: 'x' }, { paper: '10', tag: 'x' }] });
    expect([data.train.rowCount, data.train.columnCount]).toEqual([2, 3]);
    expect([Array.from(rowOf(data.train, 0)), Array.from(rowOf(data.train, 1))]).toEqual([[0], []]);
    expect([Array.from(rowOf(data.test, 0)), Array.from(rowOf(data.test, 1))]).toEqual([[1], [1]]);
    expect(testReaders(data)).toEqual([0, 1]);
  });

  test('a vote on both sides is not held out: nobody may find it', () => {
    const data = buildDataset({ train: [vote('1', '10'), vote('1', '10')], test: [vote('1', '10'), vote('1', '20')], tags: [] });
    expect(Array.from(rowOf(data.test, 0))).toEqual([1]);
  });
});
