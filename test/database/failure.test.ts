import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { Database, sql } from '../../src/database/database.js';
import { DatabaseEndedError, NoRoomError, UnansweredError, failureOf, unavailable, type FailureKind } from '../../src/database/failure.js';
import { openPostgres } from '../../src/database/postgres.js';
import { Prisma } from '../../src/generated/prisma/client.js';
import { OwnPostgres, canStartPostgres } from '../support/ownPostgres.js';
import { TcpProxy } from '../support/tcpProxy.js';

const withCode = (code: string, message = 'told by PostgreSQL'): Error => Object.assign(new pg.DatabaseError(message, 0, 'error'), { code });
const known = (code: string, meta: object = {}): Error => new Prisma.PrismaClientKnownRequestError('told by Prisma', { code, clientVersion: '7', meta: meta as Record<string, unknown> });

describe('a failure of the database', () => {
  test.each<[FailureKind, Error]>([
    ['CUT', withCode('57P01')], ['CUT', withCode('57P02')], ['CUT', withCode('08006')], ['CUT', withCode('25P03')], ['STARTING', withCode('57P03')], ['BUSY', withCode('53300')], ['FULL', withCode('53100')],
    ['MEMORY', withCode('53200')], ['SLOW', withCode('57014')], ['LOCKED', withCode('55P03')], ['CONFLICT', withCode('40001')], ['CONFLICT', withCode('40P01')], ['UNREACHABLE', withCode('28P01')], ['UNREACHABLE', withCode('3D000')],
    ['UNREACHABLE', known('P1001')], ['HANGING', known('P1002')], ['SLOW', known('P1008')], ['CUT', known('P1017')], ['BUSY', known('P2024')], ['CONFLICT', known('P2034')],
    ['BUSY', new Prisma.PrismaClientKnownRequestError('Transaction API error: Unable to start a transaction in the given time.', { code: 'P2028', clientVersion: '7' })], ['SLOW', known('P2028')],
    ['LOCKED', known('P2010', { driverAdapterError: { cause: { originalCode: '55P03' } } })],
    ['CUT', known('P2010', { driverAdapterError: { cause: { kind: 'ConnectionClosed' } } })], ['UNREACHABLE', Object.assign(new Error('made by the adapter'), { name: 'DriverAdapterError', cause: { kind: 'DatabaseNotReachable' } })],
    ['BUSY', new NoRoomError('no place')], ['HANGING', new UnansweredError('no answer')], ['UNREACHABLE', new DatabaseEndedError('the thread ended')],
    ['BUSY', new Error('timeout exceeded when trying to connect')], ['CUT', new Error('Connection terminated unexpectedly')], ['HANGING', new Error('Connection terminated due to connection timeout')],
    ['CUT', Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' })], ['UNREACHABLE', Object.assign(new Error('connect ENOENT'), { code: 'ENOENT', syscall: 'connect' })],
  ])('is %s for %s', (kind, error) => {
    expect(failureOf(error)).toBe(kind);
    expect(unavailable(kind, error)).toMatchObject({ code: 'UNAVAILABLE', retryAfter: expect.any(Number), cause: error });
  });

  test.each([
    withCode('23505'), withCode('42P01'), withCode('22P02'), known('P2002'), known('P2025'), new Error('something else'), new TypeError('x is not a function'),
    Object.assign(new Error('open ENOENT'), { code: 'ENOENT', syscall: 'open' }), 'no error', null,
  ])('is not what %s tells of', (error) => {
    expect(failureOf(error)).toBeNull();
  });

  test('is that nobody listens, and that a name is not known', async () => {
    for (const host of ['127.0.0.1:1', '[::1]:1', 'no-such-host.invalid:5432']) {
      const client = new pg.Client({ connectionString: `postgresql://nobody@${host}/nothing` });
      const error = await client.connect().catch((reason: unknown) => reason);
      expect([host, failureOf(error)]).toEqual([host, 'UNREACHABLE']);
    }
  });

  test('is that who listens says nothing, or hangs up', async () => {
    for (const [hangsUp, kind] of [[false, 'HANGING'], [true, 'CUT']] as const) {
      const silent = createServer((socket) => { if (hangsUp) socket.destroy(); else socket.on('error', () => undefined); });
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const client = new pg.Client({ host: '127.0.0.1', port: (silent.address() as { port: number }).port, user: 'nobody', connectionTimeoutMillis: 200 });
      client.on('error', () => undefined);
      const error = await client.connect().catch((reason: unknown) => reason);
      expect([hangsUp, failureOf(error)]).toEqual([hangsUp, kind]);
      silent.close();
    }
  });
});

(canStartPostgres ? describe : describe.skip)('a transaction whose connection is cut', () => {
  let postgres: OwnPostgres;
  let proxy: TcpProxy;
  let database: Database;
  const failures: string[] = [];
  const count = async (): Promise<number> => (await database.rows<{ count: number }>(sql`SELECT value::int4 AS count FROM settings WHERE key = 'written'`))[0]!.count;
  // What is written twice is seen.
  const write = (by = 'anybody') => sql`UPDATE settings SET value = (value::int4 + 1)::text WHERE key = 'written' AND ${by}::text IS NOT NULL RETURNING key`;
  const cut = sql`SELECT pg_terminate_backend(pg_backend_pid())`;

  beforeAll(async () => {
    postgres = await OwnPostgres.start();
    proxy = await TcpProxy.to(postgres.port);
    database = new Database(await openPostgres(postgres.urlAt(proxy.port), 3, { statementMs: 2_000, lockMs: 500, poolMs: 1_000, transactionMs: 4_000 }));
    database.onFailure = (kind) => failures.push(kind);
    await database.rows(sql`INSERT INTO settings (key, value) VALUES ('written', '0')`);
  }, 120_000);
  afterAll(async () => {
    await database.close();
    await proxy.close();
    await postgres.drop();
  });

  test('before its end runs again, and is written once', async () => {
    let attempts = 0;
    const before = await count();
    await database.transaction(async ({ rows }) => {
      attempts += 1;
      await rows(write());
      if (attempts === 1) await rows(cut);
    });
    expect([attempts, (await count()) - before]).toEqual([2, 1]);
  });

  test('at its COMMIT is not run again, and says that it failed', async () => {
    let attempts = 0;
    const before = await count();
    const work = database.transaction(async ({ rows }) => {
      attempts += 1;
      await rows(write());
      proxy.onBytes = (bytes) => { if (bytes.includes('COMMIT\0')) proxy.cutAfterPassing(); };
    });
    await expect(work).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    proxy.onBytes = null;
    // What was asked to commit, and could not say that it did.
    expect([attempts, (await count()) - before]).toEqual([1, 1]);
    expect(failures.at(-1)).toBe('CUT');
  });

  test.each(['bulkTransaction', 'snapshot'] as const)('amid a %s fails without ending the process', async (kind) => {
    const work = database[kind](async ({ rows }) => {
      await rows(sql`SELECT 1 AS one`);
      await postgres.cutAll();
      // While nobody waits for an answer of it.
      await new Promise((done) => setTimeout(done, 100));
      await rows(sql`SELECT 1 AS one`);
    });
    await expect(work).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await database.rows(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
  });

  test('a statement that reads is asked once more, one that writes is not', async () => {
    const before = await count();
    proxy.onBytes = (bytes) => { if (bytes.includes('a needle')) { proxy.onBytes = null; proxy.cut(); } };
    expect(await database.rows(sql`SELECT 'a needle' AS found`)).toEqual([{ found: 'a needle' }]);
    proxy.onBytes = (bytes) => { if (bytes.includes('a needle')) { proxy.onBytes = null; proxy.cutAfterPassing(); } };
    await expect(database.rows(write('a needle'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await count()) - before).toBe(1);
  });
});
