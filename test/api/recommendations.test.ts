import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPaper, seedPapers, seedReader, seedUpvotes, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const REASONS = `score node { id title } reasons { __typename kind contribution text
  ... on TagReason { tag { slug } upvotedPaperCount } ... on PaperReason { paper { title } readerCount }
  ... on ReadersReason { readerCount } ... on OtherReason { reasonCount } }`;
const FOR_ME = `query ($first: Int! = 100, $after: String) {
  recommendations(first: $first, after: $after) { totalCount edges { cursor ${REASONS} } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
}`;

let server: TestServer;
let readers: Reader[];
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  readers = await Promise.all(Array.from({ length: 6 }, () => seedReader(server)));
  // Two themes, a tag of all papers, and listings over three weeks.
  papers = await seedPapers(server, Array.from({ length: 24 }, (_, n) => ({
    title: `Paper ${n}`, listedOn: `2026-01-${String(1 + n % 21).padStart(2, '0')}`,
    tags: [{ slug: n % 2 === 0 ? 'vision' : 'audio', weight: 1 }, { slug: 'learning', weight: 0.5 }, { slug: `niche-${n % 5}`, weight: 0.8 }],
  })));
  await seedUpvotes(server, papers.flatMap((paper, n) => readers.slice(1).filter((_, r) => (n + r) % 4 < 2 && n < 20).map((reader) => [reader, paper] as const)));
});
afterAll(() => server.stop());

async function recommended(reader: Reader | null, variables: Record<string, unknown> = {}): Promise<any> {
  return (await server.query(FOR_ME, { token: reader?.token ?? null, variables })).recommendations;
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
    expect(named).toEqual([...named].sort((a, b) => Math.abs(b) - Math.abs(a)));
    expect(named.every((contribution: number) => contribution !== 0)).toBe(true);
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
    expect(new Set(reasons.map((reason) => `${reason.kind} ${reason.__typename}`))).toEqual(
      new Set(['SHARED_TAG TagReason', 'CO_UPVOTED PaperReason', 'OTHER_READERS ReadersReason', 'TRENDING ReadersReason', 'FRESH PlainReason', 'REPETITION PaperReason']),
    );
    const shared = reasons.find((reason) => reason.kind === 'SHARED_TAG');
    expect(shared.text).toBe(`shares ${shared.tag.slug} with ${shared.upvotedPaperCount} paper${shared.upvotedPaperCount === 1 ? '' : 's'} you upvoted`);
    const co = reasons.find((reason) => reason.kind === 'CO_UPVOTED');
    expect(co.text).toBe(`upvoted by ${co.readerCount} reader${co.readerCount === 1 ? '' : 's'} of “${co.paper.title}”, which you upvoted`);
    const { user } = await server.query('query ($id: ID!) { user(id: $id) { upvotedPapers(first: 100) { nodes { title tags { nodes { slug } } } } } }', { variables: { id: readers[1]!.id } });
    const upvoted: any[] = user.upvotedPapers.nodes;
    for (const reason of reasons) {
      if (reason.kind === 'CO_UPVOTED') expect(upvoted.map((node) => node.title)).toContain(reason.paper.title);
      if (reason.kind === 'SHARED_TAG') expect(upvoted.filter((node) => node.tags.nodes.some((tag: any) => tag.slug === reason.tag.slug))).toHaveLength(reason.upvotedPaperCount);
    }
  });

  test('go by trend for a reader without upvotes and for an anonymous request', async () => {
    const [mine, anonymous] = [await recommended(readers[0]!), await recommended(null)];
    expect(mine).toEqual(anonymous);
    expect(reasonsOf(mine).every((reason) => reason.__typename === 'ReadersReason')).toBe(true);
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
    const [one] = await seedPapers(server, [{ title: 'A paper of many tags', listedOn: '2026-01-02', tags: niches.slice(0, 15) }, { title: 'A paper of many tags too', listedOn: '2026-01-02', tags: niches.slice(0, 15) }]);
    // A record takes 20 tags; curators may give more.
    await seedPapers(server, [{ title: 'A paper of many tags', tags: niches.slice(15) }, { title: 'A paper of many tags too', tags: niches.slice(15) }]);
    const reader = await seedReader(server);
    await seedUpvotes(server, [[reader, one!]]);
    const answer = await recommended(reader);
    expectSound(answer);
    const { node, reasons } = answer.edges[0];
    expect([node.title, reasons.length]).toEqual(['A paper of many tags too', 20]);
    expect(reasons.slice(0, 19).map((reason: any) => reason.__typename).sort()).toEqual(['PlainReason', ...Array.from({ length: 18 }, () => 'TagReason')]);
    // 30 tags, being listed lately and the trend are 32 reasons, of which 19 are named.
    expect(reasons[19]).toMatchObject({ __typename: 'OtherReason', kind: 'OTHER', reasonCount: 13, text: 'and 13 smaller reasons' });
  });
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
