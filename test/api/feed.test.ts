import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPapers, seedReader, seedUpvotes, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const FEED = `query ($date: LocalDate, $period: FeedPeriod! = DAY, $orderBy: FeedOrder! = TRENDING, $first: Int, $after: String) {
  feed(date: $date, period: $period, orderBy: $orderBy) {
    period startsOn endsOn previous next
    papers(first: $first, after: $after) { totalCount nodes { title } pageInfo { hasNextPage endCursor } }
  }
}`;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function feed(variables: Record<string, unknown> = {}): Promise<any> {
  return (await server.query(FEED, { variables })).feed;
}

describe('on an empty database, the feed', () => {
  test('is that of today, without papers or neighbours', async () => {
    const today = (): string => new Date().toISOString().slice(0, 10);
    const before = today();
    const empty = await feed();
    expect([before, today()]).toContain(empty.startsOn);
    expect(empty).toMatchObject({ endsOn: empty.startsOn, previous: null, next: null, papers: { totalCount: 0, nodes: [] } });
    expect(await feed({ date: '2026-01-01', period: 'MONTH' })).toMatchObject({ startsOn: '2026-01-01', endsOn: '2026-01-31', previous: null, next: null });
  });
});

describe('with papers, the feed', () => {
  let day: SeededPaper[];
  beforeAll(async () => {
    await seedPapers(server, ['2024-02-28', '2024-02-29', '2024-12-29', '2024-12-30', '2025-01-05', '2025-01-06', '2025-12-31'].map((listedOn) => ({ title: `Of ${listedOn}`, listedOn })));
    day = await seedPapers(server, ['One', 'Two', 'Three', 'Four', 'Five'].map((title) => ({ title, listedOn: '2026-03-10' })));
    const readers = [await seedReader(server), await seedReader(server)];
    await seedUpvotes(server, [[readers[0]!, day[1]!], [readers[1]!, day[1]!], [readers[0]!, day[3]!]]);
    // The first and the last instant of the day belong to it.
    const instants = ['2026-03-10T00:00:00.000Z', '2026-03-10T08:00:00Z', '2026-03-10T23:59:59.999Z'];
    for (const [index, listedAt] of instants.entries()) await server.database.prisma.paper.update({ where: { id: day[index]!.rowId }, data: { listedAt: new Date(listedAt) } });
  });
  const titlesOf = (answer: any): string[] => answer.papers.nodes.map((node: any) => node.title);

  interface Period {
    readonly spans: readonly [startsOn: string, endsOn: string];
    readonly between: readonly [previous: string | null, next: string | null];
    readonly titles: readonly string[];
  }
  test.each<[string, string, Period]>([
    ['DAY', '2024-02-29', { spans: ['2024-02-29', '2024-02-29'], between: ['2024-02-28', '2024-12-29'], titles: ['Of 2024-02-29'] }],
    ['DAY', '2024-03-01', { spans: ['2024-03-01', '2024-03-01'], between: ['2024-02-29', '2024-12-29'], titles: [] }],
    ['DAY', '2024-02-28', { spans: ['2024-02-28', '2024-02-28'], between: [null, '2024-02-29'], titles: ['Of 2024-02-28'] }],
    // 2025-W01 begins on Monday 30 December 2024.
    ['WEEK', '2025-01-01', { spans: ['2024-12-30', '2025-01-05'], between: ['2024-12-23', '2025-01-06'], titles: ['Of 2024-12-30', 'Of 2025-01-05'] }],
    ['WEEK', '2024-12-30', { spans: ['2024-12-30', '2025-01-05'], between: ['2024-12-23', '2025-01-06'], titles: ['Of 2024-12-30', 'Of 2025-01-05'] }],
    ['WEEK', '2025-01-05', { spans: ['2024-12-30', '2025-01-05'], between: ['2024-12-23', '2025-01-06'], titles: ['Of 2024-12-30', 'Of 2025-01-05'] }],
    ['WEEK', '2024-12-29', { spans: ['2024-12-23', '2024-12-29'], between: ['2024-02-26', '2024-12-30'], titles: ['Of 2024-12-29'] }],
    ['WEEK', '2026-01-01', { spans: ['2025-12-29', '2026-01-04'], between: ['2025-01-06', '2026-03-09'], titles: ['Of 2025-12-31'] }],
    ['MONTH', '2024-02-01', { spans: ['2024-02-01', '2024-02-29'], between: [null, '2024-12-01'], titles: ['Of 2024-02-28', 'Of 2024-02-29'] }],
    ['MONTH', '2024-12-31', { spans: ['2024-12-01', '2024-12-31'], between: ['2024-02-01', '2025-01-01'], titles: ['Of 2024-12-29', 'Of 2024-12-30'] }],
    ['MONTH', '2025-02-11', { spans: ['2025-02-01', '2025-02-28'], between: ['2025-01-01', '2025-12-01'], titles: [] }],
    ['MONTH', '2026-04-30', { spans: ['2026-04-01', '2026-04-30'], between: ['2026-03-01', null], titles: [] }],
  ])('of the %s of %s has its bounds, its neighbours and its papers', async (period, date, { spans: [startsOn, endsOn], between: [previous, next], titles }) => {
    const found = await feed({ period, date });
    expect(found).toMatchObject({ period, startsOn, endsOn, previous, next, papers: { totalCount: titles.length } });
    expect(titlesOf(found).sort()).toEqual([...titles].sort());
  });

  test.each([['DAY', '2026-03-10'], ['WEEK', '2026-03-09'], ['MONTH', '2026-03-01']])('of the latest %s is given when no date is', async (period, startsOn) => {
    expect(await feed({ period })).toMatchObject({ period, startsOn, next: null, papers: { totalCount: 5 } });
  });

  test('is walked through by previous and next, from end to end', async () => {
    const walk = async (direction: 'previous' | 'next', from: string): Promise<string[]> => {
      const days = [from];
      for (let at = (await feed({ date: from }))[direction]; at !== null; at = (await feed({ date: at }))[direction]) days.push(at);
      return days;
    };
    const back = await walk('previous', '2026-03-10');
    expect(back).toEqual(['2026-03-10', '2025-12-31', '2025-01-06', '2025-01-05', '2024-12-30', '2024-12-29', '2024-02-29', '2024-02-28']);
    expect(await walk('next', '2024-02-28')).toEqual([...back].reverse());
  });

  test.each([
    ['NEWEST', ['Three', 'Two', 'Five', 'Four', 'One']],
    ['TOP', ['Two', 'Four', 'Five', 'Three', 'One']],
    // Two: log10(3) and 8 hours; Three: almost a whole day, a third of a point; Four: log10(2).
    ['TRENDING', ['Two', 'Three', 'Four', 'Five', 'One']],
  ])('by %s is ordered, and paged in that order', async (orderBy, titles) => {
    expect(titlesOf(await feed({ date: '2026-03-10', orderBy }))).toEqual(titles);
    const paged: string[] = [];
    let after: string | null = null;
    do {
      const page: any = await feed({ date: '2026-03-10', orderBy, first: 2, after });
      expect(page.papers.totalCount).toBe(5);
      paged.push(...titlesOf(page));
      after = page.papers.pageInfo.hasNextPage === true ? page.papers.pageInfo.endCursor : null;
    } while (after !== null);
    expect(paged).toEqual(titles);
  });

  test('is by trend unless told otherwise, and checks its arguments', async () => {
    expect(titlesOf(await feed())).toEqual(['Two', 'Three', 'Four', 'Five', 'One']);
    expect(await server.error('{ feed { papers(first: 101) { nodes { id } } } }')).toMatchObject({ message: 'first must be between 1 and 100, received 101', path: ['feed', 'papers'] });
    for (const date of ['2026-02-30', '2026-1-1', 'yesterday', '']) {
      expect(await server.error(FEED, { variables: { date } })).toMatchObject({ message: expect.stringContaining('LocalDate'), extensions: { code: 'BAD_USER_INPUT' } });
    }
  });

  // Years that a calendar has and a feed has not: the right period or BAD_USER_INPUT, and nothing else.
  test.each([['DAY', '0000-01-01'], ['WEEK', '0000-01-01'], ['WEEK', '0001-01-03'], ['MONTH', '0050-05-05'], ['WEEK', '9999-12-31'], ['MONTH', '9999-12-31']])('of the %s of %s holds that day or is refused', async (period, date) => {
    const { data, errors } = await server.send(FEED, { variables: { period, date } });
    expect(errors.filter((error) => error.extensions.code !== 'BAD_USER_INPUT')).toEqual([]);
    if (errors.length > 0) return;
    expect(data.feed.startsOn <= date && date <= data.feed.endsOn).toBe(true);
  });
});
