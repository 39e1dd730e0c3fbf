import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { hashOf } from '../../src/users/session.service.js';
import { startBothWays, type BothWays } from '../support/bothWays.js';
import { seedPapers, seedReader, type Reader } from '../support/seed.js';

const FEED = '{ feed(period: WEEK, orderBy: NEWEST) { papers { edges { isNew node { title } } } } }';
const MARK = 'mutation ($until: DateTime) { markFeedSeen(input: { seenUntil: $until }) { seenUntil } }';
const MINUTE = 60_000;

let both: BothWays;
let reader: Reader;
let papers = 0;

beforeAll(async () => {
  both = await startBothWays();
});
afterAll(() => both.stop());
beforeEach(async () => {
  reader = await seedReader(both.interpreted);
});

async function arrive(): Promise<string> {
  const title = `Paper ${(papers += 1)}`;
  await seedPapers(both.interpreted, [{ title, listedOn: '2026-05-05' }]);
  return title;
}

/** What is new to the reader, in both ways of execution, which agree; then notes are written. */
async function newTo(token: string | null = reader.token): Promise<string[]> {
  const { expected, got } = await both.ask({ document: FEED, token });
  for (const outcome of got) expect(outcome.body).toEqual(expected.body);
  await Promise.all([both.interpreted, both.compiled].map(({ services }) => services.visits.settled()));
  return expected.body.data.feed.papers.edges.filter((edge: any) => edge.isNew).map((edge: any) => edge.node.title);
}

interface Visit {
  readonly userId: number;
  readonly lastSeenAt: Date;
  readonly seenUntil: Date | null;
}
const visits = (userId = reader.rowId): Promise<Visit[]> => both.interpreted.database.rows<Visit>(sql`SELECT user_id AS "userId", last_seen_at AS "lastSeenAt", seen_until AS "seenUntil" FROM feed_visits WHERE user_id = ${userId}`);
/** Lets time pass: what the reader did, and what came, is as long ago. */
const pass = (minutes: number): Promise<unknown> => both.interpreted.database.rows(sql`
  WITH a AS (UPDATE feed_visits SET last_seen_at = last_seen_at - make_interval(mins => ${minutes}::int4), seen_until = seen_until - make_interval(mins => ${minutes}::int4) RETURNING 1)
  UPDATE papers SET created_at = created_at - make_interval(mins => ${minutes}::int4)`);

describe('what is new', () => {
  test('is what came since the last visit, all through the next one', async () => {
    await arrive();
    expect(await newTo()).toEqual([]);
    // During a visit: what comes is not new yet, the last visit being none or one before.
    await pass(45);
    const first = await arrive();
    expect(await newTo()).toEqual([first]);
    expect(await newTo()).toEqual([first]);
    await pass(20);
    const second = await arrive();
    const note = (): void => { both.interpreted.services.visits.notice(hashOf(reader.token), new Date(Date.now() + 6 * MINUTE)); };
    note();
    expect(await newTo()).toEqual([second, first]);
    // The visit has ended, and the next one began by this very request.
    await pass(60);
    const third = await arrive();
    expect(await newTo()).toEqual([third]);
    expect(await newTo()).toEqual([third]);
  });

  test('is nothing to an anonymous reader, of whom nothing is written', async () => {
    await arrive();
    const count = async (): Promise<number> => (await both.interpreted.database.rows<{ count: number }>(sql`SELECT count(*)::int4 AS count FROM feed_visits`))[0]!.count;
    const before = await count();
    expect(await newTo(null)).toEqual([]);
    expect(await count()).toBe(before);
  });

  test('is of the reader alone', async () => {
    await newTo();
    await pass(60);
    const title = await arrive();
    expect(await newTo()).toEqual([title]);
    expect(await newTo((await seedReader(both.interpreted)).token)).toEqual([]);
  });
});

describe('a visit', () => {
  test('is written once in five minutes, whatever is asked, and ends half an hour after the last request', async () => {
    const { services: { visits: service }, database } = both.interpreted;
    const written: string[] = [];
    const start = Date.now();
    const at = async (minutes: number): Promise<Visit> => {
      service.notice(hashOf(reader.token), new Date(start + minutes * MINUTE));
      await service.settled();
      return (await visits())[0]!;
    };
    database.onStatement = (text) => { if (text.includes('INSERT INTO feed_visits')) written.push(text); };
    const minutesOf = ({ lastSeenAt, seenUntil }: Visit): unknown[] => [lastSeenAt, seenUntil].map((time) => (time === null ? null : Math.round((time.getTime() - start) / MINUTE)));
    expect(minutesOf(await at(0))).toEqual([0, null]);
    for (let minute = 1; minute < 5; minute += 1) expect(minutesOf(await at(minute))).toEqual([0, null]);
    expect(written).toHaveLength(1);
    expect(minutesOf(await at(6))).toEqual([6, null]);
    expect(minutesOf(await at(36))).toEqual([36, null]);
    expect(minutesOf(await at(72))).toEqual([72, 36]);
    expect(minutesOf(await at(80))).toEqual([80, 36]);
    expect(minutesOf(await at(200))).toEqual([200, 80]);
    expect(written).toHaveLength(6);
    database.onStatement = null;
  });

  test('is one, however many servers and sessions note it at once', async () => {
    const now = Date.now();
    const tokens = [reader.token, (await both.interpreted.services.sessions.open({ id: reader.rowId, username: reader.username, role: 'READER' })).token];
    for (const minutes of [0, 50]) {
      const services = [both.interpreted, both.compiled].map((server) => server.services.visits);
      for (const service of services) for (const token of tokens) service.notice(hashOf(token), new Date(now + minutes * MINUTE));
      await Promise.all(services.map((service) => service.settled()));
    }
    expect(await visits()).toEqual([{ userId: reader.rowId, lastSeenAt: new Date(now + 50 * MINUTE), seenUntil: new Date(now) }]);
  });

  test('of a token that does not hold is none, and a failure is told and tried again', async () => {
    const { services: { visits: service }, database } = both.interpreted;
    service.notice(hashOf('dp_nobody'));
    await service.settled();
    const failures: unknown[] = [];
    const tell = service.onFailure;
    service.onFailure = (error) => { failures.push(error); };
    database.onStatement = () => { throw new Error('no'); };
    service.notice(hashOf(reader.token));
    await service.settled();
    database.onStatement = null;
    expect(failures).toHaveLength(1);
    service.onFailure = tell;
    service.notice(hashOf(reader.token));
    await service.settled();
    expect(await visits()).toHaveLength(1);
  });

  test('goes with the account', async () => {
    await newTo();
    await both.interpreted.database.prisma.user.delete({ where: { id: reader.rowId } });
    expect(await visits()).toEqual([]);
  });
});

describe('markFeedSeen', () => {
  const mark = async (until: string | null = null): Promise<string> => (await both.interpreted.query(MARK, { token: reader.token, variables: { until } })).markFeedSeen.seenUntil;

  test('has nothing be new that is there, and what comes after be new at once', async () => {
    await newTo();
    await pass(60);
    await arrive();
    await newTo();
    await pass(1);
    const seen = await mark();
    expect(Math.abs(Date.parse(seen) - Date.now())).toBeLessThan(10_000);
    expect(await newTo()).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const title = await arrive();
    expect(await newTo()).toEqual([title]);
  });

  test('up to an instant, does not go back, and repeats', async () => {
    const [early, late] = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'];
    expect([await mark(late), await mark(early), await mark(late)]).toEqual([late, late, late]);
    // A visit that has ended was seen to its end, whatever is said.
    await both.interpreted.database.rows(sql`UPDATE feed_visits SET last_seen_at = '2026-03-01T00:00:00Z' WHERE user_id = ${reader.rowId}`);
    expect(await mark(early)).toBe('2026-03-01T00:00:00.000Z');
  });

  test('needs a viewer, and no instant in the future', async () => {
    expect((await both.interpreted.error(MARK)).extensions.code).toBe('UNAUTHENTICATED');
    expect(await both.interpreted.error(MARK, { token: reader.token, variables: { until: '2999-01-01T00:00:00Z' } })).toMatchObject({
      message: expect.stringContaining('seenUntil must not be in the future'), extensions: { code: 'BAD_USER_INPUT', field: 'seenUntil' },
    });
  });
});
