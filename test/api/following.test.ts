import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApp, type App } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { openPostgres } from '../../src/database/postgres.js';
import { seedPapers, seedReader, seedUpvotes, type Reader, type SeededPaper } from '../support/seed.js';
import { isOnServer } from '../support/testDatabase.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const FOR_ME = `{ recommendations(first: 100) { totalCount nodes { id } edges { score node { id } reasons { kind contribution text ... on TagReason { tag { slug } } } } } }`;
const UPVOTE = 'mutation ($paperId: ID!) { upvotePaper(input: { paperId: $paperId }) { paper { id } } }';
const REMOVE = 'mutation ($paperId: ID!) { removeUpvote(input: { paperId: $paperId }) { paper { id } } }';

let server: TestServer;
/** Another server on the same database: a process of its own would follow the votes in the same way. */
let second: App;
let secondUrl: string;
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  const config = readConfig({ PORT: '0', HOST: '127.0.0.1', DEMO: 'false', LOG_LEVEL: 'silent', RECOMMENDER_THREADS: '0' });
  second = await createApp(config, isOnServer ? await anotherConnection() : server.database);
  secondUrl = `${await second.listen()}/graphql`;
  papers = await seedPapers(server, Array.from({ length: 16 }, (_, n) => ({
    title: `Paper ${n}`, listedOn: `2026-01-${String(1 + n).padStart(2, '0')}`,
    tags: [{ slug: n % 2 === 0 ? 'vision' : 'audio', weight: 1 }, { slug: 'learning', weight: 0.5 }],
  })));
  const [one, other] = [await seedReader(server), await seedReader(server)];
  await seedUpvotes(server, papers.flatMap((paper, n) => [[n % 3 === 0 ? one : other, paper], [n % 4 === 0 ? other : one, paper]] as const));
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

async function recommended(reader: Reader): Promise<any> {
  return (await server.query(FOR_ME, { token: reader.token })).recommendations;
}

async function recommendedBySecond(reader: Reader): Promise<any> {
  const response = await fetch(secondUrl, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${reader.token}` }, body: JSON.stringify({ query: FOR_ME }) });
  const { data }: any = await response.json();
  return data.recommendations;
}

/** Both servers' answers, which must be the same. */
async function both(reader: Reader): Promise<any> {
  const [mine, others] = [await recommended(reader), await recommendedBySecond(reader)];
  expect(others).toEqual(mine);
  return mine;
}

const idsOf = (connection: any): string[] => connection.nodes.map((node: any) => node.id);
const reasonsOf = (connection: any): any[] => connection.edges.flatMap((edge: any) => edge.reasons);

describe('the very next answer, of this server and of another one, knows', () => {
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
    expect(await reasonOf()).toMatchObject({ text: whole.text });
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
    const { totalCount, ...left } = await both(reader);
    expect(idsOf(left)).not.toContain(id);
    const count = await server.database.prisma.paper.count();
    expect([left.edges.length, totalCount]).toEqual([count, count]);
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
