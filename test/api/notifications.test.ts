import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { seedPaper, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const INBOX = `query ($filter: NotificationFilter, $first: Int, $after: String) {
  unreadNotificationCount
  notifications(filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { id kind isRead text actor { username } paper { id } comment { bodyMarkdown } } }
}`;
const ADD = 'mutation ($paperId: ID!, $parentId: ID, $body: String!) { addComment(input: { paperId: $paperId, parentId: $parentId, body: $body }) { comment { id } } }';
const MARK = 'mutation ($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) { unreadNotificationCount } }';

let server: TestServer;
/** Who submits papers, who comments, and a third one. */
let ada: Reader;
let alan: Reader;
let grace: Reader;
let paper: SeededPaper;

beforeAll(async () => {
  server = await startTestServer({ comments: { editMinutes: 15, mostInWindow: 100 } });
});
afterAll(() => server.stop());
beforeEach(async () => {
  [ada, alan, grace] = [await seedReader(server), await seedReader(server), await seedReader(server)];
  paper = await seedPaper(server, { title: `Paper of ${ada.username}`, listedOn: '2026-01-01', submittedById: ada.rowId });
});

async function inbox(reader: Reader, variables: Record<string, unknown> = {}): Promise<any> {
  const { notifications, unreadNotificationCount } = await server.query(INBOX, { token: reader.token, variables });
  return { ...notifications, unreadNotificationCount };
}
const kinds = async (reader: Reader, filter?: object): Promise<string[]> => (await inbox(reader, { filter })).nodes.map(({ kind }: any) => kind);
async function say(reader: Reader, body: string, parentId: string | null = null): Promise<string> {
  return (await server.query(ADD, { token: reader.token, variables: { paperId: paper.id, parentId, body } })).addComment.comment.id;
}
const act = (reader: Reader, mutation: string): Promise<any> => server.query(`mutation { ${mutation} { __typename } }`, { token: reader.token });
const edit = (reader: Reader, id: string, body: string): Promise<any> => act(reader, `editComment(input: { commentId: "${id}", body: "${body}" })`);
const mark = async (reader: Reader, input: object): Promise<number> => (await server.query(MARK, { token: reader.token, variables: { input } })).markNotificationsRead.unreadNotificationCount;
const rowOf = (id: string): number => Number(Buffer.from(id, 'base64url').toString().split(':')[1]);

describe('a reader is told', () => {
  test('of comments on what they submitted, replies, mentions and followers, the latest first', async () => {
    const comment = await say(alan, 'Fine');
    await say(ada, 'Thanks', comment);
    await say(grace, `As @${alan.username} says`);
    await act(grace, `followUser(input: { userId: "${alan.id}" })`);
    expect((await inbox(ada)).nodes.map(({ kind, actor, comment: told }: any) => [kind, actor.username, told.bodyMarkdown])).toEqual([
      ['COMMENT', grace.username, `As @${alan.username} says`],
      ['COMMENT', alan.username, 'Fine'],
    ]);
    const title = `Paper of ${ada.username}`;
    const { nodes, totalCount, unreadNotificationCount } = await inbox(alan);
    expect([totalCount, unreadNotificationCount]).toEqual([3, 3]);
    expect(nodes).toEqual([
      { id: expect.any(String), kind: 'NEW_FOLLOWER', isRead: false, text: `${grace.username} follows you.`, actor: { username: grace.username }, paper: null, comment: null },
      expect.objectContaining({ kind: 'MENTION', text: `${grace.username} mentioned you in a comment on “${title}”.`, paper: { id: paper.id } }),
      expect.objectContaining({ kind: 'REPLY', text: `${ada.username} replied to your comment on “${title}”.`, comment: { bodyMarkdown: 'Thanks' } }),
    ]);
    expect(await kinds(grace)).toEqual([]);
  });

  test('once of what concerns them in several ways, and never of their own doing', async () => {
    const own = await say(ada, `I, @${ada.username}, wrote it`);
    await say(ada, 'And more', own);
    expect(await kinds(ada)).toEqual([]);
    await say(alan, `Well, @${ada.username}`, own);
    await say(alan, `Look, @${ada.username}`);
    expect(await kinds(ada)).toEqual(['MENTION', 'REPLY']);
    await act(ada, `upvotePaper(input: { paperId: "${paper.id}" })`);
    await act(grace, `upvoteComment(input: { commentId: "${own}" })`);
    expect(await kinds(ada)).toEqual(['MENTION', 'REPLY']);
  });

  test('not again by an edit, or a follow that is taken back and given again', async () => {
    const id = await say(alan, `Hello @${grace.username}`);
    await mark(grace, { upTo: (await inbox(grace)).nodes[0].id });
    await edit(alan, id, `Hello again @${grace.username}`);
    expect((await inbox(grace)).nodes).toMatchObject([{ kind: 'MENTION', isRead: true }]);
    await edit(alan, id, 'Hello nobody');
    expect(await kinds(grace)).toEqual([]);
    await edit(alan, id, `Hello @${grace.username} and @${ada.username}`);
    expect((await inbox(grace)).nodes).toMatchObject([{ kind: 'MENTION', isRead: true }]);
    expect(await kinds(ada)).toEqual(['MENTION']);
    await edit(alan, id, 'Hello');
    expect(await kinds(ada)).toEqual(['COMMENT']);
    const follow = `(input: { userId: "${ada.id}" })`;
    for (const mutation of ['followUser', 'followUser', 'unfollowUser']) await act(grace, mutation + follow);
    expect(await kinds(ada, { kind: 'NEW_FOLLOWER' })).toEqual([]);
    const { id: told } = (await server.database.prisma.notification.findFirstOrThrow({ where: { actorId: grace.rowId } }));
    await act(grace, `followUser${follow}`);
    expect((await inbox(ada, { filter: { kind: 'NEW_FOLLOWER' } })).nodes).toMatchObject([{ id: toGlobalId('Notification', told) }]);
  });

  test('no longer once the comment is deleted or while it is hidden', async () => {
    const [deleted, hidden] = [await say(alan, 'Deleted'), await say(alan, `Hidden, @${grace.username}`)];
    await act(alan, `deleteComment(input: { commentId: "${deleted}" })`);
    expect(await server.database.prisma.notification.count({ where: { commentId: rowOf(deleted) } })).toBe(0);
    const hide = (at: string): Promise<unknown> => server.database.rows(sql`UPDATE comments SET hidden_at = ${at}::text::timestamptz WHERE id = ${rowOf(hidden)}`);
    const [{ id }] = (await inbox(grace)).nodes;
    await hide('2026-06-01');
    expect([await inbox(ada), await inbox(grace)]).toMatchObject([{ totalCount: 0, unreadNotificationCount: 0 }, { nodes: [], unreadNotificationCount: 0 }]);
    expect(await server.query(`{ node(id: "${id}") { id } }`, { token: grace.token })).toEqual({ node: null });
    await server.database.rows(sql`UPDATE comments SET hidden_at = NULL WHERE id = ${rowOf(hidden)}`);
    expect([await kinds(ada), await kinds(grace)]).toEqual([['COMMENT'], ['MENTION']]);
  });

  test('of nobody who is gone, and by nothing that was not committed', async () => {
    const comment = await say(alan, `@${grace.username}`);
    await say(grace, 'Yes', comment);
    await act(alan, `followUser(input: { userId: "${ada.id}" })`);
    await server.database.prisma.user.delete({ where: { id: alan.rowId } });
    expect([await kinds(ada), await kinds(grace)]).toEqual([['COMMENT'], []]);
    expect(await server.database.prisma.notification.count({ where: { OR: [{ userId: alan.rowId }, { actorId: alan.rowId }] } })).toBe(0);
    await server.database.transaction(async (transaction) => {
      await transaction.rows(sql`INSERT INTO comments (paper_id, user_id, body) VALUES (${paper.rowId}, ${grace.rowId}, 'Never')`);
      throw new Error('no');
    }).catch(() => undefined);
    expect(await kinds(ada)).toEqual(['COMMENT']);
  });
});

describe('an inbox', () => {
  test('is paged, and filtered by kind and by what is read', async () => {
    for (let n = 0; n < 5; n += 1) await say(alan, n % 2 === 0 ? `Number ${n}` : `@${ada.username} ${n}`);
    const all = await inbox(ada);
    const ids = all.nodes.map(({ id }: any) => id);
    const first = await inbox(ada, { first: 2 });
    const rest = await inbox(ada, { first: 10, after: first.pageInfo.endCursor });
    expect([...first.nodes, ...rest.nodes].map(({ id }: any) => id)).toEqual(ids);
    expect(await mark(ada, { ids: [ids[0], ids[3]] })).toBe(3);
    expect(await mark(ada, { ids: [ids[0]] })).toBe(3);
    expect((await inbox(ada, { filter: { isUnread: true } })).nodes.map(({ id }: any) => id)).toEqual([ids[1], ids[2], ids[4]]);
    expect(await inbox(ada, { filter: { isUnread: false } })).toMatchObject({ totalCount: 2, nodes: [{ id: ids[0], isRead: true }, { id: ids[3], isRead: true }] });
    expect((await inbox(ada, { filter: { isUnread: true, kind: 'MENTION' } })).nodes.map(({ id }: any) => id)).toEqual([ids[1]]);
    expect((await inbox(ada, { filter: { isUnread: false, kind: 'COMMENT' } })).totalCount).toBe(1);
    expect(await mark(ada, { upTo: ids[2] })).toBe(1);
    expect(await kinds(ada, { isUnread: true })).toEqual(['MENTION']);
  });

  test('is its reader\'s alone', async () => {
    await say(alan, 'Hello');
    const [{ id }] = (await inbox(ada)).nodes;
    const seen = (reader: Reader | null): Promise<any> => server.query(`{ node(id: "${id}") { ... on Notification { kind } } }`, { token: reader?.token ?? null });
    expect([await seen(ada), await seen(alan), await seen(null)]).toEqual([{ node: { kind: 'COMMENT' } }, { node: null }, { node: null }]);
    expect(await mark(alan, { ids: [id] })).toBe(0);
    expect((await server.error(MARK, { token: alan.token, variables: { input: { upTo: id } } })).extensions).toEqual({ code: 'NOT_FOUND', field: 'upTo' });
    expect((await inbox(ada)).unreadNotificationCount).toBe(1);
    for (const document of ['{ notifications { totalCount } }', '{ unreadNotificationCount }']) expect((await server.error(document)).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect((await server.error(MARK, { variables: { input: { ids: [] } } })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
  });

  test.each([
    [{}, 'input must have either ids or upTo, received {}'],
    [{ ids: [], upTo: toGlobalId('Notification', 1) }, /^input must have either ids or upTo, received /],
    [{ ids: ['x'] }, 'ids must be an id that this API gave out, received "x"'],
    [{ upTo: toGlobalId('Paper', 1) }, /^upTo must be the id of a Notification, received /],
    [{ ids: Array(101).fill(toGlobalId('Notification', 1)) }, 'ids must have at most 100 items, received 101'],
  ])('refuses an input of its number %#', async (input, message) => {
    expect(await server.error(MARK, { token: ada.token, variables: { input } })).toMatchObject({ message: expect.stringMatching(message instanceof RegExp ? message : message.replace(/[{}]/g, '\\$&')), extensions: { code: 'BAD_USER_INPUT' } });
  });

  test('keeps 90 days', async () => {
    await say(alan, 'Old');
    await server.database.rows(sql`UPDATE notifications SET created_at = now() - interval '91 days' WHERE user_id = ${ada.rowId}`);
    await say(alan, 'New');
    await server.services.notifications.prune(90);
    expect((await inbox(ada)).nodes).toMatchObject([{ comment: { bodyMarkdown: 'New' } }]);
  });
});

test('the number of statements does not grow with the page', async () => {
  for (let n = 0; n < 6; n += 1) await say(n % 2 === 0 ? alan : grace, `Number ${n}`);
  await server.query(INBOX, { token: ada.token, variables: { first: 1 } });
  const statements = async (first: number): Promise<number> => (await server.countStatements(() => inbox(ada, { first }))).statements.length;
  // The viewer, the unread, the page and its length; actors, papers, comments.
  expect([await statements(2), await statements(6)]).toEqual([7, 7]);
});
