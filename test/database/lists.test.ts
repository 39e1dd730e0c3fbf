import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rawSql, sql, type Database } from '../../src/database/database.js';
import { countRows, decodeCursor, encodeCursor, readPage, readPagesByParent, type ListQuery, type Order, type Page, type PageOf } from '../../src/database/lists.js';
import { chance } from '../support/random.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';

const ALL_TYPES: Order = {
  name: 'all-types',
  descending: true,
  keys: (['int4', 'float8', 'timestamptz', 'text'] as const).map((type) => ({ column: `t.${type}`, type })),
};
const VALUES = ['-7', '1.5e-07', '2026-01-02T03:04:05.678Z', 'naïve "text" \\ 文 🙂'];

describe('cursors', () => {
  test('give back the values that they were made of', () => {
    expect(decodeCursor(ALL_TYPES, encodeCursor(ALL_TYPES, VALUES), 'after')).toEqual(VALUES);
    expect(encodeCursor(ALL_TYPES, VALUES)).toMatch(/^[\w-]+$/);
  });

  const bad: [what: string, cursor: string][] = [
    ['empty', ''],
    ['no base64', '!!!'],
    ['no JSON', Buffer.from('all-types').toString('base64url')],
    ['no list', Buffer.from('{"0":"all-types"}').toString('base64url')],
    ['of another list', encodeCursor({ name: 'other' }, VALUES)],
    ['too short', encodeCursor(ALL_TYPES, VALUES.slice(1))],
    ['too long', encodeCursor(ALL_TYPES, [...VALUES, '1'])],
    ...['7.5', '', '1e3', '2147483648', '-2147483649', '1); DROP TABLE papers'].map((value) => [`int4 ${value}`, cursorWith(0, value)] as [string, string]),
    // The last two look right, but PostgreSQL would refuse them: an internal error instead of the client's.
    ...['NaN', 'Infinity', '1e999', '0x10', '', '1e-400', '-1e-999'].map((value) => [`float8 ${value}`, cursorWith(1, value)] as [string, string]),
    ...['2026-01-02', 'infinity', 'now', '2026-13-01T00:00:00.000Z', '2026-02-30T00:00:00.000Z', '0000-01-01T00:00:00.000Z', '+012026-01-01T00:00:00.000Z'].map((value) => [`timestamptz ${value}`, cursorWith(2, value)] as [string, string]),
    ['text with NUL', cursorWith(3, 'a\0b')],
  ];
  test.each(bad)('refuses one that is %s', (_, cursor) => {
    expect(() => decodeCursor(ALL_TYPES, cursor, 'before')).toThrow(/^before must be a cursor of this list in this order, received "/);
  });

  function cursorWith(place: number, value: string): string {
    return encodeCursor(ALL_TYPES, VALUES.map((one, index) => (index === place ? value : one)));
  }
});

interface Vote {
  readonly paper: number;
  readonly reader: number;
}

const withReaders = ({ rows, ...rest }: PageOf<Vote>): object => ({ ...rest, readers: rows.map((row) => row.reader) });

describe('pages', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  const PARENTS = [1, 2, 3, 4, 5];
  // 40 readers, each of whom upvoted some of 5 papers, at few different times: ties are common.
  const list = { columns: sql`v.paper_id AS paper, v.user_id AS reader`, from: sql`upvotes v` };
  const ORDERS: Order[] = [true, false].map((descending) => ({
    name: `votes ${descending ? 'down' : 'up'}`,
    descending,
    keys: [
      { column: 'v.created_at', type: 'timestamptz' },
      { column: 'v.user_id', type: 'int4' },
    ],
  }));
  const PAGE: Page = { limit: 7, fromEnd: false, after: null, before: null };

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = testDatabase.database;
    await database.rows(sql`INSERT INTO users (username) SELECT 'reader-' || n FROM generate_series(1, 40) n`);
    await database.rows(sql`INSERT INTO papers (title, listed_at) SELECT 'Paper ' || n, CASE n WHEN 1 THEN timestamptz '1900-01-01Z' ELSE now() END FROM generate_series(1, 5) n`);
    const random = chance(7);
    const votes = PARENTS.slice(0, 4).flatMap((paper) => Array.from({ length: 40 }, (_, reader) => `(${reader + 1}, ${paper}, timestamptz '2026-01-01Z' + ${random.below(6)} * interval '1.000001 seconds')`));
    const some = votes.filter(() => random.number() < 0.6);
    await database.rows(sql`INSERT INTO upvotes (user_id, paper_id, created_at) VALUES ${rawSql(some.join(', '))}`);
  });
  afterAll(() => testDatabase.drop());

  const ofPaper = (order: Order, paper: number): ListQuery => ({ ...list, where: [sql`v.paper_id = ${paper}`], order });
  async function readAll(query: ListQuery, fromEnd: boolean): Promise<PageOf<Vote>[]> {
    const pages: PageOf<Vote>[] = [];
    for (let page: Page | null = { ...PAGE, fromEnd }; page !== null; ) {
      const read: PageOf<Vote> = await readPage<Vote>(database, query, page);
      pages.push(read);
      const hasMore = fromEnd ? read.hasPreviousPage : read.hasNextPage;
      page = hasMore ? { ...PAGE, fromEnd, after: fromEnd ? null : read.cursors.at(-1)!, before: fromEnd ? read.cursors[0]! : null } : null;
    }
    return fromEnd ? pages.reverse() : pages;
  }

  describe.each(ORDERS)('$name', (order) => {
    test('followed to the end give every row once, in the list’s order, from either end', async () => {
      const direction = order.descending ? 'DESC' : 'ASC';
      const expected = await database.rows<{ reader: number }>(
        sql`SELECT user_id AS reader FROM upvotes WHERE paper_id = 1 ORDER BY created_at ${rawSql(direction)}, user_id ${rawSql(direction)}`,
      );
      for (const fromEnd of [false, true]) {
        const pages = await readAll(ofPaper(order, 1), fromEnd);
        expect(pages.flatMap(({ rows }) => rows.map((row) => row.reader))).toEqual(expected.map((row) => row.reader));
        expect(pages.length).toBe(Math.ceil(expected.length / PAGE.limit));
      }
    });

    test('of many parents equal those of one parent each, and are one statement', async () => {
      const [first] = await readAll(ofPaper(order, 1), false);
      const [after, before] = [first!.cursors[1]!, first!.cursors[5]!];
      for (const page of [PAGE, { ...PAGE, fromEnd: true }, { ...PAGE, after }, { ...PAGE, after, before }, { ...PAGE, before, fromEnd: true }]) {
        let statements = 0;
        database.onStatement = () => (statements += 1);
        const pages = await readPagesByParent<Vote>(database, { ...list, where: [], order, parentColumn: 'v.paper_id' }, { ids: PARENTS, page });
        expect(statements).toBe(1);
        database.onStatement = null;
        for (const paper of PARENTS) {
          const single = await readPage<Vote>(database, ofPaper(order, paper), page);
          expect(withReaders(pages.get(paper)!)).toEqual(withReaders(single));
        }
        expect(pages.get(5)).toMatchObject({ rows: [], cursors: [] });
      }
    });
  });

  test('between two cursors hold what lies between them', async () => {
    const [first] = await readAll(ofPaper(ORDERS[0]!, 1), false);
    const page = await readPage(database, ofPaper(ORDERS[0]!, 1), { ...PAGE, after: first!.cursors[1]!, before: first!.cursors[4]! });
    expect(page).toMatchObject({ rows: first!.rows.slice(2, 4), hasNextPage: false, hasPreviousPage: true });
  });

  test('do not shift when rows come and go on pages that were read', async () => {
    const query = ofPaper(ORDERS[0]!, 1);
    const before = await readAll(query, false);
    const [first, ...rest] = before.map(({ rows }) => rows.map((row) => row.reader));
    const away = first!.slice(0, 3);
    await database.rows(sql`DELETE FROM upvotes WHERE paper_id = 1 AND user_id = ANY (${away}::int4[])`);
    const second = await readPage<Vote>(database, query, { ...PAGE, after: before[0]!.cursors.at(-1)! });
    expect(second.rows.map((row) => row.reader)).toEqual(rest[0]);
  });

  test('of no parents are none; a list without conditions is counted whole', async () => {
    expect(await readPagesByParent(database, { ...list, where: [], order: ORDERS[0]!, parentColumn: 'v.paper_id' }, { ids: [], page: PAGE })).toEqual(new Map());
    const [row] = await database.rows<{ votes: number }>(sql`SELECT sum(upvote_count)::int4 AS votes FROM papers`);
    expect(await countRows(database, { from: list.from, where: [] })).toBe(row!.votes);
  });
});
