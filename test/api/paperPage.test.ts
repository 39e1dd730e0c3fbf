import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seedPapers, seedReader, seedUpvotes, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const PAGE = `query ($id: ID!) { paper(id: $id) {
  title abstract upvoteCount viewerHasUpvoted submittedBy { username }
  authors(first: 100) { nodes { name syndication { atomUrl } } } tags { edges { weight node { name syndication { jsonFeedUrl } } } } repos { edges { isOfficial node { url } } } origins { nodes { source } }
  upvotes(first: 5) { edges { upvotedAt node { username } } } voteTimeline { startsAt count cumulative } hours: voteTimeline(interval: HOUR) { count }
  bibtex: citation csl: citation(format: CSL_JSON)
  byTheSameAuthors(first: 5) { totalCount edges { sharedAuthorCount sharedAuthors { name } node { title upvoteCount viewerHasUpvoted authors(first: 3) { nodes { name } } } } }
  similar(first: 5) { edges { summary node { title upvoteCount viewerHasUpvoted } } }
} }`;

let server: TestServer;
let readers: Reader[];
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer({ compileAfter: Infinity });
  readers = await Promise.all([1, 2, 3].map(() => seedReader(server)));
  papers = await seedPapers(server, Array.from({ length: 12 }, (_, n) => ({
    title: `Paper ${n}`, listedOn: '2026-01-05', submittedById: readers[0]!.rowId, authors: [`Author ${n}`, `Author ${n % 3}`, ...(n === 0 ? ['Author 1', 'Author 2'] : [])], tags: [{ slug: 'common', weight: 1 }], repos: [{ url: `https://github.com/lab/repo-${n}` }],
  })));
  await seedUpvotes(server, readers.flatMap((reader) => papers.slice(0, 6).map((paper) => [reader, paper] as const)));
  await server.query('{ recommendations(first: 1) { nodes { id } } }'); // The matrix is read once a process.
});
afterAll(() => server.stop());

const MOST_STATEMENTS = 22;

test('all of a paper comes in one request, in a bounded number of statements', async () => {
  const read = ({ id }: SeededPaper) => server.countStatements(() => server.query(PAGE, { token: readers[1]!.token, variables: { id } }));
  const { result: { paper }, statements } = await read(papers[0]!);
  expect(paper).toMatchObject({ upvoteCount: 3, voteTimeline: [{ count: 3, cumulative: 3 }], hours: [{ count: 3 }], byTheSameAuthors: { totalCount: 11 } });
  expect(paper.similar.edges.length).toBeGreaterThan(0);
  expect([paper.bibtex, paper.csl, paper.upvotes.edges.length, paper.byTheSameAuthors.edges.length]).toEqual([expect.stringContaining('@misc{'), expect.stringContaining('"type":"article"'), 3, 5]);
  // The viewer and the paper; its abstract, submitter, authors, tags, repos, origins, upvotes, two timelines, byline to cite, papers by the
  // same authors with their number and the authors shared; of these papers the authors; of those that are similar the papers, tags and authors
  // that reasons name; and what the viewer upvoted of all,
  // once or twice: papers that are similar and papers by the same authors may come in either order.
  expect(statements.length).toBeGreaterThanOrEqual(20);
  expect(statements.length).toBeLessThanOrEqual(MOST_STATEMENTS);
  // A paper with one author, without votes, takes no more.
  expect((await read(papers[11]!)).statements.length).toBeLessThanOrEqual(MOST_STATEMENTS);
});
