import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rawSql, sql, type Database } from '../../src/database/database.js';
import { asText, encodeCursor, type Order } from '../../src/database/lists.js';
import { NODE_TYPES, toGlobalId } from '../../src/graphql/globalId.js';
import { cursorJson, json, nullableJson } from '../../src/graphql/projection.js';
import { ODD_TEXTS } from '../support/paperWorld.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';

let testDatabase: TestDatabase;
let database: Database;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = testDatabase.database;
});
afterAll(() => testDatabase.drop());

/** What an expression says of each value `v` of a type. */
async function written(expression: string, type: string, values: readonly unknown[]): Promise<(string | null)[]> {
  const rows = await database.rows<{ text: string | null }>(sql`
    SELECT ${rawSql(expression)} AS text FROM unnest(${[...values]}::text[]) WITH ORDINALITY AS x (t, place) CROSS JOIN LATERAL (SELECT x.t::${rawSql(type)} AS v) y ORDER BY place`);
  return rows.map((row) => row.text);
}

const CONTROLS = Array.from({ length: 31 }, (_, n) => String.fromCharCode(n + 1));
const TEXTS = ['', ' ', ...ODD_TEXTS, ...CONTROLS, CONTROLS.join(''), '\u007f\u0080\u009f', '\ud7ff\ue000\uffff', '😀'.repeat(200), '\\u0000', "''", '"', '\\', '/', '<!--'];

describe('the database writes as JavaScript does', () => {
  test('texts', async () => {
    const texts = await written(json.text('v'), 'text', TEXTS);
    expect(texts.map((text) => JSON.parse(text!) as unknown)).toEqual(TEXTS);
    expect(texts).toEqual(TEXTS.map((text) => JSON.stringify(text)));
  });

  test('ids', async () => {
    for (const type of NODE_TYPES) {
      const ids = [1, 9, 10, 99, 12_345, 2_147_483_647];
      expect(await written(json.globalId(type, 'v'), 'int4', ids)).toEqual(ids.map((id) => JSON.stringify(toGlobalId(type, id))));
    }
  });

  test('cursors of texts, however long', async () => {
    const order: Order = { name: 'odd-texts', descending: false, keys: [{ column: 'v', type: 'text' }, { column: '7', type: 'int4' }] };
    const cursors = await written(cursorJson(order.name, order.keys.map(asText)), 'text', TEXTS);
    expect(cursors).toEqual(TEXTS.map((text) => JSON.stringify(encodeCursor(order, [text, '7']))));
    expect(cursors.join('')).not.toMatch(/[+/=\n]/);
  });

  test('cursors of numbers and instants, in the text that the database gives to code', async () => {
    for (const [type, values] of [['float8', ['0', '0.1', '-1e-7', '1e300', '734.301029995664', '0.30000000000000004']], ['int4', ['-2147483648', '0', '5']], ['timestamptz', ['1900-01-01T00:00:00.001Z', '2999-12-31T23:59:59.999Z']]] as const) {
      const key = { column: 'v', type };
      const texts = await written(asText(key), type, values);
      expect(await written(cursorJson('list', [asText(key)]), type, values)).toEqual(texts.map((text) => JSON.stringify(encodeCursor({ name: 'list' }, [text!]))));
    }
  });

  test('instants', async () => {
    const instants = ['1900-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00.001Z', '2024-02-29T12:34:56.789Z', '2026-10-25T00:30:00.100Z', '2999-12-31T23:59:59.990Z'];
    expect(await written(json.instant('v'), 'timestamptz', instants)).toEqual(instants.map((instant) => JSON.stringify(new Date(instant).toISOString())));
    const read = await database.rows<{ at: Date; text: string }>(sql`SELECT v AS at, ${rawSql(json.instant('v'))} AS text FROM (VALUES ('2026-01-01T00:00:00.999999Z'::timestamptz(3)), ('2026-01-01T00:00:00.0004Z'::timestamptz(3))) x (v)`);
    expect(read.map(({ text }) => text)).toEqual(read.map(({ at }) => JSON.stringify(at)));
  });

  test('numbers, to the same value', async () => {
    const numbers = [0, 1, -1, 0.1, 0.1 + 0.2, 1e-7, 1.25e-300, 1.7976931348623157e308, 734.301029995664, 2 ** 53];
    expect((await written(json.number('v'), 'float8', numbers)).map((text) => JSON.parse(text!) as unknown)).toEqual(numbers);
    const whole = [-2_147_483_648, 0, 2_147_483_647];
    expect(await written(json.number('v'), 'int4', whole)).toEqual(whole.map(String));
  });

  test('conditions, words and what is null', async () => {
    expect(await written(json.boolean('v'), 'boolean', ['true', 'false', null])).toEqual(['true', 'false', 'false']);
    expect(await written(json.word('v'), 'text', ['tag-0', 'a.b', 'READER'])).toEqual(['"tag-0"', '"a.b"', '"READER"']);
    expect(await written(nullableJson.text('v'), 'text', [null, 'null', ''])).toEqual(['null', '"null"', '""']);
    expect(await written(nullableJson.number('v'), 'int4', [null, 0])).toEqual(['null', '0']);
    expect(await written(nullableJson.instant('v'), 'timestamptz', [null])).toEqual(['null']);
    expect(await written(nullableJson.boolean('v'), 'boolean', ['true', 'false', null])).toEqual(['true', 'false', 'null']);
    expect(await written(nullableJson.value('v'), 'jsonb', [null, 'null', '{}'])).toEqual(['null', 'null', '{}']);
  });

  test('lists of texts, and objects', async () => {
    const [texts] = await written(json.texts('v'), 'text[]', [`{${TEXTS.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`]);
    expect(texts).toBe(JSON.stringify(TEXTS));
    expect(await written(json.texts('v'), 'text[]', ['{}'])).toEqual(['[]']);
    const objects = [{}, { a: null, b: [1.5, 'two', { three: true }] }, Object.fromEntries(TEXTS.map((text) => [text, text]))];
    const read = await written(nullableJson.value('v'), 'jsonb', objects.map((object) => JSON.stringify(object)));
    expect(read.map((text) => JSON.parse(text!) as unknown)).toEqual(objects);
  });
});
