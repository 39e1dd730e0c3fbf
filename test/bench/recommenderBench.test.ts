import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../support/process.js';
import { isOnServer } from '../support/testDatabase.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-bench-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function benching(...words: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = run(['test/bench/recommender/bench.mjs', ...words], {});
  return { code: await child.ended(), output: child.output() };
}

const SPREAD = { median: expect.any(Number), min: expect.any(Number), max: expect.any(Number) };

// What it measures is no test's business: machines differ.
describe('the bench of the recommender', () => {
  test('measures all of a small world, and says whether what it measured is right', async () => {
    const onServer = isOnServer ? ['--database', process.env['TEST_DATABASE_URL'] ?? ''] : [];
    const { code, output } = await benching('--size', 'tiny', '--readers', '10', '--rounds', '2', '--json', join(folder, 'out.json'), ...onServer);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('engine / exact EASE') });
    const figures = JSON.parse(await readFile(join(folder, 'out.json'), 'utf8'));
    expect(figures).toMatchObject({
      world: { papers: 1000, readers: 300 },
      latency: {
        readers: 10,
        methods: { engine: { p50: SPREAD, p99: SPREAD, cpu: SPREAD }, 'item kNN': { p50: SPREAD }, 'exact EASE': { p50: SPREAD } },
        ratios: { 'item kNN': { p50: SPREAD, cpu: SPREAD }, 'exact EASE': { p50: SPREAD } },
      },
      votes: { added: { p50: expect.any(Number) }, checks: { isUpvotedLeftOut: true, isAsReloaded: true, isAsBefore: true } },
      memory: { matrixBytes: expect.any(Number) },
      eventLoop: { idle: { max: expect.any(Number) }, oneThread: { max: expect.any(Number) } },
    });
    const { database } = figures;
    expect(database === null).toBe(!isOnServer);
    if (isOnServer) expect(database.starts).toMatchObject([{ threads: 1, isSameMatrix: true }, { threads: 0, isSameMatrix: true }]);
  });

  test.each([
    [['--size', 'huge'], '--size must be one of tiny, small, large, received huge'],
    [['--rounds', '0'], '--rounds must be a whole number above 0, received 0'],
  ])('refuses %j', async (words, message) => {
    expect(await benching(...words)).toEqual({ code: 2, output: expect.stringContaining(message) });
  });
});
