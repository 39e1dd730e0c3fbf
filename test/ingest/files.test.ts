import { appendFile, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { source } from '../../src/ingest/sources/papers.js';
import { SourceError, type Item } from '../../src/ingest/source.js';
import { brokenCheckpoints, contextOf, createFilesWorld, readAll, type FilesWorld } from './filesWorld.js';

let world: FilesWorld;
beforeAll(async () => { world = await createFilesWorld(); });
afterAll(() => world.drop());

const ABSTRACT = 'An invented abstract of more than forty characters, as it should be.';
const line = (index: number, more: object = {}): string =>
  JSON.stringify({ title: `On tides ${index}`, arxivId: `2603.${String(index).padStart(5, '0')}`, firstListedOn: '2026-03-04', text: `${ABSTRACT} ${index}`, ...more });
const many = (count: number): string => Array.from({ length: count }, (_, index) => `${line(index + 1)}\n`).join('');
const titles = (items: readonly Item[]): (string | null)[] => items.map((item) => (item.kind === 'PAPER' ? item.record.title : item.kind === 'REJECT' ? item.title : null));
/** Letters that do not pack, from a small generator. */
function noise(length: number, seed: number): string {
  let state = seed;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return String.fromCharCode(97 + ((state >>> 16) % 26));
  }).join('');
}
async function reading(name: string, content: string | Uint8Array): ReturnType<typeof readAll> {
  return readAll(source, { file: await world.write(name, content) });
}

describe('a file of papers', () => {
  test('with a byte order mark, both line ends, empty lines and a last line without end', async () => {
    const content = `\uFEFF${line(1)}\r\n\r\n${line(2)}\n   \n\n${line(3)}\r\n${line(4)}`;
    const { items, error, parcels, total } = await reading('ends.jsonl', content);
    expect(error).toBeNull();
    expect(items.map(({ kind, place }) => `${kind} ${place}`)).toEqual(['PAPER line 1', 'PAPER line 3', 'PAPER line 6', 'PAPER line 7']);
    expect(titles(items)).toEqual([1, 2, 3, 4].map((index) => `On tides ${index}`));
    expect([total, parcels.at(-1)!.done]).toEqual([Buffer.byteLength(content), Buffer.byteLength(content)]);
  });

  test('in parcels of at most 300, whose checkpoints all lead to exactly the rest', async () => {
    const file = await world.write('many.jsonl', `\uFEFF${many(950).replaceAll('\n', '\r\n\n')}`);
    const { parcels } = await readAll(source, { file });
    expect(parcels.map(({ items }) => items.length)).toEqual([300, 300, 300, 50]);
    expect(parcels.map(({ done }) => done)).toEqual(parcels.map(({ done }) => done).sort((one, other) => one - other));
    expect(await brokenCheckpoints(source, { file })).toEqual([]);
  });

  test('packed, whatever its name: the same papers, and resumed alike', async () => {
    const packed = gzipSync(many(950));
    const file = await world.write('packed.jsonl', packed);
    const { items, parcels, total } = await readAll(source, { file });
    expect(titles(items)).toEqual(Array.from({ length: 950 }, (_, index) => `On tides ${index + 1}`));
    expect([total, parcels.at(-1)!.done]).toEqual([packed.length, packed.length]);
    expect(await brokenCheckpoints(source, { file })).toEqual([]);
  });

  test('in two packed parts behind one another', async () => {
    const { items } = await reading('parts.gz', Buffer.concat([gzipSync(`${line(1)}\n`), gzipSync(`${line(2)}\n`)]));
    expect(titles(items)).toEqual(['On tides 1', 'On tides 2']);
  });

  test.each([0.2, 0.5, 0.9, 0.999])('packed and cut short after %p of it: the whole papers before, then an error', async (part) => {
    const lines = Array.from({ length: 900 }, (_, index) => line(index + 1, { text: noise(400, index + 1) }));
    const packed = gzipSync(lines.join('\n'));
    const { items, error, parcels } = await reading('cut.gz', packed.subarray(0, Math.floor(packed.length * part)));
    expect(error).toBeInstanceOf(SourceError);
    expect(error!.message).toMatch(/^cut\.gz must be whole gzip, received: unexpected end of file/);
    expect(items.length).toBeGreaterThan(Math.floor(900 * part) - 100);
    expect(items.length).toBeLessThan(900);
    expect(items.every(({ kind }) => kind === 'PAPER')).toBe(true);
    expect(parcels.at(-1)!.checkpoint).toMatchObject({ records: items.length });
  });

  test('packed and damaged: an error, not a silent end', async () => {
    const packed = gzipSync(many(900));
    packed[packed.length - 6]! ^= 0xff;
    const { error } = await reading('damaged.gz', packed);
    expect(error).toBeInstanceOf(SourceError);
    expect(error!.message).toMatch(/incorrect data check/);
  });

  test.each([
    ['no JSON', '{"title": "cut', null, { field: 'line', rule: 'must be JSON', received: '{"title": "cut' }],
    ['a list', '[1]', null, { field: 'line', rule: 'must be a JSON object', received: [1] }],
    ['no title', '{"stars": 7}', null, { field: 'title', rule: 'must be text', received: undefined }],
    ['a wrong kind of stars', '{"title": "X", "stars": "7"}', 'X', { field: 'stars', rule: 'must be a number', received: '7' }],
    ['a number for an author', '{"title": "X", "authors": ["A", 1]}', 'X', { field: 'authors.1', rule: 'must be a name, or an object with a name', received: 1 }],
    ['an infinite count', '{"title": "X", "count": 1e999}', 'X', { field: 'count', rule: 'must be a number', received: Infinity }],
    ['900,000 brackets', '['.repeat(900_000), null, { field: 'line', rule: 'must be JSON', received: `${'['.repeat(200)}…` }],
    ['1,000,001 characters', 'x'.repeat(1_000_001), null, { field: 'line', rule: 'must have at most 1000000 characters', received: 1_000_001 }],
    ['4,000,000 bytes', 'x'.repeat(4_000_000), null, { field: 'line', rule: 'must have at most 1000000 characters', received: '4000000 bytes' }],
  ])('with a line that has %s: rejected with what is wrong, and the others go on', async (...[, text, title, fault]) => {
    const { items, error } = await reading('broken.jsonl', `${line(1)}\n${text}\n${line(2)}\n`);
    expect(error).toBeNull();
    expect(items.map(({ kind }) => kind)).toEqual(['PAPER', 'REJECT', 'PAPER']);
    expect(items[1]).toEqual({ kind: 'REJECT', place: 'line 2', title, fault });
  });

  test('with a line that is no UTF-8: rejected; with a replacement character that it has itself: taken', async () => {
    const latin = Buffer.from('{"title": "Caf\xe9"}', 'latin1');
    const { items } = await reading('latin.jsonl', Buffer.concat([Buffer.from(`${line(1)}\n`), latin, Buffer.from(`\n${JSON.stringify({ title: 'A \uFFFD' })}`)]));
    expect(items[1]).toMatchObject({ kind: 'REJECT', place: 'line 2', fault: { field: 'line', rule: 'must be text in UTF-8' } });
    expect(titles(items)).toEqual(['On tides 1', null, 'A \uFFFD']);
  });

  test('with a line without end: bounded memory', async () => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    const file = await world.write('endless.jsonl', `${line(1)}\n`);
    for (let index = 0; index < 150; index += 1) await appendFile(file, piece);
    const before = process.memoryUsage().rss;
    let most = 0;
    const timer = setInterval(() => { most = Math.max(most, process.memoryUsage().rss); }, 5);
    const { items } = await readAll(source, { file });
    clearInterval(timer);
    expect(items[1]).toMatchObject({ kind: 'REJECT', fault: { received: `${150 * piece.length} bytes` } });
    expect(most - before).toBeLessThan(100e6);
  });

  test.each([
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['prose', 'Not JSON.\nNeither is this.\n'],
    ['a JSON array over several lines', '[\n {\n  "title": "X"\n }\n]\n'],
  ])('that is %s: an error that names the file', async (_, content) => {
    const { error, items } = await reading('foreign', content);
    expect(error).toBeInstanceOf(SourceError);
    expect(error!.message).toMatch(/^foreign must hold a JSON object a line: line 1 must be .+, received ".+"$/);
    expect(items).toEqual([]);
  });

  test('that is empty: nothing', async () => {
    expect(await reading('empty.jsonl', '')).toMatchObject({ items: [], error: null, total: 0 });
  });

  test('that is not there, or is a folder: an error', async () => {
    await expect(readAll(source, { file: `${world.folder}/none.jsonl` })).rejects.toThrow(/^none\.jsonl must be a file that can be read, received .*none\.jsonl \(ENOENT\)$/);
    await expect(readAll(source, { file: world.folder })).rejects.toThrow(/must be a file, received /);
  });

  test('that has changed since: an error that says how to start anew', async () => {
    const file = await world.write('changed.jsonl', many(400));
    const [first] = (await readAll(source, { file })).parcels;
    await appendFile(file, `${line(401)}\n`);
    const { error, items } = await readAll(source, { file }, { checkpoint: first!.checkpoint });
    expect(error).toBeInstanceOf(SourceError);
    expect(error!.message).toMatch(/^changed\.jsonl must be as it was when the run was interrupted.*start a new run/);
    expect(items).toEqual([]);
  });

  test('with a checkpoint that is none: an error', async () => {
    const file = await world.write('one.jsonl', many(1));
    for (const checkpoint of ['x', {}, { pass: 'votes', identity: [], records: 0, items: 0, byte: null, before: 0 }]) {
      expect((await readAll(source, { file }, { checkpoint })).error).toBeInstanceOf(SourceError);
    }
  });

  test('is left where the run is called off', async () => {
    const file = await world.write('called-off.jsonl', many(900));
    const controller = new AbortController();
    const reading = await source.open({ file }, contextOf({ signal: controller.signal }));
    const parcels = reading.read(null)[Symbol.asyncIterator]();
    await parcels.next();
    controller.abort();
    await expect(parcels.next()).rejects.toThrow(/abort/);
  });
});

test('the archived feed', async () => {
  const file = '../shared/data/daily-papers/feed.jsonl';
  const content = await readFile(file).catch(() => null);
  if (content === null) { console.log('skipped: no data'); return; }
  const { items, error } = await readAll(source, { file });
  expect(error).toBeNull();
  expect(items.filter(({ kind }) => kind === 'PAPER')).toHaveLength(3868);
  expect(new Set(items.map((item) => (item.kind === 'PAPER' ? item.record.externalId : null))).size).toBe(3868);
  expect(await brokenCheckpoints(source, { file })).toEqual([]);
});
