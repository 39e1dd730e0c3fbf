import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPaper, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const UPVOTE = 'mutation ($paperId: ID!) { upvotePaper(input: { paperId: $paperId }) { paper { upvoteCount viewerHasUpvoted trendingScore } } }';
const REMOVE = 'mutation ($paperId: ID!) { removeUpvote(input: { paperId: $paperId }) { paper { upvoteCount viewerHasUpvoted } } }';
const PAPER = 'query ($paperId: ID!) { paper(id: $paperId) { upvoteCount viewerHasUpvoted upvotes { totalCount nodes { username } } } viewer { upvoteCount upvotedPapers { totalCount nodes { title } } } }';

describe('upvoting', () => {
  let server: TestServer;
  let reader: Reader;
  let paper: SeededPaper;

  beforeAll(async () => {
    server = await startTestServer();
    reader = await seedReader(server);
    paper = await seedPaper(server, { title: 'A paper', listedOn: '2026-01-01' });
  });
  afterAll(() => server.stop());

  test('counts once, however often it is repeated', async () => {
    const options = { token: reader.token, variables: { paperId: paper.id } };
    const first = await server.query(UPVOTE, options);
    const again = await server.query(UPVOTE, options);
    expect(first.upvotePaper.paper).toMatchObject({ upvoteCount: 1, viewerHasUpvoted: true });
    expect(again.upvotePaper.paper).toEqual(first.upvotePaper.paper);
    const removed = await server.query(REMOVE, options);
    expect(removed.removeUpvote.paper).toEqual({ upvoteCount: 0, viewerHasUpvoted: false });
    expect((await server.query(REMOVE, options)).removeUpvote.paper.upvoteCount).toBe(0);
  });

  test('counts once for requests of one reader that come at once', async () => {
    const { token } = await seedReader(server);
    const { id } = await seedPaper(server, { title: 'Clicked twice', listedOn: '2026-01-01' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => server.query(UPVOTE, { token, variables: { paperId: id } })));
    expect(answers.map((answer) => answer.upvotePaper.paper.upvoteCount)).toEqual(Array.from({ length: 10 }, () => 1));
    await Promise.all(Array.from({ length: 10 }, (_, n) => server.query(n % 2 === 0 ? REMOVE : UPVOTE, { token, variables: { paperId: id } })));
    const { paper: found, viewer } = await server.query(PAPER, { token, variables: { paperId: id } });
    // Whoever came last: the counters agree with the votes.
    expect(found.upvoteCount).toBe(found.viewerHasUpvoted ? 1 : 0);
    expect([found.upvotes.nodes.length, viewer.upvoteCount, viewer.upvotedPapers.nodes.length]).toEqual([found.upvoteCount, found.upvoteCount, found.upvoteCount]);
  });

  test('loses no vote of many readers who come at once', async () => {
    const readers = await Promise.all(Array.from({ length: 12 }, () => seedReader(server)));
    const { id } = await seedPaper(server, { title: 'Popular', listedOn: '2026-01-01' });
    await Promise.all(readers.map(({ token }) => server.query(UPVOTE, { token, variables: { paperId: id } })));
    const { paper: found } = await server.query(PAPER, { variables: { paperId: id } });
    expect(found).toMatchObject({ upvoteCount: 12, viewerHasUpvoted: false, upvotes: { totalCount: 12 } });
    expect(found.upvotes.nodes.map((node: any) => node.username).sort()).toEqual(readers.map(({ username }) => username).sort());
  });

  test('is seen by the voter as theirs, and by the rest of the same request', async () => {
    const other = await seedReader(server);
    const document = `mutation ($paperId: ID!) {
      one: upvotePaper(input: { paperId: $paperId }) { paper { upvoteCount viewerHasUpvoted upvotes { totalCount nodes { upvoteCount } } } }
      two: removeUpvote(input: { paperId: $paperId }) { paper { upvoteCount viewerHasUpvoted upvotes { totalCount nodes { upvoteCount } } } }
      three: upvotePaper(input: { paperId: $paperId }) { paper { upvoteCount viewerHasUpvoted upvotes { totalCount nodes { upvoteCount } } } }
    }`;
    const there = { paper: { upvoteCount: 1, viewerHasUpvoted: true, upvotes: { totalCount: 1, nodes: [{ upvoteCount: 1 }] } } };
    const gone = { paper: { upvoteCount: 0, viewerHasUpvoted: false, upvotes: { totalCount: 0, nodes: [] } } };
    expect(await server.query(document, { token: reader.token, variables: { paperId: paper.id } })).toEqual({ one: there, two: gone, three: there });
    expect((await server.query(PAPER, { token: other.token, variables: { paperId: paper.id } })).paper).toMatchObject({ upvoteCount: 1, viewerHasUpvoted: false });
  });

  test('raises the trending score from log10(1) to log10(2)', async () => {
    const { id } = await seedPaper(server, { title: 'Rising', listedOn: '2020-01-04' });
    const { upvotePaper } = await server.query(UPVOTE, { token: reader.token, variables: { paperId: id } });
    expect(upvotePaper.paper.trendingScore).toBeCloseTo(Math.log10(2) + 1, 9);
  });

  test.each([['upvotePaper', UPVOTE], ['removeUpvote', REMOVE]])('%s needs a viewer and a paper', async (_, document) => {
    const idOf = (text: string): string => Buffer.from(text).toString('base64url');
    const { token } = reader;
    expect((await server.error(document, { variables: { paperId: paper.id } })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect(await server.error(document, { token, variables: { paperId: idOf('Paper:999999') } })).toMatchObject({ message: 'there is no such paper', extensions: { code: 'NOT_FOUND', field: 'paperId' } });
    expect(await server.error(document, { token, variables: { paperId: reader.id } })).toMatchObject({ message: `paperId must be the id of a Paper, received "${reader.id}"`, extensions: { code: 'BAD_USER_INPUT', field: 'paperId' } });
    expect((await server.error(document, { token, variables: { paperId: 'garbage' } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'paperId' });
  });
});
