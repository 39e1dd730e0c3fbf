import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPaper, seedReader, type Reader } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const FOLLOW_TAG = 'mutation ($tagSlug: String!) { followTag(input: { tagSlug: $tagSlug }) { tag { slug followerCount viewerFollows } } }';
const UNFOLLOW_TAG = 'mutation ($tagSlug: String!) { unfollowTag(input: { tagSlug: $tagSlug }) { tag { slug followerCount viewerFollows } } }';
const FOLLOW_AUTHOR = 'mutation ($authorId: ID!) { followAuthor(input: { authorId: $authorId }) { author { name followerCount viewerFollows } } }';
const UNFOLLOW_AUTHOR = 'mutation ($authorId: ID!) { unfollowAuthor(input: { authorId: $authorId }) { author { name followerCount viewerFollows } } }';
const PAGE = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const FOLLOWED = `query ($id: ID!) { user(id: $id) {
  followedTags { totalCount edges { followedAt } nodes { slug viewerFollows } }
  followedAuthors { totalCount edges { followedAt } nodes { name viewerFollows } }
} }`;

let server: TestServer;
let reader: Reader;
let authorIds: Map<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  reader = await seedReader(server);
  await seedPaper(server, { title: 'A paper', listedOn: '2026-01-01', authors: ['Ada', 'Alan', 'Grace', 'Emmy'], tags: ['vision', 'audio', 'graphs', 'text'].map((slug) => ({ slug, weight: 1 })) });
  const { authors } = await server.query('{ authors { nodes { id name } } }');
  authorIds = new Map(authors.nodes.map((author: any) => [author.name, author.id]));
});
afterAll(() => server.stop());

const followed = async (id: string, token: string | null = null): Promise<any> => (await server.query(FOLLOWED, { token, variables: { id } })).user;

describe('following', () => {
  test('a tag counts once, may be repeated and taken back', async () => {
    const options = { token: reader.token, variables: { tagSlug: 'vision' } };
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(FOLLOW_TAG, options)).followTag.tag).toEqual({ slug: 'vision', followerCount: 1, viewerFollows: true });
    const other = await seedReader(server);
    expect((await server.query(FOLLOW_TAG, { ...options, token: other.token })).followTag.tag.followerCount).toBe(2);
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(UNFOLLOW_TAG, options)).unfollowTag.tag).toEqual({ slug: 'vision', followerCount: 1, viewerFollows: false });
    expect((await server.query('{ tag(slug: "vision") { followerCount viewerFollows } }')).tag).toEqual({ followerCount: 1, viewerFollows: false });
  });

  test('an author counts once, may be repeated and taken back', async () => {
    const options = { token: reader.token, variables: { authorId: authorIds.get('Ada') } };
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(FOLLOW_AUTHOR, options)).followAuthor.author).toEqual({ name: 'Ada', followerCount: 1, viewerFollows: true });
    const other = await seedReader(server);
    expect((await server.query(FOLLOW_AUTHOR, { ...options, token: other.token })).followAuthor.author.followerCount).toBe(2);
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(UNFOLLOW_AUTHOR, options)).unfollowAuthor.author).toEqual({ name: 'Ada', followerCount: 1, viewerFollows: false });
    const { author } = await server.query('query ($id: ID!) { author(id: $id) { followerCount viewerFollows } }', { variables: { id: authorIds.get('Ada') } });
    expect(author).toEqual({ followerCount: 1, viewerFollows: false });
  });

  test('is seen by everybody, and by the rest of the same request', async () => {
    const fan = await seedReader(server);
    const document = `mutation ($authorId: ID!) {
      one: followTag(input: { tagSlug: "audio" }) { tag { viewerFollows } }
      two: followAuthor(input: { authorId: $authorId }) { author { viewerFollows } }
      three: unfollowTag(input: { tagSlug: "audio" }) { tag { viewerFollows } }
      four: followTag(input: { tagSlug: "text" }) { tag { viewerFollows followerCount } }
    }`;
    expect(await server.query(document, { token: fan.token, variables: { authorId: authorIds.get('Alan') } })).toEqual({
      one: { tag: { viewerFollows: true } }, two: { author: { viewerFollows: true } }, three: { tag: { viewerFollows: false } }, four: { tag: { viewerFollows: true, followerCount: 1 } },
    });
    const seen = await followed(fan.id);
    expect(seen).toMatchObject({
      followedTags: { totalCount: 1, nodes: [{ slug: 'text', viewerFollows: false }] },
      followedAuthors: { totalCount: 1, nodes: [{ name: 'Alan', viewerFollows: false }] },
    });
    for (const { edges } of [seen.followedTags, seen.followedAuthors]) expect(Math.abs(Date.parse(edges[0].followedAt) - Date.now())).toBeLessThan(60_000);
    expect((await followed(fan.id, fan.token)).followedTags.nodes).toEqual([{ slug: 'text', viewerFollows: true }]);
  });

  test('loses no one of many who come at once, nor one who comes twice', async () => {
    const crowd = await Promise.all(Array.from({ length: 6 }, () => seedReader(server)));
    const variables = { tagSlug: 'graphs', authorId: authorIds.get('Grace') };
    await Promise.all(crowd.flatMap(({ token }) => [FOLLOW_TAG, FOLLOW_TAG, FOLLOW_AUTHOR, FOLLOW_AUTHOR].map((document) => server.query(document, { token, variables: document === FOLLOW_TAG ? { tagSlug: variables.tagSlug } : { authorId: variables.authorId } }))));
    const { tag, author } = await server.query('query ($id: ID!) { tag(slug: "graphs") { followerCount } author(id: $id) { followerCount } }', { variables: { id: variables.authorId } });
    expect([tag.followerCount, author.followerCount]).toEqual([6, 6]);
  });

  test.each([['followTag', FOLLOW_TAG], ['unfollowTag', UNFOLLOW_TAG]])('%s needs a viewer and a tag', async (_, document) => {
    expect((await server.error(document, { variables: { tagSlug: 'vision' } })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    for (const tagSlug of ['no-such-tag', 'Vision', '']) {
      expect(await server.error(document, { token: reader.token, variables: { tagSlug } })).toMatchObject({ message: `there is no tag ${JSON.stringify(tagSlug)}`, extensions: { code: 'NOT_FOUND', field: 'tagSlug' } });
    }
    expect((await server.error(document, { token: reader.token, variables: { tagSlug: 'a\0' } })).extensions.code).toBe('BAD_USER_INPUT');
  });

  test.each([['followAuthor', FOLLOW_AUTHOR], ['unfollowAuthor', UNFOLLOW_AUTHOR]])('%s needs a viewer and an author', async (_, document) => {
    const { token } = reader;
    expect((await server.error(document, { variables: { authorId: authorIds.get('Ada') } })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    const unknown = Buffer.from('Author:999999').toString('base64url');
    expect(await server.error(document, { token, variables: { authorId: unknown } })).toMatchObject({ message: 'there is no such author', extensions: { code: 'NOT_FOUND', field: 'authorId' } });
    expect(await server.error(document, { token, variables: { authorId: reader.id } })).toMatchObject({ message: `authorId must be the id of a Author, received "${reader.id}"`, extensions: { code: 'BAD_USER_INPUT', field: 'authorId' } });
    expect((await server.error(document, { token, variables: { authorId: 'garbage' } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'authorId' });
  });

  test('costs one statement, beside those that know the viewer and read what was followed', async () => {
    for (const [document, variables] of [[FOLLOW_TAG, { tagSlug: 'vision' }], [UNFOLLOW_TAG, { tagSlug: 'vision' }], [FOLLOW_AUTHOR, { authorId: authorIds.get('Emmy') }], [UNFOLLOW_AUTHOR, { authorId: authorIds.get('Emmy') }]] as const) {
      const plain = document.replace(' viewerFollows', '');
      const { statements } = await server.countStatements(() => server.query(plain, { token: reader.token, variables }));
      expect(statements).toHaveLength(3);
    }
  });
});

describe('what a reader follows', () => {
  let fan: Reader;

  beforeAll(async () => {
    fan = await seedReader(server);
    for (const slug of ['vision', 'audio', 'graphs', 'text']) await server.services.follows.addTag(fan.rowId, slug);
    for (const id of authorIds.values()) await server.services.follows.addAuthor(fan.rowId, Number(Buffer.from(id, 'base64url').toString().split(':')[1]));
    const { prisma } = server.database;
    // Two moments for four follows: ties are ordered by id.
    for (const [n, { tagId }] of (await prisma.tagFollow.findMany({ where: { userId: fan.rowId }, orderBy: { tagId: 'asc' } })).entries()) {
      await prisma.tagFollow.update({ where: { userId_tagId: { userId: fan.rowId, tagId } }, data: { createdAt: new Date(Date.UTC(2026, 1, 1 + (n % 2))) } });
    }
    for (const [n, { authorId }] of (await prisma.authorFollow.findMany({ where: { userId: fan.rowId }, orderBy: { authorId: 'asc' } })).entries()) {
      await prisma.authorFollow.update({ where: { userId_authorId: { userId: fan.rowId, authorId } }, data: { createdAt: new Date(Date.UTC(2026, 1, 1 + (n % 2))) } });
    }
  });

  test.each(['followedTags', 'followedAuthors'])('comes as %s, the latest first, in pages from either end', async (list) => {
    const read = async (args: string): Promise<any> => (await server.query(`query ($id: ID!) { user(id: $id) { list: ${list}${args} { edges { followedAt } nodes { id } ${PAGE} } } }`, { variables: { id: fan.id } })).user.list;
    const rowOf = ({ id }: { id: string }): number => Number(Buffer.from(id, 'base64url').toString().split(':')[1]);
    const whole = await read('');
    expect(whole.edges.map((edge: any) => edge.followedAt.slice(0, 10))).toEqual(['2026-02-02', '2026-02-02', '2026-02-01', '2026-02-01']);
    const rows = whole.nodes.map(rowOf);
    expect([rows[0] > rows[1], rows[2] > rows[3]]).toEqual([true, true]);
    const forward: unknown[] = [];
    for (let page: any = await read('(first: 1)'); ; page = await read(`(first: 1, after: "${page.pageInfo.endCursor}")`)) {
      forward.push(...page.nodes);
      if (!page.pageInfo.hasNextPage) break;
    }
    const backward: unknown[] = [];
    for (let page: any = await read('(last: 3)'); ; page = await read(`(last: 3, before: "${page.pageInfo.startCursor}")`)) {
      backward.unshift(...page.nodes);
      if (!page.pageInfo.hasPreviousPage) break;
    }
    expect([forward, backward]).toEqual([whole.nodes, whole.nodes]);
  });
});
