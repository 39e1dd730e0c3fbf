import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../support/process.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-bench-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function benching(...words: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = run(['test/bench/start/bench.mjs', ...words], {});
  return { code: await child.ended(), output: child.output() };
}

const SPREAD = { median: expect.any(Number), min: expect.any(Number), max: expect.any(Number) };
const START = { listening: SPREAD, answer: SPREAD, ready: SPREAD, processor: SPREAD };

// What it measures is no test's business: machines differ.
describe('the bench of the start', () => {
  test('fills a folder, starts from it, and tells both databases apart during a slow statement', async () => {
    const words = ['--folder', join(folder, 'filled'), '--papers', '50', '--rounds', '1', '--json', join(folder, 'out.json')];
    const { code, output } = await benching(...words);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('PGlite alone opens the folder in') });
    const { contents, opening, starts, ours, slow, limits } = JSON.parse(await readFile(join(folder, 'out.json'), 'utf8'));
    expect(contents).toMatchObject({ papers: 50, readers: 300, votes: expect.any(Number) });
    expect({ opening, starts, ours }).toMatchObject({ opening: { boot: SPREAD, opened: SPREAD }, starts: { server: START, 'npm start': START }, ours: SPREAD });
    for (const where of ['thread', 'serving thread']) expect(slow[where]).toMatchObject({ statement: expect.any(Number), delay: { max: expect.any(Number) }, health: expect.any(Number) });
    expect(limits.length).toBeGreaterThan(3);
    expect(await readdir(join(folder, 'filled'))).toContain('pgdata');
  });

  test.each([
    [['--papers', '0'], '--papers must be a whole number above 0, received 0'],
    [['--rounds', 'many'], '--rounds must be a whole number above 0, received many'],
  ])('refuses %j', async (words, message) => {
    expect(await benching(...words)).toEqual({ code: 2, output: expect.stringContaining(message) });
  });
});
