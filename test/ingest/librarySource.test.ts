import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { source } from '../../src/ingest/sources/library.js';
import { SourceError } from '../../src/ingest/source.js';
import { brokenCheckpoints, createFilesWorld, readAll, type FilesWorld } from './filesWorld.js';

let world: FilesWorld;
beforeAll(async () => { world = await createFilesWorld(); });
afterAll(() => world.drop());

const BIB = `@article{a, title = {On Tides}, author = {Quell, T.}, doi = {10.5555/a}, year = 2020}
@article{broken, title = {An {open brace}
@misc{b, title = {On Moons}, author = {Barbo, Ines}, eprint = {2401.00001}, archivePrefix = {arXiv}}`;
const vote = { kind: 'VOTE', reader: 'ines', isSimulated: false, at: null };
const tides = { arxivId: null, doi: '10.5555/a', title: 'On Tides', firstAuthor: 'T. Quell' };
const moons = { arxivId: '2401.00001', doi: null, title: 'On Moons', firstAuthor: 'Ines Barbo' };

describe('a library', () => {
  test('becomes votes of its reader', async () => {
    const { items, error } = await readAll(source, { file: await world.write('refs.bib', BIB), reader: 'ines', add: false });
    expect(error).toBeNull();
    expect(items).toEqual([
      { ...vote, place: 'entry a', paper: tides },
      { ...vote, place: 'entry b', paper: moons },
      { kind: 'REJECT', place: 'entry broken', title: null, fault: { field: 'entry', rule: 'must be a whole BibTeX entry', received: '@article{broken, title = {An {open brace}\n' } },
    ]);
  });

  test('becomes papers too where it shall, each before its vote', async () => {
    const { items } = await readAll(source, { file: await world.write('refs.bib.gz', gzipSync(`\uFEFF${BIB}`)), reader: 'ines', add: true });
    expect(items.map(({ kind, place }) => `${kind} ${place}`)).toEqual(['PAPER entry a', 'VOTE entry a', 'PAPER entry b', 'VOTE entry b', 'REJECT entry broken']);
    expect(items[0]).toMatchObject({ record: { externalId: 'doi:10.5555/a', title: 'On Tides', publishedOn: '2020-01-01' } });
    expect(items[1]).toEqual({ ...vote, place: 'entry a', paper: { externalId: 'doi:10.5555/a', ...tides } });
    expect(items[3]).toEqual({ ...vote, place: 'entry b', paper: { externalId: '2401.00001', ...moons } });
  });

  test('of ids alone has no papers to add', async () => {
    const { items } = await readAll(source, { file: await world.write('ids.txt', '2401.00001\nDOI:10.5555/a\nPMID:1\n'), reader: 'ines', add: true });
    expect(items.map(({ kind, place }) => `${kind} ${place}`)).toEqual(['VOTE line 1', 'VOTE line 2', 'REJECT line 3']);
  });

  test('is read in the format that is named, whatever it looks like', async () => {
    const file = await world.write('words.txt', 'nonsense\n');
    const { items } = await readAll(source, { file, reader: 'ines', add: false, format: 'ids' });
    expect(items).toMatchObject([{ kind: 'REJECT', place: 'line 1', fault: { field: 'id', received: 'nonsense' } }]);
    const { error } = await readAll(source, { file, reader: 'ines', add: false });
    expect(error).toBeInstanceOf(SourceError);
  });

  test('is resumed: every checkpoint leads to exactly the rest', async () => {
    const text = Array.from({ length: 700 }, (_, index) => `@misc{k${index}, title = {Tides ${index}}, year = 2020}`).join('\n');
    const file = await world.write('many.bib', text);
    for (const add of [false, true]) {
      const { parcels } = await readAll(source, { file, reader: 'ines', add });
      expect(parcels.length).toBeGreaterThan(2);
      expect(await brokenCheckpoints(source, { file, reader: 'ines', add })).toEqual([]);
    }
  });

  test('that is no text, or too large: an error', async () => {
    const bytes = await readAll(source, { file: await world.write('bytes.bib', Buffer.from([0x40, 0xe9, 0xff])), reader: 'ines', add: false });
    expect(bytes.error!.message).toBe('bytes.bib must be text in UTF-8, received other bytes');
    const large = await readAll(source, { file: await world.write('large.bib', Buffer.alloc(17 * 1024 * 1024, ' ')), reader: 'ines', add: false });
    expect(large.error!.message).toBe('large.bib must have at most 16777216 bytes, received more');
  });

  test('needs a reader', () => {
    expect(source.options.safeParse({ file: 'x' }).error!.issues).toMatchObject([{ path: ['reader'] }]);
    expect(source.options.parse({ file: 'x', reader: 'ines' })).toEqual({ file: 'x', reader: 'ines', add: false });
  });
});
