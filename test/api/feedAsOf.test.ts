import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { chance } from '../support/random.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const FEED = `query ($date: LocalDate, $period: FeedPeriod!, $orderBy: FeedOrder!, $asOf: DateTime, $first: Int, $after: String, $last: Int, $before: String) {
  feed(date: $date, period: $period, orderBy: $orderBy, asOf: $asOf) { startsOn endsOn isCurrent previous next papers(first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage endCursor startCursor } edges { upvoteCountThen node { id } } } }
}`;

/** What is known of a paper at an instant, by the test's own record. */
interface Standing {
  readonly paper: SeededPaper;
  readonly listedAt: number;
  readonly upvotes: number;
}

let server: TestServer;
let readers: Reader[];
let papers: SeededPaper[];
const listedOn = (n: number): string => `2026-03-${String(2 + n % 12).padStart(2, '0')}`;
/** Instants with the votes that stood then, as `reader paper`. */
const moments: { readonly asOf: string; readonly votes: ReadonlySet<string> }[] = [];

const pause = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 4));

beforeAll(async () => {
  server = await startTestServer();
  readers = await Promise.all(Array.from({ length: 5 }, () => seedReader(server)));
  papers = await seedPapers(server, Array.from({ length: 14 }, (_, n) => ({ title: `Paper ${n}`, listedOn: listedOn(n) })));
  const random = chance(7);
  const votes = new Set<string>();
  for (let step = 0; step < 240; step += 1) {
    const [reader, n] = [random.below(readers.length), random.below(papers.length)];
    const vote = `${reader} ${n}`;
    if (votes.delete(vote)) await server.services.upvotes.remove(readers[reader]!.rowId, papers[n]!.rowId);
    else {
      votes.add(vote);
      await server.services.upvotes.add(readers[reader]!.rowId, papers[n]!.rowId);
    }
    if (step % 12 !== 0) continue;
    await pause();
    moments.push({ asOf: new Date().toISOString(), votes: new Set(votes) });
    await pause();
  }
}, 60_000);
afterAll(() => server.stop());

async function ask(variables: Record<string, unknown>, date = '2026-03-02'): Promise<any> {
  return (await server.query(FEED, { variables: { date, period: 'MONTH', orderBy: 'TOP', first: 100, ...variables } })).feed;
}

/** The papers that were listed from one day to another, in an order, counted anew. */
function standings(votes: ReadonlySet<string>, orderBy: string, { startsOn, endsOn }: { startsOn: string; endsOn: string }): Standing[] {
  const all = papers.map((paper, n): Standing => ({ paper, listedAt: Date.parse(`${listedOn(n)}T00:00:00Z`), upvotes: [...votes].filter((vote) => vote.endsWith(` ${n}`)).length }));
  const keyOf: Record<string, (one: Standing) => number> = {
    TOP: ({ upvotes }) => upvotes,
    NEWEST: ({ listedAt }) => listedAt,
    TRENDING: ({ upvotes, listedAt }) => Math.log10(1 + upvotes) + (listedAt - Date.parse('2020-01-01T00:00:00Z')) / (3 * 86_400_000),
  };
  const key = keyOf[orderBy]!;
  return all
    .filter((_, n) => startsOn <= listedOn(n) && listedOn(n) <= endsOn)
    .sort((one, other) => (Math.abs(key(other) - key(one)) > 1e-9 ? key(other) - key(one) : other.paper.rowId - one.paper.rowId));
}

const told = (edges: readonly any[]): unknown[] => edges.map(({ node, upvoteCountThen }) => [node.id, upvoteCountThen]);
const expected = (list: readonly Standing[]): unknown[] => list.map(({ paper, upvotes }) => [paper.id, upvotes]);

describe('a feed as of an instant', () => {
  test.each(['TOP', 'TRENDING', 'NEWEST'])('by %s has the votes of then and their order, for days, weeks and months', async (orderBy) => {
    for (const { asOf, votes } of moments) {
      for (const period of ['DAY', 'WEEK', 'MONTH']) {
        const feed = await ask({ asOf, period, orderBy });
        expect(told(feed.papers.edges)).toEqual(expected(standings(votes, orderBy, feed)));
        expect(feed.papers.totalCount).toBe(feed.papers.edges.length);
      }
    }
  }, 60_000);

  test.each(['TOP', 'TRENDING'])('by %s is the same page by page, from either end', async (orderBy) => {
    const { asOf, votes } = moments[9]!;
    const [forward, backward]: any[][] = [[], []];
    for (let after: string | null = null; ; ) {
      const { edges, pageInfo }: any = (await ask({ asOf, orderBy, first: 3, after })).papers;
      forward!.push(...edges);
      if (pageInfo.hasNextPage !== true) break;
      after = pageInfo.endCursor;
    }
    for (let before: string | null = null; backward!.length < papers.length; ) {
      const { edges, pageInfo }: any = (await ask({ asOf, orderBy, first: null, last: 5, before })).papers;
      backward!.unshift(...edges);
      before = pageInfo.startCursor;
    }
    const whole = expected(standings(votes, orderBy, { startsOn: '2026-03-01', endsOn: '2026-03-31' }));
    expect([told(forward!), told(backward!)]).toEqual([whole, whole]);
    const cursor = (await ask({ asOf, orderBy, first: 1 })).papers.pageInfo.endCursor;
    const other = await server.error(FEED, { variables: { date: '2026-03-02', period: 'MONTH', orderBy, asOf: moments[3]!.asOf, after: cursor } });
    expect(other.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
  });

  test('now is the feed of now', async () => {
    for (const orderBy of ['TOP', 'TRENDING', 'NEWEST']) {
      const [then, now] = [await ask({ asOf: new Date().toISOString(), orderBy }), await ask({ orderBy })];
      expect(told(then.papers.edges)).toEqual(told(now.papers.edges));
    }
  });

  test('has what was listed by then, its neighbours too, and its own today', async () => {
    const feed = async (asOf: string, variables: Record<string, unknown> = {}, date: string | null = null): Promise<any> =>
      (await server.query(FEED, { variables: { date, period: 'DAY', orderBy: 'NEWEST', asOf, ...variables } })).feed;
    expect(await feed('2026-03-05T15:00:00Z')).toMatchObject({ startsOn: '2026-03-05', isCurrent: true, previous: '2026-03-04', next: null, papers: { totalCount: 1 } });
    expect(await feed('2026-03-05T15:00:00Z', {}, '2026-03-04')).toMatchObject({ startsOn: '2026-03-04', isCurrent: false, previous: '2026-03-03', next: '2026-03-05' });
    expect(await feed('2026-03-04T23:59:59Z', { period: 'WEEK' })).toMatchObject({ startsOn: '2026-03-02', isCurrent: true, previous: null, next: null, papers: { totalCount: 5 } });
    expect(await feed('2026-01-01T00:00:00Z')).toMatchObject({ startsOn: '2026-01-01', isCurrent: true, previous: null, next: null, papers: { totalCount: 0, edges: [] } });
  });

  test('goes by when a vote was given, also of those that an import brought', async () => {
    const reader = await seedReader(server);
    const paper = papers[0]!;
    const thenIn = async (asOf: string): Promise<number> => (await ask({ asOf, period: 'DAY' })).papers.edges.find(({ node }: any) => node.id === paper.id).upvoteCountThen;
    await server.database.rows(sql`INSERT INTO upvotes (user_id, paper_id, created_at) VALUES (${reader.rowId}, ${paper.rowId}, '2026-03-04T12:00:00Z')`);
    expect([await thenIn('2026-03-04T11:59:59Z'), await thenIn('2026-03-04T12:00:00Z')]).toEqual([0, 1]);
    await server.services.upvotes.remove(reader.rowId, paper.rowId);
    expect([await thenIn('2026-03-04T11:59:59Z'), await thenIn('2026-03-04T12:00:00Z')]).toEqual([0, 1]);
    // Past HISTORY_DAYS the log forgets, and so does the feed.
    await server.database.rows(sql`UPDATE changes SET recorded_at = now() - interval '40 days' WHERE user_id = ${reader.rowId}`);
    await server.services.changeLog.prune(30);
    expect(await thenIn('2026-03-04T12:00:00Z')).toBe(0);
  });

  test('counts nothing of a deleted account', async () => {
    const { asOf, votes } = moments[5]!;
    const token = (await server.query('mutation { signUp(input: { username: "goes-away", password: "a long password" }) { token } }')).signUp.token;
    const instant = new Date().toISOString();
    await server.query(`mutation { upvotePaper(input: { paperId: "${papers[3]!.id}" }) { paper { id } } }`, { token });
    await pause();
    const during = new Date().toISOString();
    await pause();
    const thenIn = async (at: string): Promise<number> => (await ask({ asOf: at })).papers.edges.find(({ node }: any) => node.id === papers[3]!.id).upvoteCountThen;
    expect(await thenIn(during)).toBe((await thenIn(instant)) + 1);
    await server.query('mutation { deleteAccount(input: { password: "a long password" }) { __typename } }', { token });
    expect(await thenIn(during)).toBe(await thenIn(instant));
    expect(told((await ask({ asOf })).papers.edges)).toEqual(expected(standings(votes, 'TOP', { startsOn: '2026-03-01', endsOn: '2026-03-31' })));
    expect(await server.database.rows(sql`SELECT id::text FROM changes WHERE since IS NOT NULL AND user_id NOT IN (SELECT id FROM users)`)).toEqual([]);
  });

  test('is not to be had of the future', async () => {
    const asOf = new Date(Date.now() + 60_000).toISOString();
    expect(await server.error('query ($asOf: DateTime) { feed(asOf: $asOf) { startsOn } }', { variables: { asOf } })).toMatchObject({
      message: expect.stringMatching(/^asOf must not be in the future, received /), extensions: { code: 'BAD_USER_INPUT', field: 'asOf' },
    });
  });
});
