import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const FEED = `query ($first: Int = 20, $after: String) { followingFeed(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { title }
  edges { cursor appearedAt node { title } reasons { kind at tag { slug } author { name } user { username } } }
} }`;

let server: TestServer;
let authors: Map<string, number>;
let friend: Reader;
let idol: Reader;
let papers: SeededPaper[];

const day = (n: number): Date => new Date(Date.UTC(2026, 0, n));

beforeAll(async () => {
  server = await startTestServer();
  [friend, idol] = [await seedReader(server), await seedReader(server)];
  // P0 … P9, listed on the days 1 to 10; tags by thirds, Ada on two of them, the idol submitted P9.
  papers = await seedPapers(server, Array.from({ length: 10 }, (_, n) => ({
    title: `P${n}`, listedOn: `2026-01-${String(n + 1).padStart(2, '0')}`, authors: n % 5 === 0 ? ['Ada', 'Bob'] : ['Bob'],
    tags: [{ slug: ['vision', 'audio', 'text'][n % 3]!, weight: 1 }], submittedById: n === 9 ? idol.rowId : null,
  })));
  const named = await server.database.rows<{ id: number; name: string }>(sql`SELECT id, name FROM authors`);
  authors = new Map(named.map(({ id, name }) => [name, id]));
});
afterAll(() => server.stop());
afterEach(() => server.database.rows(sql`DELETE FROM upvotes`));

const read = async ({ token }: Reader, variables: Record<string, unknown> = {}): Promise<any> => (await server.query(FEED, { token, variables })).followingFeed;
const titles = ({ nodes }: any): string => nodes.map((node: any) => node.title).join(' ');
async function vote({ rowId }: Reader, n: number, at: Date = new Date()): Promise<void> {
  await server.database.rows(sql`INSERT INTO upvotes (user_id, paper_id, created_at) VALUES (${rowId}, ${papers[n]!.rowId}, ${at}::timestamptz)`);
}
/** Votes of one millisecond are in the order of their papers. */
async function nextInstant(): Promise<Date> {
  await sleep(2);
  return new Date();
}

/** All pages of this size, each checked to hold what it says. */
async function walk(reader: Reader, first: number, between: (page: number) => Promise<unknown> = () => Promise.resolve()): Promise<string[]> {
  const found: string[] = [];
  let after: string | null = null;
  for (let page = 1; ; page += 1) {
    const { nodes, pageInfo } = await read(reader, { first, after });
    found.push(...nodes.map((node: any) => node.title));
    if (!pageInfo.hasNextPage) return found;
    after = pageInfo.endCursor;
    await between(page);
  }
}

describe('the following feed', () => {
  test('is empty to who follows nothing, and nobody’s without a viewer', async () => {
    expect(await read(await seedReader(server))).toEqual({ totalCount: 0, pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null }, nodes: [], edges: [] });
    expect((await server.error(FEED)).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    const { token } = await seedReader(server);
    for (const [field, value] of [['first', 0], ['first', 101], ['after', 'nonsense'], ['after', Buffer.from('["following","x","y","z"]').toString('base64url')]] as const) {
      expect((await server.error(FEED, { token, variables: { [field]: value } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field });
    }
  });

  test('has each paper once, by the latest of its reasons, and names them', async () => {
    const reader = await seedReader(server);
    const { follows } = server.services;
    await follows.addTag(reader.rowId, 'vision');
    expect(titles(await read(reader))).toBe('P9 P6 P3 P0');
    await follows.addAuthor(reader.rowId, authors.get('Ada')!);
    expect(titles(await read(reader))).toBe('P9 P6 P5 P3 P0');
    for (const { rowId } of [friend, idol]) await follows.addUser(reader.rowId, rowId);
    await vote(friend, 0, day(20));
    await vote(idol, 0, day(21));
    await vote(idol, 1, new Date(day(4).getTime() + 1));
    const { edges, totalCount } = await read(reader);
    expect([edges.map(({ node }: any) => node.title).join(' '), totalCount]).toEqual(['P0 P9 P6 P5 P1 P3', 6]);
    const [first, second, , , fifth] = edges;
    const none = { tag: null, author: null, user: null };
    expect(first).toMatchObject({ appearedAt: day(21).toISOString(), reasons: [
      { ...none, kind: 'UPVOTED', at: day(21).toISOString(), user: { username: idol.username } },
      { ...none, kind: 'UPVOTED', at: day(20).toISOString(), user: { username: friend.username } },
      { ...none, kind: 'FOLLOWED_TAG', at: day(1).toISOString(), tag: { slug: 'vision' } },
      { ...none, kind: 'FOLLOWED_AUTHOR', at: day(1).toISOString(), author: { name: 'Ada' } },
    ] });
    expect(second.reasons.map(({ kind, user }: any) => [kind, user?.username])).toEqual([['FOLLOWED_TAG', undefined], ['SUBMITTED', idol.username]]);
    expect(fifth).toMatchObject({ appearedAt: '2026-01-04T00:00:00.001Z', reasons: [{ kind: 'UPVOTED' }] });
  });

  test.each([1, 2, 3, 100])('comes whole in pages of %i', async (size) => {
    const reader = await seedReader(server);
    const { follows } = server.services;
    await follows.addTag(reader.rowId, 'vision');
    for (const { rowId } of [friend, idol]) await follows.addUser(reader.rowId, rowId);
    // Both like the same, at other times and in ties: most of what a list has behind a place was before it.
    for (let n = 0; n < 9; n += 1) {
      await vote(friend, n, day(30 - n));
      await vote(idol, n, day(n % 2 === 0 ? 15 : 2 + n));
    }
    expect((await walk(reader, size)).join(' ')).toBe('P0 P1 P2 P3 P4 P5 P6 P7 P8 P9');
  });

  test('leaves out what the viewer dismissed or muted', async () => {
    const reader = await seedReader(server);
    await server.services.follows.addTag(reader.rowId, 'vision');
    await server.services.dismissals.add(reader.rowId, papers[6]!.rowId);
    expect(await read(reader)).toMatchObject({ totalCount: 3, nodes: ['P9', 'P3', 'P0'].map((title) => ({ title })) });
    expect(await walk(reader, 1)).toEqual(['P9', 'P3', 'P0']);
    await server.services.mutes.addAuthor(reader.rowId, authors.get('Ada')!);
    expect([titles(await read(reader)), await walk(reader, 1)]).toEqual(['P9 P3', ['P9', 'P3']]);
  });

  test('stays as it was to who pages through it while upvotes come, which are on the next first page', async () => {
    const reader = await seedReader(server);
    await server.services.follows.addTag(reader.rowId, 'vision');
    await server.services.follows.addUser(reader.rowId, friend.rowId);
    await vote(friend, 1, day(12));
    await vote(friend, 2, day(11));
    const calm = await walk(reader, 2);
    expect(calm).toEqual(['P1', 'P2', 'P9', 'P6', 'P3', 'P0']);
    const busy = await walk(reader, 2, async (page) => {
      // Of what is still to come, of what has come, and of what was not there.
      if (page === 1) for (const n of [3, 9, 4]) await vote(friend, n, await nextInstant());
      if (page === 2) await vote(friend, 0, await nextInstant());
    });
    expect(busy).toEqual(calm);
    expect(await walk(reader, 2)).toEqual(['P0', 'P4', 'P9', 'P3', 'P1', 'P2', 'P6']);
  });

  test('shows at once what was upvoted just before, and no longer what was taken back', async () => {
    const reader = await seedReader(server);
    await server.services.follows.addUser(reader.rowId, friend.rowId);
    await server.services.upvotes.add(friend.rowId, papers[7]!.rowId);
    expect(titles(await read(reader))).toBe('P7');
    await server.services.upvotes.remove(friend.rowId, papers[7]!.rowId);
    expect(titles(await read(reader))).toBe('');
    await server.services.follows.removeUser(reader.rowId, friend.rowId);
    await vote(friend, 7);
    expect(titles(await read(reader))).toBe('');
  });

  test('reads a fixed number of statements: the viewer, where to start, the round, the number; reasons, and what they name', async () => {
    const reader = await seedReader(server);
    await server.services.follows.addTag(reader.rowId, 'vision');
    await server.services.follows.addAuthor(reader.rowId, authors.get('Ada')!);
    for (const { rowId } of [friend, idol]) await server.services.follows.addUser(reader.rowId, rowId);
    for (const n of [0, 1, 2, 5]) await vote(friend, n, day(20 + n));
    for (const first of [4, 20]) {
      const { statements } = await server.countStatements(() => read(reader, { first }));
      expect(statements).toHaveLength(8);
    }
  });
});

describe('a feed of tags with thousands of papers', () => {
  let reader: Reader;

  beforeAll(async () => {
    reader = await seedReader(server);
    await server.services.tags.create({ slug: 'huge', name: 'Huge', kind: 'KEYWORD' });
    await server.services.tags.create({ slug: 'old', name: 'Old', kind: 'KEYWORD' });
    await server.database.rows(sql`INSERT INTO papers (title, listed_at) SELECT 'H' || n, timestamptz '2025-12-01Z' - n * interval '1 hour' FROM generate_series(1, 2600) n`);
    await server.database.rows(sql`INSERT INTO paper_tags (paper_id, tag_id) SELECT p.id, t.id FROM papers p, tags t WHERE p.title LIKE 'H%' AND t.slug = 'huge' AND substr(p.title, 2)::int > 5`);
    await server.database.rows(sql`INSERT INTO paper_tags (paper_id, tag_id) SELECT p.id, t.id FROM papers p, tags t WHERE p.title IN ('H3', 'H2599') AND t.slug = 'old'`);
  });

  test('is the same read along the order of listing as from the papers', async () => {
    for (const slug of ['huge', 'old', 'vision']) await server.services.follows.addTag(reader.rowId, slug);
    const first = await read(reader, { first: 8 });
    expect(titles(first)).toBe('P9 P6 P3 P0 H3 H6 H7 H8');
    expect(titles(await read(reader, { first: 3, after: first.pageInfo.endCursor }))).toBe('H9 H10 H11');
    const all = await walk(reader, 100);
    expect([all.length, new Set(all).size, all.at(-1)]).toEqual([2600, 2600, 'H2600']);
    expect(first.totalCount).toBe(2600);
  }, 120_000);

  test('passes over what is not wanted, in short pages where it is much', async () => {
    await server.database.rows(sql`INSERT INTO dismissals (user_id, paper_id) SELECT ${reader.rowId}, id FROM papers WHERE title LIKE 'H%' AND substr(title, 2)::int BETWEEN 3 AND 2590`);
    const all = await walk(reader, 4);
    expect(all).toEqual(['P9', 'P6', 'P3', 'P0', ...Array.from({ length: 10 }, (_, n) => `H${2591 + n}`)]);
  }, 120_000);
});
