import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPapers, seedReader, seedUpvotes, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const REASONS = 'score summary reasons { __typename kind contribution text }';
const FEED = `query ($date: LocalDate, $period: FeedPeriod! = MONTH, $orderBy: FeedOrder! = FOR_YOU, $first: Int, $after: String, $last: Int, $before: String, $asOf: DateTime) {
  feed(date: $date, period: $period, orderBy: $orderBy, asOf: $asOf) { startsOn papers(first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor isNew upvoteCountThen ${REASONS} node { id upvoteCount viewerHasUpvoted } } } }
}`;
const RECOMMENDED = `query ($asOf: String) { recommendations(first: 100, asOf: $asOf) { edges { ${REASONS} node { id } } } }`;

let server: TestServer;
let readers: Reader[];
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  readers = await Promise.all(Array.from({ length: 6 }, () => seedReader(server)));
  // Half of them in January, half in February.
  papers = await seedPapers(server, Array.from({ length: 30 }, (_, n) => ({
    title: `Paper ${n}`, listedOn: `2026-0${1 + n % 2}-${String(1 + n % 9).padStart(2, '0')}`,
    tags: [{ slug: n % 3 === 0 ? 'vision' : 'audio', weight: 1 }, { slug: `niche-${n % 5}`, weight: 0.8 }],
  })));
  await seedUpvotes(server, papers.flatMap((paper, n) => readers.slice(1).filter((_, r) => (n + r) % 4 < 2 && n < 24).map((reader) => [reader, paper] as const)));
  await server.query(`mutation { dismissPaper(input: { paperId: "${papers[25]!.id}" }) { paper { id } } }`, { token: readers[2]!.token });
});
afterAll(() => server.stop());

const ask = async (reader: Reader | null, variables: Record<string, unknown> = {}): Promise<any> => (await server.query(FEED, { token: reader?.token ?? null, variables: { date: '2026-01-01', first: 100, ...variables } })).feed.papers;
const recommended = async (reader: Reader | null, asOf: string | null = null): Promise<Map<string, any>> => {
  const { recommendations } = await server.query(RECOMMENDED, { token: reader?.token ?? null, variables: { asOf } });
  return new Map(recommendations.edges.map((edge: any) => [edge.node.id, edge]));
};
const january = (): string[] => papers.filter((_, n) => n % 2 === 0).map(({ id }) => id);

describe('a feed for the viewer', () => {
  test('has the scores, the reasons and the order of recommendations, for every reader', async () => {
    for (const reader of [null, ...readers]) {
      const [feed, whole] = [await ask(reader), await recommended(reader)];
      const fresh = feed.edges.filter((edge: any) => !edge.node.viewerHasUpvoted);
      expect(fresh.map(({ node, score, summary, reasons }: any) => ({ node: { id: node.id }, score, summary, reasons }))).toEqual([...whole.values()].filter(({ node }) => january().includes(node.id)).map(({ node, score, summary, reasons }) => ({ node, score, summary, reasons })));
      expect(feed.totalCount).toBe(feed.edges.length);
      const scores = feed.edges.map((edge: any) => edge.score);
      expect(scores).toEqual([...scores].sort((a: number, b: number) => b - a));
    }
  });

  test('has upvoted papers too, by trend alone, and no dismissed ones', async () => {
    const trend = await recommended(null);
    for (const reader of readers) {
      const feed = await ask(reader);
      const upvoted = feed.edges.filter((edge: any) => edge.node.viewerHasUpvoted);
      for (const edge of upvoted) expect(edge).toMatchObject({ score: trend.get(edge.node.id).score, reasons: [{ kind: 'TRENDING' }] });
      expect(feed.nodes.map((node: any) => node.id).sort()).toEqual(january().sort());
    }
    const february = await ask(readers[2]!, { date: '2026-02-01' });
    expect(february.nodes.map((node: any) => node.id).sort()).toEqual(papers.filter((paper, n) => n % 2 === 1 && paper !== papers[25]).map(({ id }) => id).sort());
    expect((await ask(readers[1]!, { date: '2026-02-01' })).totalCount).toBe(15);
  });

  test('goes by trend for who has said nothing, and for an anonymous request', async () => {
    const [anonymous, mine] = [await ask(null), await ask(readers[0]!)];
    expect(mine).toEqual(anonymous);
    expect(mine.edges.every(({ reasons }: any) => reasons.every(({ kind }: any) => kind === 'TRENDING'))).toBe(true);
  });

  test.each([1, 4])('in pages of %i is the same', async (first) => {
    for (const reader of [readers[1]!, null]) {
      const whole = await ask(reader);
      const edges: unknown[] = [];
      for (let after: string | null = null; ; ) {
        const page: any = await ask(reader, { first, after });
        expect([page.totalCount, page.pageInfo.hasPreviousPage]).toEqual([whole.totalCount, after !== null]);
        edges.push(...page.edges);
        after = page.pageInfo.endCursor;
        if (page.pageInfo.hasNextPage !== true) break;
      }
      expect(edges).toEqual(whole.edges);
    }
  });

  test('follows a vote at once, and as of before it is what it was', async () => {
    const reader = readers[0]!;
    const before = await ask(reader);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const asOf = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await server.query(`mutation { upvotePaper(input: { paperId: "${papers[1]!.id}" }) { paper { id } } }`, { token: reader.token });
    const after = await ask(reader);
    expect(after.edges).not.toEqual(before.edges);
    const then = await ask(reader, { asOf });
    const told = (page: any): unknown[] => page.edges.map(({ score, summary, reasons, node: { id } }: any) => ({ score, summary, reasons, id }));
    expect(told(then)).toEqual(told(before));
    const whole = await recommended(reader, asOf);
    for (const edge of then.edges) expect(edge.score).toBe(whole.get(edge.node.id).score);
    await server.query(`mutation { removeUpvote(input: { paperId: "${papers[1]!.id}" }) { paper { id } } }`, { token: reader.token });
    expect(told(await ask(reader))).toEqual(told(before));
  });

  test('is paged forward alone, by its own cursors, and reaches back as far as recommendations do', async () => {
    const error = (variables: Record<string, unknown>): Promise<any> => server.error(FEED, { variables: { date: '2026-01-01', ...variables } });
    expect(await error({ last: 3 })).toMatchObject({ message: 'last must not be given with FOR_YOU, which is paged forward only, received 3', extensions: { code: 'BAD_USER_INPUT', field: 'last' } });
    expect((await error({ before: 'x' })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'before' });
    const plain = await ask(null, { orderBy: 'TRENDING' });
    expect((await error({ after: plain.pageInfo.endCursor })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
    const own = await ask(null);
    expect((await error({ orderBy: 'TRENDING', after: own.pageInfo.endCursor })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
    expect((await error({ asOf: '2999-01-01T00:00:00Z' })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'asOf' });
  });

  test('in other orders says nothing of scores', async () => {
    for (const orderBy of ['TRENDING', 'TOP', 'NEWEST']) {
      const { edges } = await ask(readers[1]!, { orderBy });
      expect(edges).toHaveLength(15);
      for (const edge of edges) expect(edge).toMatchObject({ score: null, reasons: null, summary: null, upvoteCountThen: edge.node.upvoteCount });
    }
  });

  test('costs as many statements for a page of 2 as for one of 15', async () => {
    const statements = async (first: number): Promise<number> => (await server.countStatements(() => ask(readers[1]!, { first }))).statements.length;
    await ask(readers[1]!);
    expect(await statements(15)).toBe(await statements(2));
  });
});
