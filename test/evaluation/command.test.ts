import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Vote } from '../../src/evaluation/dataset.js';
import type { MethodResult } from '../../src/evaluation/evaluate.js';
import { randomSplit } from '../../src/evaluation/splits.js';
import { run } from '../support/process.js';
import { PAPERS, READERS, plantedTags, plantedVotes } from './planted.js';

let folder: string;
const at = (name: string): string => join(folder, name);
const votes = plantedVotes(5);
const { train, test: held } = randomSplit(votes, 0.2, 5);

const csv = (list: readonly Vote[]): string => ['time,reader,paper', ...list.map(({ reader, paper, time }) => `${time ?? 0},${reader},${paper}`)].join('\n');
const papersOf = (list: readonly Vote[]): string[][] => Array.from({ length: READERS }, (_, reader) => list.filter((vote) => vote.reader === String(reader)).map(({ paper }) => paper));
const dat = (lists: readonly string[][]): string => `${lists.map((papers) => [papers.length, ...papers].join(' ')).join('\n')}\n`;
const lines = (lists: readonly string[][]): string => lists.map((papers, reader) => [reader, ...papers].join(' ')).join('\n');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-evaluate-'));
  const tags = plantedTags(5);
  const tagsOf = Array.from({ length: PAPERS }, (_, paper) => tags.filter((entry) => entry.paper === String(paper)).map(({ tag }) => tag));
  const files: Record<string, string> = {
    'votes.csv': csv(votes),
    'train.csv': csv(train),
    'test.csv': csv(held),
    'train.dat': dat(papersOf(train)),
    'test.txt': lines(papersOf(held)),
    'tags.csv': ['paper,tag', ...tags.map(({ paper, tag }) => `${paper},${tag}`)].join('\n'),
    'tags.dat': dat(tagsOf),
    'cold.txt': Array.from({ length: 30 }, (_, place) => 4 * place).join('\n'),
    'broken.dat': '2 1 1\n3 7\n',
    // One paper is the last of every reader; lines stand in the order of readers backwards.
    'timed.csv': csv(papersOf(votes).flatMap((papers, reader) => ['latest', ...papers.slice(0, 4).reverse()].map((paper, age) => ({ reader: String(reader), paper, time: 100 - age })))),
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(at(name), text)));
  await mkdir(at('folder'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ending {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the command; words with a dot or `folder` are files of this test's folder. */
async function evaluating(words: string): Promise<Ending> {
  const isFile = (word: string): boolean => /^(folder|nowhere|[a-z]+\.[a-z]+)/.test(word);
  const parameters = words.split(' ').map((word) => (isFile(word) ? at(word) : word.replaceAll('_', ' ')));
  const child = run(['dist/cli/evaluate.js', ...parameters], {});
  return { code: await child.ended(), output: child.output() };
}

async function resultsOf(words: string): Promise<MethodResult[]> {
  expect(await evaluating(`${words} --json out.json`)).toMatchObject({ code: 0 });
  return JSON.parse(await readFile(at('out.json'), 'utf8')).results;
}

describe('npm run evaluate', () => {
  test('three layouts of the same votes have the same results', async () => {
    const figures = ({ name, averages, groups, coverage }: MethodResult): unknown => ({ name, averages, groups, coverage });
    const methods = '--methods engine,user_kNN --baseline user_kNN';
    const [first, ...others] = [
      await resultsOf(`--train train.csv --test test.csv --tags tags.csv ${methods}`),
      await resultsOf(`--train train.dat --test test.txt --tags tags.dat ${methods}`),
    ];
    expect(first.map(({ name, versusBaseline }) => [name, versusBaseline !== undefined])).toEqual([['engine', true], ['user kNN', false]]);
    for (const other of others) expect(other.map(figures)).toEqual(first.map(figures));
  });

  test('a temporal split holds the latest votes out, whatever the order of the lines', async () => {
    const [popular] = await resultsOf('--train timed.csv --tags tags.csv --split temporal --share 0.2 --methods popularity');
    // Each reader's one held-out paper is the latest, which nobody has left to learn from.
    expect(popular!.newPapers).toEqual({ readers: popular!.readers, 'recall@20': 0 });
    expect(popular!.readers).toBe(READERS);
  });

  test.each(['random --share 0.3', 'cold --share 0.3', 'few --share 3'])('holds out by itself: --split %s', async (split) => {
    const { code, output } = await evaluating(`--train votes.csv --tags tags.csv --split ${split} --methods popularity,tag_overlap --seed 3 --readers 2`);
    expect(code).toBe(0);
    expect(output).toMatch(/^tag overlap +0\.\d{4}/m);
  });

  test('new papers in the one list: a list of cold papers, mixed, with votes held out of all', async () => {
    const words = '--train train.csv --test test.csv --tags tags.csv --cold cold.txt --mixed';
    const { code, output } = await evaluating(words);
    expect(code).toBe(0);
    expect(output).toMatch(/^method .+ map {2}recall@20 of new papers \(\d+\)$/m);
    const recalls = Object.fromEntries([...output.split('\n\n')[0]!.matchAll(/^([a-zA-Z0-9 ]+?) {2}.+ (\d\.\d{4})$/gm)].map(([, name, recall]) => [name, Number(recall)]));
    expect(Object.keys(recalls)).toEqual(expect.arrayContaining(['engine', 'ridge alone', 'popularity', 'hybrid kNN', 'EASE', 'EASE with tags']));
    expect(recalls['popularity']).toBe(0);
    expect(recalls['tag overlap']).toBeGreaterThan(recalls['popularity']);
    // Among cold papers alone, all of them are new.
    const [alone] = await resultsOf(`${words.replace(' --mixed', '')} --methods tag_overlap`);
    expect(alone!.newPapers).toEqual({ readers: alone!.readers, 'recall@20': alone!.averages['recall@20'] });
  });

  test('a page: whole, in place of an older one, and nothing left beside it', async () => {
    await writeFile(at('out.html'), 'older');
    const { code, output } = await evaluating('--train train.csv --test test.csv --tags tags.csv --methods engine,hybrid_kNN --html out.html');
    expect(code).toBe(0);
    expect(output).toContain('no sampled negatives');
    const page = await readFile(at('out.html'), 'utf8');
    expect(page.startsWith('<!doctype html>') && page.endsWith('</html>\n')).toBe(true);
    expect(page.match(/<svg role="img"/g)).toHaveLength(6);
    expect((await readdir(folder)).filter((name) => name.startsWith('out.html'))).toEqual(['out.html']);
  });

  test('--help says how to use it with exit code 0, no option at all with 2', async () => {
    for (const [words, code] of [['--help', 0], ['', 2]] as const) {
      const child = run(['dist/cli/evaluate.js', ...(words === '' ? [] : [words])], {});
      expect(await child.ended()).toBe(code);
      expect(child.output()).toContain('usage: npm run evaluate');
    }
  });
});

describe('what cannot be done is one line, and writes nothing', () => {
  const FILES = '--train train.csv --test test.csv --tags tags.csv';

  test.each<[words: string, code: number, message: RegExp]>([
    [`${FILES} --readers x`, 2, /--readers must be a whole number of at least 1, received x/],
    [`${FILES} --methods engine,magic`, 2, /--methods must name some of engine, .+, received magic/],
    [`${FILES} --methods engine --baseline user_kNN`, 2, /--baseline must be one of the methods \(engine\), received user kNN/],
    ['--train train.csv --tags tags.csv --split newest', 2, /--split must be random, temporal, cold, few, received newest/],
    [`${FILES} --nope`, 2, /--nope/],
    [FILES.replace('train.csv', 'nowhere.csv'), 1, /--train must be a file that can be read, received \S+nowhere\.csv \(ENOENT\)/],
    [FILES.replace('tags.csv', 'folder'), 1, /--tags must be a file that can be read, received \S+folder \(EISDIR\)/],
    [FILES.replace('test.csv', 'broken.dat'), 1, /--test \S+broken\.dat: line 2 must start with the number of its entries \(1\), received 3/],
    ['--train train.dat --tags tags.csv --split temporal', 1, /a temporal split must have a time for each vote/],
    [`${FILES} --html nowhere/out.html`, 1, /--html must be a file in a folder that exists, received \S+nowhere\/out\.html/],
    [`${FILES} --json folder`, 1, /--json must be a file in a folder that exists, received \S+folder/],
  ])('%s', async (words, code, message) => {
    await writeFile(at('kept.html'), 'older');
    const before = await readdir(folder);
    const ending = await evaluating(words.includes('--html') ? words : `${words} --html kept.html`);
    expect(ending.output).toMatch(message);
    expect(ending.output).toMatch(/^daily-papers: .+\n$/);
    expect(ending.code).toBe(code);
    expect(await readdir(folder)).toEqual(before);
    expect(await readFile(at('kept.html'), 'utf8')).toBe('older');
  });
});
