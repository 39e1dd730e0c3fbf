import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const UPVOTE = 'mutation ($paperId: ID!) { upvotePaper(input: { paperId: $paperId }) { paper { upvoteCount viewerHasUpvoted trendingScore } } }';
const REMOVE = 'mutation ($paperId: ID!) { removeUpvote(input: { paperId: $paperId }) { paper { upvoteCount viewerHasUpvoted } } }';

describe('upvoting', () => {
  let server: TestServer;
  let reader: Reader;
  let paper: SeededPaper;

  beforeAll(async () => {
    server = await startTestServer();
    reader = await seedReader(server);
    [paper] = (await seedPapers(server, [{ title: 'A paper', listedOn: '2026-01-01' }])) as [SeededPaper];
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
});
