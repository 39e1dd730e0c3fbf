import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { source } from '../../src/ingest/sources/papers-with-code.js';
import { SourceError } from '../../src/ingest/source.js';
import { brokenCheckpoints, contextOf, createFilesWorld, httpOf, readAll, type FilesWorld } from './filesWorld.js';

let world: FilesWorld;
beforeAll(async () => { world = await createFilesWorld(); });
afterAll(() => world.drop());

const PAPER = {
  paper_url: 'https://archive.example/paper/tides-of-the-inner-sea',
  arxiv_id: '2103.04567',
  nips_id: null,
  title: 'Tides of the Inner Sea',
  abstract: 'Water goes and comes.\nWe say when.',
  url_abs: 'http://arxiv.example/abs/2103.04567v2',
  proceeding: null,
  authors: ['Ines Barbo', '', 'Tomás Quell'],
  tasks: ['Tide Prediction', 'Tide  Prediction', '潮汐'],
  date: '2021-03-08',
  methods: [{ name: 'MoonNet', full_name: 'Moon Network', main_collection: null }, { name: null, full_name: 'Sea Attention' }],
};
const LINK = {
  paper_url: 'https://archive.example/paper/tides-of-the-inner-sea/',
  paper_title: 'Tides of the Inner Sea',
  paper_arxiv_id: '2103.04567',
  paper_url_abs: 'http://arxiv.example/abs/2103.04567v2',
  paper_url_pdf: null,
  repo_url: 'https://github.com/barbo/moonnet',
  is_official: true,
  mentioned_in_paper: true,
  mentioned_in_github: false,
  framework: 'pytorch',
};
const rows = (count: number): object[] => Array.from({ length: count }, (_, index) => ({ ...PAPER, paper_url: `x/p-${index + 1}`, title: `Paper ${index + 1}`, arxiv_id: null }));

test('papers come with tasks and methods, then their repositories', async () => {
  const papers = await world.write('papers.json', JSON.stringify([PAPER], null, 2));
  const links = await world.write('links.json.gz', gzipSync(JSON.stringify([LINK, { ...LINK, repo_url: 'https://gitlab.com/quell/tides', is_official: false }])));
  const { items, error } = await readAll(source, { papers, links });
  expect(error).toBeNull();
  const paper = { externalId: 'tides-of-the-inner-sea', title: 'Tides of the Inner Sea', arxivId: '2103.04567' };
  const link = { externalId: expect.stringMatching(/^tides-of-the-inner-sea#[0-9a-f]{16}$/) as unknown as string, partOf: 'tides-of-the-inner-sea' };
  expect(items).toEqual([
    {
      kind: 'PAPER',
      place: 'record 1',
      record: {
        ...paper,
        abstract: PAPER.abstract,
        publishedOn: '2021-03-08',
        authors: ['Ines Barbo', 'Tomás Quell'],
        namedTags: [
          { name: 'Tide Prediction', kind: 'TASK', weight: 1 },
          { name: 'MoonNet', kind: 'METHOD', weight: 1 },
          { name: 'Sea Attention', kind: 'METHOD', weight: 1 },
        ],
      },
      leftOut: [{ field: 'tags', rule: 'must have a Latin letter or a digit', received: '潮汐' }],
    },
    { kind: 'PAPER', place: 'record 1', record: { ...paper, ...link, repos: [{ url: LINK.repo_url, isOfficial: true }] }, leftOut: [] },
    { kind: 'PAPER', place: 'record 2', record: { ...paper, ...link, repos: [{ url: 'https://gitlab.com/quell/tides', isOfficial: false }] }, leftOut: [] },
  ]);
});

test.each([
  [{ title: null }, { title: null, fault: { field: 'title', rule: 'must be text', received: null } }],
  [{ paper_url: '///' }, { fault: { field: 'paper_url', rule: 'must end in a name of 1 to 280 characters' } }],
  [{ authors: 'Ines Barbo' }, { title: PAPER.title, fault: { field: 'authors', rule: 'must be a list', received: 'Ines Barbo' } }],
  [{ methods: ['MoonNet'] }, { fault: { field: 'methods.0', rule: 'must be an object', received: 'MoonNet' } }],
])('a paper with %j is rejected, and the others go on', async (change, expected) => {
  const papers = await world.write('broken.json', JSON.stringify([PAPER, { ...PAPER, ...change }, 'x', PAPER]));
  const { items } = await readAll(source, { papers });
  expect(items.map(({ kind, place }) => `${kind} ${place}`)).toEqual(['PAPER record 1', 'REJECT record 2', 'REJECT record 3', 'PAPER record 4']);
  expect(items[1]).toMatchObject(expected);
  expect(items[2]).toMatchObject({ title: null, fault: { field: 'record', rule: 'must be a JSON object', received: 'x' } });
});

test('what a paper cannot use of its row is left out and told', async () => {
  const papers = await world.write('odd.json', JSON.stringify([{ ...PAPER, arxiv_id: 'none', date: 'March', abstract: 'x'.repeat(20_001), tasks: null, methods: null, authors: null }]));
  const [item] = (await readAll(source, { papers })).items;
  expect(item).toMatchObject({
    record: { arxivId: null, publishedOn: null, authors: [], namedTags: [] },
    leftOut: [{ field: 'date', received: 'March' }, { field: 'arxiv_id', received: 'none' }, { field: 'abstract', received: 20_001 }],
  });
});

test('a link to what is no repository is rejected', async () => {
  const links = await world.write('links.json', JSON.stringify([{ ...LINK, repo_url: 'https://github.com/barbo' }, LINK]));
  const [item] = (await readAll(source, { links })).items;
  expect(item).toEqual({ kind: 'REJECT', place: 'record 1', title: PAPER.title, fault: { field: 'repo_url', rule: 'must be the address of a repository', received: 'https://github.com/barbo' } });
});

describe('resuming', () => {
  test.each(['plain', 'packed', 'behind an address', 'behind an address that tells no size'])('files that are %s: every checkpoint leads to exactly the rest', async (where) => {
    const texts = [JSON.stringify(rows(700)), JSON.stringify(rows(350).map((row: any) => ({ ...LINK, paper_url: row.paper_url })))];
    const [papers, links] = texts.map((text) => (where === 'packed' ? gzipSync(text) : Buffer.from(text)));
    const files = { 'https://files.example/papers': papers!, 'https://files.example/links': links! };
    const isRemote = where.startsWith('behind');
    const options = isRemote
      ? { papers: 'https://files.example/papers', links: 'https://files.example/links' }
      : { papers: await world.write('resumed-papers', papers!), links: await world.write('resumed-links', links!) };
    const totals: number[] = [];
    const http = httpOf(files, { tellsSize: !where.endsWith('no size') });
    const context = contextOf({ http, onTotal: (total) => totals.push(total) });
    const { items, parcels, total } = await readAll(source, options, { context });
    expect(items).toHaveLength(1050);
    expect(parcels.at(-1)!.done).toBe(papers!.length + links!.length);
    expect(total).toBe(isRemote ? null : parcels.at(-1)!.done);
    expect(totals).toEqual(where === 'behind an address' ? [parcels.at(-1)!.done] : []);
    expect(http.asked).toEqual(isRemote ? Object.keys(files) : []);
    expect(await brokenCheckpoints(source, options, context)).toEqual([]);
  });

  test('a file behind an address that has changed since is refused', async () => {
    const url = 'https://files.example/papers';
    const first = await readAll(source, { papers: url }, { context: contextOf({ http: httpOf({ [url]: Buffer.from(JSON.stringify(rows(301))) }) }) });
    const http = httpOf({ [url]: Buffer.from(JSON.stringify(rows(302))) });
    const { error } = await readAll(source, { papers: url }, { checkpoint: first.parcels[0]!.checkpoint, context: contextOf({ http }) });
    expect(error).toBeInstanceOf(SourceError);
    expect(error!.message).toMatch(/must be as it was .*start a new run/);
  });
});

describe('what is no whole array', () => {
  const whole = JSON.stringify(rows(2)).slice(0, -1);
  test.each([
    ['a broken element', `${whole}, {"title": ]`, 2, /^f must be a JSON array: element 3 must be JSON, received: Unexpected/],
    ['a comma at its end', `${whole},]`, 2, /element 3 must be JSON/],
    ['two elements without a comma', `${whole} {}]`, 2, /element 3 must be JSON/],
    ['no end', whole, 2, /element 3 or the end of the array must follow, received: the end of the file$/],
    ['half an element at its end', `${whole}, {"title": "Ti`, 2, /element 3 or the end of the array must follow/],
    ['something behind it', `${whole}] []`, 2, /element 3 must be JSON/],
    ['an object around it', '{"papers": []}', 0, /^f must be a JSON array, received "\{\\"papers\\": \[\]\}" at its start$/],
    ['text', 'paper,title\n', 0, /^f must be a JSON array, received/],
    ['nothing', '', 0, /element 1 or the end of the array must follow/],
  ])('%s: the elements before, then an error with its number', async (...[, content, count, message]) => {
    const { items, error } = await readAll(source, { papers: await world.write('f', content) });
    expect(error).toBeInstanceOf(SourceError);
    expect(error!.message).toMatch(message);
    expect(items).toHaveLength(count);
  });

  test('an element without end: bounded memory', async () => {
    const papers = await world.write('endless.json', Buffer.concat([Buffer.from('[{"title": "'), Buffer.alloc(40e6, 'x')]));
    expect((await readAll(source, { papers })).error!.message).toMatch(/element 1 must have at most 16777216 bytes/);
  });

  test('gzip that is cut short', async () => {
    const packed = gzipSync(JSON.stringify(rows(2000)));
    const { items, error } = await readAll(source, { papers: await world.write('cut', packed.subarray(0, packed.length / 2)) });
    expect(error!.message).toMatch(/^cut must be whole gzip/);
    expect(items.length).toBeGreaterThan(300);
  });
});

test('neither file: an error', async () => {
  await expect(readAll(source, {})).rejects.toThrow('papers or links must name a file, received neither');
});
