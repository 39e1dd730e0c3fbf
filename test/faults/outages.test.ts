import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { WebSocket } from 'ws';
import { ask, isReady, startOnUrl, statusOf, until, type Told } from '../support/faultyServer.js';
import { WRONG } from '../support/invariants.js';
import { receive, sseClient, subscribed, wsClient } from '../support/liveClients.js';
import { OwnPostgres, canStartPostgres } from '../support/ownPostgres.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { SmallDisk } from '../support/smallDisk.js';
import { TcpProxy } from '../support/tcpProxy.js';
import type { TestServer } from '../support/testServer.js';

const LIMITS = { statementMs: 1_500, lockMs: 700, poolMs: 1_000, transactionMs: 3_000 };
const POOL = 4;
/** A hang is noticed after a beat, an answer that does not come, and a new connection that does not either: 1 + 2 + 2 s. */
const NOTICED_MS = 8_000;
/** How long a request may take that is refused at once, on a busy machine. */
const AT_ONCE_MS = 1_000;

/** Of a form that tokens have, so that it is looked up. */
const TOKEN = 'a'.repeat(43);
const PAGE = '{ papers(first: 5) { nodes { title upvoteCount authors(first: 2) { nodes { name } } } } }';

let postgres: OwnPostgres;
let proxy: TcpProxy;
let server: TestServer;
let papers: SeededPaper[];
let reader: Reader;
const undo: (() => unknown)[] = [];

const vote = (paper = 0): string => `mutation { upvotePaper(input: { paperId: "${papers[paper]!.id}" }) { paper { id upvoteCount authors(first: 1) { nodes { name } } } } }`;
const unvote = (paper = 0): string => `mutation { removeUpvote(input: { paperId: "${papers[paper]!.id}" }) { paper { id } } }`;

(canStartPostgres ? describe : describe.skip)('a server whose PostgreSQL', () => {
  beforeAll(async () => {
    postgres = await OwnPostgres.start({ settings: '-c max_connections=30 -c superuser_reserved_connections=3' });
    proxy = await TcpProxy.to(postgres.port);
    server = await startOnUrl(postgres.urlAt(proxy.port), { databasePoolSize: POOL, databaseLimits: LIMITS, requestMs: 4_000 });
    papers = await seedPapers(server, Array.from({ length: 6 }, (_, n) => ({ title: `Paper ${n}`, listedOn: '2026-01-01', authors: ['Ada'], tags: [{ slug: 'vision', weight: 1 }] })));
    reader = await seedReader(server);
    await until('readiness', () => isReady(server));
  }, 120_000);
  afterEach(async () => {
    for (const back of undo.splice(0).reverse()) await back();
    await until('readiness after a test', () => isReady(server));
    expect(await server.database.rows(WRONG)).toEqual([]);
  });
  afterAll(async () => {
    await server.stop();
    await proxy.close();
    await postgres.drop();
  }, 60_000);

  const expectUnavailable = (told: Told, outcome?: string): void => {
    expect({ status: told.status, codes: told.body.errors?.map(({ extensions: { code } }) => code), data: told.body.data ?? null }).toEqual({ status: 503, codes: ['UNAVAILABLE'], data: null });
    const [error] = told.body.errors!;
    expect(told.retryAfter).toBe(String(error!.extensions.retryAfter));
    expect(error!.extensions.outcome).toBe(outcome);
    expect(JSON.stringify(told.body)).not.toMatch(/127\.0\.0\.1|ECONN|postgres|SELECT|pg_/);
  };

  /** A connection of another client's, which stands in the way. */
  async function another(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on('error', () => undefined);
    await client.connect();
    undo.push(() => client.end());
    return client;
  }

  test('hangs tells each request so within seconds, refuses those that follow at once, and answers when it goes on', async () => {
    await postgres.signal('STOP');
    undo.push(() => postgres.signal('CONT'));
    const [read, written, ready, health] = await Promise.all([ask(server, PAGE), ask(server, vote(), reader.token), statusOf(server, '/readyz'), statusOf(server, '/healthz')]);
    expectUnavailable(read);
    expect(written.body.errors![0]!.extensions).toMatchObject({ code: 'UNAVAILABLE', outcome: expect.stringMatching(/^(UNKNOWN|NOT_WRITTEN)$/) });
    for (const { tookMs } of [read, written]) expect(tookMs).toBeLessThan(NOTICED_MS);
    expect(ready.status).toBe(503);
    expect(ready.tookMs).toBeLessThan(2_000 + AT_ONCE_MS);
    expect(health).toMatchObject({ status: 200 });
    await until('the outage', () => server.database.outage() !== null, NOTICED_MS);
    const later = await Promise.all([ask(server, PAGE), ask(server, vote(), reader.token), ask(server, '{ viewer { id } }', reader.token), statusOf(server, '/readyz')]);
    expectUnavailable(later[0]);
    expectUnavailable(later[1], 'NOT_WRITTEN');
    expectUnavailable(later[2]);
    for (const { tookMs } of later) expect(tookMs).toBeLessThan(AT_ONCE_MS);
    // What needs no database is answered.
    expect(await ask(server, '{ __typename rateLimit { limit } }')).toMatchObject({ status: 200, body: { data: { __typename: 'Query' } } });
    await postgres.signal('CONT');
    await until('an answer', async () => (await ask(server, PAGE)).status === 200);
    expect(await ask(server, vote(), reader.token)).toMatchObject({ status: 200 });
  }, 60_000);

  test('is cut off by a network that swallows everything is noticed, and so is that it is there again', async () => {
    proxy.swallow(true);
    undo.push(() => { proxy.swallow(false); });
    expectUnavailable(await ask(server, PAGE));
    await until('the outage', () => server.database.outage() !== null, NOTICED_MS);
    expect(await isReady(server)).toBe(false);
    proxy.swallow(false);
    await until('an answer', async () => (await ask(server, PAGE)).status === 200);
  }, 60_000);

  test('refuses connections is told of at once, by every way that there is', async () => {
    const live = await subscribed(server, wsClient(server), `subscription { paperVotes(paperId: "${papers[0]!.id}") { paper { upvoteCount } } }`);
    proxy.refuse(true);
    undo.push(() => { proxy.refuse(false); });
    await until('the outage', () => server.database.outage() !== null, NOTICED_MS);
    expectUnavailable(await ask(server, PAGE));
    expectUnavailable(await ask(server, '{ viewer { id } }', reader.token));
    expectUnavailable(await ask(server, '{ recommendations(first: 1) { nodes { id } } }'));
    for (const [method, path] of [['GET', '/feeds/latest.atom'], ['GET', `/export/${TOKEN}`], ['POST', `/digest/unsubscribe?token=${TOKEN}`]] as const) {
      const response = await fetch(new URL(path, server.url), { method });
      expect([path, response.status, response.headers.get('retry-after'), response.headers.get('content-type')]).toEqual([path, 503, '2', 'application/problem+json; charset=utf-8']);
      expect(await response.json()).toEqual({ title: 'Service Unavailable', status: 503, detail: 'the database cannot be reached: come again in 2 s' });
    }
    // A subscription that is open stays so; new ones are told, and tokens cannot be looked up.
    for (const client of [wsClient(server), sseClient(server)]) {
      const refused = receive(client, '{ papers { totalCount } }');
      await Promise.race([refused.ended, refused.until(1)]);
      expect(JSON.stringify([refused.answers, await refused.ended])).toContain('UNAVAILABLE');
    }
    expect(await closeOf(reader.token)).toEqual([1013, expect.stringContaining('the database cannot be reached')]);
    proxy.refuse(false);
    await until('an answer', async () => (await ask(server, PAGE)).status === 200);
    await ask(server, unvote(), reader.token);
    await ask(server, vote(), reader.token);
    await live.until(1);
    live.stop();
  }, 60_000);

  /** How a WebSocket with a token is closed. */
  async function closeOf(token: string): Promise<[number, string]> {
    const socket = new WebSocket(server.url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    socket.on('open', () => { socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })); });
    return new Promise((resolve) => socket.on('close', (code, reason) => { resolve([code, String(reason)]); }));
  }

  test('ends all connections at once is asked anew for what is read; of what is written, all that was acknowledged is there', async () => {
    const acknowledged = new Set<number>();
    const outcomes = new Map<string, number>();
    let isOver = false;
    const readers = await Promise.all(papers.map(() => seedReader(server)));
    const reads: Told[] = [];
    const read = async (): Promise<void> => { while (!isOver) reads.push(await ask(server, PAGE)); };
    const write = async (one: Reader, place: number): Promise<void> => {
      while (!isOver) {
        const { body, status } = await ask(server, vote(place), one.token);
        const outcome = body.errors?.[0]?.extensions.outcome ?? (body.errors === undefined ? 'data' : JSON.stringify(body.errors));
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (status === 200 && body.errors === undefined) acknowledged.add(place);
        else expect(status).toBe(outcome === 'WRITTEN' ? 200 : 503);
      }
    };
    const loops = [read(), read(), ...readers.slice(0, 3).map(write)];
    for (let cut = 0; cut < 15; cut += 1) {
      // However slow the machine is: so many are answered between two cuts, or a second cut would meet most second attempts.
      const read = reads.length;
      await until('reads after a cut', () => reads.length >= read + 10);
      await new Promise((done) => setTimeout(done, 60));
      await postgres.cutAll();
    }
    isOver = true;
    await Promise.all(loops);
    // Nearly all: a second cut may meet the second attempt.
    const failedReads = reads.filter(({ status, body }) => status !== 200 || body.errors !== undefined);
    expect(failedReads.length).toBeLessThan(reads.length / 20);
    expect([...outcomes.keys()].filter((outcome) => !['data', 'UNKNOWN', 'NOT_WRITTEN', 'WRITTEN'].includes(outcome))).toEqual([]);
    for (const place of acknowledged) {
      const { body } = await ask(server, `{ paper(id: "${papers[place]!.id}") { viewerHasUpvoted } }`, readers[place]!.token);
      expect(body.data).toEqual({ paper: { viewerHasUpvoted: true } });
    }
  }, 60_000);

  test('has locked what is asked for is waited for no longer than one waits, and other requests for no longer than for a connection', async () => {
    const holder = await another();
    await holder.query('BEGIN; LOCK TABLE papers IN ACCESS EXCLUSIVE MODE');
    const asked = await Promise.all(Array.from({ length: 3 * POOL }, (_, n) => ask(server, n % 3 === 0 ? vote(n % 6) : `{ paper(id: "${papers[0]!.id}") { title } }`, reader.token)));
    const messages = new Set(asked.map(({ body }) => body.errors![0]!.message.replace(/[:;].*/, '')));
    for (const told of asked) {
      expect(told.status).toBe(503);
      expect(told.tookMs).toBeLessThan(LIMITS.lockMs + LIMITS.poolMs + 2 * AT_ONCE_MS);
    }
    expect([...messages].sort()).toEqual(expect.arrayContaining(['others had locked what was asked for, for longer than one waits']));
    // A lock of others is no outage: what does not need it is answered.
    expect(server.database.outage()).toBeNull();
    await holder.query('ROLLBACK');
    expect(await ask(server, vote(1), reader.token)).toMatchObject({ status: 200 });
  }, 30_000);

  test('takes too long for a statement is stopped, and the mutation says what is known of it', async () => {
    await postgres.asAdmin(async (admin) => {
      await admin.query(`CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(30); RETURN NEW; END $$;
        CREATE TRIGGER dawdle BEFORE INSERT ON upvotes FOR EACH ROW EXECUTE FUNCTION dawdle()`);
    }, 'papers');
    undo.push(() => postgres.asAdmin((admin) => admin.query('DROP TRIGGER dawdle ON upvotes; DROP FUNCTION dawdle()'), 'papers'));
    const told = await ask(server, vote(2), reader.token);
    expectUnavailable(told, 'UNKNOWN');
    expect(told.body.errors![0]!.message).toBe('the database took longer than a statement may: come again in 5 s; the mutation may have been written: look before you send it again');
    expect(told.tookMs).toBeGreaterThan(LIMITS.statementMs - 100);
    expect(told.tookMs).toBeLessThan(LIMITS.statementMs + 2 * AT_ONCE_MS);
    expect((await ask(server, `{ paper(id: "${papers[2]!.id}") { viewerHasUpvoted } }`, reader.token)).body.data).toEqual({ paper: { viewerHasUpvoted: false } });
  }, 30_000);

  test('has no space left says so, and takes writes when it has some', async () => {
    await postgres.asAdmin(async (admin) => {
      await admin.query(`CREATE FUNCTION be_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file "base/5/16384": No space left on device' USING ERRCODE = '53100'; END $$;
        CREATE TRIGGER be_full BEFORE INSERT ON upvotes FOR EACH ROW EXECUTE FUNCTION be_full()`);
    }, 'papers');
    const free = (): Promise<unknown> => postgres.asAdmin((admin) => admin.query('DROP FUNCTION IF EXISTS be_full() CASCADE'), 'papers');
    undo.push(free);
    const told = await ask(server, vote(3), reader.token);
    expectUnavailable(told, 'UNKNOWN');
    expect(told.body.errors![0]!.message).toMatch(/^the database has no space left: come again in 30 s/);
    expect(await ask(server, PAGE)).toMatchObject({ status: 200 });
    await free();
    expect(await ask(server, vote(3), reader.token)).toMatchObject({ status: 200 });
  });

  test('finds its disk full says so, keeps what it acknowledged, and takes writes when there is space', async () => {
    const disk = await SmallDisk.mount();
    if (disk === null) {
      process.stderr.write('skipped: no file system can be mounted here\n');
      return;
    }
    undo.push(() => disk.unmount());
    await postgres.asAdmin(async (admin) => {
      await admin.query(`CREATE TABLESPACE small LOCATION '${disk.folder}'`);
      await admin.query('ALTER TABLE comments SET TABLESPACE small');
    }, 'papers');
    undo.push(() => postgres.asAdmin(async (admin) => {
      await admin.query('ALTER TABLE comments SET TABLESPACE pg_default');
      await admin.query('DROP TABLESPACE small');
    }, 'papers'));
    // Of digits, which PostgreSQL cannot make much smaller.
    const comment = (): string => `mutation { addComment(input: { paperId: "${papers[0]!.id}", body: "${randomBytes(4_900).toString('hex')}" }) { comment { id } } }`;
    expect(await ask(server, comment(), reader.token)).toMatchObject({ status: 200 });
    await disk.fill();
    const told: Told[] = [];
    for (let n = 0; n < 10 && told.at(-1)?.status !== 503; n += 1) told.push(await ask(server, comment(), reader.token));
    expectUnavailable(told.at(-1)!, 'UNKNOWN');
    expect(told.at(-1)!.body.errors![0]!.message).toMatch(/^the database has no space left: come again in 30 s/);
    await disk.free();
    expect(await ask(server, comment(), reader.token)).toMatchObject({ status: 200 });
    const acknowledged = 2 + told.filter(({ status }) => status === 200).length;
    expect((await ask(server, `{ paper(id: "${papers[0]!.id}") { commentCount } }`)).body.data).toEqual({ paper: { commentCount: acknowledged } });
  }, 30_000);

  test('has no room for more connections serves by those that it has, and says so where there is none', async () => {
    await postgres.cutAll();
    const crowd: pg.Client[] = [];
    undo.push(async () => { await Promise.all(crowd.map((client) => client.end().catch(() => undefined))); });
    await postgres.asAdmin((admin) => admin.query('CREATE ROLE guest LOGIN'));
    const end = Date.now() + 10_000;
    for (let isFull = false; !isFull && Date.now() < end;) {
      const client = new pg.Client({ connectionString: postgres.url.replace('postgres@', 'guest@') });
      client.on('error', () => undefined);
      try {
        await client.connect();
        crowd.push(client);
      } catch {
        isFull = true;
      }
    }
    const told = await Promise.all(Array.from({ length: 3 * POOL }, () => ask(server, PAGE)));
    for (const one of told) expect([200, 503]).toContain(one.status);
    for (const one of told.filter(({ status }) => status === 503)) expectUnavailable(one);
    for (const client of crowd.splice(0)) await client.end();
    await until('an answer', async () => (await ask(server, PAGE)).status === 200);
  }, 30_000);

  test('answers late, but in time, is no outage', async () => {
    proxy.delay(150);
    undo.push(() => { proxy.delay(0); });
    await new Promise((done) => setTimeout(done, 2_500));
    expect(server.database.outage()).toBeNull();
    expect(await isReady(server)).toBe(true);
    expect(await ask(server, PAGE)).toMatchObject({ status: 200 });
  }, 30_000);

  test('lets a request run into its time: it is answered, and what it still would do is not begun', async () => {
    await postgres.asAdmin(async (admin) => {
      await admin.query(`CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1.2); RETURN NULL; END $$;
        CREATE TRIGGER dawdle AFTER INSERT ON upvotes FOR EACH STATEMENT EXECUTE FUNCTION dawdle()`);
    }, 'papers');
    undo.push(() => postgres.asAdmin((admin) => admin.query('DROP FUNCTION IF EXISTS dawdle() CASCADE'), 'papers'));
    const one = await seedReader(server);
    const fields = papers.map(({ id }, n) => `v${n}: upvotePaper(input: { paperId: "${id}" }) { paper { id } }`).join(' ');
    const told = await ask(server, `mutation { ${fields} }`, one.token);
    expectUnavailable(told, 'UNKNOWN');
    expect(told.body.errors![0]!.message).toMatch(/^the request took longer than 4 s: .*may have been written/);
    expect(told.tookMs).toBeLessThan(4_000 + AT_ONCE_MS);
    await new Promise((done) => setTimeout(done, 2_500));
    const { body } = await ask(server, '{ viewer { upvotedPapers { totalCount } } }', one.token);
    expect(body.data.viewer.upvotedPapers.totalCount).toBe(4);
  }, 30_000);
});
