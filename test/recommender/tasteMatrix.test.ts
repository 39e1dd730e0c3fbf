import { describe, expect, test } from '@jest/globals';
import type { Adjacency } from '../../src/recommender/adjacency.js';
import { CHANGE_KINDS, packChanges, unpackChanges, type TasteChange } from '../../src/recommender/change.js';
import { checksumOf } from '../../src/recommender/checksum.js';
import type { Ids } from '../../src/recommender/ids.js';
import { recommend } from '../../src/recommender/recommend.js';
import { relatedTags } from '../../src/recommender/relatedTags.js';
import { similarReaders } from '../../src/recommender/similarReaders.js';
import { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { chance } from '../support/random.js';
import {
  DAY, READERS, TAGS, applyChanges, author, authorFollow, authorMute, contentOf, dismissal, finalState, livePaperIds, loadedMatrix, matrixOf, paper, randomChanges, tag, tagFollow, tagMute, undone, upvote,
} from '../support/tasteWorld.js';

const SEEDS = [1, 2, 3, 4, 5];

/** What every reader is told, to the last bit. */
const answers = (matrix: TasteMatrix): object => ({
  recommendations: READERS.map((readerId) => recommend(matrix, { readerId, limit: 100 })),
  relatedTags: TAGS.map((id) => relatedTags(matrix, id)),
  similarReaders: READERS.map((readerId) => similarReaders(matrix, readerId)),
});

describe.each(SEEDS)('a TasteMatrix after 5,000 changes (seed %i)', (seed) => {
  const changes = randomChanges(seed, 5000);
  const state = finalState(changes);
  const followed = matrixOf(changes);

  test('equals one built afresh from what is left', () => {
    const fresh = matrixOf(state);
    expect(contentOf(fresh)).toEqual(contentOf(followed));
    expect(checksumOf(fresh)).toBe(checksumOf(followed));
    expect(answers(fresh)).toEqual(answers(followed));
  });

  test('equals one that loaded what is left in any order, and goes on like it', () => {
    const loaded = loadedMatrix(chance(seed).sample(state, state.length));
    expect(contentOf(loaded)).toEqual(contentOf(followed));
    expect(checksumOf(loaded)).toBe(checksumOf(followed));
    expect(answers(loaded)).toEqual(answers(followed));
    const later = undone(changes.slice(-300));
    expect(answers(applyChanges(loaded, later))).toEqual(answers(matrixOf([...changes, ...later])));
  });

  test('equals a copy of one before the last changes that took them, and the copy did not touch the other', () => {
    const early = matrixOf(changes.slice(0, 4000));
    const before = [contentOf(early), checksumOf(early)];
    const copy = early.copy();
    expect([contentOf(copy), checksumOf(copy)]).toEqual(before);
    applyChanges(copy, changes.slice(4000));
    expect([contentOf(copy), checksumOf(copy), answers(copy)]).toEqual([contentOf(followed), checksumOf(followed), answers(followed)]);
    expect([contentOf(early), checksumOf(early)]).toEqual(before);
  });

  test('is back at the start when all is undone, the last first', () => {
    const start = matrixOf(changes.slice(0, 600));
    const expected = [contentOf(start), checksumOf(start), answers(start)];
    const there = applyChanges(start, changes.slice(600));
    expect(checksumOf(there)).not.toBe(expected[1]);
    const back = applyChanges(there, undone(changes.slice(600)));
    expect([contentOf(back), checksumOf(back), answers(back)]).toEqual(expected);
    applyChanges(back, undone(changes.slice(0, 600)));
    expect([contentOf(back), checksumOf(back)]).toEqual([contentOf(new TasteMatrix()), checksumOf(new TasteMatrix())]);
  });

  test('is not changed by changes that it has', () => {
    const { version } = followed;
    const expected = contentOf(followed);
    applyChanges(followed, state);
    applyChanges(followed, changes.filter(({ value }) => value === null).filter((change) => !state.some((fact) => fact.kind === change.kind && fact.subject === change.subject && fact.object === change.object)));
    expect(followed.version).toBe(version);
    expect(contentOf(followed)).toEqual(expected);
    expect(contentOf(matrixOf(changes.flatMap((change) => [change, change])))).toEqual(expected);
    expect(contentOf(applyChanges(matrixOf(changes), changes))).toEqual(expected);
  });

  test('says the same in both directions', () => {
    const { papers, readers, tags, authors } = followed;
    const pairsOf = (lists: Adjacency, ofList: Ids, ofValue: Ids): [number, number][] =>
      Array.from({ length: lists.count }, (_, list) => Array.from(lists.values(list), (value): [number, number] => [ofList.ids[list]!, ofValue.ids[value]!])).flat();
    const named = (pairs: readonly [number, number][]): string[] => pairs.map(([one, other]) => `${one} ${other}`).sort();
    const turned = (pairs: readonly [number, number][]): string[] => named(pairs.map(([one, other]) => [other, one]));
    expect(named(pairsOf(followed.papersOfReader, readers, papers))).toEqual(turned(pairsOf(followed.readersOfPaper, papers, readers)));
    for (const { ids, ofPaper, papersOf } of [tags, authors]) expect(named(pairsOf(ofPaper, papers, ids))).toEqual(turned(pairsOf(papersOf, ids, papers)));
  });

  test('counts readers and papers by their votes', () => {
    const sizes = (subjects: readonly number[], votesOf: (id: number) => number): number[] => subjects.map(votesOf).filter((votes) => votes > 0).sort();
    const counted = (histogram: Int32Array): number[] => [...histogram].flatMap((count, votes) => Array.from({ length: votes === 0 ? 0 : count }, () => votes)).sort();
    expect(counted(followed.readersBySize)).toEqual(sizes(READERS, (id) => followed.historyOf(id).length));
    const live = livePaperIds(followed);
    const votesOf = (id: number): number => followed.readersOfPaper.sizeOf(followed.paperAt(id));
    expect(counted(followed.papersBySize)).toEqual(sizes(live, votesOf));
    expect(followed.papersBySize[0]).toBe(live.filter((id) => votesOf(id) === 0).length);
    expect(followed.mostReaders()).toBe(Math.max(...live.map(votesOf)));
  });
});

describe('a TasteMatrix', () => {
  test('takes votes and tags before their paper, whose listing may come later', () => {
    const matrix = matrixOf([upvote(1, 7), tag(7, 3, 0.5)]);
    expect([matrix.paperAt(7), matrix.paperCount, matrix.trend.count]).toEqual([-1, 0, 0]);
    expect(recommend(matrix, { limit: 10 })).toEqual({ items: [], hasMore: false, total: 0 });
    matrix.apply(paper(7));
    expect([matrix.paperAt(7), matrix.paperCount, matrix.mostReaders()]).toEqual([0, 1, 1]);
    expect(matrix.historyOf(1)).toEqual([7]);
  });

  test('counts a paper once, however often it is listed and removed', () => {
    const matrix = new TasteMatrix();
    for (const listed of [5, 6, null, null, 7]) matrix.setPaper(1, listed);
    expect([matrix.paperCount, matrix.latestListedSeconds()]).toEqual([1, 7]);
    matrix.setPaper(1, null);
    matrix.setPaper(2, null);
    expect([matrix.paperCount, matrix.latestListedSeconds()]).toEqual([0, -Infinity]);
  });

  test('lists what a reader upvoted and dismissed by id, and the other way no more than that', () => {
    const matrix = matrixOf([upvote(1, 9), upvote(1, 4), dismissal(1, 5), dismissal(1, 2), upvote(2, 5)]);
    expect([matrix.historyOf(1), matrix.dismissalsOf(1), matrix.historyOf(2), matrix.dismissalsOf(2)]).toEqual([[4, 9], [2, 5], [5], []]);
  });

  test('knows nothing of ids that it never met', () => {
    const matrix = matrixOf(randomChanges(1, 100));
    expect([matrix.paperAt(999), matrix.readerAt(999), matrix.historyOf(999), matrix.dismissalsOf(999), relatedTags(matrix, 999), similarReaders(matrix, 999)]).toEqual([-1, -1, [], [], [], []]);
    expect([matrix.isLive(-1), matrix.isLive(1e6)]).toEqual([false, false]);
  });
});

describe('a checksum', () => {
  const facts: TasteChange[] = [paper(1), paper(2, 5), tag(1, 7, 0.5), author(1, 7), upvote(3, 1), dismissal(3, 2), tagFollow(3, 7), authorFollow(3, 7), tagMute(3, 8), authorMute(3, 8)];

  test('differs where any one fact is missing, of another or has another value', () => {
    const variants = facts.flatMap((fact, place) => [
      facts.filter((other) => other !== fact),
      facts.with(place, { ...fact, subject: fact.subject + 10 }),
      ...(fact.kind === 'PAPER' ? [] : [facts.with(place, { ...fact, object: fact.object + 10 })]),
      ...(fact.kind === 'PAPER' || fact.kind === 'TAG' ? [facts.with(place, { ...fact, value: fact.value! + 0.25 })] : []),
      // A fact of one kind is none of another.
      ...CHANGE_KINDS.filter((kind) => kind !== 'PAPER' && fact.kind !== 'PAPER' && kind !== fact.kind).map((kind) => facts.with(place, { ...fact, kind })),
    ]);
    const sums = [facts, ...variants].map((variant) => checksumOf(matrixOf(variant)));
    // Some variants say the same as others: a fact that became one that is there.
    const contents = [facts, ...variants].map((variant) => JSON.stringify(contentOf(matrixOf(variant))));
    expect(new Set(sums).size).toBe(new Set(contents).size);
    expect(sums.indexOf(sums[0]!, 1)).toBe(-1);
    expect(sums.every((sum) => /^[0-9a-f]{16}$/.test(sum))).toBe(true);
  });

  test('is that of the facts, whatever came and went before', () => {
    const past = [upvote(8, 2), tag(2, 9), authorFollow(8, 8), tagMute(8, 9), authorMute(8, 8), dismissal(8, 1), paper(4)];
    const gone = past.map((change): TasteChange => ({ ...change, value: null })).reverse();
    expect(checksumOf(matrixOf([...past, ...facts.toReversed(), ...gone]))).toBe(checksumOf(matrixOf(facts)));
  });

  test('sees a vote that is in one direction only', () => {
    const matrix = matrixOf(facts);
    matrix.readersOfPaper.remove(matrix.paperAt(1), matrix.readerAt(3));
    expect(checksumOf(matrix)).not.toBe(checksumOf(matrixOf(facts)));
  });
});

test('changes go through packing as they are', () => {
  const changes: TasteChange[] = CHANGE_KINDS.flatMap((kind) => [
    { kind, subject: 2 ** 53 - 1, object: 2 ** 40 + 1, value: 0.1 },
    { kind, subject: 0, object: 0, value: null },
    { kind, subject: 1, object: 2, value: -DAY },
  ]);
  expect([...unpackChanges(packChanges(changes))]).toEqual(changes);
  expect([...unpackChanges(packChanges([]))]).toEqual([]);
});
