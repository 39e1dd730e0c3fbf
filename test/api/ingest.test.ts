import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { FakeRunner, until } from '../support/fakeRunner.js';
import { seedReader, type Reader } from '../support/seed.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const RUN = 'mutation ($input: RunIngestInput!) { runIngest(input: $input) { isNew run { id source state trigger options { name value } requestedBy { username } } } }';
const STOP = 'mutation ($id: ID!) { stopIngest(input: { runId: $id }) { run { id state finishedAt } } }';
const idOf = (rowId: number): string => toGlobalId('IngestRun', rowId);

let made: TestDatabase;
let runner: FakeRunner;
let server: TestServer;
let admin: Reader;

beforeAll(async () => {
  made = await createTestDatabase();
  runner = new FakeRunner(made.database);
  const sources = new Map([['pond', { schedule: '30 4 * * *', options: ['--limit', '7'], url: 'http://127.0.0.1:9/mirror', token: 'secret' }]]);
  server = await startTestServer({ ingest: { sources, contact: null } }, made, runner);
  admin = await seedReader(server, 'ADMIN');
});
afterAll(() => server.stop());
beforeEach(async () => {
  runner.batchMs = 1;
  await until(() => runner.active.size === 0, 'nothing runs');
  await server.database.prisma.ingestRun.deleteMany();
});

interface Row {
  readonly source?: string;
  readonly state?: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'STOPPED';
  readonly day?: number;
}

/** A run of a day of March 2026 that took ten seconds; one under way is heard of until 2099. */
async function seedRun({ source = 'pond', state = 'SUCCEEDED', day = 1 }: Row = {}): Promise<number> {
  const [row] = await server.database.rows<{ id: number }>(sql`
    INSERT INTO ingest_runs (source, options, trigger, state, created_at, started_at, active_at, finished_at, done, total, error, requested_by_id)
    SELECT ${source}, '{"search":"cat:cs.LG","limit":5,"deep":true}', 'ADMIN', ${state}::text::ingest_state, d, d, CASE WHEN ${state} = 'RUNNING' THEN '2099-01-01'::timestamptz ELSE d END,
      CASE WHEN ${state} IN ('SUCCEEDED', 'FAILED', 'STOPPED') THEN d + interval '10 s' END, 50, 200, CASE WHEN ${state} = 'FAILED' THEN 'it broke' END, ${admin.rowId}::int4
    FROM (SELECT make_timestamptz(2026, 3, ${day}::int4, 12, 0, 0, 'UTC') AS d) x RETURNING id`);
  return row!.id;
}

async function seedRejects(runId: number, count: number): Promise<void> {
  await server.database.rows(sql`
    INSERT INTO ingest_rejects (run_id, place, title, field, rule, received, is_whole)
    SELECT ${runId}, 'line ' || n, CASE WHEN n > 1 THEN 'Title ' || n END, 'publishedOn', 'must be a day', '"x"', n % 2 = 0 FROM generate_series(1, ${count}::int4) n ORDER BY n`);
}

const ask = (input: object): Promise<any> => server.query(RUN, { token: admin.token, variables: { input } });
const asAdmin = (document: string, variables = {}): Promise<any> => server.query(document, { token: admin.token, variables });

describe('who may', () => {
  const FIELDS = [
    '{ ingestRuns { totalCount } }',
    `{ ingestRun(id: "${idOf(1)}") { id } }`,
    '{ ingestSources { name } }',
    'mutation { runIngest(input: { source: "pond" }) { isNew } }',
    `mutation { stopIngest(input: { runId: "${idOf(1)}" }) { run { id } } }`,
  ];
  test.each(FIELDS)('admins alone: %s', async (document) => {
    expect((await server.error(document)).extensions.code).toBe('UNAUTHENTICATED');
    for (const role of ['READER', 'CURATOR'] as const) {
      const { token } = await seedReader(server, role);
      expect(await server.error(document, { token })).toMatchObject({ message: `this needs the role ADMIN, the viewer has ${role}`, extensions: { code: 'FORBIDDEN' } });
    }
    expect(await server.database.prisma.ingestRun.count()).toBe(0);
  });

  test('find a run by its id: admins; others are told of none', async () => {
    const id = idOf(await seedRun());
    const document = `{ node(id: "${id}") { __typename id ... on IngestRun { source rejects { totalCount } } } nodes(ids: ["${id}"]) { id } }`;
    expect(await asAdmin(document)).toEqual({ node: { __typename: 'IngestRun', id, source: 'pond', rejects: { totalCount: 0 } }, nodes: [{ id }] });
    for (const token of [null, (await seedReader(server, 'CURATOR')).token]) expect(await server.query(document, { token })).toEqual({ node: null, nodes: [null] });
  });
});

describe('a run', () => {
  const FIELDS = `id source state trigger error createdAt startedAt finishedAt addedCount changedCount unchangedCount rejectedCount
    options { name value } requestedBy { username } progress { done total ratePerSecond secondsLeft }`;

  test('says what was asked, by whom, and how it went', async () => {
    const id = await seedRun();
    await server.database.rows(sql`UPDATE ingest_runs SET added_count = 1, changed_count = 2, unchanged_count = 3, rejected_count = 4`);
    expect((await asAdmin(`{ ingestRun(id: "${idOf(id)}") { ${FIELDS} } }`)).ingestRun).toEqual({
      id: idOf(id), source: 'pond', state: 'SUCCEEDED', trigger: 'ADMIN', error: null,
      createdAt: '2026-03-01T12:00:00.000Z', startedAt: '2026-03-01T12:00:00.000Z', finishedAt: '2026-03-01T12:00:10.000Z',
      addedCount: 1, changedCount: 2, unchangedCount: 3, rejectedCount: 4,
      options: expect.arrayContaining([{ name: 'search', value: 'cat:cs.LG' }, { name: 'limit', value: '5' }, { name: 'deep', value: 'true' }]),
      requestedBy: { username: admin.username },
      progress: { done: 50, total: 200, ratePerSecond: 5, secondsLeft: null },
    });
  });

  test('under way says how long it will take', async () => {
    const id = await seedRun({ state: 'RUNNING' });
    const progress = async (): Promise<any> => (await asAdmin(`{ ingestRun(id: "${idOf(id)}") { progress { done ratePerSecond secondsLeft } } }`)).ingestRun.progress;
    await server.database.rows(sql`UPDATE ingest_runs SET started_at = active_at - interval '100 s'`);
    expect(await progress()).toEqual({ done: 50, ratePerSecond: 0.5, secondsLeft: 300 });
    await server.database.rows(sql`UPDATE ingest_runs SET total = NULL`);
    expect(await progress()).toEqual({ done: 50, ratePerSecond: 0.5, secondsLeft: null });
    await server.database.rows(sql`UPDATE ingest_runs SET total = 200, done = 0`);
    expect(await progress()).toEqual({ done: 0, ratePerSecond: null, secondsLeft: null });
  });

  test('that is not there is null, and an id of something else an error', async () => {
    expect(await asAdmin(`{ ingestRun(id: "${idOf(2_000_000_000)}") { id } }`)).toEqual({ ingestRun: null });
    expect(await server.error(`{ ingestRun(id: "${admin.id}") { id } }`, { token: admin.token })).toMatchObject({ message: `id must be the id of a IngestRun, received "${admin.id}"`, extensions: { code: 'BAD_USER_INPUT' } });
  });

  test('pages what it could not take', async () => {
    const id = await seedRun();
    await seedRejects(await seedRun({ day: 2 }), 2);
    await seedRejects(id, 5);
    const document = `query ($after: String) { ingestRun(id: "${idOf(id)}") { rejects(first: 3, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { place title field rule received isWhole } } } }`;
    const { rejects } = (await asAdmin(document)).ingestRun;
    expect([rejects.totalCount, rejects.pageInfo.hasNextPage, rejects.nodes.length]).toEqual([5, true, 3]);
    expect(rejects.nodes[0]).toEqual({ place: 'line 1', title: null, field: 'publishedOn', rule: 'must be a day', received: '"x"', isWhole: false });
    const rest = (await asAdmin(document, { after: rejects.pageInfo.endCursor })).ingestRun.rejects;
    expect([rest.nodes.map((node: any) => node.place), rest.pageInfo.hasNextPage]).toEqual([['line 4', 'line 5'], false]);
  });
});

describe('runs', () => {
  test('are listed, the latest first, by pages, by source and by state', async () => {
    await seedRun({ day: 2, state: 'FAILED' });
    await seedRun({ day: 4 });
    await seedRun({ day: 1, source: 'lake-two' });
    await seedRun({ day: 3, source: 'lake-two', state: 'RUNNING' });
    const days = async (args: string): Promise<any> => {
      const { ingestRuns } = await asAdmin(`{ ingestRuns${args} { totalCount nodes { createdAt } pageInfo { hasNextPage endCursor } } }`);
      return { days: ingestRuns.nodes.map((node: any) => Number(node.createdAt.slice(8, 10))), total: ingestRuns.totalCount, ...ingestRuns.pageInfo };
    };
    const first = await days('(first: 3)');
    expect(first).toMatchObject({ days: [4, 3, 2], total: 4, hasNextPage: true });
    expect(await days(`(first: 3, after: "${first.endCursor}")`)).toMatchObject({ days: [1], hasNextPage: false });
    expect(await days('(last: 2)')).toMatchObject({ days: [2, 1], total: 4 });
    expect(await days('(source: "lake-two")')).toMatchObject({ days: [3, 1], total: 2 });
    expect(await days('(state: FAILED)')).toMatchObject({ days: [2], total: 1 });
    expect(await days('(source: "lake-two", state: FAILED)')).toMatchObject({ days: [], total: 0 });
    expect((await server.error('{ ingestRuns(first: 101) { totalCount } }', { token: admin.token })).message).toBe('first must be between 1 and 100, received 101');
  });

  test('take the same statements, however many there are', async () => {
    for (let day = 1; day <= 10; day += 1) await seedRejects(await seedRun({ day }), 2);
    const document = 'query ($first: Int!) { ingestRuns(first: $first) { totalCount nodes { requestedBy { username } rejects(first: 1) { totalCount nodes { place } } } } }';
    const few = await server.countStatements(() => asAdmin(document, { first: 2 }));
    const many = await server.countStatements(() => asAdmin(document, { first: 10 }));
    expect(many.result.ingestRuns.nodes).toHaveLength(10);
    // The viewer, the runs and their number, who asked, rejects and their number.
    expect([few.statements.length, many.statements.length]).toEqual([6, 6]);
  });
});

describe('sources', () => {
  test('say what they can be asked, when they run and how they last went', async () => {
    await seedRun({ day: 1 });
    const latest = await seedRun({ day: 3 });
    const document = '{ ingestSources { name description url hasSince schedule nextRunAt lastRun { id } options { name description type default } } }';
    const { result, statements } = await server.countStatements(() => asAdmin(document));
    const [pond, lake, files] = result.ingestSources;
    expect(pond).toMatchObject({
      name: 'pond', description: 'Papers of an invented archive.', url: 'http://127.0.0.1:9/mirror', hasSince: true, schedule: '30 4 * * *', lastRun: { id: idOf(latest) },
      options: [
        { name: 'search', description: 'What to search for.', type: 'STRING', default: null },
        { name: 'limit', description: 'How many at most.', type: 'NUMBER', default: '100' },
        { name: 'withdrawn', description: 'Whether to take withdrawn papers too.', type: 'BOOLEAN', default: 'false' },
      ],
    });
    const next = new Date(pond.nextRunAt);
    expect(pond.nextRunAt).toMatch(/T04:30:00\.000Z$/);
    expect(next.getTime() - Date.now()).toBeGreaterThan(0);
    expect(next.getTime() - Date.now()).toBeLessThanOrEqual(86_400_000);
    expect(lake).toMatchObject({ name: 'lake-two', url: 'https://lake.example/', schedule: null, nextRunAt: null, lastRun: null, options: [] });
    expect(files).toMatchObject({ name: 'files', url: null });
    expect(statements).toHaveLength(2);
    expect(JSON.stringify(result)).not.toContain('secret');
  });
});

describe('runIngest', () => {
  test('makes a run, which goes at once', async () => {
    const { runIngest } = await ask({ source: 'pond', options: [{ name: 'limit', value: '20' }, { name: 'withdrawn', value: 'true' }, { name: 'search', value: 'cat:cs.LG AND all:"ponds"' }], since: '2026-03-01T00:00:00Z' });
    expect(runIngest).toMatchObject({ isNew: true, run: { source: 'pond', trigger: 'ADMIN', requestedBy: { username: admin.username } } });
    expect(runner.requests.at(-1)).toEqual({
      source: 'pond', options: { limit: 20, withdrawn: true, search: 'cat:cs.LG AND all:"ponds"' }, since: new Date('2026-03-01T00:00:00Z'), trigger: 'ADMIN', requestedById: admin.rowId,
    });
    const over = async (): Promise<any> => (await asAdmin(`{ ingestRun(id: "${runIngest.run.id}") { state addedCount progress { done total } } }`)).ingestRun;
    await until(async () => (await over()).state === 'SUCCEEDED', 'it is over');
    expect(await over()).toEqual({ state: 'SUCCEEDED', addedCount: 3, progress: { done: 3, total: 3 } });
  });

  test('gives the run that waits or goes with the same options, and a new one for others or when it is over', async () => {
    runner.batchMs = 60_000;
    const first = (await ask({ source: 'pond', options: [{ name: 'limit', value: '1' }] })).runIngest;
    await until(() => runner.active.size === 1, 'it goes');
    const again = (await ask({ source: 'pond', options: [{ name: 'limit', value: '1.0' }] })).runIngest;
    expect(again).toMatchObject({ isNew: false, run: { id: first.run.id, state: 'RUNNING' } });
    const other = (await ask({ source: 'pond', options: [{ name: 'limit', value: '2' }] })).runIngest;
    expect(other).toMatchObject({ isNew: true, run: { state: 'QUEUED' } });
    expect((await ask({ source: 'pond', options: [{ name: 'limit', value: '2' }] })).runIngest).toMatchObject({ isNew: false, run: { id: other.run.id } });
    for (const { run } of [other, first]) await asAdmin(STOP, { id: run.id });
    await until(() => runner.active.size === 0, 'it is stopped');
    runner.batchMs = 1;
    expect((await ask({ source: 'pond', options: [{ name: 'limit', value: '1' }] })).runIngest.isNew).toBe(true);
    expect(await server.database.prisma.ingestRun.count()).toBe(3);
  });

  test.each([
    ['an unknown source', { source: 'sea' }, 'NOT_FOUND', 'there is no source "sea"'],
    ['a source that reads files', { source: 'files', options: [{ name: 'file', value: '/etc/passwd' }] }, 'BAD_USER_INPUT', 'source must not read files, which the command line alone does, received "files"'],
    ['an address', { source: 'pond', options: [{ name: 'search', value: ' http://169.254.1.1/x' }] }, 'BAD_USER_INPUT', "search must not be an address: the server asks the source's own service, received \" http://169.254.1.1/x\""],
    ['a file by address', { source: 'pond', options: [{ name: 'search', value: 'file:///etc/passwd' }] }, 'BAD_USER_INPUT', "search must not be an address: the server asks the source's own service, received \"file:///etc/passwd\""],
    ['an unknown option', { source: 'pond', options: [{ name: 'colour', value: 'x' }] }, 'BAD_USER_INPUT', 'options must be options of pond (search, limit, withdrawn), received "colour"'],
    ['an option of a source that has none', { source: 'lake-two', options: [{ name: '__proto__', value: 'x' }] }, 'BAD_USER_INPUT', 'options must be options of lake-two (it has none), received "__proto__"'],
    ['an option twice', { source: 'pond', options: [{ name: 'limit', value: '1' }, { name: 'limit', value: '2' }] }, 'BAD_USER_INPUT', 'options must have each option once, received "limit"'],
    ['no number', { source: 'pond', options: [{ name: 'limit', value: 'many' }] }, 'BAD_USER_INPUT', 'limit must be a number, received "many"'],
    ['no truth', { source: 'pond', options: [{ name: 'withdrawn', value: 'yes' }] }, 'BAD_USER_INPUT', 'withdrawn must be true or false, received "yes"'],
    ['nothing', { source: 'pond', options: [{ name: 'search', value: '' }] }, 'BAD_USER_INPUT', 'search must not be empty, received ""'],
    ["what breaks the source's own rules", { source: 'pond', options: [{ name: 'limit', value: '0' }] }, 'BAD_USER_INPUT', 'limit must be at least 1, received 0'],
    ['the future', { source: 'pond', since: '2999-01-01T00:00:00Z' }, 'BAD_USER_INPUT', 'since must not be in the future, received "2999-01-01T00:00:00.000Z"'],
    ['since, of a source that cannot tell', { source: 'lake-two', since: '2026-01-01T00:00:00Z' }, 'BAD_USER_INPUT', 'since must be left out: lake-two cannot be asked for what is new, received "2026-01-01T00:00:00.000Z"'],
  ])('refuses %s', async (...[, input, code, message]) => {
    expect(await server.error(RUN, { token: admin.token, variables: { input } })).toMatchObject({ message, extensions: { code } });
    expect(await server.database.prisma.ingestRun.count()).toBe(0);
  });
});

describe('stopIngest', () => {
  test('stops a run at its batch', async () => {
    runner.batchMs = 60_000;
    const { run } = (await ask({ source: 'pond' })).runIngest;
    await until(() => runner.active.size === 1, 'it goes');
    expect(await asAdmin(STOP, { id: run.id })).toEqual({ stopIngest: { run: { id: run.id, state: 'STOPPED', finishedAt: expect.any(String) } } });
    await until(() => runner.active.size === 0, 'it is stopped');
    expect((await asAdmin(`{ ingestRun(id: "${run.id}") { state addedCount } }`)).ingestRun).toEqual({ state: 'STOPPED', addedCount: 0 });
  });

  test('leaves one that is over as it is', async () => {
    const id = idOf(await seedRun());
    expect(await asAdmin(STOP, { id })).toEqual({ stopIngest: { run: { id, state: 'SUCCEEDED', finishedAt: '2026-03-01T12:00:10.000Z' } } });
  });

  test('needs a run', async () => {
    expect(await server.error(STOP, { token: admin.token, variables: { id: idOf(2_000_000_000) } })).toMatchObject({ message: 'there is no such run', extensions: { code: 'NOT_FOUND', field: 'runId' } });
    expect((await server.error(STOP, { token: admin.token, variables: { id: admin.id } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'runId' });
  });
});
