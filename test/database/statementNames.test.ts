import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Database, sql } from '../../src/database/database.js';
import { openPostgres } from '../../src/database/postgres.js';
import { StatementNames } from '../../src/database/statementNames.js';
import { createEmptyDatabase, type EmptyDatabase } from '../support/emptyDatabase.js';
import { isOnServer } from '../support/testDatabase.js';

const USES = 5;
const MOST_NAMES = 300;
const MOST_COUNTED = 2000;

/** The names that a text gets when it comes so often. */
const namesOf = (names: StatementNames, text: string, times: number): (string | undefined)[] => Array.from({ length: times }, () => names.of(text));

describe('a statement', () => {
  test('has a name from the fifth use on, always the same, in every process', () => {
    const given = namesOf(new StatementNames(), 'SELECT 1', 8);
    expect(given.slice(0, USES - 1)).toEqual([undefined, undefined, undefined, undefined]);
    expect(given.slice(USES - 1)).toEqual(Array.from({ length: 4 }, () => given.at(-1)));
    // PostgreSQL cuts names at 63 characters.
    expect(given.at(-1)).toMatch(/^dp_[\w-]{24}$/);
    expect(namesOf(new StatementNames(), 'SELECT 1', USES).at(-1)).toBe(given.at(-1));
  });

  test('has a name of its own, whatever comes between', () => {
    const names = new StatementNames();
    const texts = Array.from({ length: 100 }, (_, n) => `SELECT ${n}${' '.repeat(1000)}`);
    for (let use = 1; use < USES; use += 1) for (const text of texts) expect(names.of(text)).toBeUndefined();
    expect(new Set(texts.map((text) => names.of(text))).size).toBe(100);
    expect(names.of('select 0')).toBeUndefined();
  });

  test('has none when all are given, and those that have one keep it', () => {
    const names = new StatementNames();
    const given = Array.from({ length: MOST_NAMES }, (_, n) => namesOf(names, `SELECT ${n}`, USES).at(-1));
    expect(new Set(given).size).toBe(MOST_NAMES);
    expect(namesOf(names, 'SELECT late', 3 * USES)).toEqual(Array.from({ length: 3 * USES }, () => undefined));
    expect(given.map((_, n) => names.of(`SELECT ${n}`))).toEqual(given);
  });

  test('is forgotten before its name when many others come between', () => {
    const names = new StatementNames();
    const between = (count: number): void => { for (let n = 0; n < count; n += 1) names.of(`SELECT ${n}`); };
    namesOf(names, 'SELECT often', USES - 1);
    between(MOST_COUNTED - 1);
    expect(names.of('SELECT often')).toBeDefined();
    namesOf(names, 'SELECT seldom', USES - 1);
    between(MOST_COUNTED + 1);
    expect(names.of('SELECT seldom')).toBeUndefined();
  });
});

(isOnServer ? describe : describe.skip)('on PostgreSQL (with TEST_DATABASE_URL)', () => {
  let empty: EmptyDatabase;
  let database: Database;
  beforeAll(async () => {
    empty = await createEmptyDatabase();
    // One connection, whose prepared statements can be looked at.
    database = new Database(await openPostgres(empty.url!, 1));
  });
  afterAll(async () => {
    await database.close();
    await empty.drop();
  });

  test('is prepared once a connection, and gives the same before and after', async () => {
    const values: [number[], string | null, Date | null, boolean, Uint8Array][] = [
      [[1, 2], 'text', new Date('1900-01-01T00:00:00.123Z'), true, new Uint8Array([0, 255])], [[], null, null, false, new Uint8Array()], [[-1], `'"\\ 👩‍🔬`, new Date('2999-12-31T23:59:59.999Z'), true, new Uint8Array([39])],
    ];
    for (let round = 0; round < 4; round += 1) {
      for (const [list, text, instant, flag, bytes] of values) {
        const rows = await database.rows(sql`SELECT ${list}::int4[] AS list, ${text}::text AS text, ${instant}::timestamptz AS instant, ${flag}::boolean AS flag, octet_length(${bytes}::bytea) AS bytes, 0.5::float8 AS float`);
        expect(rows).toEqual([{ list, text, instant, flag, bytes: bytes.length, float: 0.5 }]);
      }
    }
    const prepared = await database.rows<{ name: string; uses: number }>(sql`SELECT name, (generic_plans + custom_plans)::int4 AS uses FROM pg_prepared_statements WHERE name LIKE 'dp_%'`);
    // Of twelve uses the first four had no name.
    expect(prepared).toEqual([{ name: expect.stringMatching(/^dp_/), uses: 8 }]);
  });

  test('is prepared by each connection that meets it, and keeps its results apart', async () => {
    const several = new Database(await openPostgres(empty.url!, 3));
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => several.rows<{ twice: number; pid: number }>(sql`SELECT 2 * ${n}::int4 AS twice, pg_backend_pid() AS pid FROM pg_sleep(0.002)`)));
    await several.close();
    expect(answers.map(([row]) => row!.twice)).toEqual(Array.from({ length: 60 }, (_, n) => 2 * n));
    expect(new Set(answers.map(([row]) => row!.pid)).size).toBe(3);
  });

  test('fails as it should with values that do not fit, and works again', async () => {
    const ask = (value: string): Promise<{ n: number }[]> => database.rows<{ n: number }>(sql`SELECT ${value}::text::int4 AS n`);
    for (let n = 0; n < 8; n += 1) {
      expect(await ask(String(n))).toEqual([{ n }]);
      await expect(ask('none')).rejects.toThrow('invalid input syntax');
    }
  });
});
