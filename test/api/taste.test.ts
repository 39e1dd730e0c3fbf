import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rawSql, sql } from '../../src/database/database.js';
import { toSignalId } from '../../src/recommendations/tasteSignals.js';
import { DEFAULTS } from '../../src/recommender/parameters.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { idsOf, startTasteServer, type TasteServer } from '../support/tasteServer.js';
import { startBeside } from '../support/testServer.js';

const SIGNAL = 'id kind createdAt removedAt removal isUsed weight paper { id } tag { slug } author { name }';
const PROFILE = `isPaused pausedAt resetAt votesUsed topTags(first: 100) { totalCount edges { share upvotedPaperCount node { slug } } }
  signals(first: 100) { totalCount nodes { ${SIGNAL} } }`;
const PAGES = `query ($first: Int, $after: String, $last: Int, $before: String, $kind: TasteSignalKind) { tasteProfile {
  signals(first: $first, after: $after, last: $last, before: $before, kind: $kind) { totalCount nodes { id kind } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;

let server: TasteServer;
beforeAll(async () => {
  server = await startTasteServer();
}, 60_000);
afterAll(() => server.stop());

const profileOf = async (reader: Reader, on: Pick<TasteServer, 'query'> = server): Promise<any> => (await on.query(`{ tasteProfile { ${PROFILE} } }`, { token: reader.token })).tasteProfile;
const paperId = (n: number): string => server.papers[n]!.id;
const upvote = (reader: Reader, n: number): Promise<unknown> => server.act(reader, `upvotePaper(input: { paperId: "${paperId(n)}" })`);
const ofPaper = (n: number): string => toSignalId({ kind: 'UPVOTE', objectId: server.papers[n]!.rowId });
const setRemoved = async (reader: Reader, action: 'remove' | 'restore', id: string): Promise<any> =>
  (await server.query(`mutation { ${action}TasteSignal(input: { signalId: "${id}" }) { signal { ${SIGNAL} } } }`, { token: reader.token }))[`${action}TasteSignal`].signal;
const change = async (reader: Reader, action: string): Promise<any> => (await server.query(`mutation { ${action}Taste { tasteProfile { isPaused pausedAt resetAt votesUsed } } }`, { token: reader.token }))[`${action}Taste`].tasteProfile;

/** A reader with two upvotes, a followed tag and author, a dismissal and two mutes. */
async function tasteful(): Promise<Reader> {
  const reader = await seedReader(server);
  for (const n of [0, 2]) await upvote(reader, n);
  await server.act(reader, 'followTag(input: { tagSlug: "vision" })');
  await server.act(reader, `followAuthor(input: { authorId: "${await server.idOf('author', 'Author 3')}" })`);
  await server.act(reader, `dismissPaper(input: { paperId: "${paperId(5)}" })`);
  await server.act(reader, 'muteTag(input: { tagSlug: "niche-3" })');
  await server.act(reader, `muteAuthor(input: { authorId: "${await server.idOf('author', 'Author 7')}" })`);
  return reader;
}

type Places = { id: string; score: number }[];
const placesOf = (connection: any): Places => connection.edges.map(({ score, node: { id } }: any) => ({ id, score }));
const without = (places: Places, ...ids: string[]): Places => places.filter(({ id }) => !ids.includes(id));

/** What is in memory equals what a server that starts reads from the tables. */
async function expectLoadedAlike(): Promise<void> {
  const beside = await startBeside(server);
  try {
    const query = '{ recommenderState { checksum upvoteCount } }';
    const [one, other] = [await server.query(query, { token: server.admin.token }), await beside.query(query, { token: server.admin.token })];
    expect(other).toEqual(one);
  } finally {
    await beside.stop();
  }
}

describe('the profile', () => {
  test('has every signal with what it weighs, the latest first', async () => {
    const { signals, votesUsed, ...state } = await profileOf(await tasteful());
    expect(signals.totalCount).toBe(7);
    expect(signals.nodes.map(({ kind, paper, tag, author, weight, isUsed, removal, removedAt }: any) => [kind, paper?.id ?? tag?.slug ?? author?.name, weight, isUsed, removal, removedAt])).toEqual([
      ['MUTED_AUTHOR', 'Author 7', null, true, 'UNMUTE_AUTHOR', null],
      ['MUTED_TAG', 'niche-3', null, true, 'UNMUTE_TAG', null],
      ['DISMISSAL', paperId(5), -DEFAULTS.dismissal, true, 'UNDO_DISMISS_PAPER', null],
      ['FOLLOWED_AUTHOR', 'Author 3', 1, true, 'REMOVE_TASTE_SIGNAL', null],
      ['FOLLOWED_TAG', 'vision', 1, true, 'REMOVE_TASTE_SIGNAL', null],
      ['UPVOTE', paperId(2), 1, true, 'REMOVE_TASTE_SIGNAL', null],
      ['UPVOTE', paperId(0), 1, true, 'REMOVE_TASTE_SIGNAL', null],
    ]);
    expect([votesUsed, state.isPaused, state.pausedAt, state.resetAt]).toEqual([2, false, null, null]);
  });

  test('has the tags of the taste by their shares, which follow from the formula', async () => {
    const reader = await tasteful();
    const { topTags } = await profileOf(reader);
    // Papers 0 and 2 have three tags each, of which vision and learning are on both.
    const each = 3 ** -DEFAULTS.degreeExponent;
    const whole = 6 * each + 1;
    const shares = { vision: 2 * each + 1, learning: 2 * each, 'niche-0': each, 'niche-2': each };
    expect(topTags.totalCount).toBe(4);
    expect(topTags.edges.map(({ node, upvotedPaperCount }: any) => [node.slug, upvotedPaperCount])).toEqual([['vision', 2], ['learning', 2], ['niche-0', 1], ['niche-2', 1]]);
    topTags.edges.forEach(({ node, share }: any) => { expect(share).toBeCloseTo(shares[node.slug as keyof typeof shares] / whole, 9); });
    const page = (after: string | null): Promise<any> => server.query('query ($after: String) { tasteProfile { topTags(first: 3, after: $after) { nodes { slug } pageInfo { hasNextPage endCursor } } } }', { token: reader.token, variables: { after } });
    const first = (await page(null)).tasteProfile.topTags;
    expect([first.nodes.length, first.pageInfo.hasNextPage]).toEqual([3, true]);
    expect((await page(first.pageInfo.endCursor)).tasteProfile.topTags.nodes).toEqual([{ slug: 'niche-2' }]);
  });

  test('is empty for who did nothing', async () => {
    expect(await profileOf(await seedReader(server))).toEqual({ isPaused: false, pausedAt: null, resetAt: null, votesUsed: 0, topTags: { totalCount: 0, edges: [] }, signals: { totalCount: 0, nodes: [] } });
  });

  test('is the viewer\'s alone', async () => {
    const reader = await tasteful();
    const other = await seedReader(server);
    expect((await server.error('{ tasteProfile { isPaused } }')).extensions.code).toBe('UNAUTHENTICATED');
    for (const mutation of ['pauseTaste', 'resumeTaste', 'resetTaste', 'undoResetTaste']) {
      expect((await server.error(`mutation { ${mutation} { tasteProfile { isPaused } } }`)).extensions.code).toBe('UNAUTHENTICATED');
    }
    expect((await server.error(`mutation { removeTasteSignal(input: { signalId: "${ofPaper(0)}" }) { signal { id } } }`)).extensions.code).toBe('UNAUTHENTICATED');
    // An id names a signal of who sends it.
    expect(await server.error(`mutation { removeTasteSignal(input: { signalId: "${ofPaper(0)}" }) { signal { id } } }`, { token: other.token })).toMatchObject({ extensions: { code: 'NOT_FOUND', field: 'signalId' } });
    expect((await profileOf(reader)).votesUsed).toBe(2);
  });
});

describe('pages of signals', () => {
  test.each([[1], [2], [3], [100]])('of %i are the whole list in either direction, over signals of one time', async (size) => {
    const reader = await tasteful();
    // Nine upvotes of one instant, which follows and a mute share.
    await server.database.rows(sql`INSERT INTO upvotes (user_id, paper_id, created_at) SELECT ${reader.rowId}, id, '2026-01-02Z' FROM papers WHERE id = ANY (${server.papers.slice(10, 19).map((paper) => paper.rowId)}::int4[])`);
    for (const table of ['tag_follows', 'author_follows', 'tag_mutes']) await server.database.rows(rawSql(`UPDATE ${table} SET created_at = '2026-01-02Z' WHERE user_id = ${reader.rowId}`));
    const all = (await profileOf(reader)).signals.nodes.map(({ id }: any) => id);
    expect(all).toHaveLength(16);
    for (const kind of [null, 'UPVOTE']) {
      const expected = kind === null ? all : all.filter((id: string) => Buffer.from(id, 'base64url').toString().includes(':UPVOTE:'));
      const forwards: string[] = [];
      for (let after: string | null = null, more = true; more;) {
        const { nodes, pageInfo, totalCount }: any = (await server.query(PAGES, { token: reader.token, variables: { first: size, after, kind } })).tasteProfile.signals;
        forwards.push(...nodes.map(({ id }: any) => id));
        expect([totalCount, pageInfo.hasPreviousPage]).toEqual([expected.length, after !== null]);
        [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
      }
      const backwards: string[] = [];
      for (let before: string | null = null, more = true; more;) {
        const { nodes, pageInfo }: any = (await server.query(PAGES, { token: reader.token, variables: { last: size, before, kind } })).tasteProfile.signals;
        backwards.unshift(...nodes.map(({ id }: any) => id));
        [before, more] = [pageInfo.startCursor, pageInfo.hasPreviousPage];
      }
      expect([forwards, backwards]).toEqual([expected, expected]);
    }
  });

  test('refuse what is no cursor of theirs and sizes out of range', async () => {
    const reader = await seedReader(server);
    for (const variables of [{ first: 0 }, { first: 101 }, { after: 'x' }, { first: 1, last: 1 }]) expect((await server.error(PAGES, { token: reader.token, variables })).extensions.code).toBe('BAD_USER_INPUT');
  });

  test('cost as many statements for 100 signals as for 2', async () => {
    const reader = await tasteful();
    const count = async (first: number): Promise<number> => (await server.countStatements(() => server.query(`{ tasteProfile { votesUsed topTags(first: ${first}) { nodes { slug } } signals(first: ${first}) { nodes { ${SIGNAL} } } } }`, { token: reader.token }))).statements.length;
    await count(7);
    // The viewer, the state, the signals; papers, tags and authors: of two kinds of three at the start.
    expect(await count(100)).toBeLessThanOrEqual(7);
  });
});

describe('a removed signal', () => {
  test('ranks as though it had never been, while the upvote stays and is counted', async () => {
    const reader = await tasteful();
    const before = await server.recommended(reader);
    const state = await server.state();
    await upvote(reader, 10);
    expect(placesOf(await server.recommended(reader))).not.toEqual(without(placesOf(before), paperId(10)));
    const { removedAt, ...signal } = await setRemoved(reader, 'remove', ofPaper(10));
    expect(signal).toMatchObject({ id: ofPaper(10), kind: 'UPVOTE', isUsed: false, weight: 0, paper: { id: paperId(10) } });
    expect(removedAt).not.toBeNull();
    const after = await server.recommended(reader);
    expect(placesOf(after)).toEqual(without(placesOf(before), paperId(10)));
    expect(after.totalCount).toBe(before.totalCount - 1);
    expect((await server.state()).upvoteCount).toBe(state.upvoteCount);
    const { paper, user } = await server.query(`{ paper(id: "${paperId(10)}") { viewerHasUpvoted upvoteCount upvotes(first: 100) { totalCount } } user(id: "${reader.id}") { upvoteCount upvotedPapers { totalCount } } }`, { token: reader.token });
    expect(paper).toMatchObject({ viewerHasUpvoted: true, upvoteCount: paper.upvotes.totalCount });
    expect(user).toEqual({ upvoteCount: 3, upvotedPapers: { totalCount: 3 } });
    await expectLoadedAlike();
  });

  test('teaches others nothing either', async () => {
    const [reader, other] = [await tasteful(), await tasteful()];
    const before = placesOf(await server.recommended(other));
    await upvote(reader, 9);
    await setRemoved(reader, 'remove', ofPaper(9));
    expect(placesOf(await server.recommended(other))).toEqual(before);
  });

  test.each([['FOLLOWED_TAG', 'ollowTag(input: { tagSlug: "audio" })'], ['FOLLOWED_AUTHOR', 'ollowAuthor(input: { authorId: "ID" })']])('may be a %s, which goes on as a follow', async (kind, action) => {
    const [follow, unfollow] = [`f${action}`, `unf${action}`];
    const reader = await tasteful();
    const named = async (mutation: string): Promise<string> => mutation.replace('ID', await server.idOf('author', 'Author 5'));
    const before = placesOf(await server.recommended(reader));
    await server.act(reader, await named(follow));
    const followed = placesOf(await server.recommended(reader));
    const { id } = (await profileOf(reader)).signals.nodes.find((signal: any) => signal.kind === kind);
    expect(await setRemoved(reader, 'remove', id)).toMatchObject({ isUsed: false, weight: 0 });
    expect(placesOf(await server.recommended(reader))).toEqual(before);
    expect((await server.query(`{ user(id: "${reader.id}") { followedTags { totalCount } followedAuthors { totalCount } } }`)).user[kind === 'FOLLOWED_TAG' ? 'followedTags' : 'followedAuthors']).toEqual({ totalCount: 2 });
    await expectLoadedAlike();
    expect(await setRemoved(reader, 'restore', id)).toMatchObject({ isUsed: true, weight: 1, removedAt: null });
    expect(placesOf(await server.recommended(reader))).toEqual(followed);
    await setRemoved(reader, 'remove', id);
    await server.act(reader, await named(unfollow));
    expect(placesOf(await server.recommended(reader))).toEqual(before);
    await expectLoadedAlike();
  });

  test('counts again when restored, and stays what it is when either is repeated', async () => {
    const reader = await tasteful();
    const before = await server.recommended(reader);
    const log = async (): Promise<number> => (await server.database.rows<{ count: number }>(sql`SELECT count(*)::int4 AS count FROM changes`))[0]!.count;
    const first = await setRemoved(reader, 'remove', ofPaper(0));
    const written = await log();
    expect(await setRemoved(reader, 'remove', ofPaper(0))).toEqual(first);
    expect(await log()).toBe(written);
    for (let turn = 0; turn < 2; turn += 1) expect(await setRemoved(reader, 'restore', ofPaper(0))).toMatchObject({ isUsed: true, weight: 1, removedAt: null });
    expect(await log()).toBe(written + 1);
    expect(placesOf(await server.recommended(reader))).toEqual(placesOf(before));
  });

  test('counts anew after the upvote was taken back and given again', async () => {
    const reader = await tasteful();
    const before = await server.recommended(reader);
    await setRemoved(reader, 'remove', ofPaper(0));
    await upvote(reader, 0);
    expect((await profileOf(reader)).votesUsed).toBe(1);
    await server.act(reader, `removeUpvote(input: { paperId: "${paperId(0)}" })`);
    expect(idsOf(await server.recommended(reader))).toContain(paperId(0));
    await upvote(reader, 0);
    expect(placesOf(await server.recommended(reader))).toEqual(placesOf(before));
    await expectLoadedAlike();
  });

  test('can be supposed to be there and not to be', async () => {
    const reader = await tasteful();
    const before = await server.recommended(reader);
    await setRemoved(reader, 'remove', ofPaper(0));
    const removed = await server.recommended(reader);
    expect(placesOf(await server.recommended(reader, { assuming: [paperId(0)] }))).toEqual(placesOf(before));
    expect(without(placesOf(await server.recommended(reader, { without: [paperId(0)] })), paperId(0))).toEqual(placesOf(removed));
    expect(placesOf(await server.recommended(reader))).toEqual(placesOf(removed));
    await expectLoadedAlike();
  });

  test.each<[string, () => string, string]>([
    ['a dismissal', () => toSignalId({ kind: 'DISMISSAL', objectId: server.papers[5]!.rowId }), 'BAD_USER_INPUT'],
    ['a mute', () => toSignalId({ kind: 'MUTED_TAG', objectId: 1 }), 'BAD_USER_INPUT'],
    ['an upvote that was never given', () => ofPaper(30), 'NOT_FOUND'],
    ['no id', () => 'nonsense', 'BAD_USER_INPUT'],
    ['the id of a paper', () => paperId(0), 'BAD_USER_INPUT'],
  ])('is not %s', async (_, idOf, code) => {
    const reader = await tasteful();
    for (const action of ['remove', 'restore']) {
      expect(await server.error(`mutation { ${action}TasteSignal(input: { signalId: "${idOf()}" }) { signal { id } } }`, { token: reader.token })).toMatchObject({ extensions: { code, field: 'signalId' } });
    }
  });
});

describe('a pause', () => {
  test('has new upvotes and follows not count, then or later, and dismissals count', async () => {
    const reader = await tasteful();
    const before = await server.recommended(reader);
    const paused = await change(reader, 'pause');
    expect(paused).toMatchObject({ isPaused: true, votesUsed: 2 });
    expect(await change(reader, 'pause')).toEqual(paused);
    await upvote(reader, 4);
    await server.act(reader, 'followTag(input: { tagSlug: "audio" })');
    await server.act(reader, `followAuthor(input: { authorId: "${await server.idOf('author', 'Author 1')}" })`);
    expect(placesOf(await server.recommended(reader))).toEqual(without(placesOf(before), paperId(4)));
    await expectLoadedAlike();
    expect(await change(reader, 'resume')).toEqual({ isPaused: false, pausedAt: null, resetAt: null, votesUsed: 2 });
    await change(reader, 'resume');
    expect(placesOf(await server.recommended(reader))).toEqual(without(placesOf(before), paperId(4)));
    const { signals } = await profileOf(reader);
    expect(signals.nodes.filter((signal: any) => signal.removedAt !== null).map((signal: any) => [signal.kind, signal.weight])).toEqual([['FOLLOWED_AUTHOR', 0], ['FOLLOWED_TAG', 0], ['UPVOTE', 0]]);
    await upvote(reader, 6);
    await setRemoved(reader, 'restore', ofPaper(4));
    expect((await profileOf(reader)).votesUsed).toBe(4);
    await change(reader, 'pause');
    const undismissed = idsOf(await server.recommended(reader));
    await server.act(reader, `dismissPaper(input: { paperId: "${undismissed[0]}" })`);
    expect(idsOf(await server.recommended(reader))).not.toContain(undismissed[0]);
  });
});

test('what a pause does not touch are votes of before it, which an import brings', async () => {
  const reader = await seedReader(server);
  await change(reader, 'pause');
  await server.services.upvotes.addAll(server.database, [{ userId: reader.rowId, paperId: server.papers[20]!.rowId, at: new Date('2026-01-01T00:00:00Z') }]);
  expect((await profileOf(reader)).votesUsed).toBe(1);
});

test('of two papers that are merged what counted goes on to count, in a pause too, and what did not does not', async () => {
  const [reader, other] = [await seedReader(server), await seedReader(server)];
  const [keep, duplicate] = await seedPapers(server, [{ title: 'To keep', listedOn: '2026-01-05' }, { title: 'To keep, again', listedOn: '2026-01-05' }]);
  const give = (one: Reader, paper: SeededPaper): Promise<unknown> => server.act(one, `upvotePaper(input: { paperId: "${paper.id}" })`);
  const idOf = (paper: SeededPaper): string => toSignalId({ kind: 'UPVOTE', objectId: paper.rowId });
  await give(reader, duplicate!);
  await change(reader, 'pause');
  await give(reader, keep!);
  await give(other, duplicate!);
  await setRemoved(other, 'remove', idOf(duplicate!));
  await server.act(server.admin, `mergePapers(input: { keepId: "${keep!.id}", duplicateId: "${duplicate!.id}" })`);
  expect((await profileOf(reader)).signals.nodes.map(({ id, isUsed }: any) => [id, isUsed])).toEqual([[idOf(keep!), true]]);
  expect((await profileOf(other)).signals.nodes.map(({ id, isUsed }: any) => [id, isUsed])).toEqual([[idOf(keep!), false]]);
  await expectLoadedAlike();
});

describe('a reset', () => {
  test('gives the ranking of a newcomer without what was upvoted, and can be undone', async () => {
    const reader = await seedReader(server);
    for (const n of [0, 2, 9]) await upvote(reader, n);
    await server.act(reader, 'followTag(input: { tagSlug: "vision" })');
    await setRemoved(reader, 'remove', ofPaper(9));
    const before = await server.recommended(reader);
    const { resetAt, votesUsed } = await change(reader, 'reset');
    expect([votesUsed, typeof resetAt]).toEqual([0, 'string']);
    const newcomer = await server.recommended(await seedReader(server));
    expect(placesOf(await server.recommended(reader))).toEqual(without(placesOf(newcomer), paperId(0), paperId(2), paperId(9)));
    expect(await profileOf(reader)).toMatchObject({ topTags: { totalCount: 0 }, signals: { totalCount: 4 } });
    expect((await server.query(`{ user(id: "${reader.id}") { upvoteCount followedTags { totalCount } } }`)).user).toEqual({ upvoteCount: 3, followedTags: { totalCount: 1 } });
    await expectLoadedAlike();
    // Repeated, it is the same reset; what was removed before it stays removed.
    expect(await change(reader, 'reset')).toMatchObject({ resetAt });
    expect(placesOf(await server.recommended(reader, { asOf: before.asOf }))).toEqual(placesOf(before));
    for (let turn = 0; turn < 2; turn += 1) expect(await change(reader, 'undoReset')).toEqual({ isPaused: false, pausedAt: null, resetAt: null, votesUsed: 2 });
    expect(placesOf(await server.recommended(reader))).toEqual(placesOf(before));
    await expectLoadedAlike();
  });

  test('is known to another server at once, and is replayed from both sides', async () => {
    const reader = await tasteful();
    const beside = await startBeside(server);
    try {
      const asOf = async (moment: string | null): Promise<any> => (await beside.query('query ($asOf: String) { recommendations(first: 100, asOf: $asOf) { asOf edges { score node { id } } } }', { token: reader.token, variables: { asOf: moment } })).recommendations;
      const before = await asOf(null);
      await change(reader, 'reset');
      const after = await asOf(null);
      expect(placesOf(after)).not.toEqual(placesOf(before));
      await change(reader, 'undoReset');
      expect(placesOf(await asOf(null))).toEqual(placesOf(before));
      expect([await asOf(before.asOf), await asOf(after.asOf)]).toEqual([before, after]);
    } finally {
      await beside.stop();
    }
  });

  test('leaves dismissals and mutes', async () => {
    const reader = await tasteful();
    const hidden = (await server.recommended(reader)).totalCount;
    await change(reader, 'reset');
    const after = await server.recommended(reader);
    expect(after.totalCount).toBe(hidden);
    expect(idsOf(after)).not.toContain(paperId(5));
    const { signals } = await profileOf(reader);
    expect(signals.nodes.filter((signal: any) => signal.isUsed).map((signal: any) => signal.kind)).toEqual(['MUTED_AUTHOR', 'MUTED_TAG', 'DISMISSAL']);
  });

  test('cannot be undone after a day', async () => {
    const reader = await tasteful();
    await change(reader, 'reset');
    await server.database.rows(sql`UPDATE users SET taste_reset_at = taste_reset_at - interval '25 hours' WHERE id = ${reader.rowId}`);
    expect(await server.error('mutation { undoResetTaste { tasteProfile { isPaused } } }', { token: reader.token })).toMatchObject({ extensions: { code: 'CONFLICT' } });
  });

  test('and votes that come and go at once leave what is loaded equal to what is followed', async () => {
    const reader = await seedReader(server);
    await Promise.all(Array.from({ length: 30 }, (_, n) => [
      () => upvote(reader, n), () => change(reader, 'reset'), () => upvote(reader, (n * 7) % 30), () => server.act(reader, `removeUpvote(input: { paperId: "${paperId(n)}" })`), () => change(reader, n % 2 === 0 ? 'pause' : 'resume'), () => change(reader, 'undoReset'),
    ][n % 6]!()));
    await expectLoadedAlike();
  });
});

test('nothing of it is left of a deleted account', async () => {
  const state = await server.state();
  const reader = await tasteful();
  await change(reader, 'reset');
  await change(reader, 'pause');
  await upvote(reader, 11);
  await server.database.prisma.user.delete({ where: { id: reader.rowId } });
  expect(await server.state()).toEqual(state);
  await expectLoadedAlike();
});
