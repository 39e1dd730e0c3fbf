import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readConfig } from '../../src/config.js';
import { dayIn } from '../../src/feeds/period.js';
import { sql } from '../../src/database/database.js';
import { seedPapers } from '../support/seed.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const DAY = `query ($date: LocalDate) { feed(date: $date) { startsOn isCurrent previous next papers { totalCount nodes { title listedOn } } } }`;

/** Another way to a day than the server's. */
const dayThere = (timeZone: string, instant: string): string => new Date(instant).toLocaleDateString('sv-SE', { timeZone });

async function listAt(server: TestServer, instants: readonly string[]): Promise<void> {
  for (const instant of instants) await server.database.rows(sql`INSERT INTO papers (title, listed_at) VALUES (${instant}, ${instant}::text::timestamptz)`);
}

async function dayOf(server: TestServer, date: string | null): Promise<any> {
  return (await server.query(DAY, { variables: { date } })).feed;
}

describe.each([
  // Clocks go forward on 2026-03-08 at 10:00Z, back on 2026-11-01 at 09:00Z.
  ['America/Los_Angeles', ['2026-03-08T07:59:59.999Z', '2026-03-08T08:00:01Z', '2026-03-09T06:59:59Z', '2026-03-09T07:00:01Z', '2026-11-01T06:59:00Z', '2026-11-01T07:01:00Z', '2026-11-02T07:59:00Z', '2026-11-02T08:00:00Z']],
  // Fourteen hours ahead of UTC and eleven behind it, on either side of the date line.
  ['Pacific/Kiritimati', ['2026-01-01T09:59:59Z', '2026-01-01T10:00:00Z', '2025-12-31T23:30:00Z', '2026-01-31T12:00:00Z']],
  ['Pacific/Pago_Pago', ['2026-01-01T09:59:59Z', '2026-01-01T10:59:59Z', '2026-01-01T11:00:00Z', '2026-02-01T05:00:00Z']],
  // A quarter of an hour off; and a zone that left out a day, 2011-12-30.
  ['Asia/Kathmandu', ['2026-05-01T18:14:59Z', '2026-05-01T18:15:00Z']],
  ['Pacific/Apia', ['2011-12-30T09:59:59Z', '2011-12-30T10:00:00Z']],
])('in %s', (timeZone, instants) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ timeZone });
    await listAt(server, instants);
  });
  afterAll(() => server.stop());

  test('a paper stands in the feed of the day that its listing falls on there, in every order and filter', async () => {
    const days = new Map(instants.map((instant) => [dayThere(timeZone, instant), instants.filter((other) => dayThere(timeZone, other) === dayThere(timeZone, instant))]));
    for (const [day, titles] of days) {
      for (const period of ['DAY', 'WEEK', 'MONTH']) {
        for (const orderBy of ['TRENDING', 'TOP', 'NEWEST', 'FOR_YOU']) {
          const { feed } = await server.query(`{ feed(date: "${day}", period: ${period}, orderBy: ${orderBy}) { startsOn endsOn papers { nodes { title listedOn } } } }`);
          const expected = instants.filter((instant) => feed.startsOn <= dayThere(timeZone, instant) && dayThere(timeZone, instant) <= feed.endsOn);
          expect(feed.papers.nodes.map((node: any) => node.title).sort()).toEqual([...expected].sort());
          expect(feed.papers.nodes.every((node: any) => node.listedOn === dayThere(timeZone, node.title))).toBe(true);
        }
      }
      for (const orderBy of ['TRENDING', 'TOP', 'NEWEST']) {
        const { papers } = await server.query(`{ papers(filter: { listed: { from: "${day}", to: "${day}" } }, orderBy: ${orderBy}) { totalCount nodes { title } } }`);
        expect(papers.nodes.map((node: any) => node.title).sort()).toEqual([...titles].sort());
        expect(papers.totalCount).toBe(titles.length);
      }
    }
    const ordered = [...days.keys()].sort();
    for (const [place, day] of ordered.entries()) {
      expect(await dayOf(server, day)).toMatchObject({ startsOn: day, isCurrent: false, previous: ordered[place - 1] ?? null, next: ordered[place + 1] ?? null });
    }
  });

  test('a paper of which a source says the day alone stands on that very day', async () => {
    await seedPapers(server, [{ title: 'Of a day', listedOn: '2025-06-15' }]);
    expect((await dayOf(server, '2025-06-15')).papers).toEqual({ totalCount: 1, nodes: [{ title: 'Of a day', listedOn: '2025-06-15' }] });
  });

  test('today is the day there, and the latest feed is of no later one', async () => {
    const now = new Date();
    const today = dayThere(timeZone, now.toISOString());
    expect(dayIn(timeZone, now)).toBe(today);
    await listAt(server, [now.toISOString(), new Date(now.getTime() + 3 * 86_400_000).toISOString()]);
    const { startsOn, isCurrent, next } = await dayOf(server, null);
    expect([today, dayThere(timeZone, new Date().toISOString())]).toContain(startsOn);
    expect(isCurrent).toBe(startsOn === dayThere(timeZone, new Date().toISOString()));
    expect(next > startsOn).toBe(true);
  });
});

describe('the zone', () => {
  test('can be changed: papers that come after have days of the new one, those before keep theirs', async () => {
    const server = await startTestServer({ timeZone: 'Pacific/Kiritimati' });
    await listAt(server, ['2026-01-01T12:00:00Z']);
    const other = await startBeside(server, { timeZone: 'Pacific/Pago_Pago' });
    await listAt(other, ['2026-01-01T10:30:00Z']);
    const listed = async (): Promise<unknown> => (await other.query('{ papers(orderBy: NEWEST) { nodes { title listedOn } } }')).papers.nodes;
    const days = [{ title: '2026-01-01T12:00:00Z', listedOn: '2026-01-02' }, { title: '2026-01-01T10:30:00Z', listedOn: '2025-12-31' }];
    expect(await listed()).toEqual(days);
    // Neither votes nor edits move a paper, nor does a write of the day by hand; another time of listing does.
    await server.database.rows(sql`UPDATE papers SET upvote_count = upvote_count, title = title, listed_at = listed_at, listed_on = '2020-01-01'`);
    expect(await listed()).toEqual(days);
    await server.database.rows(sql`UPDATE papers SET listed_at = '2026-01-01T13:00:00Z'`);
    expect(await listed()).toEqual([{ ...days[1], listedOn: '2026-01-01' }, { ...days[0], listedOn: '2026-01-01' }].sort((a, b) => Number(a.title!.includes('12:00')) - Number(b.title!.includes('12:00'))));
    await other.stop();
    await server.stop();
  });

  test.each(['Mars/Olympus', '+05:30', '-08:00', 'utc+1', ' '])('%p stops the start', (zone) => {
    expect(() => readConfig({ TIME_ZONE: zone })).toThrow(/TIME_ZONE: must be an IANA time zone/);
  });

  test.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires'])('%p is one', (zone) => {
    expect(readConfig({ TIME_ZONE: zone }).timeZone).toBe(zone);
  });

  test('is UTC unless it is set', () => {
    expect(readConfig({}).timeZone).toBe('UTC');
  });
});
