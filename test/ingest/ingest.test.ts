import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import type { IngestService } from '../../src/ingest/ingest.service.js';
import type { IngestRequest } from '../../src/ingest/runner.js';
import { SourceError, type Item } from '../../src/ingest/source.js';
import { createServices, type Services } from '../../src/services.js';
import { until } from '../support/fakeRunner.js';
import { contentOf, ingestWith, parcelsOf, scriptedSource, type ScriptedSource } from '../support/ingestWorld.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';

const signal = new AbortController().signal;
const REQUEST: IngestRequest = { source: 'scripted', options: {}, since: null, trigger: 'COMMAND', requestedById: null };

let opened: TestDatabase;
let services: Services;
let source: ScriptedSource;
let ingest: IngestService;

beforeAll(async () => {
  opened = await createTestDatabase();
  services = createServices(opened.database, { sessionDays: 1, recommenderThreads: 0 });
});
beforeEach(async () => {
  for (const table of ['ingest_runs', 'upvotes', 'papers', 'authors', 'repos', 'tags', 'users']) await opened.database.prisma.$executeRawUnsafe(`DELETE FROM ${table}`);
  source = scriptedSource();
  ingest = ingestWith(opened.database, services, [source]);
});
afterAll(() => opened.drop());

const paper = (externalId: string, fields: object = {}): Item => ({ kind: 'PAPER', place: `record ${externalId}`, record: { externalId, title: `Paper called ${externalId}`, listedOn: '2026-01-01', ...fields } });
const vote = (reader: string, externalId: string, isSimulated = true): Item => ({ kind: 'VOTE', place: `vote ${reader} ${externalId}`, reader, isSimulated, paper: { externalId }, at: new Date('2026-02-02T00:00:00Z') });
/** Batches are of 200 items at least: this fills one. */
const many = (prefix: string, count = 200): Item[] => Array.from({ length: count }, (_, index) => paper(`${prefix}-${index}`, { authors: [`Author ${index % 17}`], namedTags: [{ name: `Tag ${index % 5}`, kind: 'KEYWORD' }] }));
/** A parcel of so many is a batch. */
const BATCH = isOnServer ? 1000 : 200;

const run = async (request: Partial<IngestRequest> = {}): Promise<{ id: number; ending: string }> => {
  const id = await ingest.create({ ...REQUEST, ...request });
  return { id, ending: await ingest.execute(id, { signal }) };
};
const rejectsOf = async (id: number) => (await ingest.rows.rejectsAfter(id, 0)).map(({ rowId, ...reject }) => reject);

describe('a run', () => {
  test('writes what the source says, and tells what became of it', async () => {
    await services.users.signUp({ username: 'ada', password: 'a long password' });
    source.script = parcelsOf(
      [paper('a', { repos: [{ url: 'https://github.com/o/n' }] }), paper('b'), { kind: 'WITHDRAWAL', place: 'record b', externalId: 'b', on: '2026-03-03' }],
      [vote('simulated-1', 'a'), vote('ada', 'a', false), vote('nobody', 'a', false), vote('simulated-1', 'unknown'), vote('simulated-1', 'a')],
      [{ kind: 'REPO', place: 'repo o/n', address: { host: 'github.com', owner: 'o', name: 'n' }, facts: { unchanged: false, stars: 4, language: 'C', license: 'MIT', isArchived: false, etag: null } },
        { kind: 'REPO', place: 'repo o/gone', address: { host: 'github.com', owner: 'o', name: 'gone' }, facts: null },
        { kind: 'REJECT', place: 'line 9', title: null, fault: { field: 'the line', rule: 'must be JSON', received: '{' } }],
    );
    const { id, ending } = await run();
    expect(ending).toBe('SUCCEEDED');
    expect(await ingest.rows.get(id)).toEqual({ state: 'SUCCEEDED', added: 3, changed: 1, unchanged: 3, rejected: 3, error: null, rejectRows: 4 });
    expect(await rejectsOf(id)).toEqual([
      { place: 'line 9', title: null, field: 'the line', rule: 'must be JSON', received: '"{"', isWhole: true },
      { place: 'repo o/gone', title: null, field: 'repo', rule: 'must be known to its host', received: '"github.com/o/gone"', isWhole: false },
      { place: 'vote nobody a', title: null, field: 'reader', rule: 'must be the username of a reader', received: '"nobody"', isWhole: true },
      { place: 'vote simulated-1 unknown', title: null, field: 'paper', rule: 'must be a paper that is here', received: '"unknown"', isWhole: true },
    ]);
    // The paper that was told of and withdrawn in one batch was never here.
    expect((await contentOf(opened.database)).filter((line) => /^(paper|vote)/.test(line)).map((line) => line.slice(0, 30))).toEqual([
      'paper ["Paper called a", null,', 'vote ["ada", "Paper called a",', 'vote ["simulated-1", "Paper ca',
    ]);
  });

  test('asks the source with its options, its address as configured, its token, and since when', async () => {
    await run({ options: { word: 'otters' }, since: new Date('2026-05-05T00:00:00Z') });
    expect(source.opened).toMatchObject({ options: { word: 'otters' }, context: { url: 'https://elsewhere.invalid', token: 'secret', since: new Date('2026-05-05T00:00:00Z') } });
  });

  test('speaks for another source where that is the same archive, asked in another way', async () => {
    const other = { ...scriptedSource(), name: 'other', voice: 'scripted', script: parcelsOf([paper('a', { abstract: 'Shorter' })]) };
    other.open = (options, context) => source.open(options, context);
    ingest = ingestWith(opened.database, services, [source, other]);
    source.script = parcelsOf([paper('a', { abstract: 'A longer abstract' })]);
    await run();
    source.script = other.script;
    const { id } = await run({ source: 'other' });
    expect(await ingest.rows.get(id)).toMatchObject({ added: 0, changed: 1 });
    const origins = await opened.database.rows(sql`SELECT o.source, p.abstract FROM paper_origins o JOIN papers p ON p.id = o.paper_id`);
    expect(origins).toEqual([{ source: 'scripted', abstract: 'Shorter' }]);
  });

  test.each<[string, Partial<IngestRequest>, RegExp]>([
    ['an unknown source', { source: 'nowhere' }, /there is no source "nowhere"; there are scripted/],
    ['an unknown option', { options: { words: 'x' } }, /options must be among word, received "words"/],
    ['an option of another type', { options: { word: 7 } }, /word .*expected string, received number/],
  ])('is not made for %s', async (_, request, message) => {
    await expect(ingest.create({ ...REQUEST, ...request })).rejects.toThrow(message);
  });

  test('is refused for since where the source cannot tell what is new', async () => {
    const timeless = ingestWith(opened.database, services, [{ ...source, hasSince: false }]);
    await expect(timeless.create({ ...REQUEST, since: new Date() })).rejects.toThrow('the source scripted cannot be asked for what is new since a time');
  });

  test('leaves out what breaks a rule: of a record where it can, the record where it must', async () => {
    source.script = parcelsOf([
      paper('a', { doi: 'nonsense', authors: ['Ada', { name: 'Alan', orcid: '0000-0002-1825-0098' }, ''], namedTags: [{ name: 'Good', kind: 'KEYWORD' }, { name: '深度学习', kind: 'KEYWORD' }], repos: [{ url: 'https://example.org/' }], projectUrl: 'javascript:alert(1)' }),
      paper('b', { arxivId: 'nonsense' }),
      paper('c', { listedOn: '2026-02-30' }),
      paper('', {}),
    ]);
    const { id } = await run();
    expect(await ingest.rows.get(id)).toMatchObject({ state: 'SUCCEEDED', added: 1, rejected: 3 });
    expect((await rejectsOf(id)).map(({ place, field, received, isWhole }) => [place, field, received, isWhole])).toEqual([
      ['record a', 'doi', '"nonsense"', false],
      ['record a', 'projectUrl', '"javascript:alert(1)"', false],
      ['record a', 'authors', '"0000-0002-1825-0098"', false],
      ['record a', 'authors', '""', false],
      ['record a', 'tags', '"深度学习"', false],
      ['record a', 'repos', '"https://example.org/"', false],
      ['record b', 'arxivId', '"nonsense"', true],
      ['record c', 'listedOn', '"2026-02-30"', true],
      ['record ', 'externalId', '""', true],
    ]);
    const [author] = await opened.database.rows<{ names: string[] }>(sql`SELECT array_agg(name ORDER BY name) AS names FROM authors`);
    expect(author?.names).toEqual(['Ada', 'Alan']);
  });

  test('a record that the database refuses does not take its batch with it', async () => {
    // A rule that only the database has: the title of this test’s own.
    await opened.database.prisma.$executeRawUnsafe(`ALTER TABLE papers ADD CONSTRAINT refused CHECK (title <> 'Paper called x-57')`);
    try {
      source.script = parcelsOf([...many('x', 100), vote('r-1', 'x-1')]);
      const { id } = await run();
      expect(await ingest.rows.get(id)).toMatchObject({ state: 'SUCCEEDED', added: 100, rejected: 1 });
      expect(await rejectsOf(id)).toMatchObject([{ place: 'record x-57', field: 'record', rule: 'must be accepted by the database', received: expect.stringContaining('refused'), isWhole: true }]);
    } finally {
      await opened.database.prisma.$executeRawUnsafe('ALTER TABLE papers DROP CONSTRAINT refused');
    }
  });

  test('fails where its source fails, after what came before is written; asked the same again it goes on', async () => {
    source.script = [...parcelsOf(many('x', BATCH), many('y', 10)), new SourceError('the file ends in the middle of a record')];
    const { id, ending } = await run();
    expect(ending).toBe('FAILED');
    expect(await ingest.rows.get(id)).toMatchObject({ state: 'FAILED', added: BATCH + 10, error: 'the file ends in the middle of a record' });
    source.script = parcelsOf(many('x', BATCH), many('y', 10), many('z', 5));
    expect(await ingest.findUnfinished(REQUEST)).toBe(id);
    expect(await ingest.execute(id, { signal, takesOver: true, revives: true })).toBe('SUCCEEDED');
    expect(source.starts).toEqual([null, 2]);
    expect(await ingest.rows.get(id)).toMatchObject({ state: 'SUCCEEDED', added: BATCH + 15, error: null });
    expect(await ingest.findUnfinished(REQUEST)).toBeNull();
  });

  test('an error that is ours is masked and told by its id', async () => {
    source.script = [new TypeError('undefined is not a function')];
    const told: unknown[] = [];
    const id = await ingest.create(REQUEST);
    await ingest.execute(id, { signal, onInternalError: (error, name) => told.push([(error as Error).message, name]) });
    const { error } = (await ingest.rows.get(id))!;
    expect(error).toMatch(/^internal error [0-9a-f-]{36}$/);
    expect(told).toEqual([['undefined is not a function', error!.slice('internal error '.length)]]);
  });
});

describe('interrupted at any batch', () => {
  const script = parcelsOf(many('a', BATCH), many('b', BATCH), [...many('a', BATCH).slice(BATCH / 2), ...many('c', BATCH / 2)], [vote('r-1', 'a-5'), vote('r-1', 'c-5')]);

  test('a run goes on without loss or duplicates, to the same as an unbroken one', async () => {
    source.script = script;
    const unbroken = await run();
    const whole = await contentOf(opened.database);
    const counts = await ingest.rows.get(unbroken.id);
    expect(whole.filter((line) => line.startsWith('paper '))).toHaveLength(2.5 * BATCH);
    for (const batch of [1, 2, 3]) {
      for (const table of ['upvotes', 'papers', 'authors', 'repos', 'tags', 'users']) await opened.database.prisma.$executeRawUnsafe(`DELETE FROM ${table}`);
      // As kill -9 does: the transaction of this batch never commits, and nobody tidies up.
      const transaction = opened.database.bulkTransaction.bind(opened.database);
      let batches = 0;
      opened.database.bulkTransaction = (work, options) =>
        transaction(async (reader) => {
          const result = await work(reader);
          batches += 1;
          if (batches === batch) throw new Error('power cut');
          return result;
        }, options);
      const id = await ingest.create(REQUEST);
      const { rows } = ingest;
      const finish = rows.finish.bind(rows);
      rows.finish = () => Promise.resolve();
      await ingest.execute(id, { signal });
      opened.database.bulkTransaction = transaction;
      rows.finish = finish;
      expect(await ingest.rows.get(id)).toMatchObject({ state: 'RUNNING' });
      expect(await ingest.execute(id, { signal, takesOver: true })).toBe('SUCCEEDED');
      expect(await contentOf(opened.database)).toEqual(whole);
      expect(await ingest.rows.get(id)).toEqual(counts);
    }
  });

  test('by a signal it stops after the batch that is being written, and can go on', async () => {
    source.script = script;
    const stop = new AbortController();
    const id = await ingest.create(REQUEST);
    expect(await ingest.execute(id, { signal: stop.signal, onBatch: () => { stop.abort(); } })).toBe('INTERRUPTED');
    expect(await ingest.rows.get(id)).toMatchObject({ state: 'RUNNING', added: BATCH });
    expect(await ingest.execute(id, { signal, takesOver: true })).toBe('SUCCEEDED');
    expect(source.starts).toEqual([null, 1]);
  });
});

describe('a run is one execution’s', () => {
  test('that is alive: another one is not given it, one that takes it over ends the first at its next batch', async () => {
    source.script = parcelsOf(many('a', BATCH), many('b', BATCH));
    const id = await ingest.create(REQUEST);
    const seconds: Promise<string>[] = [];
    const first = await ingest.execute(id, {
      signal,
      onBatch: () => { if (seconds.length === 0) seconds.push(ingest.execute(id, { signal, takesOver: true })); },
    });
    expect(await Promise.all(seconds)).toEqual(['SUCCEEDED']);
    expect(first).toBe('LOST');
    expect(await ingest.execute(id, { signal })).toBe('NOT_CLAIMED');
    expect(await ingest.rows.get(id)).toMatchObject({ state: 'SUCCEEDED', added: 2 * BATCH });
  });

  test('that has not been heard of for a minute: another one is given it', async () => {
    source.script = parcelsOf(many('a', 10));
    const id = await ingest.create(REQUEST);
    expect(await ingest.rows.claim(id, 'dead', { takesOver: false })).not.toBeNull();
    expect(await ingest.execute(id, { signal })).toBe('NOT_CLAIMED');
    await opened.database.rows(sql`UPDATE ingest_runs SET active_at = now() - interval '61 seconds'`);
    expect(await ingest.execute(id, { signal })).toBe('SUCCEEDED');
  });

  test('until somebody stops it', async () => {
    source.script = parcelsOf(many('a', BATCH), many('b', BATCH));
    const id = await ingest.create(REQUEST);
    const stops: Promise<unknown>[] = [];
    const ending = await ingest.execute(id, {
      signal,
      onBatch: () => { stops.push(opened.database.rows(sql`UPDATE ingest_runs SET state = 'STOPPED', finished_at = now() WHERE id = ${id} AND state = 'RUNNING'`)); },
    });
    await Promise.all(stops);
    expect(ending).toBe('LOST');
    expect(await ingest.rows.get(id)).toMatchObject({ state: 'STOPPED', added: BATCH });
  });
});

test('runs that ended long ago are forgotten, with what they rejected; others stay', async () => {
  source.script = parcelsOf([paper('a', { arxivId: 'nonsense' })]);
  const [old, recent] = [await run(), await run({ options: { word: 'otters' } })];
  const waiting = await ingest.create(REQUEST);
  await opened.database.rows(sql`UPDATE ingest_runs SET created_at = now() - interval '95 days'`);
  await opened.database.rows(sql`UPDATE ingest_runs SET finished_at = now() - interval '91 days' WHERE id = ${old.id}`);
  await ingest.rows.prune(90);
  const ids = (await opened.database.rows<{ id: number }>(sql`SELECT id FROM ingest_runs ORDER BY id`)).map(({ id }) => id);
  expect(ids).toEqual([recent.id, waiting]);
  expect(await rejectsOf(old.id)).toEqual([]);
});

test('what is told of a broken record may hold what a database cannot: its neighbours are written', async () => {
  source.script = parcelsOf([
    paper('a'), paper('b', { title: 'With a \0 within' }), paper('c', { arxivId: `${'x'.repeat(78)}😀😀` }), paper('d'),
    { kind: 'REJECT', place: 'line \0', title: '\ud800', fault: { field: 'line', rule: 'must be text', received: '\0\udc00' } },
  ]);
  const { id, ending } = await run();
  expect(ending).toBe('SUCCEEDED');
  expect(await ingest.rows.get(id)).toMatchObject({ added: 2, rejected: 3 });
  source.script = [new SourceError('the service said \0')];
  const failed = await run({ options: { word: 'nul' } });
  expect(await ingest.rows.get(failed.id)).toMatchObject({ state: 'FAILED', error: 'the service said \uFFFD' });
});

test('a parcel larger than a batch is written in parts, and read again where it was interrupted within', async () => {
  source.script = parcelsOf(many('a', 3300), many('b', 5));
  const stop = new AbortController();
  const sizes: number[] = [];
  const id = await ingest.create(REQUEST);
  expect(await ingest.execute(id, { signal: stop.signal, onBatch: ({ added }) => { sizes.push(added); stop.abort(); } })).toBe('INTERRUPTED');
  expect(sizes[0]).toBeLessThanOrEqual(1000);
  expect(await ingest.execute(id, { signal, takesOver: true, onBatch: ({ added, unchanged }) => { sizes.push(added + unchanged); } })).toBe('SUCCEEDED');
  expect(source.starts).toEqual([null, null]);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(2005);
  expect((await contentOf(opened.database)).filter((line) => line.startsWith('paper '))).toHaveLength(3305);
}, 120_000);

test('a run that was stopped or has failed is not begun again by those who only take their turn', async () => {
  source.script = parcelsOf([paper('a')]);
  const id = await ingest.create(REQUEST);
  await opened.database.rows(sql`UPDATE ingest_runs SET state = 'STOPPED', finished_at = now() WHERE id = ${id}`);
  expect(await ingest.execute(id, { signal, takesOver: true })).toBe('NOT_CLAIMED');
  expect(await ingest.execute(id, { signal, takesOver: true, revives: true })).toBe('SUCCEEDED');
});

test('a simulated reader’s vote goes to no account of that name', async () => {
  await services.users.signUp({ username: 'movielens-1', password: 'a long password' });
  source.script = parcelsOf([paper('a'), vote('movielens-1', 'a'), vote('movielens-2', 'a')]);
  const { id } = await run();
  expect(await ingest.rows.get(id)).toMatchObject({ added: 2, rejected: 1 });
  expect((await rejectsOf(id))[0]).toMatchObject({ place: 'vote movielens-1 a', field: 'reader' });
});

test('a run that is stopped while its source waits for a service ends, and does not wait', async () => {
  source.script = parcelsOf(many('a', BATCH));
  // As a service does that asks to come again in an hour.
  const { open } = source;
  let stopEarly: (() => Promise<unknown>) | null = null;
  source.open = async (options, context) => {
    const reading = await open(options, context);
    await stopEarly?.();
    return {
      ...reading,
      async *read(checkpoint) {
        yield* reading.read(checkpoint);
        await new Promise((_, reject) => { context.signal.addEventListener('abort', () => { reject(context.signal.reason as Error); }); });
      },
    };
  };
  for (const beatMs of [20, 600_000]) {
    const id = await ingest.create({ ...REQUEST, options: { word: `beat-${beatMs}` } });
    const stop = (): Promise<unknown> => opened.database.rows(sql`UPDATE ingest_runs SET state = 'STOPPED', finished_at = now() WHERE id = ${id} AND state = 'RUNNING' RETURNING id`);
    // Before the first batch is written, which tells it; or while it waits, when a beat does.
    stopEarly = beatMs === 20 ? null : stop;
    const ending = ingest.execute(id, { signal, beatMs, onBatch: () => undefined });
    if (beatMs === 20) {
      await until(async () => { const run = await ingest.rows.get(id); return (run?.added ?? 0) + (run?.unchanged ?? 0) === BATCH; }, 'the batch was written');
      await stop();
    }
    expect(await ending).toBe('LOST');
    expect(await ingest.rows.get(id)).toMatchObject({ state: 'STOPPED' });
  }
});

test('a dry run says what would happen and writes nothing', async () => {
  source.script = parcelsOf([paper('a'), paper('b', { arxivId: 'nonsense' })], [paper('a')]);
  const batches: unknown[] = [];
  await ingest.rehearse(REQUEST, { signal, onBatch: ({ added, rejects }) => batches.push([added, rejects.length]) });
  expect(batches).toEqual([[1, 1]]);
  expect(await contentOf(opened.database)).toEqual([]);
  expect(await ingest.findUnfinished(REQUEST)).toBeNull();
});
