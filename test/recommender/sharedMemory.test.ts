import { Worker } from 'node:worker_threads';
import { expect, test } from '@jest/globals';
import { packChanges, type TasteChange } from '../../src/recommender/change.js';
import { checksumOf } from '../../src/recommender/checksum.js';
import { recommend } from '../../src/recommender/recommend.js';
import { areSameParts, copiedParts } from '../../src/recommender/sharedMemory.js';
import { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { READERS, applyChanges, contentOf, finalState, matrixOf, paper, randomChanges, tag, upvote } from '../support/tasteWorld.js';

const answers = (matrix: TasteMatrix): object => READERS.map((readerId) => recommend(matrix, { readerId, limit: 100 }));

function attached(matrix: TasteMatrix): TasteMatrix {
  const other = new TasteMatrix();
  other.attach(matrix.parts());
  return other;
}

test('a matrix that is attached to the parts of another says the same, and sees what the other writes', () => {
  const changes = randomChanges(1, 1000);
  const writer = matrixOf(changes.slice(0, 980));
  const reader = attached(writer);
  expect(areSameParts(writer.parts(), reader.parts())).toBe(true);
  expect([contentOf(reader), answers(reader)]).toEqual([contentOf(writer), answers(writer)]);
  for (const change of changes.slice(980)) {
    writer.apply(change);
    if (!areSameParts(writer.parts(), reader.parts())) reader.attach(writer.parts());
    expect(reader.version).toBe(writer.version);
    expect(contentOf(reader)).toEqual(contentOf(writer));
  }
  expect([checksumOf(reader), answers(reader)]).toEqual([checksumOf(writer), answers(writer)]);
});

test('parts are no longer the same once one of them grew, and are again after attaching', () => {
  const writer = matrixOf([paper(1), upvote(1, 1), tag(1, 7)]);
  const reader = attached(writer);
  writer.apply(upvote(2, 1));
  expect(areSameParts(writer.parts(), reader.parts())).toBe(true);
  for (let id = 2; areSameParts(writer.parts(), reader.parts()); id += 1) writer.apply(tag(1, id));
  expect(contentOf(reader)).not.toEqual(contentOf(writer));
  reader.attach(writer.parts());
  expect(areSameParts(writer.parts(), reader.parts())).toBe(true);
  expect(contentOf(reader)).toEqual(contentOf(writer));
});

test('copied parts are memory of their own', () => {
  const matrix = matrixOf(randomChanges(2, 300));
  const copy = copiedParts(matrix.parts());
  expect(copy).toEqual(matrix.parts());
  expect(areSameParts(copy, matrix.parts())).toBe(false);
});

test('all state is in the parts: nothing else of a matrix changes', () => {
  const changes = randomChanges(3, 600);
  const matrix = matrixOf(changes);
  const twin = new TasteMatrix();
  twin.attach(copiedParts(matrix.parts()));
  const later = randomChanges(4, 600);
  expect(contentOf(applyChanges(twin, later))).toEqual(contentOf(applyChanges(matrix, later)));
  expect(matrix.byteLength()).toBeGreaterThan(0);
  expect(twin.byteLength()).toBe(matrix.byteLength());
});

test('another thread works on the same memory', async () => {
  const changes = randomChanges(5, 800);
  const matrix = matrixOf(changes.slice(0, 790));
  const url = (module: string): string => JSON.stringify(new URL(`../../dist/recommender/${module}.js`, import.meta.url).href);
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    Promise.all([import(${url('tasteMatrix')}), import(${url('recommend')}), import(${url('change')}), import(${url('checksum')})]).then(([{ TasteMatrix }, { recommend }, { unpackChanges }, { checksumOf }]) => {
      const matrix = new TasteMatrix();
      matrix.attach(workerData.parts);
      for (const change of unpackChanges(workerData.changes)) matrix.apply(change);
      const pages = workerData.readers.map((readerId) => recommend(matrix, { readerId, limit: 100 }));
      parentPort.postMessage({ pages, checksum: checksumOf(matrix), parts: matrix.parts() });
    });`;
  const last: TasteChange[] = changes.slice(790).map(({ previous, ...change }) => change);
  const worker = new Worker(source, { eval: true, workerData: { parts: matrix.parts(), changes: packChanges(last), readers: READERS } });
  const answer = await new Promise<{ pages: object; checksum: string; parts: ReturnType<TasteMatrix['parts']> }>((done, failed) => {
    worker.once('message', done).once('error', failed);
  });
  await worker.terminate();
  matrix.attach(answer.parts);
  const expected = matrixOf(changes);
  expect([contentOf(matrix), answer.checksum]).toEqual([contentOf(expected), checksumOf(expected)]);
  expect(answer.pages).toEqual(answers(expected));
});

test('a matrix that is attached to other facts of the same number speaks of these', () => {
  // As many changes, so that the versions are the same; other counts, so that the formulas' tables are not.
  const [one, other] = [randomChanges(6, 400), randomChanges(7, 400)].map((changes) => matrixOf(finalState(changes)));
  while (one!.version < other!.version) one!.apply(paper(1, one!.version));
  while (other!.version < one!.version) other!.apply(paper(1, other!.version));
  const reader = attached(one!);
  expect(answers(reader)).toEqual(answers(one!));
  reader.attach(other!.parts());
  expect(answers(reader)).toEqual(answers(other!));
});
