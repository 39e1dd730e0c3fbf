import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ImportTotals, LineReport } from '../../src/imports/import.service.js';
import { createServices, type Services } from '../../src/services.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';

const NOW = new Date('2026-06-30T00:00:00Z');
const FEED = '../shared/data/daily-papers/feed.jsonl';

let folder: string;
let opened: TestDatabase;
let services: Services;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-import-'));
  opened = await createTestDatabase();
  services = createServices(opened.database, { sessionDays: 1, recommenderThreads: 0 });
});
afterAll(async () => {
  await opened.drop();
  await rm(folder, { recursive: true, force: true });
});

async function load(content: string): Promise<{ totals: ImportTotals; lines: LineReport[] }> {
  const file = join(folder, 'papers.jsonl');
  await writeFile(file, content);
  const lines: LineReport[] = [];
  const totals = await services.imports.importFile(file, NOW, { onLine: (line) => lines.push(line), onProgress: () => undefined });
  return { totals, lines };
}

const paper = (fields: object): string => JSON.stringify(fields);

describe('importing a file', () => {
  test('reads a mark of byte order, both line ends, empty lines and a last line without an end', async () => {
    const { totals } = await load(`\uFEFF${paper({ title: 'One of four' })}\r\n\n${paper({ title: 'Two of four' })}\n   \n${paper({ title: 'Three of four' })}\r\n${paper({ title: 'Four of four' })}`);
    expect(totals).toEqual({ added: 4, changed: 0, unchanged: 0, skipped: 0 });
  });

  test('a broken line is told with its number, field, rule and value, and stops nothing', async () => {
    const { totals, lines } = await load(
      [
        paper({ title: 'A good first line', arxivId: '2601.00001' }),
        '{"title": "cut off',
        '42',
        paper({ arxivId: '2601.00002' }),
        paper({ title: '   ' }),
        paper({ title: 'Bad id', arxivId: 'nonsense' }),
        paper({ title: 'Bad day', firstListedOn: '2026-02-30' }),
        paper({ title: 'Tomorrow', firstListedOn: '2026-07-01' }),
        paper({ title: 'Bad count', authorCount: 1.5 }),
        paper({ title: 'Bad authors', authors: 'Ada' }),
        paper({ title: 'A good last line', arxivId: '2601.00003' }),
      ].join('\n'),
    );
    expect(totals).toEqual({ added: 2, changed: 0, unchanged: 0, skipped: 9 });
    const notes = new Map(lines.filter(({ outcome }) => outcome === 'skipped').map(({ line, notes: [note] }) => [line, note]));
    expect(notes.get(2)).toMatch(/^the line must be JSON: /);
    expect(notes.get(3)).toMatch(/^the line: .*expected object, received number/);
    expect(notes.get(4)).toMatch(/^title: .*expected string, received undefined/);
    expect(notes.get(5)).toBe('title must have 1 to 500 characters, received " "');
    expect(notes.get(6)).toBe('arxivId must be an arXiv id such as 2412.01234 or hep-th/9901001, received "nonsense"');
    expect(notes.get(7)).toBe('listedOn must be a day in the form YYYY-MM-DD, received "2026-02-30"');
    expect(notes.get(8)).toBe('listedOn must be between 1900-01-01 and today, received "2026-07-01"');
    expect(notes.get(9)).toMatch(/^authorCount must be a whole number from 1 to 10000, received 1\.5/);
    expect(notes.get(10)).toMatch(/^authors: .*expected array/);
  });

  test('what is left out of a line is told: repos that are none, remarks in place of an abstract', async () => {
    const { lines } = await load(paper({ title: 'With remarks', text: 'test', repos: ['https://github.com/a/b', 'https://example.org/'] }));
    expect(lines[0]).toMatchObject({
      outcome: 'added',
      notes: ['repos: "https://example.org/" is no address of a repository', 'text: "test" is too short for an abstract (40 characters)'],
    });
  });

  test('says what was added, changed and unchanged; two lines of one paper meet in the file’s order', async () => {
    const first = { arxivId: '2602.00001', title: 'Told twice', firstListedOn: '2026-02-10', authors: ['Ada Lovelace', 'Alan Turing'], repos: ['https://github.com/x/y'], stars: 7 };
    const again = { ...first, title: 'Told twice, corrected', firstListedOn: '2026-02-08', stars: 3 };
    expect((await load([paper(first), paper(first), paper(again)].join('\n'))).lines.map(({ outcome }) => outcome)).toEqual(['added', 'unchanged', 'changed']);
    const [row] = await services.papers.byArxivIds(['2602.00001']);
    expect(row).toMatchObject({ title: 'Told twice, corrected', listedAt: new Date('2026-02-08T00:00:00Z'), authorCount: 2 });
    const [repo] = await services.repos.byKeys(['github.com/x/y']);
    expect(repo?.stars).toBe(7);
  });

  test('a paper without arXiv id is found by its title, whatever its case and punctuation', async () => {
    await load(paper({ title: 'Found: by Title', firstListedOn: '2026-01-01' }));
    const { lines } = await load(paper({ title: 'found by TITLE!', arxivId: '2603.00009', firstListedOn: '2026-01-01' }));
    expect(lines[0]?.outcome).toBe('changed');
    expect(await services.papers.byArxivIds(['2603.00009'])).toHaveLength(1);
  });

  test('a record that the database refuses does not take its batch with it', async () => {
    const { submissions } = services;
    const writeAll = submissions.writeAll.bind(submissions);
    submissions.writeAll = (records) =>
      records.some((record) => record.title === 'Refused') ? Promise.reject(new Error('refused by the database')) : writeAll(records);
    try {
      const { totals, lines } = await load([paper({ title: 'Neighbour one' }), paper({ title: 'Refused' }), paper({ title: 'Neighbour two' })].join('\n'));
      expect(totals).toEqual({ added: 2, changed: 0, unchanged: 0, skipped: 1 });
      expect(lines[1]).toMatchObject({ line: 2, outcome: 'skipped', notes: ['refused by the database'] });
    } finally {
      submissions.writeAll = writeAll;
    }
  });

  test('the whole feed: all added, then nothing changed, with right days, counts and filters', async () => {
    if (!existsSync(FEED)) {
      console.log('skipped: no data');
      return;
    }
    const now = new Date('2026-11-23T00:00:00Z');
    const observer = { onLine: () => undefined, onProgress: () => undefined };
    const before = await services.papers.count({});
    const codeBefore = await services.papers.count({ hasCode: true });
    expect(await services.imports.importFile(FEED, now, observer)).toEqual({ added: 3868, changed: 0, unchanged: 0, skipped: 0 });
    expect(await services.imports.importFile(FEED, now, observer)).toEqual({ added: 0, changed: 0, unchanged: 3868, skipped: 0 });
    expect(await services.papers.count({})).toBe(before + 3868);
    // Counted in the file by other means: papers of its busiest day, papers with a repository.
    expect(await services.papers.count({ listed: { from: '2026-02-04', to: '2026-02-04' } })).toBe(73);
    expect(await services.papers.count({ hasCode: true })).toBe(codeBefore + 2213);
  }, 120_000);
});
