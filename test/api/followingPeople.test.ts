import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPaper, seedReader, type Reader } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const FOLLOW = 'mutation ($userId: ID!) { followUser(input: { userId: $userId }) { user { username followerCount viewerFollows } } }';
const UNFOLLOW = 'mutation ($userId: ID!) { unfollowUser(input: { userId: $userId }) { user { username followerCount viewerFollows } } }';
const SEEN = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { user(id: $id) {
  followerCount
  followers(first: $first, after: $after, last: $last, before: $before) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { followedAt cursor } nodes { username viewerFollows } }
  followedUsers { totalCount edges { followedAt } nodes { username viewerFollows followerCount } }
} }`;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const seen = async (id: string, token: string | null = null, page: Record<string, unknown> = {}): Promise<any> => (await server.query(SEEN, { token, variables: { id, ...page } })).user;

describe('following a reader', () => {
  test('counts once, may be repeated and taken back, and everybody sees it', async () => {
    const [ada, alan] = [await seedReader(server), await seedReader(server)];
    const options = { token: ada.token, variables: { userId: alan.id } };
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(FOLLOW, options)).followUser.user).toEqual({ username: alan.username, followerCount: 1, viewerFollows: true });
    expect(await seen(alan.id)).toMatchObject({ followerCount: 1, followers: { totalCount: 1, nodes: [{ username: ada.username, viewerFollows: false }] }, followedUsers: { totalCount: 0, nodes: [] } });
    const own = await seen(ada.id, ada.token);
    expect(own).toMatchObject({ followerCount: 0, followers: { totalCount: 0 }, followedUsers: { totalCount: 1, nodes: [{ username: alan.username, viewerFollows: true, followerCount: 1 }] } });
    expect(Math.abs(Date.parse(own.followedUsers.edges[0].followedAt) - Date.now())).toBeLessThan(60_000);
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(UNFOLLOW, options)).unfollowUser.user).toEqual({ username: alan.username, followerCount: 0, viewerFollows: false });
    expect(await seen(alan.id)).toMatchObject({ followerCount: 0, followers: { totalCount: 0, nodes: [] } });
  });

  test('is for others: oneself, nobody and what is no reader are refused', async () => {
    const { token, id } = await seedReader(server);
    const paper = await seedPaper(server, { title: 'No reader', listedOn: '2026-01-01' });
    for (const document of [FOLLOW, UNFOLLOW]) {
      expect((await server.error(document, { variables: { userId: id } })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
      const unknown = Buffer.from('User:999999').toString('base64url');
      expect(await server.error(document, { token, variables: { userId: unknown } })).toMatchObject({ message: 'there is no such user', extensions: { code: 'NOT_FOUND', field: 'userId' } });
      expect(await server.error(document, { token, variables: { userId: paper.id } })).toMatchObject({ message: `userId must be the id of a User, received "${paper.id}"`, extensions: { code: 'BAD_USER_INPUT', field: 'userId' } });
    }
    expect(await server.error(FOLLOW, { token, variables: { userId: id } })).toMatchObject({
      message: `userId must be the id of another reader than the viewer, received "${id}"`, extensions: { code: 'BAD_USER_INPUT', field: 'userId' },
    });
  });

  test('loses no one of many who come at once, each also followed back', async () => {
    const star = await seedReader(server);
    const crowd = await Promise.all(Array.from({ length: 6 }, () => seedReader(server)));
    await Promise.all(crowd.flatMap(({ id, token }) => [
      server.query(FOLLOW, { token, variables: { userId: star.id } }),
      server.query(FOLLOW, { token, variables: { userId: star.id } }),
      server.query(FOLLOW, { token: star.token, variables: { userId: id } }),
    ]));
    expect(await seen(star.id)).toMatchObject({ followerCount: 6, followers: { totalCount: 6 }, followedUsers: { totalCount: 6 } });
  });

  test('lists come the latest first, in pages from either end', async () => {
    const star = await seedReader(server);
    const crowd: Reader[] = [];
    for (let n = 0; n < 5; n += 1) crowd.push(await seedReader(server));
    for (const [n, { rowId }] of crowd.entries()) {
      await server.services.follows.addUser(rowId, star.rowId);
      await server.database.prisma.userFollow.updateMany({ where: { userId: rowId }, data: { createdAt: new Date(Date.UTC(2026, 1, 1 + (n % 2))) } });
    }
    const expected = [3, 1, 4, 2, 0].map((n) => crowd[n]!.username);
    const namesOf = ({ followers }: any): string[] => followers.nodes.map((node: any) => node.username);
    expect(namesOf(await seen(star.id))).toEqual(expected);
    const first = await seen(star.id, null, { first: 2 });
    const rest = await seen(star.id, null, { first: 3, after: first.followers.pageInfo.endCursor });
    expect([...namesOf(first), ...namesOf(rest)]).toEqual(expected);
    const last = await seen(star.id, null, { last: 2 });
    expect(namesOf(last)).toEqual(expected.slice(3));
    expect(namesOf(await seen(star.id, null, { last: 2, before: last.followers.pageInfo.startCursor }))).toEqual(expected.slice(1, 3));
  });

  test('ends with either account', async () => {
    const [ada, alan, grace] = [await seedReader(server), await seedReader(server), await seedReader(server)];
    await server.services.follows.addUser(ada.rowId, alan.rowId);
    await server.services.follows.addUser(grace.rowId, ada.rowId);
    await server.services.follows.addUser(grace.rowId, alan.rowId);
    await server.database.prisma.user.delete({ where: { id: ada.rowId } });
    expect(await seen(alan.id)).toMatchObject({ followerCount: 1, followers: { totalCount: 1, nodes: [{ username: grace.username }] } });
    expect((await seen(grace.id)).followedUsers).toMatchObject({ totalCount: 1, nodes: [{ username: alan.username }] });
  });

  test('costs one statement, beside those that know the viewer and read the reader', async () => {
    const [ada, alan] = [await seedReader(server), await seedReader(server)];
    for (const document of [FOLLOW, UNFOLLOW]) {
      const { statements } = await server.countStatements(() => server.query(document.replace(' viewerFollows', ''), { token: ada.token, variables: { userId: alan.id } }));
      expect(statements).toHaveLength(3);
    }
  });
});
