import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApp, type App } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { Database, sql } from '../../src/database/database.js';
import { openPostgres } from '../../src/database/postgres.js';
import { encodeMoment } from '../../src/recommendations/asOf.js';
import { seedPaper, seedPapers, seedReader, seedUpvotes } from '../support/seed.js';
import { idsOf, rankingOf, RECOMMENDATIONS, startTasteServer, type TasteServer } from '../support/tasteServer.js';
import { isOnServer } from '../support/testDatabase.js';

let server: TasteServer;
beforeAll(async () => {
  server = await startTasteServer();
});
afterAll(() => server.stop());

/** Time that the database's clock shows in milliseconds is told apart from what comes after. */
const pause = (): Promise<unknown> => new Promise((done) => setTimeout(done, 20));
const rowOf = (id: string): number => Number(Buffer.from(id, 'base64url').toString().split(':')[1]);

/** Something of every kind, for a reader and around them. */
async function changeEverything(round = 0): Promise<void> {
  const { prisma } = server.database;
  const [, reader, other] = server.readers;
  const fresh = await seedPapers(server, Array.from({ length: 3 }, (_, n) => ({ title: `Fresh ${round} ${n}`, listedOn: '2026-02-01', authors: ['Author 1', `New author ${round}`], tags: [{ slug: 'vision', weight: 1 }, { slug: `new-${round}`, weight: 1 }] })));
  const [first, second, third] = idsOf(await server.recommended(reader!));
  await seedUpvotes(server, [[other!, fresh[0]!], [reader!, fresh[1]!]]);
  await server.act(reader!, `upvotePaper(input: { paperId: "${first}" })`);
  await server.act(reader!, `dismissPaper(input: { paperId: "${second}" })`);
  await server.act(reader!, 'followTag(input: { tagSlug: "niche-4" })');
  await server.act(reader!, `followAuthor(input: { authorId: "${await server.idOf('author', 'Author 5')}" })`);
  const { paperId } = (await prisma.upvote.findFirst({ where: { userId: reader!.rowId, paperId: { not: rowOf(first!) } }, orderBy: { paperId: 'asc' } }))!;
  await prisma.upvote.delete({ where: { userId_paperId: { userId: reader!.rowId, paperId } } });
  const rows = server.papers.map(({ rowId }) => rowId);
  await prisma.paper.update({ where: { id: rowOf(third!) }, data: { listedAt: new Date('2025-06-01') } });
  const links = await prisma.paperTag.findMany({ where: { paperId: { in: rows } }, orderBy: [{ paperId: 'desc' }, { tagId: 'asc' }], take: 9 });
  for (const { paperId: id, tagId } of links.slice(0, 3)) await prisma.paperTag.delete({ where: { paperId_tagId: { paperId: id, tagId } } });
  for (const { paperId: id, tagId } of links.slice(3)) await prisma.paperTag.update({ where: { paperId_tagId: { paperId: id, tagId } }, data: { weight: (1 + round) / 30 } });
}

async function allRankings(variables: Record<string, unknown> = {}): Promise<any[]> {
  const answers: any[] = [];
  for (const reader of [null, ...server.readers.slice(0, 4)]) answers.push(await server.recommended(reader, variables));
  return answers;
}

describe('a ranking of the past', () => {
  test('is the same to the last bit, whatever changed since, for every reader', async () => {
    const past = await allRankings();
    expect(new Set(past.map(({ modelVersion }) => modelVersion)).size).toBe(1);
    const supposition = { without: [idsOf(past[2])[0]], assuming: [await server.idOf('tag', 'niche-0'), idsOf(past[2])[7]], weights: { votes: 0.5 } };
    const supposed = await server.recommended(server.readers[1]!, supposition);
    for (let round = 0; round < 2; round += 1) {
      await changeEverything(round);
      const now = await allRankings();
      for (const [place, reader] of [null, ...server.readers.slice(0, 4)].entries()) {
        const { asOf, modelVersion } = past[place];
        const replayed = await server.recommended(reader, { asOf, modelVersion });
        expect(rankingOf(replayed)).toEqual(rankingOf(past[place]));
        expect([replayed.asOf, replayed.modelVersion, replayed.comparison]).toEqual([asOf, modelVersion, null]);
        expect(rankingOf(now[place])).not.toEqual(rankingOf(past[place]));
      }
      const again = await server.recommended(server.readers[1]!, { ...supposition, asOf: supposed.asOf });
      expect(rankingOf(again)).toEqual(rankingOf(supposed));
      expect(again.comparison).toEqual(supposed.comparison);
      expect((await allRankings()).map(rankingOf)).toEqual(now.map(rankingOf));
    }
  });

  test('leaves out papers that were deleted, and pages over them', async () => {
    const reader = server.readers[2]!;
    const past = await server.recommended(reader);
    const gone = idsOf(past).slice(0, 3);
    await server.database.prisma.paper.deleteMany({ where: { id: { in: gone.map(rowOf) } } });
    const whole = await server.recommended(reader, { asOf: past.asOf });
    const withoutNames = ({ edges }: any): unknown[] => edges.filter(({ node }: any) => !gone.includes(node.id)).map(({ score, node }: any) => [node.id, score]);
    expect([withoutNames(whole), whole.totalCount]).toEqual([withoutNames(past), past.totalCount]);
    for (const { score, reasons } of whole.edges) expect(reasons.reduce((sum: number, reason: { contribution: number }) => sum + reason.contribution, 0)).toBeCloseTo(score, 9);
    for (const first of [1, 2, 5]) {
      const seen: string[] = [];
      let pages = 0;
      for (let after: string | null = null; pages < 100; pages += 1) {
        const page: any = await server.recommended(reader, { asOf: past.asOf, first, after });
        seen.push(...idsOf(page));
        if (!page.pageInfo.hasNextPage) break;
        after = page.pageInfo.endCursor;
      }
      expect(seen).toEqual(idsOf(whole));
    }
  });

  test('may be named by an instant', async () => {
    const reader = server.readers[3]!;
    const before = rankingOf(await server.recommended(reader));
    await pause();
    const instant = new Date().toISOString();
    await pause();
    await changeEverything(3);
    const replayed = await server.recommended(reader, { asOf: instant });
    expect(rankingOf(replayed)).toEqual(before);
    expect(replayed.asOf).toBe(instant);
    expect(rankingOf(await server.recommended(reader, { asOf: instant.replace('Z', '+00:00') }))).toEqual(before);
    // Before there was anything.
    expect(await server.recommended(reader, { asOf: '2000-01-01T00:00:00Z' })).toMatchObject({ totalCount: 0, edges: [], pageInfo: { hasNextPage: false, endCursor: null } });
  });

  test('comes in pages, also while moments are asked for at once', async () => {
    const reader = server.readers[1]!;
    const moments: any[] = [];
    for (let round = 0; round < 3; round += 1) {
      moments.push(await server.recommended(reader));
      await changeEverything(10 + round);
    }
    await Promise.all(moments.flatMap((moment) => [0, 1].map(async () => {
      const seen: unknown[] = [];
      for (let after: string | null = null; ; ) {
        const page: any = await server.recommended(reader, { asOf: moment.asOf, first: 11, after });
        expect(page.asOf).toBe(moment.asOf);
        seen.push(...page.edges.map(({ node, score }: any) => [node.id, score]));
        if (!page.pageInfo.hasNextPage) break;
        after = page.pageInfo.endCursor;
      }
      expect(seen).toEqual(moment.edges.map(({ node, score }: any) => [node.id, score]));
    })));
  });

  test('knows nothing of what an account that was deleted since had said', async () => {
    const password = 'correct horse battery';
    const { token } = (await server.query(`mutation { signUp(input: { username: "leaving", password: "${password}" }) { token } }`)).signUp;
    const reader = await seedReader(server);
    const [one, other] = await seedPapers(server, ['One', 'Other'].map((title) => ({ title, listedOn: '2026-01-01' })));
    await seedUpvotes(server, [[reader, one!]]);
    for (const { id } of [one!, other!]) await server.query(`mutation { upvotePaper(input: { paperId: "${id}" }) { __typename } }`, { token });
    const past = await server.recommended(reader);
    expect(JSON.stringify(past)).toContain('upvoted by 1 reader of “One”');
    await server.query(`mutation { deleteAccount(input: { password: "${password}" }) { deletedUserId } }`, { token });
    expect(JSON.stringify(await server.recommended(reader, { asOf: past.asOf }))).not.toContain('upvoted by 1 reader of “One”');
  });
});

describe('a moment is refused', () => {
  const refused = (asOf: string): Promise<any> => server.error(RECOMMENDATIONS, { variables: { asOf } });
  const BAD = { code: 'BAD_USER_INPUT', field: 'asOf' };

  test('that is none', async () => {
    const moments = ['', 'garbage', '2026-01-01', 'yesterday', '2026-13-01T00:00:00Z', '2026-01-01T00:00:00', `as-of:1:2:`, 'x'.repeat(5000)];
    const snapshots = ['', '1', '1:2', '0:1:', '2:1:', '1:5:5', '5:5:5', '1:5:0', '1:5:3,3', '1:5:4,2', '1:5:2,', 'a:b:c', '1:99999999999999999999:', '9223372036854775807:9223372036854775807:9223372036854775807', "1:2:'; DROP"];
    for (const asOf of [...moments, ...snapshots.map(encodeMoment)]) {
      expect([asOf, await refused(asOf)]).toEqual([asOf, expect.objectContaining({ message: expect.stringMatching(/^asOf must be the asOf of an answer, or an instant such as 2026-11-24T09:00:00Z, received "/), extensions: BAD })]);
    }
  });

  test('that is still to come, or of another installation', async () => {
    for (const asOf of [new Date(Date.now() + 60_000).toISOString(), '9999-12-31T23:59:59-14:00', '2999-01-01T00:00:00Z']) {
      expect(await refused(asOf)).toMatchObject({ message: expect.stringMatching(/^asOf must not be in the future, received "/), extensions: BAD });
    }
    expect(await refused(encodeMoment('4000000000:4000000000:'))).toMatchObject({ message: expect.stringMatching(/^asOf must be the asOf of an answer of this installation, received "/), extensions: BAD });
  });

  test('of years that the database does not have', async () => {
    for (const asOf of ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+14:00']) expect((await refused(asOf)).extensions).toEqual(BAD);
  });

  test('of another model', async () => {
    const { asOf, modelVersion } = await server.recommended(null);
    for (const other of ['', 'walk-ridge-1', `${modelVersion} `]) {
      expect(await server.error(RECOMMENDATIONS, { variables: { asOf, modelVersion: other } })).toMatchObject({ message: `modelVersion must be ${modelVersion}, which this server runs, received ${JSON.stringify(other)}`, extensions: { code: 'CONFLICT', field: 'modelVersion' } });
    }
    expect((await server.recommended(null, { modelVersion })).modelVersion).toBe(modelVersion);
  });

  // The last test of this server: it takes most of its record.
  test('before the record of changes starts', async () => {
    const reader = server.readers[1]!;
    const old = await server.recommended(reader);
    await changeEverything(20);
    const [last] = await server.database.rows<{ id: string; transaction: string }>(sql`SELECT max(id)::text AS id, max(transaction_id)::text AS transaction FROM changes`);
    let young = await server.recommended(reader);
    // A transaction in another database of the server may have been open since before.
    while (BigInt(Buffer.from(young.asOf, 'base64url').toString().split(':')[1]!) <= BigInt(last!.transaction)) {
      await pause();
      young = await server.recommended(reader);
    }
    await changeEverything(21);
    await server.database.rows(sql`UPDATE changes SET recorded_at = recorded_at - interval '10 days' WHERE id <= ${last!.id}::text::int8`);
    const [aged] = await server.database.rows<{ at: Date }>(sql`SELECT max(recorded_at) AS at FROM changes WHERE id <= ${last!.id}::text::int8`);
    expect(rankingOf(await server.recommended(reader, { asOf: old.asOf }))).toBeDefined();
    await server.services.changeLog.prune(5);
    const horizon = new Date(aged!.at).toISOString();
    for (const asOf of [old.asOf, horizon, '2001-01-01T00:00:00Z']) {
      expect(await refused(asOf)).toMatchObject({ message: expect.stringContaining(`asOf must be after ${horizon}, where the record of changes starts, received "`), extensions: BAD });
    }
    const replayed = await server.recommended(reader, { asOf: young.asOf });
    expect(idsOf(replayed)).toEqual(idsOf(young));
    expect(rankingOf(replayed)).toEqual(rankingOf(young));
  });
});

// Snapshots with open transactions, and servers of their own connections, are a server's alone.
(isOnServer ? describe : describe.skip)('on PostgreSQL a ranking of the past', () => {
  let other: TasteServer;
  let second: App;
  let secondUrl: string;

  beforeAll(async () => {
    other = await startTasteServer();
    const [row] = await other.database.rows<{ name: string }>(sql`SELECT current_database() AS name`);
    const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
    url.pathname = `/${row!.name}`;
    const config = readConfig({ PORT: '0', HOST: '127.0.0.1', DEMO: 'false', LOG_LEVEL: 'silent', RECOMMENDER_THREADS: '0' });
    second = await createApp(config, new Database(await openPostgres(url.href, 3)));
    secondUrl = `${await second.listen()}/graphql`;
  });
  afterAll(async () => {
    await second.close();
    await other.stop();
  });

  test('has nothing of a transaction that was open, and is the same on another server', async () => {
    const reader = other.readers[1]!;
    let past: any;
    const paper = await seedPaper(other, { title: 'Voted late', listedOn: '2026-01-20', tags: [{ slug: 'vision', weight: 1 }] });
    let next: any;
    await second.database.transaction(async ({ rows }) => {
      await rows(sql`INSERT INTO upvotes (user_id, paper_id) VALUES (${reader.rowId}, ${paper.rowId})`);
      past = await other.recommended(reader);
      await other.act(other.readers[2]!, `upvotePaper(input: { paperId: "${other.papers[33]!.id}" })`);
      next = await other.recommended(reader);
    });
    expect(idsOf(await other.recommended(reader))).not.toContain(paper.id);
    // The open one is below the end, since a later one is done.
    expect(Buffer.from(next.asOf, 'base64url').toString()).toMatch(/^as-of:\d+:\d+:\d+/);
    for (const moment of [past, next]) {
      const variables = { asOf: moment.asOf };
      const replayed = await other.recommended(reader, variables);
      expect(idsOf(replayed)).toContain(paper.id);
      expect(rankingOf(replayed)).toEqual(rankingOf(moment));
      const response = await fetch(secondUrl, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${reader.token}` }, body: JSON.stringify({ query: RECOMMENDATIONS, variables }) });
      const { data }: any = await response.json();
      expect(rankingOf(data.recommendations)).toEqual(rankingOf(moment));
    }
  });
});
