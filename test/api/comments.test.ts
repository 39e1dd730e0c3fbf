import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { seedPaper, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const SHOWN = `id depth bodyMarkdown author { username } isDeleted isHidden upvoteCount replyCount viewerHasUpvoted`;
const ADD = `mutation ($paperId: ID!, $parentId: ID, $body: String!) { addComment(input: { paperId: $paperId, parentId: $parentId, body: $body }) { comment { ${SHOWN} editedAt viewerCanEdit } } }`;
const EDIT = `mutation ($commentId: ID!, $body: String!) { editComment(input: { commentId: $commentId, body: $body }) { comment { ${SHOWN} editedAt mentions { totalCount nodes { username } } } } }`;
const one = (name: string): string => `mutation ($commentId: ID!) { ${name}(input: { commentId: $commentId }) { comment { ${SHOWN} } } }`;
const [DELETE, UPVOTE, REMOVE] = ['deleteComment', 'upvoteComment', 'removeCommentUpvote'].map(one) as [string, string, string];
const THREAD = `query ($id: ID!, $orderBy: CommentOrder) { paper(id: $id) { commentCount comments(orderBy: $orderBy) { totalCount nodes { ${SHOWN} parent { id } paper { id }
  replies(orderBy: OLDEST) { totalCount nodes { ${SHOWN} parent { id bodyMarkdown } replies { totalCount nodes { id } } } } } } } }`;

let server: TestServer;
let ada: Reader;
let alan: Reader;
let curator: Reader;
let titles = 0;

beforeAll(async () => {
  server = await startTestServer({ comments: { editMinutes: 15, mostInWindow: 60 } });
  [ada, alan, curator] = [await seedReader(server), await seedReader(server), await seedReader(server, 'CURATOR')];
});
afterAll(() => server.stop());

const newPaper = (): Promise<SeededPaper> => seedPaper(server, { title: `Paper ${(titles += 1)}`, listedOn: '2026-01-01' });
/** On a paper, or in reply to a comment on it. */
const say = async (reader: Reader, place: SeededPaper | readonly [SeededPaper, { readonly id: string }], body: string): Promise<any> => {
  const variables = 'id' in place ? { paperId: place.id, body } : { paperId: place[0].id, parentId: place[1].id, body };
  return (await server.query(ADD, { token: reader.token, variables })).addComment.comment;
};
const act = async (reader: Reader, document: string, commentId: string): Promise<any> =>
  Object.values<any>(await server.query(document, { token: reader.token, variables: { commentId } }))[0].comment;
const edit = async (commentId: string, body: string): Promise<any> => (await server.query(EDIT, { token: ada.token, variables: { commentId, body } })).editComment.comment;
const refusal = async (reader: Reader | null, document: string, variables: Record<string, unknown>): Promise<any> =>
  (({ message, extensions }) => ({ message, ...extensions }))(await server.error(document, { token: reader?.token ?? null, variables }));
const thread = async (paper: SeededPaper, { token = null, orderBy = 'BEST' }: { token?: string | null; orderBy?: string } = {}): Promise<any> =>
  (await server.query(THREAD, { token, variables: { id: paper.id, orderBy } })).paper;
const rowOf = (id: string): number => Number(Buffer.from(id, 'base64url').toString().split(':')[1]);
const bodies = ({ comments }: any): string[] => comments.nodes.map((comment: any) => comment.bodyMarkdown);

describe('a discussion', () => {
  test('has comments with replies below them, who wrote them, and counts', async () => {
    const paper = await newPaper();
    const first = await say(ada, paper, 'A *fine* paper');
    expect(first).toEqual({
      id: expect.any(String), depth: 0, bodyMarkdown: 'A *fine* paper', author: { username: ada.username }, isDeleted: false, isHidden: false,
      upvoteCount: 0, replyCount: 0, viewerHasUpvoted: false, editedAt: null, viewerCanEdit: true,
    });
    const reply = await say(alan, [paper, first], 'Indeed');
    await say(ada, [paper, reply], 'Why?');
    await say(alan, paper, '  Another one\n');
    for (let turn = 0; turn < 3; turn += 1) {
      const seen = await thread(paper, { orderBy: 'OLDEST' });
      expect([seen.commentCount, seen.comments.totalCount, bodies(seen)]).toEqual([4, 2, ['A *fine* paper', '  Another one\n']]);
      expect(seen.comments.nodes[0]).toMatchObject({
        parent: null, paper: { id: paper.id }, replyCount: 1,
        replies: { totalCount: 1, nodes: [{ depth: 1, bodyMarkdown: 'Indeed', author: { username: alan.username }, parent: { id: first.id, bodyMarkdown: 'A *fine* paper' }, replies: { totalCount: 1 } }] },
      });
    }
    expect(bodies(await thread(paper, { orderBy: 'NEWEST' }))).toEqual(['  Another one\n', 'A *fine* paper']);
    const { comment, node } = await server.query('query ($id: ID!) { comment(id: $id) { bodyHtml paper { id } viewerCanEdit editableUntil createdAt } node(id: $id) { __typename ... on Comment { depth } } }', { variables: { id: first.id } });
    expect(comment).toMatchObject({ bodyHtml: '<p>A <em>fine</em> paper</p>\n', paper: { id: paper.id }, viewerCanEdit: false });
    expect(Date.parse(comment.editableUntil) - Date.parse(comment.createdAt)).toBe(900_000);
    expect(node).toEqual({ __typename: 'Comment', depth: 0 });
    expect(await server.query(`{ comment(id: "${toGlobalId('Comment', 999_999)}") { id } }`)).toEqual({ comment: null });
  });

  test('is paged in every order, both ways, by cursors of its own', async () => {
    const paper = await newPaper();
    const parent = await say(ada, paper, 'The parent');
    const said: any[] = [];
    for (let n = 0; n < 7; n += 1) said.push(await say(alan, [paper, parent], `Reply ${n}`));
    for (const { id } of [said[2], said[5]]) await act(ada, UPVOTE, id);
    await act(curator, UPVOTE, said[5].id);
    const page = async (args: string): Promise<any> =>
      (await server.query(`query ($id: ID!) { comment(id: $id) { replies(${args}) { nodes { bodyMarkdown } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`, { variables: { id: parent.id } })).comment.replies;
    const expected = { BEST: [5, 2, 6, 4, 3, 1, 0], NEWEST: [6, 5, 4, 3, 2, 1, 0], OLDEST: [0, 1, 2, 3, 4, 5, 6] };
    for (const [orderBy, order] of Object.entries(expected)) {
      const names = order.map((n) => ({ bodyMarkdown: `Reply ${n}` }));
      const first = await page(`orderBy: ${orderBy}, first: 3`);
      const next = await page(`orderBy: ${orderBy}, first: 9, after: "${first.pageInfo.endCursor}"`);
      expect([first.nodes, next.nodes]).toEqual([names.slice(0, 3), names.slice(3)]);
      const last = await page(`orderBy: ${orderBy}, last: 2`);
      expect(last).toMatchObject({ nodes: names.slice(-2), pageInfo: { hasNextPage: false, hasPreviousPage: true } });
      expect((await page(`orderBy: ${orderBy}, last: 9, before: "${last.pageInfo.startCursor}"`)).nodes).toEqual(names.slice(0, -2));
    }
    const { endCursor } = (await page('orderBy: NEWEST, first: 1')).pageInfo;
    expect(await refusal(null, `query ($id: ID!) { comment(id: $id) { replies(orderBy: OLDEST, after: "${endCursor}") { totalCount } } }`, { id: parent.id })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
  });

  test('is written of a reader too, with what only they and curators see', async () => {
    const [paper, writer] = [await newPaper(), await seedReader(server)];
    const [kept, deleted, hidden] = [await say(writer, paper, 'kept'), await say(writer, paper, 'deleted'), await say(writer, paper, 'hidden')];
    await act(writer, DELETE, deleted.id);
    await server.database.prisma.comment.update({ where: { id: rowOf(hidden.id) }, data: { hiddenAt: new Date() } });
    const seen = async (reader: Reader | null): Promise<any> =>
      (await server.query('query ($id: ID!) { user(id: $id) { comments { totalCount nodes { id } } } }', { token: reader?.token ?? null, variables: { id: writer.id } })).user.comments;
    for (const reader of [null, alan]) expect(await seen(reader)).toEqual({ totalCount: 1, nodes: [{ id: kept.id }] });
    for (const reader of [writer, curator]) expect(await seen(reader)).toEqual({ totalCount: 2, nodes: [{ id: hidden.id }, { id: kept.id }] });
  });
});

describe('adding', () => {
  test('the same again, one after the other or at once, adds nothing', async () => {
    const [paper, other] = [await newPaper(), await newPaper()];
    const { id } = await say(ada, paper, 'Twice');
    expect((await say(ada, paper, 'Twice')).id).toBe(id);
    const crowd = await Promise.all(Array.from({ length: 4 }, () => say(alan, paper, 'At once')));
    expect(new Set(crowd.map((comment) => comment.id)).size).toBe(1);
    // By another, elsewhere, below it, in other words, and once it is deleted, it is another comment.
    const others = [await say(alan, paper, 'Twice'), await say(ada, other, 'Twice'), await say(ada, [paper, { id }], 'Twice'), await say(ada, paper, 'twice')];
    await act(ada, DELETE, id);
    others.push(await say(ada, paper, 'Twice'));
    expect(new Set([id, ...others.map((comment) => comment.id)]).size).toBe(6);
  });

  test('needs a viewer, a paper, a parent on it, and words', async () => {
    const [paper, other] = [await newPaper(), await newPaper()];
    const elsewhere = await say(ada, other, 'Elsewhere');
    const add = (variables: Record<string, unknown>): Promise<any> => refusal(ada, ADD, { paperId: paper.id, body: 'Words', ...variables });
    expect(await refusal(null, ADD, { paperId: paper.id, body: 'Words' })).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await add({ paperId: toGlobalId('Paper', 999_999) })).toEqual({ message: 'there is no such paper', code: 'NOT_FOUND', field: 'paperId' });
    expect(await add({ paperId: elsewhere.id })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'paperId' });
    expect(await add({ parentId: toGlobalId('Comment', 999_999) })).toEqual({ message: 'there is no such comment', code: 'NOT_FOUND', field: 'parentId' });
    expect(await add({ parentId: elsewhere.id })).toEqual({ message: expect.stringContaining('parentId must be a comment on the paper of paperId, received'), code: 'BAD_USER_INPUT', field: 'parentId' });
    for (const body of ['', ' \n\t', 'x'.repeat(10_001), 'a\0b', 'lone \ud800 surrogate']) expect(await add({ body })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect((await say(ada, paper, '😀'.repeat(10_000))).bodyMarkdown).toHaveLength(20_000);
  });

  test('goes eight deep, and no deeper', async () => {
    const paper = await newPaper();
    let parent = await say(ada, paper, 'Depth 0');
    for (let depth = 1; depth <= 8; depth += 1) {
      parent = await say(depth % 2 === 0 ? ada : alan, [paper, parent], `Depth ${depth}`);
      expect(parent.depth).toBe(depth);
    }
    expect(await refusal(ada, ADD, { paperId: paper.id, parentId: parent.id, body: 'Depth 9' })).toEqual({ message: 'parentId must be a comment at most 7 deep, received 8', code: 'BAD_USER_INPUT', field: 'parentId' });
  });

  test('is bounded in ten minutes, over all requests at once', async () => {
    const [paper, flooder] = [await newPaper(), await seedReader(server)];
    const old = new Date(Date.now() - 9 * 60_000);
    await server.database.prisma.comment.createMany({ data: Array.from({ length: 55 }, (_, n) => ({ paperId: paper.rowId, userId: flooder.rowId, body: `Old ${n}`, createdAt: old })) });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => server.send(ADD, { token: flooder.token, variables: { paperId: paper.id, body: `Flood ${n}` } })));
    expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(5);
    const { message, code, retryAfter } = await refusal(flooder, ADD, { paperId: paper.id, body: 'More' });
    expect([code, message]).toEqual(['RATE_LIMITED', `a reader may write 60 comments in 10 minutes: try again in ${retryAfter} seconds`]);
    expect(retryAfter).toBeGreaterThan(30);
    expect(retryAfter).toBeLessThanOrEqual(60);
    expect((await say(flooder, paper, 'Old 7')).bodyMarkdown).toBe('Old 7'); // What is there already needs no room.
    expect((await thread(paper)).commentCount).toBe(60);
  });
});

describe('editing', () => {
  test("is the author's for 15 minutes, and keeps mentions those of the text", async () => {
    const paper = await newPaper();
    const { id } = await say(ada, paper, `See @${alan.username}`);
    const edited = await edit(id, `Ask @${curator.username.toUpperCase()}, not \`@${alan.username}\` or @nobody-here`);
    expect(edited).toMatchObject({ bodyMarkdown: expect.stringContaining('Ask'), mentions: { totalCount: 1, nodes: [{ username: curator.username }] } });
    expect(Math.abs(Date.parse(edited.editedAt) - Date.now())).toBeLessThan(60_000);
    expect(await edit(id, edited.bodyMarkdown)).toEqual(edited);
    for (const reader of [alan, curator]) expect(await refusal(reader, EDIT, { commentId: id, body: 'Mine' })).toEqual({ message: 'only the author of a comment may edit it', code: 'FORBIDDEN', field: 'commentId' });
    expect(await refusal(null, EDIT, { commentId: id, body: 'x' })).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await refusal(ada, EDIT, { commentId: id, body: ' ' })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'body' });
    expect(await refusal(ada, EDIT, { commentId: toGlobalId('Comment', 999_999), body: 'x' })).toMatchObject({ code: 'NOT_FOUND', field: 'commentId' });
    const late = await server.database.prisma.comment.create({ data: { paperId: paper.rowId, userId: ada.rowId, body: 'Old', createdAt: new Date(Date.now() - 16 * 60_000) } });
    const lateId = toGlobalId('Comment', late.id);
    expect(await refusal(ada, EDIT, { commentId: lateId, body: 'New' })).toEqual({ message: 'a comment can be edited for 15 minutes after it was written', code: 'CONFLICT', field: 'commentId' });
    expect((await server.query(`{ comment(id: "${lateId}") { bodyMarkdown viewerCanEdit } }`, { token: ada.token })).comment).toEqual({ bodyMarkdown: 'Old', viewerCanEdit: false });
  });

  test('finds 20 mentions, and forgets those of a deleted comment', async () => {
    const [paper, crowd] = [await newPaper(), [] as Reader[]];
    for (let n = 0; n < 22; n += 1) crowd.push(await seedReader(server));
    const { id } = await say(ada, paper, crowd.map(({ username }) => `@${username}`).join(', '));
    const mentioned = async (): Promise<any> => (await server.query('query ($id: ID!) { comment(id: $id) { mentions(first: 30) { totalCount nodes { username } } } }', { variables: { id } })).comment.mentions;
    expect(await mentioned()).toEqual({ totalCount: 20, nodes: crowd.slice(0, 20).map(({ username }) => ({ username })) });
    await act(ada, DELETE, id);
    expect(await mentioned()).toEqual({ totalCount: 0, nodes: [] });
    expect(await server.database.prisma.commentMention.count({ where: { commentId: rowOf(id) } })).toBe(0);
  });
});

describe('what is gone', () => {
  test('stays as a tombstone while it has replies, and leaves lists with the last of them', async () => {
    const paper = await newPaper();
    const top = await say(ada, paper, 'Secret');
    const middle = await say(alan, [paper, top], 'Middle');
    const leaf = await say(ada, [paper, middle], 'Leaf');
    for (let turn = 0; turn < 2; turn += 1) expect(await act(ada, DELETE, top.id)).toMatchObject({ bodyMarkdown: null, author: null, isDeleted: true, replyCount: 1 });
    await act(alan, DELETE, middle.id);
    for (const token of [null, ada.token, curator.token]) {
      const seen = await thread(paper, { token });
      expect([seen.commentCount, seen.comments.totalCount]).toEqual([1, 1]);
      expect(seen.comments.nodes[0]).toMatchObject({ bodyMarkdown: null, author: null, isDeleted: true, isHidden: false, replies: { nodes: [{ bodyMarkdown: null, author: null, replies: { nodes: [{ id: leaf.id }] } }] } });
    }
    expect(await server.database.prisma.comment.findMany({ where: { paperId: paper.rowId, body: { contains: 'e' } }, select: { body: true } })).toEqual([{ body: 'Leaf' }]);
    for (const document of [UPVOTE, EDIT]) expect(await refusal(document === EDIT ? ada : alan, document, { commentId: top.id, body: 'x' })).toMatchObject({ code: 'CONFLICT', field: 'commentId' });
    expect(await refusal(alan, ADD, { paperId: paper.id, parentId: top.id, body: 'x' })).toEqual({ message: 'the comment was deleted', code: 'CONFLICT', field: 'parentId' });
    expect(await refusal(curator, DELETE, { commentId: leaf.id })).toMatchObject({ code: 'FORBIDDEN' });
    await act(ada, DELETE, leaf.id);
    expect(await thread(paper)).toEqual({ commentCount: 0, comments: { totalCount: 0, nodes: [] } });
    expect((await server.query(`{ comment(id: "${top.id}") { isDeleted replyCount bodyHtml editableUntil } }`)).comment).toEqual({ isDeleted: true, replyCount: 0, bodyHtml: null, editableUntil: null });
  });

  test('hidden is told to its author and curators alone', async () => {
    const paper = await newPaper();
    const { id } = await say(ada, paper, `Rude, @${alan.username}`);
    await server.database.prisma.comment.update({ where: { id: rowOf(id) }, data: { hiddenAt: new Date() } });
    const document = 'query ($id: ID!) { comment(id: $id) { bodyMarkdown bodyHtml author { username } isHidden isDeleted mentions { totalCount } } }';
    const [whole, tombstone] = [{ bodyMarkdown: `Rude, @${alan.username}`, author: { username: ada.username } }, { bodyMarkdown: null, author: null }];
    for (const [reader, told] of [[null, tombstone], [alan, tombstone], [ada, whole], [curator, whole]] as const) {
      const token = reader?.token ?? null;
      expect((await server.query(document, { token, variables: { id } })).comment).toEqual({ ...told, bodyHtml: told === whole ? `<p>Rude, @${alan.username}</p>\n` : null, isHidden: true, isDeleted: false, mentions: { totalCount: told === whole ? 1 : 0 } });
      for (let turn = 0; turn < 3; turn += 1) expect(await thread(paper, { token })).toMatchObject({ commentCount: 0, comments: { totalCount: 1, nodes: [{ ...told, isHidden: true }] } });
    }
    expect(await refusal(curator, UPVOTE, { commentId: id })).toMatchObject({ code: 'CONFLICT', message: 'the comment was hidden' });
    expect(await refusal(ada, EDIT, { commentId: id, body: 'Kind' })).toMatchObject({ code: 'CONFLICT' });
    await server.database.prisma.comment.update({ where: { id: rowOf(id) }, data: { hiddenAt: null } });
    expect(await thread(paper)).toMatchObject({ commentCount: 1, comments: { nodes: [whole] } });
  });

  test('with an account goes what it wrote, voted for and was mentioned in', async () => {
    const [paper, leaver] = [await newPaper(), await seedReader(server)];
    const [theirs, mine] = [await say(leaver, paper, 'Personal'), await say(ada, paper, `Hello @${leaver.username}`)];
    await say(alan, [paper, theirs], 'A reply');
    await say(leaver, paper, 'Without reply');
    await act(leaver, UPVOTE, mine.id);
    await server.database.prisma.user.delete({ where: { id: leaver.rowId } });
    const { commentCount, comments } = await thread(paper, { orderBy: 'OLDEST' });
    expect(commentCount).toBe(2);
    expect(comments.nodes).toMatchObject([{ id: theirs.id, bodyMarkdown: null, author: null, isDeleted: true }, { id: mine.id, upvoteCount: 0 }]);
    expect(await server.database.prisma.comment.count({ where: { paperId: paper.rowId, OR: [{ userId: leaver.rowId }, { body: { contains: 'Personal' } }] } })).toBe(0);
    expect(await server.database.prisma.commentMention.count({ where: { commentId: rowOf(mine.id) } })).toBe(0);
  });
});

describe('upvoting', () => {
  test("counts once, may be repeated and taken back, and is not for one's own", async () => {
    const paper = await newPaper();
    const { id } = await say(ada, paper, 'Vote for me');
    for (let turn = 0; turn < 2; turn += 1) expect(await act(alan, UPVOTE, id)).toMatchObject({ upvoteCount: 1, viewerHasUpvoted: true });
    expect(await act(curator, UPVOTE, id)).toMatchObject({ upvoteCount: 2 });
    for (let turn = 0; turn < 3; turn += 1) expect((await thread(paper, { token: alan.token })).comments.nodes[0]).toMatchObject({ upvoteCount: 2, viewerHasUpvoted: true });
    for (let turn = 0; turn < 2; turn += 1) expect(await act(alan, REMOVE, id)).toMatchObject({ upvoteCount: 1, viewerHasUpvoted: false });
    expect(await refusal(ada, UPVOTE, { commentId: id })).toEqual({ message: 'nobody upvotes a comment of their own', code: 'FORBIDDEN', field: 'commentId' });
    for (const document of [UPVOTE, REMOVE, DELETE]) {
      expect(await refusal(null, document, { commentId: id })).toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(await refusal(alan, document, { commentId: toGlobalId('Comment', 999_999) })).toEqual({ message: 'there is no such comment', code: 'NOT_FOUND', field: 'commentId' });
      expect(await refusal(alan, document, { commentId: paper.id })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'commentId' });
    }
  });

  test('loses no vote of many at once, beside replies and deletions', async () => {
    const [paper, crowd] = [await newPaper(), await Promise.all(Array.from({ length: 6 }, () => seedReader(server)))];
    const said = await Promise.all([0, 1, 2].map((n) => say(ada, paper, `Comment ${n}`)));
    await Promise.all(crowd.flatMap((reader, place) => [
      ...said.map(({ id }) => act(reader, UPVOTE, id)),
      say(reader, [paper, said[place % 3]], 'A reply').then(({ id }) => (place % 2 === 0 ? act(reader, DELETE, id) : null)),
    ]));
    const { commentCount, comments } = await thread(paper, { orderBy: 'OLDEST' });
    expect(commentCount).toBe(6);
    expect(comments.nodes.map((comment: any) => comment.upvoteCount)).toEqual([6, 6, 6]);
    expect(comments.nodes.reduce((sum: number, { replyCount }: { replyCount: number }) => sum + replyCount, 0)).toBe(3);
  });

  test('puts a late comment that most like before an early one with as many votes of more', async () => {
    const [paper, crowd] = [await newPaper(), await Promise.all(Array.from({ length: 5 }, () => seedReader(server)))];
    const early = await say(ada, paper, 'Early');
    for (const reader of crowd.slice(0, 3)) await act(reader, UPVOTE, early.id);
    const other = await say(ada, paper, 'Other');
    for (const reader of crowd.slice(3)) await act(reader, UPVOTE, other.id);
    // 3 of 5 against 2 of 2.
    expect(bodies(await thread(paper))).toEqual(['Other', 'Early']);
    await act(crowd[3]!, REMOVE, other.id);
    // 3 of 4 against 1 of 1.
    expect(bodies(await thread(paper))).toEqual(['Early', 'Other']);
  });
});
