import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApp, type App } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { openPostgres } from '../../src/database/postgres.js';
import { seedPaper, seedPapers, seedReader, seedUpvotes, type Reader, type SeededPaper } from '../support/seed.js';
import { isOnServer } from '../support/testDatabase.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const REASONS = `score node { id title } reasons { __typename kind contribution text
  ... on SharedTagReason { tag { slug } upvotedPaperCount } ... on CoUpvotedReason { upvotedPaper { title } readerCount }
  ... on TrendingReason { readerCount } ... on OtherReason { reasonCount } }`;
const FOR_ME = `query ($first: Int! = 100, $after: String) {
  recommendations(first: $first, after: $after) { totalCount edges { cursor ${REASONS} } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
}`;
const UPVOTE = 'mutation ($paperId: ID!) { upvotePaper(input: { paperId: $paperId }) { paper { id } } }';
const REMOVE = 'mutation ($paperId: ID!) { removeUpvote(input: { paperId: $paperId }) { paper { id } } }';

let server: TestServer;
/** Another server on the same database. */
let second: App;
let secondUrl: string;
let readers: Reader[];
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  const config = readConfig({ PORT: '0', HOST: '127.0.0.1', DEMO: 'false', LOG_LEVEL: 'silent' });
  second = await createApp(config, isOnServer ? await anotherConnection() : server.database);
  secondUrl = `${await second.listen()}/graphql`;
  readers = await Promise.all(Array.from({ length: 6 }, () => seedReader(server)));
  // Two themes, a tag of all papers, and listings over three weeks.
  papers = await seedPapers(server, Array.from({ length: 24 }, (_, n) => ({
    title: `Paper ${n}`, listedOn: `2026-01-${String(1 + n % 21).padStart(2, '0')}`,
    tags: [{ slug: n % 2 === 0 ? 'vision' : 'audio', weight: 1 }, { slug: 'learning', weight: 0.5 }, { slug: `niche-${n % 5}`, weight: 0.8 }],
  })));
  await seedUpvotes(server, papers.flatMap((paper, n) => readers.slice(1).filter((_, r) => (n + r) % 4 < 2 && n < 20).map((reader) => [reader, paper] as const)));
});
afterAll(async () => {
  await server.stop();
  await second.close().catch(() => undefined);
});

async function anotherConnection(): Promise<Database> {
  const [row] = await server.database.prisma.$queryRaw<{ name: string }[]>`SELECT current_database() AS name`;
  const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
  url.pathname = `/${row!.name}`;
  return new Database(await openPostgres(url.href, 2));
}

async function recommended(reader: Reader | null, variables: Record<string, unknown> = {}): Promise<any> {
  return (await server.query(FOR_ME, { token: reader?.token ?? null, variables })).recommendations;
}

async function recommendedBySecond(reader: Reader): Promise<any> {
  const response = await fetch(secondUrl, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${reader.token}` }, body: JSON.stringify({ query: FOR_ME }) });
  const { data }: any = await response.json();
  return data.recommendations;
}

const idsOf = (connection: any): string[] => connection.nodes.map((node: any) => node.id);
const reasonsOf = (connection: any): any[] => connection.edges.flatMap((edge: any) => edge.reasons);

/** What holds for every answer, whoever asks. */
function expectSound(connection: any): void {
  expect(connection.edges.length).toBeGreaterThan(0);
  expect(new Set(idsOf(connection)).size).toBe(connection.edges.length);
  for (const { score, reasons } of connection.edges) {
    expect(Math.abs(reasons.reduce((sum: number, reason: { contribution: number }) => sum + reason.contribution, 0) - score)).toBeLessThan(1e-9);
    expect(reasons.length).toBeGreaterThan(0);
    expect(reasons.length).toBeLessThanOrEqual(20);
    const named = reasons.filter((reason: any) => reason.kind !== 'OTHER').map((reason: any) => reason.contribution);
    expect(named).toEqual([...named].sort((a, b) => b - a));
    expect(named.every((contribution: number) => contribution > 0)).toBe(true);
  }
  const scores = connection.edges.map((edge: any) => edge.score);
  expect(scores).toEqual([...scores].sort((a: number, b: number) => b - a));
}

describe('recommendations', () => {
  test('have reasons that add up to the score, for every reader', async () => {
    for (const reader of [null, ...readers]) expectSound(await recommended(reader));
  });

  test('are all the papers that the reader has not upvoted', async () => {
    for (const reader of readers) {
      const { user } = await server.query('query ($id: ID!) { user(id: $id) { upvotedPapers(first: 100) { nodes { id } } } }', { variables: { id: reader.id } });
      const upvoted = idsOf(user.upvotedPapers);
      const answer = await recommended(reader);
      expect([...idsOf(answer), ...upvoted].sort()).toEqual(papers.map((paper) => paper.id).sort());
      expect(answer.totalCount).toBe(papers.length - upvoted.length);
    }
  });

  test('name the tag that is shared and the upvoted paper whose readers upvoted the other one', async () => {
    const reasons = reasonsOf(await recommended(readers[1]!));
    expect(new Set(reasons.map((reason) => `${reason.kind} ${reason.__typename}`))).toEqual(new Set(['SHARED_TAG SharedTagReason', 'CO_UPVOTED CoUpvotedReason', 'TRENDING TrendingReason']));
    const shared = reasons.find((reason) => reason.kind === 'SHARED_TAG');
    expect(shared.text).toBe(`shares ${shared.tag.slug} with ${shared.upvotedPaperCount} paper${shared.upvotedPaperCount === 1 ? '' : 's'} you upvoted`);
    const co = reasons.find((reason) => reason.kind === 'CO_UPVOTED');
    expect(co.text).toBe(`upvoted by ${co.readerCount} reader${co.readerCount === 1 ? '' : 's'} of “${co.upvotedPaper.title}”, which you upvoted`);
    const { user } = await server.query('query ($id: ID!) { user(id: $id) { upvotedPapers(first: 100) { nodes { title tags { nodes { slug } } } } } }', { variables: { id: readers[1]!.id } });
    const upvoted: any[] = user.upvotedPapers.nodes;
    for (const reason of reasons) {
      if (reason.kind === 'CO_UPVOTED') expect(upvoted.map((node) => node.title)).toContain(reason.upvotedPaper.title);
      if (reason.kind === 'SHARED_TAG') expect(upvoted.filter((node) => node.tags.nodes.some((tag: any) => tag.slug === reason.tag.slug))).toHaveLength(reason.upvotedPaperCount);
    }
  });

  test('go by trend for a reader without upvotes and for an anonymous request', async () => {
    const [mine, anonymous] = [await recommended(readers[0]!), await recommended(null)];
    expect(mine).toEqual(anonymous);
    expect(reasonsOf(mine).every((reason) => reason.__typename === 'TrendingReason')).toBe(true);
    expect(mine.edges).toHaveLength(24);
    const { papers: list } = await server.query('{ papers(first: 100) { nodes { id upvoteCount listedAt } } }');
    const byId = new Map<string, any>(list.nodes.map((node: any) => [node.id, node]));
    const ranked: any[] = mine.edges.map((edge: any) => ({ ...edge, ...byId.get(edge.node.id) }));
    for (const [place, one] of ranked.entries()) {
      expect(one.reasons[0].readerCount).toBe(one.upvoteCount);
      // Nothing below is both as popular and later, or as late and more popular.
      for (const other of ranked.slice(place + 1)) {
        expect(other.upvoteCount >= one.upvoteCount && other.listedAt > one.listedAt).toBe(false);
        expect(other.upvoteCount > one.upvoteCount && other.listedAt >= one.listedAt).toBe(false);
      }
    }
  });

  test.each([1, 5, 24])('in pages of %i meet every paper once, in the order of one page', async (first) => {
    for (const reader of [readers[1]!, null]) {
      const whole = await recommended(reader);
      const seen: unknown[] = [];
      let after: string | null = null;
      do {
        const page: any = await recommended(reader, { first, after });
        expect([page.totalCount, page.pageInfo.hasPreviousPage, page.pageInfo.endCursor]).toEqual([whole.totalCount, after !== null, page.edges.at(-1).cursor]);
        seen.push(...page.edges);
        after = page.pageInfo.hasNextPage === true ? page.pageInfo.endCursor : null;
      } while (after !== null);
      expect(seen).toEqual(whole.edges);
    }
  });

  test('refuse bad arguments', async () => {
    for (const first of [0, 101, -1]) expect(await server.error(FOR_ME, { variables: { first } })).toMatchObject({ message: `first must be between 1 and 100, received ${first}`, extensions: { code: 'BAD_USER_INPUT', field: 'first' } });
    const { papers: list } = await server.query('{ papers(orderBy: TRENDING, first: 1) { pageInfo { endCursor } } }');
    for (const after of ['garbage', '', list.pageInfo.endCursor]) expect((await server.error(FOR_ME, { variables: { after } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
  });

  test('sum up what is beyond 20 reasons in an OtherReason', async () => {
    const niches = Array.from({ length: 30 }, (_, n) => ({ slug: `many-${n}`, weight: (n + 1) / 30 }));
    const [one] = await seedPapers(server, [{ title: 'Many tags', listedOn: '2026-01-02', tags: niches.slice(0, 15) }, { title: 'Many tags too', listedOn: '2026-01-02', tags: niches.slice(0, 15) }]);
    // A record takes 20 tags; curators may give more.
    await seedPapers(server, [{ title: 'Many tags', tags: niches.slice(15) }, { title: 'Many tags too', tags: niches.slice(15) }]);
    const reader = await seedReader(server);
    await seedUpvotes(server, [[reader, one!]]);
    const answer = await recommended(reader);
    expectSound(answer);
    const { node, reasons } = answer.edges[0];
    expect([node.title, reasons.length]).toEqual(['Many tags too', 20]);
    expect(new Set(reasons.slice(0, 19).map((reason: any) => reason.__typename))).toEqual(new Set(['SharedTagReason', 'TrendingReason']));
    // 30 tags and the trend are 31 reasons, of which 19 are named.
    expect(reasons[19]).toMatchObject({ __typename: 'OtherReason', kind: 'OTHER', reasonCount: 12, text: 'and 12 smaller reasons' });
    expect(reasons[0].tag.slug).toBe('many-29');
  });
});

describe('the very next answer, of this server and of another one, knows', () => {
  /** Both servers' answers, which must be the same. */
  async function both(reader: Reader): Promise<any> {
    const [mine, others] = [await recommended(reader), await recommendedBySecond(reader)];
    expect(others).toEqual(mine);
    expectSound(mine);
    return mine;
  }

  test('an upvote, and that it was taken back', async () => {
    const reader = await seedReader(server);
    const before = await both(reader);
    const options = { token: reader.token, variables: { paperId: papers[0]!.id } };
    await server.query(UPVOTE, options);
    const after = await both(reader);
    expect(idsOf(after)).not.toContain(papers[0]!.id);
    expect(reasonsOf(after).map((reason) => reason.kind)).toEqual(expect.arrayContaining(['SHARED_TAG', 'CO_UPVOTED']));
    await server.query(REMOVE, options);
    expect(await both(reader)).toEqual(before);
  });

  test('each of many upvotes in a row', async () => {
    const reader = await seedReader(server);
    for (const { id } of papers.slice(0, 8)) {
      await server.query(UPVOTE, { token: reader.token, variables: { paperId: id } });
      expect(idsOf(await recommendedBySecond(reader))).not.toContain(id);
    }
    expect((await both(reader)).totalCount).toBe(await server.database.prisma.paper.count() - 8);
  });

  test('votes that come all at once', async () => {
    const crowd = await Promise.all(Array.from({ length: 8 }, () => seedReader(server)));
    await Promise.all(crowd.map(async (reader, index) => {
      const wanted = [papers[index]!.id, papers[index + 8]!.id];
      await Promise.all(wanted.map((paperId) => server.query(UPVOTE, { token: reader.token, variables: { paperId } })));
      const [mine, others] = await Promise.all([recommended(reader), recommendedBySecond(reader)]);
      for (const id of wanted) expect([idsOf(mine).includes(id), idsOf(others).includes(id)]).toEqual([false, false]);
    }));
    await both(crowd[0]!);
  });

  test('a tag that was given, weighed and taken', async () => {
    const curator = await seedReader(server, 'CURATOR');
    const [liked, other] = await seedPapers(server, ['Liked', 'Other'].map((title) => ({ title, listedOn: '2026-01-05' })));
    await seedUpvotes(server, [[curator, liked!]]);
    await server.services.tags.create({ name: 'Rare', kind: 'TASK' });
    const edit = (mutation: string): Promise<unknown> => server.query(`mutation { ${mutation} { paper { id } } }`, { token: curator.token });
    const reasonOf = async (): Promise<any> => (await both(curator)).edges.find((edge: any) => edge.node.id === other!.id).reasons.find((reason: any) => reason.tag?.slug === 'rare');
    await edit(`tagPaper(input: { paperId: "${liked!.id}", tagSlug: "rare" })`);
    expect(await reasonOf()).toBeUndefined();
    await edit(`tagPaper(input: { paperId: "${other!.id}", tagSlug: "rare" })`);
    const whole = await reasonOf();
    expect(whole).toMatchObject({ kind: 'SHARED_TAG', text: 'shares Rare with 1 paper you upvoted' });
    await edit(`tagPaper(input: { paperId: "${other!.id}", tagSlug: "learning" })`);
    expect((await reasonOf()).contribution).toBeLessThan(whole.contribution);
    await edit(`untagPaper(input: { paperId: "${other!.id}", tagSlug: "rare" })`);
    expect(await reasonOf()).toBeUndefined();
  });

  test('a paper that was submitted, moved to another day, or deleted', async () => {
    const reader = await seedReader(server);
    const { submitPaper } = await server.query('mutation { submitPaper(input: { title: "Just in", tags: ["vision"] }) { paper { id } } }', { token: reader.token });
    const { id } = submitPaper.paper;
    const rankedFirst = await both(reader);
    expect(idsOf(rankedFirst)[0]).toBe(id);
    const row = Number(Buffer.from(id, 'base64url').toString().split(':')[1]);
    await server.database.prisma.paper.update({ where: { id: row }, data: { listedAt: new Date('2025-01-01') } });
    expect(idsOf(await both(reader)).at(-1)).toBe(id);
    await server.database.prisma.paper.delete({ where: { id: row } });
    expect(idsOf(await both(reader))).not.toContain(id);
  });

  // A transaction that is open while others commit: only a server with several connections has such.
  if (isOnServer) {
    test('a vote whose transaction commits after later ones were read', async () => {
      const [slow, quick] = [await seedReader(server), await seedReader(server)];
      await second.database.transaction(async (transaction) => {
        await transaction.prisma.upvote.create({ data: { userId: slow.rowId, paperId: papers[10]!.rowId } });
        await server.query(UPVOTE, { token: quick.token, variables: { paperId: papers[11]!.id } });
        expect(idsOf(await recommended(quick))).not.toContain(papers[11]!.id);
        expect(idsOf(await recommended(slow))).toContain(papers[10]!.id);
      });
      expect(idsOf(await both(slow))).not.toContain(papers[10]!.id);
      expect(idsOf(await both(quick))).not.toContain(papers[11]!.id);
    });
  }
});

describe('similar papers', () => {
  test('are those that would be recommended to a reader of that paper alone', async () => {
    const paper = await seedPaper(server, { title: 'Seldom read', listedOn: '2026-01-06', tags: [{ slug: 'audio', weight: 1 }] });
    const reader = await seedReader(server);
    await seedUpvotes(server, [[reader, paper]]);
    const { paper: found } = await server.query(`query ($id: ID!) { paper(id: $id) { similar(first: 100) { totalCount nodes { id } edges { ${REASONS} } } } }`, { variables: { id: paper.id } });
    expectSound(found.similar);
    const { nodes, edges, totalCount } = await recommended(reader);
    expect([found.similar.nodes, found.similar.totalCount]).toEqual([nodes, totalCount]);
    expect(found.similar.edges.map((edge: any) => edge.score)).toEqual(edges.map((edge: any) => edge.score));
  });

  test('are paged like recommendations', async () => {
    const read = async (args: string): Promise<any> => (await server.query(`query ($id: ID!) { paper(id: $id) { similar(${args}) { nodes { id } pageInfo { hasNextPage endCursor } } } }`, { variables: { id: papers[3]!.id } })).paper.similar;
    const whole = idsOf(await read('first: 100'));
    const seen: string[] = [];
    for (let args: string | null = 'first: 7'; args !== null; ) {
      const { nodes, pageInfo } = await read(args);
      seen.push(...nodes.map((node: any) => node.id));
      args = pageInfo.hasNextPage === true ? `first: 7, after: "${pageInfo.endCursor}"` : null;
    }
    expect(seen).toEqual(whole);
    expect(whole).not.toContain(papers[3]!.id);
  });
});
