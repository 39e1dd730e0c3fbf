import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../support/process.js';
import { isOnServer } from '../support/testDatabase.js';

const PAPERS = 301;
const [PAPERS_FILE, LINKS_FILE] = ['papers-with-abstracts.json.gz', 'links-between-papers-and-code.json.gz'];
const SPREAD = { median: expect.any(Number), min: expect.any(Number), max: expect.any(Number) };
const SPEED = { seconds: SPREAD, papersPerSecond: SPREAD, rowsPerSecond: SPREAD };

interface ArchivedPaper {
  readonly paper_url: string;
  readonly arxiv_id: string | null;
  readonly title: string;
  readonly abstract: string;
  readonly authors: readonly string[];
  readonly tasks: readonly string[];
  readonly methods: readonly { readonly name: string }[];
}

interface ArchivedLink {
  readonly paper_url: string;
  readonly paper_title: string;
  readonly paper_arxiv_id: string | null;
  readonly repo_url: string;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-bench-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function node(...parameters: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = run(parameters, {});
  return { code: await child.ended(), output: child.output() };
}

/** An archive of a seed, in a folder of its own. */
async function dumped(name: string, seed: number): Promise<string> {
  const place = join(folder, name);
  const script = `import { mkdirSync } from 'node:fs'; import { writeDump } from './test/bench/import/dump.mjs';
    mkdirSync(${JSON.stringify(place)}); await writeDump(${JSON.stringify(place)}, { papers: ${PAPERS}, seed: ${seed} });`;
  expect(await node('--input-type=module', '--eval', script)).toEqual({ code: 0, output: '' });
  return place;
}

async function rowsOf<Row>(place: string, file: string): Promise<Row[]> {
  return JSON.parse(gunzipSync(await readFile(join(place, file))).toString()) as Row[];
}

describe('the archive', () => {
  test('is the same for the same seed, and another for another', async () => {
    const places = [await dumped('one', 1), await dumped('again', 1), await dumped('other', 2)];
    const [papers, links] = [PAPERS_FILE, LINKS_FILE].map((file) => places.map((place) => rowsOf<object>(place, file)));
    const [one, again, other] = await Promise.all(papers ?? []);
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
    const [oneLinks, againLinks] = await Promise.all(links ?? []);
    expect(againLinks).toEqual(oneLinks);
  });

  test('has the papers that were asked for, under names of their own, with text as long as abstracts are', async () => {
    const papers = await rowsOf<ArchivedPaper>(await dumped('named', 3), PAPERS_FILE);
    expect(papers).toHaveLength(PAPERS);
    for (const nameOf of [(paper: ArchivedPaper) => paper.paper_url, (paper: ArchivedPaper) => paper.title]) expect(new Set(papers.map(nameOf)).size).toBe(PAPERS);
    const ids = papers.flatMap(({ arxiv_id: id }) => (id === null ? [] : [id]));
    expect(new Set(ids).size).toBe(ids.length);
    const mean = (of: (paper: ArchivedPaper) => number): number => papers.reduce((sum, paper) => sum + of(paper), 0) / PAPERS;
    expect(mean(({ abstract }) => abstract.length)).toBeGreaterThan(800);
    expect(mean(({ abstract }) => abstract.length)).toBeLessThan(1300);
    expect(mean(({ tasks }) => tasks.length)).toBeCloseTo(2, 0);
  });

  test('links every third paper, by the names that the paper has, in another order', async () => {
    const place = await dumped('linked', 4);
    const [papers, links] = [await rowsOf<ArchivedPaper>(place, PAPERS_FILE), await rowsOf<ArchivedLink>(place, LINKS_FILE)];
    const byUrl = new Map(papers.map((paper, index) => [paper.paper_url, { ...paper, index }]));
    const linked = links.map((link) => ({ link, paper: byUrl.get(link.paper_url) }));
    for (const { link, paper } of linked) expect(link).toMatchObject({ paper_title: paper?.title, paper_arxiv_id: paper?.arxiv_id });
    const places = linked.map(({ paper }) => paper?.index ?? -1);
    expect([...places].sort((a, b) => a - b)).toEqual(Array.from({ length: Math.floor((PAPERS + 1) / 3) }, (_, index) => 3 * index + 1));
    expect(places).not.toEqual([...places].sort((a, b) => a - b));
  });
});

// What it measures is no test's business: machines differ.
describe('the bench of imports', () => {
  (isOnServer ? test : test.skip)('counts the rows that the archive has, and finds the same in the copies', async () => {
    const file = join(folder, 'out.json');
    const kept = join(folder, 'kept');
    const { code, output } = await node('test/bench/import/bench.mjs', '--database', process.env['TEST_DATABASE_URL'] ?? '', '--papers', String(PAPERS), '--rounds', '1', '--folder', kept, '--json', file);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('memory of the import at its peak, MB') });
    const figures = JSON.parse(await readFile(file, 'utf8'));
    const [papers, links] = [await rowsOf<ArchivedPaper>(kept, PAPERS_FILE), await rowsOf<ArchivedLink>(kept, LINKS_FILE)];
    const tagsOf = ({ tasks, methods }: ArchivedPaper): string[] => [...tasks, ...methods.map(({ name }) => name)];
    const rows = {
      tags: new Set(papers.flatMap(tagsOf)).size,
      authors: new Set(papers.flatMap(({ authors }) => authors)).size,
      repos: new Set(links.map(({ repo_url: url }) => url)).size,
      papers: PAPERS,
      paper_authors: papers.reduce((sum, { authors }) => sum + authors.length, 0),
      paper_tags: papers.reduce((sum, paper) => sum + tagsOf(paper).length, 0),
      paper_repos: links.length,
      paper_origins: PAPERS + links.length,
    };
    expect(figures).toMatchObject({ rows, rowCount: Object.values(rows).reduce((sum, count) => sum + count, 0), checks: {
      'every paper of the archive is there': true,
      'the copies hold the same, and counted the same': true,
    } });
    expect(figures).toMatchObject({ imports: { ...SPEED, peakBytes: SPREAD }, copies: { schema: SPEED, bare: SPEED }, ratios: { schema: SPREAD, bare: SPREAD } });
    expect(figures.imports.peakBytes.max).toBeGreaterThan(50_000_000);
  });

  test.each([
    [[], '--database must be the address of a PostgreSQL server'],
    [['--database', 'postgresql://nobody', '--papers', '0'], '--papers must be between 1 and 5000000, received 0'],
    [['--database', 'postgresql://nobody', '--rounds', 'many'], '--rounds must be a whole number above 0, received many'],
  ])('refuses %j', async (words, message) => {
    expect(await node('test/bench/import/bench.mjs', ...words)).toEqual({ code: 2, output: expect.stringContaining(message) });
  });
});
