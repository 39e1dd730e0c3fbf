import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPaper, seedPapers, seedReader, seedUpvotes, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const ORDERS = ['NEWEST', 'TOP', 'TRENDING'] as const;
type Order = (typeof ORDERS)[number];
interface Page {
  first?: number;
  after?: string | null;
  last?: number;
  before?: string | null;
}

const DAYS = ['2026-01-01', '2026-01-02', '2026-01-05'];
const PAPERS = `query ($first: Int, $after: String, $last: Int, $before: String, $orderBy: PaperOrder!) {
  papers(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
    totalCount edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

let server: TestServer;
let readers: Reader[];
let papers: SeededPaper[];
// Every day and every number of votes is shared by many papers, so that each order has ties.
const dayOf = (index: number): string => DAYS[index % DAYS.length]!;
const votesOf = (index: number): number => (index * 2) % 5 % 3;

beforeAll(async () => {
  server = await startTestServer();
  readers = [await seedReader(server), await seedReader(server), await seedReader(server)];
  papers = await seedPapers(server, Array.from({ length: 23 }, (_, index) => ({ title: `Paper number ${index}`, listedOn: dayOf(index) })));
  await seedUpvotes(server, papers.flatMap((paper, index) => readers.slice(0, votesOf(index)).map((reader) => [reader, paper] as const)));
});
afterAll(() => server.stop());

async function read(orderBy: Order, page: Page): Promise<any> {
  return (await server.query(PAPERS, { variables: { ...page, orderBy } })).papers;
}

function idsOf(connection: any): string[] {
  expect(connection.nodes).toEqual(connection.edges.map((edge: any) => edge.node));
  return connection.nodes.map((node: any) => node.id);
}

/** All pages in one direction, joined; `meanwhile` runs between them. */
async function readAll(orderBy: Order, page: { size: number; backward?: boolean }, meanwhile?: (pagesRead: number) => Promise<void>): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  for (let pagesRead = 1; ; pagesRead += 1) {
    const part: any = await read(orderBy, page.backward === true ? { last: page.size, before: cursor } : { first: page.size, after: cursor });
    expect(pagesRead).toBeLessThan(100);
    if (page.backward === true) ids.unshift(...idsOf(part));
    else ids.push(...idsOf(part));
    const { pageInfo } = part;
    if (!(page.backward === true ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return ids;
    cursor = page.backward === true ? pageInfo.startCursor : pageInfo.endCursor;
    await meanwhile?.(pagesRead);
  }
}

function expectedIds(orderBy: Order): string[] {
  const trend = (index: number): number => Math.log10(1 + votesOf(index)) + Date.parse(dayOf(index)) / 86_400_000 / 3;
  const key = { NEWEST: (index: number) => Date.parse(dayOf(index)), TOP: votesOf, TRENDING: trend }[orderBy];
  const indices = papers.map((_, index) => index);
  return indices.sort((a, b) => key(b) - key(a) || papers[b]!.rowId - papers[a]!.rowId).map((index) => papers[index]!.id);
}

describe('paging', () => {
  test.each(ORDERS.flatMap((orderBy) => [1, 4, 23, 100].map((size) => [orderBy, size] as const)))(
    'by %s in pages of %i meets every paper once, in the same order from either end',
    async (orderBy, size) => {
      expect(await readAll(orderBy, { size })).toEqual(expectedIds(orderBy));
      expect(await readAll(orderBy, { size, backward: true })).toEqual(expectedIds(orderBy));
    },
  );

  test.each(ORDERS)('by %s between two cursors gives what stands between them', async (orderBy) => {
    const { edges } = await read(orderBy, { first: 100 });
    const range = { after: edges[3].cursor, before: edges[10].cursor };
    const between = expectedIds(orderBy).slice(4, 10);
    expect(idsOf(await read(orderBy, { first: 100, ...range }))).toEqual(between);
    expect(idsOf(await read(orderBy, { first: 2, ...range }))).toEqual(between.slice(0, 2));
    expect(idsOf(await read(orderBy, { last: 2, ...range }))).toEqual(between.slice(-2));
    expect(idsOf(await read(orderBy, { first: 5, after: range.before, before: range.after }))).toEqual([]);
  });

  test('gives 20 from the start when neither first nor last is given, and counts the whole list', async () => {
    const page = await read('NEWEST', {});
    expect(idsOf(page)).toEqual(expectedIds('NEWEST').slice(0, 20));
    expect(page.totalCount).toBe(23);
    expect((await read('NEWEST', { first: 1, after: page.pageInfo.endCursor })).totalCount).toBe(23);
  });

  test('says where the page stands in the list', async () => {
    const { edges, pageInfo: whole } = await read('NEWEST', { first: 100 });
    const cursors = edges.map((edge: any) => edge.cursor);
    expect(new Set(cursors).size).toBe(23);
    expect(whole).toEqual({ hasNextPage: false, hasPreviousPage: false, startCursor: cursors[0], endCursor: cursors[22] });
    const infoOf = async (page: Page): Promise<any> => (await read('NEWEST', page)).pageInfo;
    expect(await infoOf({ first: 5 })).toEqual({ hasNextPage: true, hasPreviousPage: false, startCursor: cursors[0], endCursor: cursors[4] });
    expect(await infoOf({ first: 5, after: cursors[4] })).toEqual({ hasNextPage: true, hasPreviousPage: true, startCursor: cursors[5], endCursor: cursors[9] });
    expect(await infoOf({ first: 5, after: cursors[17] })).toEqual({ hasNextPage: false, hasPreviousPage: true, startCursor: cursors[18], endCursor: cursors[22] });
    expect(await infoOf({ last: 5 })).toEqual({ hasNextPage: false, hasPreviousPage: true, startCursor: cursors[18], endCursor: cursors[22] });
    expect(await infoOf({ last: 5, before: cursors[5] })).toEqual({ hasNextPage: true, hasPreviousPage: false, startCursor: cursors[0], endCursor: cursors[4] });
    expect(await infoOf({ first: 5, after: cursors[22] })).toEqual({ hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null });
  });
});

describe('bad arguments', () => {
  test.each<[string, Page]>([
    ['first must be between 1 and 100, received 0', { first: 0 }],
    ['first must be between 1 and 100, received 101', { first: 101 }],
    ['first must be between 1 and 100, received 5000', { first: 5000 }],
    ['first must be between 1 and 100, received -1', { first: -1 }],
    ['last must be between 1 and 100, received 0', { last: 0 }],
    ['last must be between 1 and 100, received 101', { last: 101 }],
    ['last must not be given together with first, received 7', { first: 5, last: 7 }],
  ])('are refused: %s', async (message, page) => {
    const error = await server.error(PAPERS, { variables: { ...page, orderBy: 'NEWEST' } });
    expect(error).toMatchObject({ message, path: ['papers'], extensions: { code: 'BAD_USER_INPUT', field: message.split(' ')[0] } });
  });

  test.each(['after', 'before'])('a huge cursor in %s is refused, and shown in part', async (field) => {
    const { message, extensions } = await server.error(PAPERS, { variables: { [field]: 'A'.repeat(50_000), orderBy: 'NEWEST' } });
    expect(extensions).toEqual({ code: 'BAD_USER_INPUT', field });
    expect(message).toContain(`${field} must have at most`);
    expect(message.length).toBeLessThan(200);
  });

  const encode = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  test.each<[string, string]>([
    ['nothing', ''],
    ['garbage', 'no cursor at all'],
    ['text that is not JSON', encode('papers.newest,1')],
    ['an empty list', encode([])],
    ['an object', encode({ 0: 'papers.newest' })],
    ['a list of numbers', encode([1, 2, 3])],
    ['a NUL', encode('\0')],
  ])('a cursor made of %s is refused', async (_, cursor) => {
    for (const field of ['after', 'before']) {
      const error = await server.error(PAPERS, { variables: { [field]: cursor, orderBy: 'NEWEST' } });
      expect(error.extensions).toEqual({ code: 'BAD_USER_INPUT', field });
      expect(error.message).toBe(`${field} must be a cursor of this list in this order, received ${JSON.stringify(cursor)}`);
    }
  });

  // Each pair has keys of the same types: the name of the order alone tells them apart.
  test.each([
    ['papers(orderBy: TOP)', 'tags(orderBy: MOST_PAPERS)'], ['papers(orderBy: NEWEST)', 'papers(orderBy: TOP)'], ['authors(orderBy: MOST_PAPERS)', 'papers(orderBy: TOP)'],
    ['authors(orderBy: NAME)', 'tags(orderBy: SLUG)'], ['repos(orderBy: MOST_PAPERS)', 'repos(orderBy: STARS)'], ['recommendations', 'papers(orderBy: TRENDING)'], ['papers(orderBy: TRENDING)', 'recommendations'],
  ])('a cursor of %s is refused by %s', async (one, other) => {
    await seedPaper(server, { title: 'Has one of each', listedOn: '2026-01-01', authors: ['Ada'], tags: [{ slug: 'one', weight: 1 }], repos: [{ url: 'https://github.com/lab/one' }] });
    const withArgument = (list: string, argument: string): string => (list.includes('(') ? list.replace(')', `, ${argument})`) : `${list}(${argument})`);
    const { list } = await server.query(`{ list: ${withArgument(one, 'first: 1')} { pageInfo { endCursor } } }`);
    const after = `after: "${list.pageInfo.endCursor}"`;
    expect((await server.send(`{ ${withArgument(one, after)} { totalCount } }`)).errors).toEqual([]);
    expect(await server.error(`{ ${withArgument(other, after)} { totalCount } }`)).toMatchObject({
      message: expect.stringContaining('after must be a cursor of this list in this order, received "'),
      extensions: { code: 'BAD_USER_INPUT', field: 'after' },
    });
  });

  // A real cursor with its first key replaced: the database must never get to see what it cannot read.
  test.each<[Order, string]>([
    ['TOP', '2147483648'], ['TOP', '-2147483649'], ['TOP', '99999999999999999999'], ['TOP', '1.5'], ['TOP', ''], ['TOP', '1\0'], ['TOP', ' 1'],
    ['TRENDING', '1e999'], ['TRENDING', '1e-999'], ['TRENDING', '1e-400'], ['TRENDING', 'NaN'], ['TRENDING', 'Infinity'], ['TRENDING', '0x10'],
    ['NEWEST', '2026-02-30 00:00:00+00'], ['NEWEST', '2026-13-01 00:00:00+00'], ['NEWEST', '0000-01-01 00:00:00+00'], ['NEWEST', '2026-01-01 00:00:00+99'],
    ['NEWEST', '2026-01-01 00:00:00+23:59'], ['NEWEST', '2026-01-01T00:00:00Z'], ['NEWEST', 'yesterday'],
  ])('a cursor by %s with the key %j is refused', async (orderBy, key) => {
    const { pageInfo } = await read(orderBy, { first: 1 });
    const [name, , ...rest] = JSON.parse(Buffer.from(pageInfo.endCursor, 'base64url').toString()) as string[];
    const error = await server.error(PAPERS, { variables: { after: encode([name, key, ...rest]), orderBy } });
    expect(error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'after' } });
  });

  test('a cursor with NUL in a text is refused', async () => {
    const { authors } = await server.query('{ authors(orderBy: NAME, first: 1) { pageInfo { endCursor } } }');
    const [name] = JSON.parse(Buffer.from(authors.pageInfo.endCursor, 'base64url').toString()) as string[];
    const error = await server.error(`{ authors(orderBy: NAME, after: "${encode([name, 'a\0b'])}") { totalCount } }`);
    expect(error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'after' } });
  });

  test('a cursor with a key too few or too many is refused', async () => {
    const { pageInfo } = await read('TOP', { first: 1 });
    const values = JSON.parse(Buffer.from(pageInfo.endCursor, 'base64url').toString()) as string[];
    for (const forged of [values.slice(0, -1), [...values, '1']]) {
      const error = await server.error(PAPERS, { variables: { after: encode(forged), orderBy: 'TOP' } });
      expect(error.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
    }
  });
});

// These change the list, hence they come last.
describe('while rows arrive, a reader who turns the pages', () => {
  test('by NEWEST meets every paper of the start once', async () => {
    const atStart = idsOf(await read('NEWEST', { first: 100 }));
    const seen = await readAll('NEWEST', { size: 4 }, async (pagesRead) => {
      await seedPaper(server, { title: `Arrived after page ${pagesRead}`, listedOn: '2026-02-01' });
    });
    expect(seen).toEqual(atStart);
    const backward = await readAll('NEWEST', { size: 4, backward: true }, async (pagesRead) => {
      await seedPaper(server, { title: `Arrived late after page ${pagesRead}`, listedOn: '2025-12-01' });
    });
    expect(backward.slice(-atStart.length)).toEqual(atStart);
    expect(new Set(backward).size).toBe(backward.length);
  });

  test.each(['TOP', 'TRENDING'] as const)('by %s meets every paper once whose votes stay', async (orderBy) => {
    const voter = await seedReader(server);
    const atStart = idsOf(await read(orderBy, { first: 100 }));
    // The last of the list climbs past the reader; the first one, already read, climbs too.
    const voted = [atStart.at(-1)!, atStart[0]!];
    const seen = await readAll(orderBy, { size: 5 }, async (pagesRead) => {
      const id = voted[pagesRead - 1];
      if (id !== undefined) await server.services.upvotes.add(voter.rowId, papersRow(id));
    });
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => !voted.includes(id))).toEqual(atStart.filter((id) => !voted.includes(id)));
  });
});

function papersRow(id: string): number {
  return Number(Buffer.from(id, 'base64url').toString().split(':')[1]);
}
