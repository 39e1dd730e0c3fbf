import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { seedPapers, seedReader, seedUpvotes, type Reader } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

let server: TestServer;
let readers: Reader[];

beforeAll(async () => {
  server = await startTestServer({ compileAfter: Infinity });
  readers = [await seedReader(server), await seedReader(server), await seedReader(server)];
  const papers = await seedPapers(server, Array.from({ length: 20 }, (_, n) => ({
    title: `Paper ${n}`, arxivId: `2601.${String(n).padStart(5, '0')}`, listedOn: '2026-01-05', submittedById: readers[n % 3]!.rowId,
    authors: [`Author ${n}`, `Author ${(n + 1) % 20}`, 'Everybody'],
    tags: [{ slug: `tag-${n % 4}`, weight: 1 }, { slug: 'common', weight: 0.5 }],
    repos: [{ url: `https://github.com/lab/repo-${n}` }, { url: 'https://github.com/lab/shared' }],
  })));
  await seedUpvotes(server, papers.flatMap((paper, n) => readers.slice(0, 1 + (n % 3)).map((reader) => [reader, paper] as const)));
  await server.database.rows(sql`
    INSERT INTO paper_origins (source, external_id, paper_id, fields, facts, digest)
    SELECT s, id, id, ARRAY['title'], '{"by": "somebody"}', sha256(s::bytea) FROM papers, unnest(ARRAY['one', 'two']) s`);
  await server.database.rows(sql`INSERT INTO tag_aliases (slug, tag_id) SELECT 'alias-of-' || slug, id FROM tags`);
  for (const { rowId } of readers) {
    await server.database.rows(sql`INSERT INTO tag_follows (user_id, tag_id) SELECT ${rowId}, id FROM tags`);
    await server.database.rows(sql`INSERT INTO author_follows (user_id, author_id) SELECT ${rowId}, id FROM authors`);
    await server.database.rows(sql`INSERT INTO comments (paper_id, user_id, body) SELECT id, ${rowId}, 'Hello' FROM papers`);
    await server.database.rows(sql`INSERT INTO user_follows (user_id, followed_id) SELECT ${rowId}, id FROM users WHERE id <> ${rowId}`);
    await server.database.rows(sql`INSERT INTO library_entries (user_id, paper_id) SELECT ${rowId}, id FROM papers`);
    await server.database.rows(sql`WITH c AS (INSERT INTO collections (owner_id, name, is_public) SELECT ${rowId}, 'Shelf ' || n, true FROM generate_series(1, 2) n RETURNING id)
      INSERT INTO collection_papers (collection_id, paper_id, position) SELECT c.id, p.id, p.id FROM c, papers p`);
  }
  await server.database.rows(sql`INSERT INTO comments (paper_id, parent_id, user_id, body) SELECT paper_id, id, user_id, 'A reply' FROM comments`);
  await server.database.rows(sql`INSERT INTO authorship_claims (user_id, author_id, note, state, resolved_at)
    SELECT u.id, a.id, 'Mine', 'CONFIRMED', now() FROM authors a JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM users) u ON u.place = 1 + a.id % 3`);
  await server.database.rows(sql`INSERT INTO authorship_claims (user_id, author_id, note) SELECT ${readers[2]!.rowId}, id, 'Mine' FROM authors`);
  await server.database.rows(sql`INSERT INTO comment_mentions (comment_id, user_id) SELECT id, ${readers[0]!.rowId} FROM comments`);
});
afterAll(() => server.stop());

/** The SQL statements of a query, whose whole answer must be free of errors. */
async function statementsOf(document: string, variables: Record<string, unknown> = {}): Promise<{ data: any; statements: string[] }> {
  const { result, statements } = await server.countStatements(() => server.query(document, { token: readers[2]!.token, variables }));
  return { data: result, statements };
}

const CARD = `id title upvoteCount viewerHasUpvoted viewerHasDismissed viewerHasMuted
  submittedBy { username upvoteCount }
  authors(first: 5) { totalCount nodes { name paperCount followerCount viewerFollows viewerHasMuted } }
  tags(first: 5) { totalCount edges { weight node { slug aliases followerCount viewerFollows viewerHasMuted } } }
  repos(first: 5) { totalCount edges { isOfficial node { url stars } } }
  origins(first: 5) { totalCount nodes { source externalId fields facts } }
  upvotes(first: 5) { totalCount edges { upvotedAt isByAuthor isBySubmitter node { username } } }`;

describe('the number of SQL statements does not grow with the page', () => {
  test.each<[string, string, number]>([
    // The viewer, the feed's period (two), its papers and their number; viewerHasUpvoted, viewerHasDismissed, viewerHasMuted, submittedBy, upvotes; authors, tags,
    // repos and origins with a count each; the tags' aliases; whether the viewer follows or muted the authors and the tags.
    ['a feed of cards', `query ($first: Int!) { feed { next papers(first: $first) { totalCount nodes { ${CARD} } } } }`, 23],
    ['cards of papers', `query ($first: Int!) { papers(first: $first) { totalCount nodes { ${CARD} } } }`, 21],
    [
      'four levels',
      `query ($first: Int!) { papers(first: $first) { nodes {
        authors(first: 3) { nodes { papers(first: 3, orderBy: TOP) { totalCount nodes { title tags(first: 3) { nodes { slug papers(first: 3) { totalCount nodes { title viewerHasUpvoted } } } } } } } }
        repos(first: 3) { nodes { papers(first: 3) { nodes { submittedBy { username } } } } }
        upvotes(first: 3) { nodes { submittedPapers(first: 3) { totalCount nodes { title } } upvotedPapers(first: 3) { totalCount nodes { title } } } }
      } } }`,
      14,
    ],
    ['readers and what they like', 'query ($first: Int!) { papers(first: $first) { nodes { submittedBy { submittedPapers(first: 2) { nodes { upvotes(first: 2) { nodes { upvotedPapers(first: 2) { nodes { id } } } } } } } } } }', 6],
    ['readers and what they follow', 'query ($first: Int!) { papers(first: $first) { nodes { upvotes(first: 2) { nodes { followedTags(first: 2) { totalCount nodes { viewerFollows } } followedAuthors(first: 2) { totalCount nodes { viewerFollows papers(first: 1) { nodes { id } } } } } } } } }', 10],
    // The viewer, papers; comments with their count, authors, papers; replies, votes, authors, parents, mentions with their count.
    ['discussions', 'query ($first: Int!) { papers(first: $first) { nodes { commentCount comments(first: 2) { totalCount nodes { bodyMarkdown bodyHtml viewerCanEdit author { username } paper { title } replies(first: 2) { totalCount nodes { viewerHasUpvoted author { username } parent { id } mentions(first: 1) { totalCount nodes { username } } } } } } } } }', 11],
    // The viewer, papers, upvotes and comments; authors of the voters with their count, who these are and what the viewer claims of them.
    ['readers who are authors', `query ($first: Int!) { papers(first: $first) { nodes { upvotes(first: 2) { edges { isByAuthor isBySubmitter node {
      authors(first: 2) { totalCount nodes { user { username } viewerClaim { state author { name } } } } } } } comments(first: 1) { nodes { isByAuthor } } } } }`, 10],
    ['readers and what they say', 'query ($first: Int!) { papers(first: $first) { nodes { upvotes(first: 2) { nodes { comments(first: 2) { totalCount nodes { id } } } } } } }', 5],
    // The viewer, papers and voters; whom these follow, with their number, by whom they are followed, whether the viewer follows
    // them; collections of papers and of voters with their counts, their owners and papers, and what the viewer keeps.
    ['people, collections and libraries', `query ($first: Int!) { papers(first: $first) { nodes {
      upvotes(first: 1) { nodes { followedUsers(first: 2) { totalCount nodes { viewerFollows } } followers(first: 2) { totalCount nodes { username } } collections(first: 2) { totalCount nodes { name } } } }
      collections(first: 2) { totalCount nodes { owner { username } papers(first: 2) { totalCount nodes { title viewerLibraryEntry { state } } } } } } } }`, 14],
    ['similar papers', 'query ($first: Int!) { papers(first: $first) { nodes { similar(first: 3) { totalCount edges { score node { title } reasons { text ... on TagReason { tag { slug } } ... on AuthorReason { author { name } } ... on PaperReason { paper { title } } } } } } } }', 6],
    // The viewer, papers, and for the reasons tags, authors and papers; without reasons, the first two.
    ['recommendations', 'query ($first: Int!) { recommendations(first: $first) { nodes { title } edges { reasons { text ... on TagReason { tag { slug } } ... on AuthorReason { author { name } } ... on PaperReason { paper { title } } } } } }', 5],
    ['recommendations without reasons', 'query ($first: Int!) { recommendations(first: $first) { nodes { title } edges { score } } }', 2],
    ['a supposed ranking and what moved', 'query ($first: Int!) { recommendations(first: $first, weights: { votes: 0 }) { nodes { title } comparison { entered { place paper { title } } left { paper { title } } } } }', 2],
    ['similar readers', 'query ($first: Int!) { papers(first: $first) { nodes { upvotes(first: 2) { nodes { similarReaders(first: 2) { totalCount edges { similarity node { username } reasons { text paper { title } } } } } } } } }', 5],
    ['related tags', 'query ($first: Int!) { papers(first: $first) { nodes { tags(first: 1) { nodes { relatedTags(first: 2) { totalCount nodes { name } } } } } } }', 4],
  ])('of %s', async (_, document, count) => {
    await server.query('{ recommendations(first: 1) { nodes { id } } }'); // The matrix is read once a process, before it is followed.
    const small = await statementsOf(document, { first: 2 });
    const large = await statementsOf(document, { first: 20 });
    const page = Object.values<any>(large.data.feed ?? large.data).find((value) => value?.nodes !== undefined);
    expect(page.nodes).toHaveLength(page === large.data.recommendations ? 14 : 20);
    expect(small.statements.map(shape).sort()).toEqual(large.statements.map(shape).sort());
    expect(large.statements).toHaveLength(count);
  });

  test('of one list in several pages by alias: one statement a page, whatever the parents', async () => {
    const document = `query ($first: Int!) { papers(first: $first) { nodes {
      one: authors(first: 1) { nodes { name } pageInfo { hasNextPage } }
      rest: authors(first: 10) { totalCount nodes { name } }
      last: authors(last: 1) { totalCount nodes { name } }
      same: authors(first: 1) { edges { cursor } }
      top: tags(first: 1) { nodes { top: papers(orderBy: TOP, first: 1) { nodes { id } } newest: papers(orderBy: NEWEST, first: 1) { nodes { id } } } }
    } } }`;
    const small = await statementsOf(document, { first: 2 });
    const large = await statementsOf(document, { first: 20 });
    expect(small.statements.map(shape).sort()).toEqual(large.statements.map(shape).sort());
    // The viewer, papers, three pages of authors and their count, tags, and their papers in two orders.
    expect(large.statements).toHaveLength(9);
    const { one, rest, last, same } = large.data.papers.nodes[0];
    expect([one.nodes[0], last.nodes[0], same.edges.length]).toEqual([rest.nodes[0], rest.nodes.at(-1), 1]);
    expect([one.pageInfo.hasNextPage, rest.totalCount, last.totalCount]).toEqual([true, 3, 3]);
  });

  test('of single objects asked for by alias: one a type and key', async () => {
    const aliases = (count: number): string => Array.from({ length: count }, (_, n) => `p${n}: paper(arxivId: "2601.${String(n).padStart(5, '0')}") { title } t${n}: tag(slug: "${n % 2 === 0 ? '' : 'alias-of-'}tag-${n % 4}") { name } u${n}: user(username: "${readers[n % 3]!.username}") { id }`).join(' ');
    const small = await statementsOf(`{ ${aliases(2)} }`);
    const large = await statementsOf(`{ ${aliases(20)} }`);
    expect([small.statements.length, large.statements.length]).toEqual([4, 4]);
    expect(large.data).toMatchObject({ p19: { title: 'Paper 19' }, t3: { name: 'tag-3' }, u2: { id: readers[2]!.id } });
  });
});

describe('what is not asked for is not read', () => {
  test.each<[string, string, number]>([
    ['only the schema', '{ __typename }', 0],
    ['no count', '{ papers(first: 2) { nodes { title } } }', 1],
    ['counts that the rows have', '{ papers(first: 2) { nodes { upvotes(first: 1) { totalCount } } } }', 2],
    ['an anonymous viewer', '{ viewer { id } papers(first: 1) { nodes { viewerHasUpvoted } } }', 1],
  ])('%s', async (_, document, count) => {
    const { statements } = await server.countStatements(() => server.query(document));
    expect(statements).toHaveLength(count);
  });

  test('and what was read is not kept for the next request', async () => {
    const document = '{ papers(first: 1) { nodes { title } } }';
    const counts = [(await statementsOf(document)).statements.length, (await statementsOf(document)).statements.length];
    expect(counts).toEqual([2, 2]);
  });
});

/** A statement without the limit that the page size makes; statements of one level may end in any order. */
function shape(statement: string): string {
  return statement.replace(/LIMIT \d+/g, 'LIMIT n').replace(/\s+/g, ' ');
}
