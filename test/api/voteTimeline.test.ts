import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { seedPapers, seedReader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const TIMELINE = 'query ($id: ID!, $interval: VoteInterval!, $from: DateTime, $to: DateTime) { paper(id: $id) { voteTimeline(interval: $interval, from: $from, to: $to) { startsAt count cumulative } } }';
const VOTES = ['2026-01-01T00:00:00.000Z', '2026-01-01T23:59:59.999Z', '2026-01-03T12:30:00Z', '2026-01-03T12:59:00Z', '2026-01-11T10:00:00Z'];

let server: TestServer;
let voted: SeededPaper;
let unvoted: SeededPaper;
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  papers = await seedPapers(server, Array.from({ length: 20 }, (_, n) => ({ title: `Timed ${n}`, listedOn: '2026-01-01' })));
  [voted, unvoted] = papers as [SeededPaper, SeededPaper];
  for (const at of VOTES) await voteAt(voted, at);
});
afterAll(() => server.stop());

async function voteAt({ rowId }: SeededPaper, at: string): Promise<void> {
  const reader = await seedReader(server);
  await server.database.rows(sql`INSERT INTO upvotes (user_id, paper_id, created_at) VALUES (${reader.rowId}, ${rowId}, ${at}::text::timestamptz)`);
}

/** `starts count/cumulative` of each bucket. */
async function timelineOf({ id }: SeededPaper, interval: string, range: { from?: string; to?: string } = {}): Promise<string[]> {
  const { paper } = await server.query(TIMELINE, { variables: { id, interval, ...range } });
  return paper.voteTimeline.map(({ startsAt, count, cumulative }: any) => `${startsAt.slice(0, 13)} ${count}/${cumulative}`);
}

test('days go from the first vote to the last, without gaps', async () => {
  const days = await timelineOf(voted, 'DAY');
  expect(days).toHaveLength(11);
  expect([...days.slice(0, 4), days.at(-1)]).toEqual(['2026-01-01T00 2/2', '2026-01-02T00 0/2', '2026-01-03T00 2/4', '2026-01-04T00 0/4', '2026-01-11T00 1/5']);
});

test('weeks begin on Mondays, and hours are hours', async () => {
  expect(await timelineOf(voted, 'WEEK')).toEqual(['2025-12-29T00 4/4', '2026-01-05T00 1/5']);
  const hours = await timelineOf(voted, 'HOUR', { to: '2026-01-03T12:00:00Z' });
  expect([hours.length, hours[0], hours[23], hours.at(-1)]).toEqual([61, '2026-01-01T00 1/1', '2026-01-01T23 1/2', '2026-01-03T12 2/4']);
});

test('a range is whole: what came before it is in the sum, and nothing behind it', async () => {
  expect(await timelineOf(voted, 'DAY', { from: '2026-01-02T17:00:00Z', to: '2026-01-04T00:00:00Z' })).toEqual(['2026-01-02T00 0/2', '2026-01-03T00 2/4', '2026-01-04T00 0/4']);
  expect(await timelineOf(voted, 'WEEK', { from: '2026-01-11T23:00:00+00:00' })).toEqual(['2026-01-05T00 1/5']);
  expect(await timelineOf(voted, 'DAY', { from: '2025-12-31T23:59:59Z', to: '2026-01-01T00:00:00Z' })).toEqual(['2025-12-31T00 0/0', '2026-01-01T00 2/2']);
  expect(await timelineOf(voted, 'DAY', { from: '2026-02-01T00:00:00Z' })).toEqual([]);
  expect(await timelineOf(voted, 'DAY', { to: '2025-02-01T00:00:00Z' })).toEqual([]);
});

test('of more than 400 buckets, the latest are given; more cannot be asked for', async () => {
  const [, , old] = papers as [SeededPaper, SeededPaper, SeededPaper];
  for (const at of ['2020-01-01T00:00:00Z', '2021-06-01T00:00:00Z', '2026-01-01T05:30:00Z']) await voteAt(old, at);
  const hours = await timelineOf(old, 'HOUR');
  expect([hours.length, hours[0], hours.at(-1)]).toEqual([400, '2025-12-15T14 0/2', '2026-01-01T05 1/3']);
  expect((await timelineOf(old, 'HOUR', { from: '2019-01-01T00:00:00Z' })).length).toBe(400);
  const error = (range: object) => server.error(TIMELINE, { variables: { id: old.id, interval: 'DAY', ...range } });
  expect(await error({ from: '2024-11-26T23:00:00Z', to: '2026-01-01T00:00:00Z' })).toMatchObject({ message: 'from must be at most 400 intervals before to, received "2024-11-26T23:00:00.000Z"', extensions: { code: 'BAD_USER_INPUT', field: 'from' } });
  expect((await timelineOf(old, 'DAY', { from: '2024-11-28T00:00:00Z', to: '2026-01-01T00:00:00Z' })).length).toBe(400);
  expect((await error({ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'from' });
  expect((await error({ to: '9999-01-01T00:00:00Z' })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'to' });
});

test('a paper without votes has none, unless both ends are given', async () => {
  expect(await timelineOf(unvoted, 'DAY')).toEqual([]);
  expect(await timelineOf(unvoted, 'DAY', { to: '2026-01-01T00:00:00Z' })).toEqual([]);
  expect(await timelineOf(unvoted, 'DAY', { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' })).toEqual(['2026-01-01T00 0/0', '2026-01-02T00 0/0']);
});

test('a page of them costs one statement a range', async () => {
  const document = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Paper { voteTimeline { count } hours: voteTimeline(interval: HOUR) { count } } } }';
  const { result, statements } = await server.countStatements(() => server.query(document, { variables: { ids: papers.map(({ id }) => id) } }));
  expect([statements.length, result.nodes[0].voteTimeline.length]).toEqual([3, 11]);
});
