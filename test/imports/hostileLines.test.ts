import 'reflect-metadata';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ImportTotals, LineReport } from '../../src/imports/import.service.js';
import { createServices, type Services } from '../../src/services.js';
import { chance, type Chance } from '../support/random.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';

const NOW = new Date('2026-06-30T00:00:00Z');
/** How every rule of ours begins: a field that a line has, or the line itself. */
const OUR_RULES = /^(the line|title|arxivId|abstract|authors|authorCount|originUpvoteCount|count|stars|publishedOn|publishedAt|listedOn|firstListedOn|projectUrl|projectPages|repos|tags|text)\b/;

let folder: string;
let opened: TestDatabase;
let services: Services;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-hostile-'));
  opened = await createTestDatabase();
  services = createServices(opened.database, { sessionDays: 1, recommenderThreads: 0 });
});
afterAll(async () => {
  await opened.drop();
  await rm(folder, { recursive: true, force: true });
});

async function load(lines: readonly string[]): Promise<{ totals: ImportTotals; reports: LineReport[] }> {
  const file = join(folder, 'lines.jsonl');
  await writeFile(file, lines.join('\n'));
  const reports: LineReport[] = [];
  const totals = await services.imports.importFile(file, NOW, { onLine: (line) => reports.push(line), onProgress: () => undefined });
  return { totals, reports };
}

const paper = (fields: object): string => JSON.stringify({ title: `Paper ${JSON.stringify(fields).slice(0, 60)}`, ...fields });
/** Letters that a database cannot compress. */
function noise(length: number): string {
  const random = chance(length);
  return Array.from({ length }, () => String.fromCharCode(97 + random.below(26))).join('');
}

describe('lines that only a hostile or broken source would have', () => {
  test.each([
    ['an owner of many long parts', { repos: [`https://gitlab.com/${'a'.repeat(99)}/${'b'.repeat(99)}/${'c'.repeat(99)}/repo`] }],
    ['a host of 4,800 letters', { repos: [`https://${noise(4800).match(/.{60}/g)!.join('.')}.com/a/b`] }],
    ['a year before Christ', { publishedAt: '-000044-03-15' }],
    ['a day that its month has not', { firstListedOn: '2026-02-30' }],
    ['a count beyond 32 bits', { count: 2 ** 31 }],
    ['stars beyond 32 bits', { repos: ['https://github.com/a/b'], stars: 2 ** 31 }],
    ['a negative count', { count: -1 }],
    ['1,001 authors', { authors: Array.from({ length: 1001 }, (_, index) => `Author ${index}`) }],
    ['an author of 201 letters', { authors: ['x'.repeat(201)] }],
    ['NUL in an author', { authors: ['A\0da'] }],
    ['NUL in the title', { title: 'A\0 title' }],
    ['half a character in the title', { title: 'A \uD83D title' }],
    ['a title of 501 characters', { title: '🙂'.repeat(501) }],
    ['a project page that runs code', { projectPages: ['javascript:alert(1)'] }],
  ])('%s: refused by our rules, not by the database', async (_, fields) => {
    const { totals, reports } = await load([paper({ arxivId: '2601.00001', title: 'A good neighbour' }), paper(fields)]);
    const [, report] = reports;
    // Either the line is skipped for a reason that names a field, or what was wrong was left out and told.
    expect(report!.notes[0]).toMatch(OUR_RULES);
    expect(totals.added + totals.changed + totals.unchanged + totals.skipped).toBe(2);
  });

  test.each([
    ['a title of 500 characters beyond the first plane', { title: `${'🙂'.repeat(499)}x` }],
    ['a title of 500 Chinese characters', { title: Array.from({ length: 500 }, (_, index) => String.fromCodePoint(0x4e00 + index * 37)).join('') }],
    ['a title that is SQL', { title: `'); DROP TABLE papers; --` }],
    ['a title with ${} and backslashes', { title: '${process.env} \\0 \\u0000 $1 ?' }],
    ['authors in many alphabets', { authors: ['Łukasz Kaiser', 'İsmail Ö', 'ﬁ ligature', 'ß', '李 明', 'e\u0301', '\u202Ertl'] }],
    ['an author twice, spelt in two ways', { authors: ['Ada  Lovelace', 'ada lovelace', 'ADA LOVELACE'] }],
    ['one repository twice', { repos: ['https://github.com/A/b', 'https://www.github.com/a/B.git'] }],
    ['a thousand authors', { authors: Array.from({ length: 1000 }, (_, index) => `Author ${index}`) }],
    ['white space of all kinds', { title: 'A\u00A0title\u2003with\tspaces\r\n', authors: ['A\u00A0B', '\u200B'] }],
    ['a word of 5,000 letters in the abstract', { text: noise(5000) }],
  ])('%s: taken, and unchanged the second time', async (_, fields) => {
    const first = await load([paper(fields)]);
    expect([first.reports[0]!.outcome, first.reports[0]!.notes]).toEqual(['added', []]);
    expect((await load([paper(fields)])).reports[0]!.outcome).toBe('unchanged');
  });

  test('titles of signs alone do not become one paper', async () => {
    const titles = ['?!… ∑∫', '🙂🙃', '---'];
    expect((await load(titles.map((title) => paper({ title })))).totals).toMatchObject({ added: 3 });
  });

  test('600 random lines: each is reported once, in order, and skipped by our rules alone', async () => {
    const random = chance(2026);
    const lines = Array.from({ length: 600 }, () => randomLine(random));
    const { totals, reports } = await load(lines);
    expect(reports.map((report) => report.line)).toEqual(lines.map((_, index) => index + 1));
    expect(totals.added + totals.changed + totals.unchanged + totals.skipped).toBe(600);
    expect(totals.added).toBeGreaterThan(20);
    expect(totals.skipped).toBeGreaterThan(100);
    expect(reports.filter(({ outcome, notes }) => outcome === 'skipped' && !OUR_RULES.test(notes.at(-1)!))).toEqual([]);
    // What the second time changes is only what two lines of one paper say differently.
    expect((await load(lines)).totals).toMatchObject({ added: 0, skipped: totals.skipped });
  });
});

function randomLine(random: Chance): string {
  const text = (): string => random.pick(['', ' ', 'a', 'test', noise(50), '🙂🙂', 'x\0y', '\uD800', "O'Brien", 'x'.repeat(600), '2026-01-01', 'null']);
  const number = (): number => random.pick([0, 1, -1, 0.5, 31, 2 ** 31, 1e15, 10_001]);
  const day = (): string => random.pick(['2026-01-01', '1999-12-31', '2026-13-01', '2026-02-29', '2027-01-01', '1899-12-31', 'today', '']);
  const url = (): string => random.pick(['https://github.com/a/b', 'https://github.com/A/B/tree/main', 'https://gitlab.com/a/b/c', 'ftp://a/b', 'https://x.y/z', 'nonsense', '', `https://github.com/${noise(150)}/x`]);
  const list = (make: () => string): string[] => Array.from({ length: random.below(4) }, make);
  const fields: [string, () => unknown][] = [
    ['arxivId', () => random.pick([`2601.0000${random.below(10)}`, '2601.00001v3', 'arXiv:2601.00002', 'hep-th/9901001', '', 'x'])],
    ['firstListedOn', day],
    ['publishedAt', day],
    ['abstract', text],
    ['text', text],
    ['authors', () => list(text)],
    ['authorCount', number],
    ['count', number],
    ['repos', () => list(url)],
    ['stars', number],
    ['projectPages', () => list(url)],
  ];
  const line = Object.fromEntries(fields.filter(() => random.number() < 0.25).map(([name, make]) => [name, random.number() < 0.1 ? null : make()]));
  const title = random.number() < 0.7 ? `Title ${random.below(150)}` : text();
  const whole = JSON.stringify({ title, ...line });
  return random.number() < 0.03 ? `${whole.slice(0, random.below(whole.length))}~` : whole;
}
