import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPaper, seedPapers, seedReader, seedUpvotes, type Reader } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const SEEN = 'paper { upvoteCount viewerHasUpvoted viewerHasDismissed }';
const DISMISS = `mutation ($paperId: ID!) { dismissPaper(input: { paperId: $paperId }) { ${SEEN} } }`;
const UNDO = `mutation ($paperId: ID!) { undoDismissPaper(input: { paperId: $paperId }) { ${SEEN} } }`;
const UPVOTE = `mutation ($paperId: ID!) { upvotePaper(input: { paperId: $paperId }) { ${SEEN} } }`;
const REMOVE = `mutation ($paperId: ID!) { removeUpvote(input: { paperId: $paperId }) { ${SEEN} } }`;
const DISMISSED = `query ($first: Int, $after: String, $last: Int, $before: String) {
  dismissedPapers(first: $first, after: $after, last: $last, before: $before) {
    totalCount edges { dismissedAt node { id } } nodes { id title viewerHasDismissed viewerHasUpvoted } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

const NEITHER = { upvoteCount: 0, viewerHasUpvoted: false, viewerHasDismissed: false };
const UPVOTED = { upvoteCount: 1, viewerHasUpvoted: true, viewerHasDismissed: false };
const GONE = { upvoteCount: 0, viewerHasUpvoted: false, viewerHasDismissed: true };

let server: TestServer;
let reader: Reader;

beforeAll(async () => {
  server = await startTestServer();
  reader = await seedReader(server);
});
afterAll(() => server.stop());

const titlesOf = (connection: any): string[] => connection.nodes.map((node: any) => node.title);

describe('dismissing', () => {
  test('hides nothing from others, may be repeated and taken back', async () => {
    const { id } = await seedPaper(server, { title: 'Dismissed', listedOn: '2026-01-01' });
    const options = { token: reader.token, variables: { paperId: id } };
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(DISMISS, options)).dismissPaper.paper).toEqual(GONE);
    const { dismissedPapers } = await server.query(DISMISSED, { token: reader.token });
    expect(dismissedPapers).toMatchObject({ totalCount: 1, nodes: [{ id, title: 'Dismissed', viewerHasDismissed: true, viewerHasUpvoted: false }] });
    expect(Math.abs(Date.parse(dismissedPapers.edges[0].dismissedAt) - Date.now())).toBeLessThan(60_000);
    const other = await seedReader(server);
    const asOther = `query ($id: ID!) { paper(id: $id) { viewerHasDismissed } }`;
    for (const token of [other.token, null]) expect((await server.query(asOther, { token, variables: { id } })).paper).toEqual({ viewerHasDismissed: false });
    expect((await server.query(DISMISSED, { token: other.token })).dismissedPapers.totalCount).toBe(0);
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(UNDO, options)).undoDismissPaper.paper).toEqual(NEITHER);
    expect((await server.query(DISMISSED, { token: reader.token })).dismissedPapers).toMatchObject({ totalCount: 0, nodes: [] });
  });

  test('takes an upvote back, an upvote ends it, and the rest of the request sees that', async () => {
    const { id } = await seedPaper(server, { title: 'Undecided', listedOn: '2026-01-01' });
    const document = `mutation ($paperId: ID!) {
      one: upvotePaper(input: { paperId: $paperId }) { ${SEEN} }
      two: dismissPaper(input: { paperId: $paperId }) { ${SEEN} }
      three: upvotePaper(input: { paperId: $paperId }) { ${SEEN} }
      four: undoDismissPaper(input: { paperId: $paperId }) { ${SEEN} }
      five: dismissPaper(input: { paperId: $paperId }) { ${SEEN} }
      six: removeUpvote(input: { paperId: $paperId }) { ${SEEN} }
      seven: undoDismissPaper(input: { paperId: $paperId }) { ${SEEN} }
    }`;
    const answer = await server.query(document, { token: reader.token, variables: { paperId: id } });
    const seen = Object.values<any>(answer).map(({ paper }) => paper);
    expect(seen).toEqual([UPVOTED, GONE, UPVOTED, UPVOTED, GONE, GONE, NEITHER]);
    expect((await server.query('{ viewer { upvoteCount } }', { token: reader.token })).viewer.upvoteCount).toBe(0);
  });

  test("leaves other readers' upvotes", async () => {
    const { id, rowId } = await seedPaper(server, { title: 'Liked by others', listedOn: '2026-01-01' });
    const others = await Promise.all([1, 2].map(() => seedReader(server)));
    await seedUpvotes(server, [...others, reader].map((one) => [one, { id, rowId }] as const));
    const { dismissPaper } = await server.query(DISMISS, { token: reader.token, variables: { paperId: id } });
    expect(dismissPaper.paper).toEqual({ upvoteCount: 2, viewerHasUpvoted: false, viewerHasDismissed: true });
  });

  test('and upvoting that come at once leave one of the two, with the counters right', async () => {
    const { token, rowId } = await seedReader(server);
    const papers = await seedPapers(server, Array.from({ length: 4 }, (_, n) => ({ title: `At once ${n}`, listedOn: '2026-01-01' })));
    for (let round = 0; round < 5; round += 1) {
      const requests = papers.flatMap(({ id }) => [UPVOTE, DISMISS, UPVOTE, DISMISS, REMOVE, UNDO].map((document) => server.query(document, { token, variables: { paperId: id } })));
      await Promise.all(requests);
      const document = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Paper { upvoteCount viewerHasUpvoted viewerHasDismissed } } viewer { upvoteCount } }';
      const { nodes, viewer } = await server.query(document, { token, variables: { ids: papers.map(({ id }) => id) } });
      for (const paper of nodes) expect([NEITHER, UPVOTED, GONE]).toContainEqual(paper);
      expect(viewer.upvoteCount).toBe(nodes.filter((paper: any) => paper.viewerHasUpvoted).length);
    }
    const both = await server.database.prisma.dismissal.count({ where: { userId: rowId, paper: { upvotes: { some: { userId: rowId } } } } });
    expect(both).toBe(0);
  });

  test.each([['dismissPaper', DISMISS], ['undoDismissPaper', UNDO]])('%s needs a viewer and a paper', async (_, document) => {
    const idOf = (text: string): string => Buffer.from(text).toString('base64url');
    const { token } = reader;
    const paper = await seedPaper(server, { title: 'A paper', listedOn: '2026-01-01' });
    expect((await server.error(document, { variables: { paperId: paper.id } })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect(await server.error(document, { token, variables: { paperId: idOf('Paper:999999') } })).toMatchObject({ message: 'there is no such paper', extensions: { code: 'NOT_FOUND', field: 'paperId' } });
    expect(await server.error(document, { token, variables: { paperId: reader.id } })).toMatchObject({ message: `paperId must be the id of a Paper, received "${reader.id}"`, extensions: { code: 'BAD_USER_INPUT', field: 'paperId' } });
    expect((await server.error(document, { token, variables: { paperId: 'garbage' } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'paperId' });
  });

  test('costs one statement, beside those that know the viewer and read the paper', async () => {
    const { id } = await seedPaper(server, { title: 'Counted', listedOn: '2026-01-01' });
    for (const document of [DISMISS, UNDO]) {
      const plain = document.replace(SEEN, 'paper { title }');
      const { statements } = await server.countStatements(() => server.query(plain, { token: reader.token, variables: { paperId: id } }));
      expect(statements).toHaveLength(3);
    }
  });
});

describe('dismissed papers', () => {
  let owner: Reader;
  const read = async (page: Record<string, unknown> = {}): Promise<any> => (await server.query(DISMISSED, { token: owner.token, variables: page })).dismissedPapers;

  beforeAll(async () => {
    owner = await seedReader(server);
    const papers = await seedPapers(server, Array.from({ length: 7 }, (_, n) => ({ title: `Unwanted ${n}`, listedOn: '2026-01-01' })));
    for (const { rowId } of papers) await server.services.dismissals.add(owner.rowId, rowId);
    // Three moments for seven dismissals: ties are ordered by the papers' ids.
    for (const [n, { rowId }] of papers.entries()) {
      await server.database.prisma.dismissal.updateMany({ where: { paperId: rowId }, data: { createdAt: new Date(Date.UTC(2026, 1, 1 + (n % 3))) } });
    }
  });

  test('come the latest first, in pages from either end', async () => {
    const expected = [5, 2, 4, 1, 6, 3, 0].map((n) => `Unwanted ${n}`);
    expect(titlesOf(await read())).toEqual(expected);
    const forward: string[] = [];
    for (let page: any = await read({ first: 3 }); ; page = await read({ first: 3, after: page.pageInfo.endCursor })) {
      forward.push(...titlesOf(page));
      if (!page.pageInfo.hasNextPage) break;
    }
    const backward: string[] = [];
    for (let page: any = await read({ last: 3 }); ; page = await read({ last: 3, before: page.pageInfo.startCursor })) {
      backward.unshift(...titlesOf(page));
      if (!page.pageInfo.hasPreviousPage) break;
    }
    expect([forward, backward]).toEqual([expected, expected]);
  });

  test('are read in a fixed number of statements: the viewer, the papers and their number, what the viewer did with them', async () => {
    for (const first of [1, 7]) {
      const { statements } = await server.countStatements(() => read({ first }));
      expect(statements).toHaveLength(5);
    }
  });

  test('are nobody else’s to see', async () => {
    expect((await server.error(DISMISSED)).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect((await server.error(DISMISSED, { token: owner.token, variables: { first: 0 } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'first' });
  });
});
