import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApp, type App } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { Database, sql } from '../../src/database/database.js';
import { openPostgres } from '../../src/database/postgres.js';
import { seedReader, seedUpvotes, type Reader } from '../support/seed.js';
import { startTasteServer, type TasteServer } from '../support/tasteServer.js';
import { isOnServer } from '../support/testDatabase.js';

const SIMILAR = `query ($id: ID!, $first: Int! = 100, $after: String) { user(id: $id) { similarReaders(first: $first, after: $after) {
  totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor similarity sharedPaperCount node { id username } reasons { __typename kind contribution text readerCount paper { id title } } }
} } }`;
const RELATED = `query ($slug: String!, $first: Int! = 100, $after: String) { tag(slug: $slug) { relatedTags(first: $first, after: $after) {
  totalCount nodes { slug } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor similarity sharedPaperCount summary node { slug name paperCount } }
} } }`;
const STATE = '{ recommenderState { checksum paperCount readerCount upvoteCount byteSize asOf modelVersion } }';

let server: TasteServer;
let votes: Map<string, string[]>;
/** Another server on the same database, on a connection of its own where there can be one. */
let second: App;
let secondUrl: string;

beforeAll(async () => {
  server = await startTasteServer();
  const rows = await server.database.rows<{ reader: number; paper: number }>(sql`SELECT user_id AS reader, paper_id AS paper FROM upvotes ORDER BY user_id, paper_id`);
  const paperIds = new Map(server.papers.map(({ rowId, id }) => [rowId, id]));
  votes = new Map(server.readers.map(({ id, rowId }) => [id, rows.filter(({ reader }) => reader === rowId).map(({ paper }) => paperIds.get(paper)!)]));
});
afterAll(async () => {
  await server.stop();
  await second.close().catch(() => undefined);
});

const similarTo = async (reader: Reader, page: Record<string, unknown> = {}): Promise<any> => (await server.query(SIMILAR, { variables: { id: reader.id, ...page } })).user.similarReaders;
const relatedTo = async (slug: string, page: Record<string, unknown> = {}): Promise<any> => (await server.query(RELATED, { variables: { slug, ...page } })).tag.relatedTags;

/** What holds for every ranking, in pages of any size. */
async function expectPaged(read: (page: Record<string, unknown>) => Promise<any>, sizes: readonly number[]): Promise<any> {
  const whole = await read({});
  expect(whole.edges.length).toBe(whole.totalCount);
  const similarities = whole.edges.map(({ similarity }: any) => similarity);
  expect(similarities).toEqual([...similarities].sort((one: number, other: number) => other - one));
  for (const similarity of similarities) expect(similarity > 0 && similarity <= 1 + 1e-12).toBe(true);
  for (const first of sizes) {
    const seen: unknown[] = [];
    for (let after: string | null = null; ; ) {
      const page = await read({ first, after });
      expect([page.totalCount, page.pageInfo.hasPreviousPage]).toEqual([whole.totalCount, after !== null]);
      seen.push(...page.edges);
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(seen).toEqual(whole.edges);
  }
  return whole;
}

describe('similar readers', () => {
  test('are those who upvoted the same papers, which are the reasons, in pages', async () => {
    for (const reader of server.readers) {
      const whole = await expectPaged((page) => similarTo(reader, page), [1, 3]);
      const own = votes.get(reader.id)!;
      const expected = server.readers.filter(({ id }) => id !== reader.id && votes.get(id)!.some((paper) => own.includes(paper)));
      expect(whole.nodes.map(({ id }: any) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
      for (const { node, similarity, sharedPaperCount, reasons } of whole.edges) {
        const shared = own.filter((paper) => votes.get(node.id)!.includes(paper));
        expect(reasons.map(({ paper }: any) => paper.id).sort()).toEqual([...shared].sort());
        expect(sharedPaperCount).toBe(shared.length);
        expect(reasons.reduce((sum: number, reason: { contribution: number }) => sum + reason.contribution, 0)).toBeCloseTo(similarity, 12);
        for (const { kind, __typename, text, readerCount, paper } of reasons) {
          const count = server.readers.filter(({ id }) => votes.get(id)!.includes(paper.id)).length;
          expect([kind, __typename, readerCount, text]).toEqual(['CO_UPVOTED', 'PaperReason', count, `both upvoted “${paper.title}”, as ${count} readers did`]);
        }
      }
    }
    expect((await similarTo(server.readers[0]!)).edges).toEqual([]);
  });

  test('are similar to each other alike', async () => {
    const similarity = new Map<string, number>();
    for (const reader of server.readers) for (const edge of (await similarTo(reader)).edges) similarity.set(`${reader.id} ${edge.node.id}`, edge.similarity);
    expect(similarity.size).toBeGreaterThan(10);
    for (const [pair, value] of similarity) expect([pair, similarity.get(pair.split(' ').reverse().join(' '))]).toEqual([pair, value]);
  });

  test('with the same upvotes are as similar as can be, and a seldom upvoted paper tells more', async () => {
    const [one, twin, crowd, niche] = await Promise.all(Array.from({ length: 4 }, () => seedReader(server)));
    const [popular, rare] = [server.papers[38]!, server.papers[39]!];
    const many = await Promise.all(Array.from({ length: 4 }, () => seedReader(server)));
    await seedUpvotes(server, [...[one!, twin!].flatMap((reader) => [[reader, popular], [reader, rare]] as const), [crowd!, popular], [niche!, rare], ...many.map((reader) => [reader, popular] as const)]);
    const { edges } = await similarTo(one!);
    expect(edges[0].node.id).toBe(twin!.id);
    expect(edges[0].similarity).toBeCloseTo(1, 12);
    const byId = new Map<string, number>(edges.map((edge: any) => [edge.node.id, edge.similarity]));
    expect(byId.get(niche!.id)!).toBeGreaterThan(byId.get(crowd!.id)!);
    await server.database.prisma.user.delete({ where: { id: twin!.rowId } });
    expect((await similarTo(one!)).nodes).not.toContainEqual({ id: twin!.id });
  });

  test('refuse bad pages', async () => {
    const { papers } = await server.query('{ papers(first: 1) { pageInfo { endCursor } } }');
    const related = await relatedTo('vision', { first: 1 });
    for (const first of [0, 101]) expect((await server.error(SIMILAR, { variables: { id: server.readers[1]!.id, first } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'first' });
    for (const after of ['garbage', papers.pageInfo.endCursor, related.pageInfo.endCursor]) expect((await server.error(SIMILAR, { variables: { id: server.readers[1]!.id, after } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
  });
});

describe('related tags', () => {
  test('stand on the same papers, with how many and why, in pages', async () => {
    const { tags } = await server.query('{ tags(first: 100) { nodes { slug paperCount } } }');
    const rows = await server.database.rows<{ one: string; other: string; shared: number }>(sql`
      SELECT a.slug AS one, b.slug AS other, count(*)::int4 AS shared FROM paper_tags x JOIN paper_tags y USING (paper_id)
      JOIN tags a ON a.id = x.tag_id JOIN tags b ON b.id = y.tag_id WHERE a.id <> b.id GROUP BY 1, 2`);
    for (const { slug, paperCount } of tags.nodes) {
      const whole = await expectPaged((page) => relatedTo(slug, page), [1, 3]);
      const expected = new Map(rows.filter(({ one }) => one === slug).map(({ other, shared }) => [other, shared]));
      expect(new Map(whole.edges.map((edge: any) => [edge.node.slug, edge.sharedPaperCount]))).toEqual(expected);
      for (const { node, similarity, sharedPaperCount, summary } of whole.edges) {
        expect(similarity).toBeCloseTo(sharedPaperCount / Math.sqrt(paperCount * node.paperCount), 12);
        expect(summary).toBe(`on ${sharedPaperCount} paper${sharedPaperCount === 1 ? '' : 's'} with ${slug}`);
      }
    }
    await server.services.tags.create({ name: 'Nowhere', kind: 'TASK' });
    expect(await relatedTo('nowhere')).toMatchObject({ totalCount: 0, edges: [] });
  });

  test('know the next change', async () => {
    const before = await relatedTo('vision');
    const { prisma } = server.database;
    const [vision, audio] = await Promise.all(['vision', 'audio'].map((slug) => prisma.tag.findUniqueOrThrow({ where: { slug } })));
    const key = { paperId: server.papers[0]!.rowId, tagId: audio!.id };
    await prisma.paperTag.create({ data: key });
    expect((await relatedTo('vision')).edges.find((edge: any) => edge.node.slug === 'audio')).toMatchObject({ sharedPaperCount: 1, summary: 'on 1 paper with vision' });
    await prisma.paperTag.delete({ where: { paperId_tagId: key } });
    expect(await relatedTo('vision')).toEqual(before);
    expect(vision!.slug).toBe('vision');
  });
});

describe('the state of the recommender', () => {
  beforeAll(async () => {
    let database = server.database;
    if (isOnServer) {
      const [row] = await database.rows<{ name: string }>(sql`SELECT current_database() AS name`);
      const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
      url.pathname = `/${row!.name}`;
      database = new Database(await openPostgres(url.href, 3));
    }
    second = await createApp(readConfig({ PORT: '0', HOST: '127.0.0.1', DEMO: 'false', LOG_LEVEL: 'silent', RECOMMENDER_THREADS: '0' }), database);
    secondUrl = `${await second.listen()}/graphql`;
  });

  test('is for administrators', async () => {
    const [reader, curator] = [await seedReader(server), await seedReader(server, 'CURATOR')];
    expect((await server.error(STATE)).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    for (const { token } of [reader, curator]) expect((await server.error(STATE, { token })).extensions).toEqual({ code: 'FORBIDDEN' });
  });

  test('counts what there is, and is equal on two servers after every change', async () => {
    const { token } = server.admin;
    const stateOfSecond = async (): Promise<any> => {
      const response = await fetch(secondUrl, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify({ query: STATE }) });
      return ((await response.json())).data.recommenderState;
    };
    const seen = new Set<string>();
    const mutations = [`upvotePaper(input: { paperId: "${server.papers[34]!.id}" })`, `dismissPaper(input: { paperId: "${server.papers[34]!.id}" })`, 'followTag(input: { tagSlug: "audio" })', `followAuthor(input: { authorId: "${await server.idOf('author', 'Author 3')}" })`];
    for (const mutation of mutations) {
      await server.act(server.admin, mutation);
      const { recommenderState: mine } = await server.query(STATE, { token });
      const { prisma } = server.database;
      const readers = await prisma.upvote.groupBy({ by: ['userId'] });
      expect(mine).toMatchObject({ paperCount: await prisma.paper.count(), upvoteCount: await prisma.upvote.count(), readerCount: readers.length, checksum: expect.stringMatching(/^[0-9a-f]{16}$/) });
      expect(mine.byteSize).toBeGreaterThan(1000);
      const { byteSize: _, asOf: __, ...others } = await stateOfSecond();
      expect(mine).toMatchObject(others);
      seen.add(mine.checksum);
    }
    expect(seen.size).toBe(mutations.length);
    const { recommenderState: last } = await server.query(STATE, { token });
    const { recommendations } = await server.query('query ($asOf: String) { recommendations(asOf: $asOf) { asOf modelVersion } }', { variables: { asOf: last.asOf } });
    expect(recommendations).toEqual({ asOf: last.asOf, modelVersion: last.modelVersion });
  });
});
