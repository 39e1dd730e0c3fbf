import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { run } from '../support/process.js';
import { isOnServer } from '../support/testDatabase.js';

// The bench is plain JavaScript without types, and runs without its peers as far as it is tested here.
const load = (name: string): Promise<any> => import(`./api/${name}.mjs`);
const serverUrl = process.env['TEST_DATABASE_URL'] ?? '';
const onServer = isOnServer ? test : test.skip;

async function rowsOf(url: string, statement: string): Promise<any[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(statement).finally(() => client.end());
  return rows;
}

// Each counter and the rows that it counts.
const COUNTERS = [
  ['papers', 'upvote_count', 'upvotes', 'paper_id'],
  ['papers', 'named_author_count', 'paper_authors', 'paper_id'],
  ['papers', 'tag_count', 'paper_tags', 'paper_id'],
  ['papers', 'repo_count', 'paper_repos', 'paper_id'],
  ['users', 'upvote_count', 'upvotes', 'user_id'],
  ['authors', 'paper_count', 'paper_authors', 'author_id'],
  ['tags', 'paper_count', 'paper_tags', 'tag_id'],
  ['repos', 'paper_count', 'paper_repos', 'repo_id'],
] as const;

describe('the facts of the bench', () => {
  test('are the same from the same seed, and others from another one', async () => {
    const { makeCommunity } = await load('community');
    const textOf = ({ writer, libraries, weights }: any): unknown => [writer.title(), writer.abstract(), [...libraries.indices], [...weights.slice(0, 50)]];
    const text = textOf(makeCommunity('tiny', 1));
    expect(textOf(makeCommunity('tiny', 1))).toEqual(text);
    expect(textOf(makeCommunity('tiny', 2))).not.toEqual(text);
  });

  test('have titles and abstracts as long as real ones', async () => {
    const { makeWriter } = await load('words');
    const writer = makeWriter(1);
    expect(Math.abs(String(writer.title()).length - 80)).toBeLessThan(20);
    expect(Math.abs(String(writer.abstract()).length - 1200)).toBeLessThan(20);
  });

  onServer('fill the tables with right counters, and all who are asked answer alike', async () => {
    const [{ makeCommunity }, { fillDatabase }, { withDatabase }] = [await load('community'), await load('fill'), await load('../recommender/fill')];
    await withDatabase(serverUrl, async (url: string) => {
      await fillDatabase(url, makeCommunity('tiny', 1), 'tiny');
      for (const [table, counter, links, key] of COUNTERS) {
        const wrong = await rowsOf(url, `SELECT id FROM ${table} t WHERE ${counter} <> (SELECT count(*) FROM ${links} WHERE ${key} = t.id)`);
        expect({ table, counter, wrong }).toEqual({ table, counter, wrong: [] });
      }
      const [facts] = await rowsOf(url, `
        SELECT count(*)::int AS papers, min(named_author_count) AS authors, min(tag_count) AS tags, min(repo_count) AS repos,
          bool_and(trending_score = trending_score(upvote_count, listed_at)) AS "isScored", count(*) = (SELECT count(*) FROM paper_search) AS "isSearchable" FROM papers`);
      expect(facts).toEqual({ papers: 400, authors: 5, tags: 4, repos: 1, isScored: true, isSearchable: true });
      await expectSameAnswers(url);
    });
  });
});

// The peers that are written with this repository's own packages.
async function expectSameAnswers(url: string): Promise<void> {
  const [{ startContestants }, { stopServers }, { checkOperation }] = [await load('starting'), await load('serverProcess'), await load('check')];
  try {
    const { servers } = await startContestants(url, { contestants: ['daily-papers', 'plain-stack'], say: () => undefined });
    for (const operation of ['feed-page', 'feed-page-anonymous', 'paper', 'deep-page', 'search', 'upvote']) {
      expect(await checkOperation(servers, operation, { size: 'tiny', seed: 1 })).toContain('the same content from daily-papers, raw-http, plain-stack');
    }
    const [{ count }] = await rowsOf(url, 'SELECT count(*)::int FROM upvotes WHERE created_at > now() - interval \'1 day\'');
    expect(count).toBeGreaterThan(0);
  } finally {
    await stopServers();
  }
}

describe('the figures of the bench', () => {
  const rounds = (...rates: number[]): object[] => rates.map((perSecond) => ({ perSecond, p50: 1, p99: 2, cpuMs: 1, kilobytes: 14, peakRss: 1e8, failed: 0, firstFailure: null }));

  test('compare round by round', async () => {
    const { ratiosOf } = await load('figures');
    const ratios = ratiosOf({ 'daily-papers': rounds(100, 300, 60), 'raw-http': rounds(200, 300, 30) });
    expect(ratios).toEqual({ 'raw-http': { median: 1, min: 0.5, max: 2 } });
    expect(ratiosOf({ 'raw-http': rounds(1) })).toEqual({});
  });

  test('hold where a limit is kept, and miss where it is not, or where answers failed', async () => {
    const { limitsOf, ratiosOf, summarise } = await load('figures');
    const measured = (samples: any): object => ({ operation: 'feed-page', connections: 20, contestants: summarise(samples), ratios: ratiosOf(samples) });
    const verdicts = (samples: any, options = {}): object[] => limitsOf([measured(samples)], options).map(({ name, holds }: any) => [name, holds]);
    const samples = { 'daily-papers': rounds(500, 500), 'plain-stack': rounds(100, 90), 'raw-http': rounds(900, 1000) };
    expect(verdicts(samples)).toEqual([
      ['feed-page, 20 connections: daily-papers / plain-stack', true],
      ['feed-page, 20 connections: daily-papers / raw-http', false],
    ]);
    const failing = { 'daily-papers': rounds(500), yoga: rounds(100).map((round) => ({ ...round, failed: 3 })) };
    expect(verdicts(failing)).toEqual([['feed-page, 20 connections: failed answers of yoga', false]]);
    const small = [measured({ 'daily-papers': rounds(700) })];
    expect(verdicts({ 'daily-papers': rounds(500) }, { small })).toEqual([[expect.stringContaining('over that of the small size'), true]]);
    expect(verdicts({ 'daily-papers': rounds(400) }, { small })).toEqual([[expect.stringContaining('over that of the small size'), false]]);
  });

  test('of the soak tell a heap that grows from one that is flat', async () => {
    const { isFlat, slopeOf, trendOf } = await load('soakReport');
    expect(slopeOf([[0, 1], [1, 3], [2, 5]])).toBeCloseTo(2, 12);
    const samples = (heapOf: (minute: number) => number): object[] =>
      Array.from({ length: 20 }, (_, turn) => ({ minute: turn / 6, heapUsed: heapOf(turn / 6), external: 1, rss: 1, resources: 1, listeners: 1 }));
    // What the first half does is not held against it.
    expect(isFlat(trendOf(samples((minute) => 1e7 * Math.min(3, 1 + 2 * minute))).heapUsed)).toBe(true);
    expect(isFlat(trendOf(samples((minute) => 3e7 + 1e6 * minute)).heapUsed)).toBe(false);
  });

  test('of a mix come from its shares', async () => {
    const { drawCalls } = await load('operations');
    const calls: any[] = drawCalls('mix', { size: 'tiny', seed: 1, count: 4000 });
    const share = (operation: string): number => calls.filter((call) => call.operation === operation).length / calls.length;
    for (const [operation, part] of [['feed-page', 0.4], ['paper', 0.4], ['recommendations', 0.1], ['search', 0.05], ['upvote', 0.05]] as const) {
      expect(Math.abs(share(operation) - part)).toBeLessThan(0.02);
    }
  });
});

test.each([
  [[], '--database must be the address of a PostgreSQL server'],
  [['--database', 'postgresql://x', '--operations', 'feed-page,none'], '--operations must be one of feed-page, feed-page-anonymous, paper, deep-page, search, recommendations, upvote, mix, received none'],
  [['--database', 'postgresql://x', '--rounds', '0'], '--rounds must be a whole number above 0, received 0'],
])('the bench refuses %j', async (words, message) => {
  const child = run(['test/bench/api/bench.mjs', ...words], {});
  expect({ code: await child.ended(), output: child.output() }).toEqual({ code: 2, output: expect.stringContaining(message) });
});
