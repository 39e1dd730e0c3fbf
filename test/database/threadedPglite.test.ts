import { messages } from '@electric-sql/pglite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ThreadedPglite } from '../../src/database/threadedPglite.js';
import { SLOW, ThreadedFolders, rowsOf } from '../support/threadedFolders.js';

let folders: ThreadedFolders;
beforeAll(async () => {
  folders = await ThreadedFolders.create();
});
afterAll(() => folders.remove());

describe('PGlite on a thread', () => {
  let pglite: ThreadedPglite;
  beforeAll(async () => {
    pglite = await folders.openCopy('statements');
    await pglite.exec('CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)');
  });
  afterEach(() => pglite.exec('DELETE FROM things'));
  const names = async (): Promise<unknown[]> => (await rowsOf(pglite, 'SELECT name FROM things ORDER BY id')).map((row) => (row as { name: string }).name);
  const add = (target: Pick<ThreadedPglite, 'query'>, id: number, name: string): Promise<unknown> => target.query('INSERT INTO things VALUES ($1, $2)', [id, name]);

  test('takes and gives values of every type that is used', async () => {
    const at = new Date('2026-11-24T12:34:56.789Z');
    const bytes = Uint8Array.of(0, 1, 127, 128, 255);
    const [row] = await rowsOf(
      pglite,
      `SELECT $1::int4 AS int, $2::float8 AS float, $3::text AS text, $4::boolean AS flag, $5::timestamptz AS at, $6::jsonb AS json,
        $7::bytea AS bytes, $8::int4[] AS ints, $9::text[] AS texts, $10::text AS nothing, $11::bytea AS empty`,
      [7, 0.1, 'naïve “ü” \u{1F4C4}', true, at, { a: [1, null, 'b'] }, bytes, [1, 2], ['x', 'y,"z"'], null, new Uint8Array()],
    );
    expect(row).toEqual({
      int: 7, float: 0.1, text: 'naïve “ü” \u{1F4C4}', flag: true, at, json: { a: [1, null, 'b'] }, bytes, ints: [1, 2],
      texts: ['x', 'y,"z"'], nothing: null, empty: new Uint8Array(),
    });
  });

  test('takes a part of a buffer, and leaves it to its owner', async () => {
    const whole = Buffer.from('before-inside-after');
    const [row] = await rowsOf(pglite, 'SELECT $1::bytea AS bytes, octet_length($1::bytea) AS length', [whole.subarray(7, 13)]);
    expect(row).toEqual({ bytes: new Uint8Array(Buffer.from('inside')), length: 6 });
    expect(whole.toString()).toBe('before-inside-after');
  });

  test('gives a megabyte of bytes and thousands of rows whole', async () => {
    const [row] = (await rowsOf(pglite, `SELECT decode(repeat('00ff', 524288), 'hex') AS bytes`)) as { bytes: Uint8Array }[];
    expect(row!.bytes.length).toBe(1_048_576);
    expect(row!.bytes.filter((byte, index) => byte === (index % 2) * 255).length).toBe(1_048_576);
    const rows = (await rowsOf(pglite, 'SELECT n FROM generate_series(1, 20000) n')) as { n: number }[];
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
  });

  test('reads with parsers that come with the query, as rows or as lists, and leaves null alone', async () => {
    const text = 'SELECT 12::int8 AS big, NULL::int8 AS none, 3::int4 AS small';
    const parsers = { 20: (digits: string) => `<${digits}>` };
    expect((await pglite.query(text, [], { parsers })).rows).toEqual([{ big: '<12>', none: null, small: 3 }]);
    expect((await pglite.query(text, [], { parsers, rowMode: 'array' })).rows).toEqual([['<12>', null, 3]]);
  });

  describe('with a bound on waiting', () => {
    beforeAll(() => { pglite.waitMs = 100; });
    afterAll(() => { pglite.waitMs = Infinity; });

    test('fails what waits too long behind others, which then does not run, and nothing that is begun', async () => {
      // Each takes longer than one waits: the second waits for the first, and the others for both.
      const slow = pglite.query(SLOW);
      const waiting = [add(pglite, 1, 'one'), add(pglite, 2, 'two'), pglite.exec("INSERT INTO things VALUES (3, 'three')")];
      const outcomes = await Promise.allSettled(waiting);
      expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as Error).name : outcome.status))).toEqual(['NoRoomError', 'NoRoomError', 'NoRoomError']);
      expect((await slow).rows).toEqual([{ count: 3_000_000 }]);
      await add(pglite, 4, 'four');
      expect(await names()).toEqual(['four']);
    });

    test('fails what waits too long for a transaction, whose own statements wait', async () => {
      const outcomes: string[] = [];
      await pglite.transaction(async (transaction) => {
        await add(transaction, 1, 'one');
        const waiting = add(pglite, 2, 'two').then(() => outcomes.push('written'), (error: unknown) => outcomes.push((error as Error).name));
        await transaction.query(SLOW);
        await waiting;
        await add(transaction, 3, 'three');
      });
      expect(outcomes).toEqual(['NoRoomError']);
      expect(await names()).toEqual(['one', 'three']);
    });

    test('fails at once what finds thousands waiting', async () => {
      const slow = pglite.query(SLOW);
      const outcomes = await Promise.allSettled(Array.from({ length: 9_000 }, () => pglite.query('SELECT 1')));
      expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(700);
      await slow;
      expect(await rowsOf(pglite, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });

  test('runs statements in the order in which they were asked', async () => {
    const answers = [1, 2, 3, 4, 5].map((id) => add(pglite, id, `thing ${6 - id}`));
    expect(await names()).toEqual(['thing 5', 'thing 4', 'thing 3', 'thing 2', 'thing 1']);
    await Promise.all(answers);
  });

  test('throws PostgreSQL’s errors as PGlite does', async () => {
    await add(pglite, 1, 'taken');
    const error: unknown = await add(pglite, 2, 'taken').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(messages.DatabaseError);
    expect(error).toMatchObject({
      code: '23505', severity: 'ERROR', table: 'things', constraint: 'things_name_key', detail: 'Key (name)=(taken) already exists.',
      message: 'duplicate key value violates unique constraint "things_name_key"',
    });
    await expect(pglite.exec('SELECT 1; no statement')).rejects.toMatchObject({ code: '42601', position: '11' });
    await expect(pglite.query('SELECT $1::int4', ['many'])).rejects.toThrow(/many/);
    expect(await names()).toEqual(['taken']);
  });

  test('fails a statement whose parameters cannot be sent, and no other', async () => {
    await expect(pglite.query('SELECT $1::text', [() => 1])).rejects.toThrow(/could not be cloned/);
    expect(await rowsOf(pglite, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  describe('transactions', () => {
    test('commit when the work is done, and roll back when it throws', async () => {
      expect(await pglite.transaction(async (transaction) => (await add(transaction, 1, 'kept'), 'result'))).toBe('result');
      await expect(pglite.transaction(async (transaction) => {
        await add(transaction, 2, 'undone');
        throw new Error('changed my mind');
      })).rejects.toThrow('changed my mind');
      await pglite.transaction(async (transaction) => {
        await add(transaction, 3, 'undone as well');
        await transaction.rollback();
      });
      expect(await names()).toEqual(['kept']);
    });

    test('are not committed in part: a statement that failed and was caught fails the commit', async () => {
      const outcome = pglite.transaction(async (transaction) => {
        await add(transaction, 1, 'once');
        await add(transaction, 1, 'twice').catch(() => undefined);
      });
      await expect(outcome).rejects.toMatchObject({ code: '25P02' });
      expect(await names()).toEqual([]);
    });

    test('exclude each other and the statements of others, in the order in which they came', async () => {
      const steps: string[] = [];
      const pause = (): Promise<void> => new Promise((done) => setTimeout(done, 20));
      const transact = (name: string, id: number): Promise<void> =>
        pglite.transaction(async (transaction) => {
          steps.push(`${name} begins`);
          await add(transaction, id, name);
          await pause();
          steps.push(`${name} sees ${String((await rowsOf(transaction, 'SELECT count(*)::int4 AS n FROM things')).map((row) => (row as { n: number }).n))}`);
        });
      const both = [transact('first', 1), transact('second', 2)];
      const between = add(pglite, 3, 'third').then(() => steps.push('third is added'));
      await Promise.all([...both, between]);
      expect(steps).toEqual(['first begins', 'first sees 1', 'second begins', 'second sees 2', 'third is added']);
      expect(await names()).toEqual(['first', 'second', 'third']);
    });

    test('that have ended take no more statements', async () => {
      const ended = await pglite.transaction((transaction) => Promise.resolve(transaction));
      await expect(add(ended, 1, 'late')).rejects.toThrow('the transaction has ended');
      expect(await names()).toEqual([]);
    });
  });

  test('tells listeners of a channel, until they stop', async () => {
    const heard: string[] = [];
    const stops = await Promise.all(['one', 'two'].map((name) => pglite.listen('news', () => heard.push(name))));
    await pglite.listen('other', () => heard.push('other'));
    await pglite.exec('NOTIFY news');
    // A notification comes before the answer of a later statement.
    await pglite.exec('SELECT 1');
    expect(heard).toEqual(['one', 'two']);
    await stops[0]!();
    await pglite.exec('NOTIFY news');
    await pglite.exec('SELECT 1');
    expect(heard).toEqual(['one', 'two', 'two']);
    await stops[1]!();
    expect(await rowsOf(pglite, 'SELECT pg_listening_channels() AS channel')).toEqual([{ channel: 'other' }]);
  });

  test('leaves the event loop free while a statement runs', async () => {
    let [turns, ticks, isDone] = [0, 0, false];
    const turn = (): void => {
      turns += 1;
      if (!isDone) setImmediate(turn);
    };
    const timer = setInterval(() => (ticks += 1), 1);
    setImmediate(turn);
    expect(await rowsOf(pglite, SLOW)).toEqual([{ count: 3_000_000 }]);
    isDone = true;
    clearInterval(timer);
    // In this thread it would be two or three: before the statement and after it.
    expect(turns).toBeGreaterThan(50);
    expect(ticks).toBeGreaterThan(10);
  });
});
