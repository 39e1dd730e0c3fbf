import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { seedPaper, seedReader, type Reader } from '../support/seed.js';
import { idsOf, rankingOf, startTasteServer, type TasteServer } from '../support/tasteServer.js';
import { startBeside } from '../support/testServer.js';

const TAG = 'tag { slug viewerHasMuted viewerFollows followerCount }';
const AUTHOR = 'author { name viewerHasMuted viewerFollows followerCount }';
const MUTE_TAG = `mutation ($tagSlug: String!) { muteTag(input: { tagSlug: $tagSlug }) { ${TAG} } }`;
const UNMUTE_TAG = `mutation ($tagSlug: String!) { unmuteTag(input: { tagSlug: $tagSlug }) { ${TAG} } }`;
const FOLLOW_TAG = `mutation ($tagSlug: String!) { followTag(input: { tagSlug: $tagSlug }) { ${TAG} } }`;
const UNFOLLOW_TAG = `mutation ($tagSlug: String!) { unfollowTag(input: { tagSlug: $tagSlug }) { ${TAG} } }`;
const MUTE_AUTHOR = `mutation ($authorId: ID!) { muteAuthor(input: { authorId: $authorId }) { ${AUTHOR} } }`;
const UNMUTE_AUTHOR = `mutation ($authorId: ID!) { unmuteAuthor(input: { authorId: $authorId }) { ${AUTHOR} } }`;
const FOLLOW_AUTHOR = `mutation ($authorId: ID!) { followAuthor(input: { authorId: $authorId }) { ${AUTHOR} } }`;
const UNFOLLOW_AUTHOR = `mutation ($authorId: ID!) { unfollowAuthor(input: { authorId: $authorId }) { ${AUTHOR} } }`;
const MUTED = `{
  mutedTags { totalCount edges { mutedAt node { slug } } nodes { slug viewerHasMuted } }
  mutedAuthors { totalCount edges { mutedAt node { name } } nodes { name viewerHasMuted } }
}`;
const MONTH = `query ($orderBy: FeedOrder! = TRENDING, $first: Int = 100, $after: String, $last: Int, $before: String, $date: LocalDate = "2026-01-15", $period: FeedPeriod! = MONTH) {
  feed(date: $date, period: $period, orderBy: $orderBy) {
    papers(first: $first, after: $after, last: $last, before: $before) { totalCount nodes { id viewerHasMuted viewerHasDismissed } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
  }
}`;
const PAPERS = `query ($first: Int! = 100) { papers(first: $first, orderBy: TRENDING) { totalCount nodes {
  id title viewerHasMuted viewerHasDismissed tags { nodes { slug viewerHasMuted } } authors { nodes { name viewerHasMuted } }
} } }`;

let server: TasteServer;
beforeAll(async () => {
  server = await startTasteServer();
});
afterAll(() => server.stop());

const as = (reader: Reader | null, variables: Record<string, unknown> = {}): { token: string | null; variables: Record<string, unknown> } => ({ token: reader?.token ?? null, variables });
const papersFor = async (reader: Reader | null): Promise<any> => (await server.query(PAPERS, as(reader))).papers;
const feedOf = async (reader: Reader | null, variables: Record<string, unknown> = {}): Promise<any> => (await server.query(MONTH, as(reader, variables))).feed.papers;
const mutedBy = (reader: Reader): Promise<any> => server.query(MUTED, as(reader));
const act = (reader: Reader, ...mutations: string[]): Promise<unknown> => mutations.reduce<Promise<unknown>>((before, mutation) => before.then(() => server.act(reader, mutation)), Promise.resolve());
const sorted = (ids: readonly string[]): string[] => [...ids].sort();

describe('muting', () => {
  test('a tag may be repeated and taken back, ends a follow, and is seen by nobody else', async () => {
    const reader = await seedReader(server);
    const [options, seen] = [as(reader, { tagSlug: 'niche-0' }), { slug: 'niche-0', followerCount: 0 }];
    expect((await server.query(FOLLOW_TAG, options)).followTag.tag).toEqual({ ...seen, followerCount: 1, viewerFollows: true, viewerHasMuted: false });
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(MUTE_TAG, options)).muteTag.tag).toEqual({ ...seen, viewerFollows: false, viewerHasMuted: true });
    const { mutedTags, mutedAuthors } = await mutedBy(reader);
    expect(mutedTags).toMatchObject({ totalCount: 1, nodes: [{ slug: 'niche-0', viewerHasMuted: true }] });
    expect(Math.abs(Date.parse(mutedTags.edges[0].mutedAt) - Date.now())).toBeLessThan(60_000);
    expect(mutedAuthors).toEqual({ totalCount: 0, edges: [], nodes: [] });
    const other = await seedReader(server);
    for (const one of [other, null]) expect((await server.query('{ tag(slug: "niche-0") { viewerHasMuted } papers(first: 100) { nodes { viewerHasMuted } } }', as(one))).tag).toEqual({ viewerHasMuted: false });
    expect((await mutedBy(other)).mutedTags.totalCount).toBe(0);
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(UNMUTE_TAG, options)).unmuteTag.tag).toEqual({ ...seen, viewerFollows: false, viewerHasMuted: false });
    expect((await mutedBy(reader)).mutedTags.nodes).toEqual([]);
  });

  test('an author likewise', async () => {
    const reader = await seedReader(server);
    const [options, seen] = [as(reader, { authorId: await server.idOf('author', 'Author 3') }), { name: 'Author 3', followerCount: 0 }];
    expect((await server.query(FOLLOW_AUTHOR, options)).followAuthor.author).toEqual({ ...seen, followerCount: 1, viewerFollows: true, viewerHasMuted: false });
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(MUTE_AUTHOR, options)).muteAuthor.author).toEqual({ ...seen, viewerFollows: false, viewerHasMuted: true });
    expect((await mutedBy(reader)).mutedAuthors).toMatchObject({ totalCount: 1, nodes: [{ name: 'Author 3', viewerHasMuted: true }] });
    expect((await mutedBy(await seedReader(server))).mutedAuthors.totalCount).toBe(0);
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(UNMUTE_AUTHOR, options)).unmuteAuthor.author).toEqual({ ...seen, viewerFollows: false, viewerHasMuted: false });
  });

  test('is ended by a follow, and the rest of the request sees that; an alias names its tag', async () => {
    const reader = await seedReader(server);
    await server.database.rows(sql`INSERT INTO tag_aliases (slug, tag_id) SELECT 'seeing', id FROM tags WHERE slug = 'vision' ON CONFLICT DO NOTHING`);
    const document = `mutation ($authorId: ID!) {
      one: muteTag(input: { tagSlug: "seeing" }) { tag { viewerHasMuted viewerFollows } }
      two: followTag(input: { tagSlug: "vision" }) { tag { viewerHasMuted viewerFollows } }
      three: unmuteTag(input: { tagSlug: "vision" }) { tag { viewerHasMuted viewerFollows } }
      four: muteAuthor(input: { authorId: $authorId }) { author { viewerHasMuted viewerFollows } }
      five: followAuthor(input: { authorId: $authorId }) { author { viewerHasMuted viewerFollows } }
      six: muteAuthor(input: { authorId: $authorId }) { author { viewerHasMuted viewerFollows } }
      seven: unfollowAuthor(input: { authorId: $authorId }) { author { viewerHasMuted viewerFollows } }
    }`;
    const answer = await server.query(document, as(reader, { authorId: await server.idOf('author', 'Author 1') }));
    const [muted, followed] = [{ viewerHasMuted: true, viewerFollows: false }, { viewerHasMuted: false, viewerFollows: true }];
    expect(Object.values<any>(answer).map(({ tag, author }) => tag ?? author)).toEqual([muted, followed, followed, muted, followed, muted, muted]);
  });

  test('and following that come at once leave one of the two, or neither, with the counters right', async () => {
    const readers = [await seedReader(server), await seedReader(server)];
    const authorIds = await Promise.all(['Author 4', 'Author 5'].map((name) => server.idOf('author', name)));
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(readers.flatMap((reader) => [
        ...['niche-1', 'niche-2'].flatMap((tagSlug) => [MUTE_TAG, FOLLOW_TAG, UNFOLLOW_TAG, UNMUTE_TAG, FOLLOW_TAG, MUTE_TAG].map((document) => server.query(document, as(reader, { tagSlug })))),
        ...authorIds.flatMap((authorId) => [FOLLOW_AUTHOR, MUTE_AUTHOR, UNMUTE_AUTHOR, UNFOLLOW_AUTHOR, MUTE_AUTHOR, FOLLOW_AUTHOR].map((document) => server.query(document, as(reader, { authorId })))),
      ]));
      const both = await server.database.rows(sql`
        SELECT 'tag' AS what FROM tag_follows JOIN tag_mutes USING (user_id, tag_id) UNION ALL SELECT 'author' FROM author_follows JOIN author_mutes USING (user_id, author_id)
        UNION ALL SELECT slug FROM tags t WHERE follower_count <> (SELECT count(*) FROM tag_follows WHERE tag_id = t.id)
        UNION ALL SELECT name FROM authors a WHERE follower_count <> (SELECT count(*) FROM author_follows WHERE author_id = a.id)`);
      expect(both).toEqual([]);
    }
  });

  test.each([['muteTag', MUTE_TAG], ['unmuteTag', UNMUTE_TAG]])('%s needs a viewer and a tag', async (_, document) => {
    expect((await server.error(document, as(null, { tagSlug: 'vision' }))).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    for (const tagSlug of ['no-such-tag', 'Vision', '']) {
      expect(await server.error(document, as(server.readers[1]!, { tagSlug }))).toMatchObject({ message: `there is no tag ${JSON.stringify(tagSlug)}`, extensions: { code: 'NOT_FOUND', field: 'tagSlug' } });
    }
    expect((await server.error(document, as(server.readers[1]!, { tagSlug: 'a\0' }))).extensions.code).toBe('BAD_USER_INPUT');
  });

  test.each([['muteAuthor', MUTE_AUTHOR], ['unmuteAuthor', UNMUTE_AUTHOR]])('%s needs a viewer and an author', async (_, document) => {
    const [reader, unknown] = [server.readers[1]!, Buffer.from('Author:999999').toString('base64url')];
    expect((await server.error(document, as(null, { authorId: unknown }))).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect(await server.error(document, as(reader, { authorId: unknown }))).toMatchObject({ message: 'there is no such author', extensions: { code: 'NOT_FOUND', field: 'authorId' } });
    expect(await server.error(document, as(reader, { authorId: reader.id }))).toMatchObject({ message: `authorId must be the id of a Author, received "${reader.id}"`, extensions: { code: 'BAD_USER_INPUT', field: 'authorId' } });
  });

  test('costs one statement, beside those that know the viewer and read what was muted', async () => {
    const authorId = await server.idOf('author', 'Author 7');
    const reader = await seedReader(server);
    for (const [document, variables] of [[MUTE_TAG, { tagSlug: 'vision' }], [UNMUTE_TAG, { tagSlug: 'vision' }], [MUTE_AUTHOR, { authorId }], [UNMUTE_AUTHOR, { authorId }]] as const) {
      const plain = document.replace(' viewerHasMuted viewerFollows', '');
      const { statements } = await server.countStatements(() => server.query(plain, as(reader, variables)));
      expect(statements).toHaveLength(3);
    }
  });
});

describe('what is muted', () => {
  let owner: Reader;
  beforeAll(async () => {
    owner = await seedReader(server);
    for (const slug of ['niche-0', 'niche-1', 'niche-2', 'niche-3']) await server.services.mutes.addTag(owner.rowId, slug);
    const authors = await server.database.rows<{ id: number }>(sql`SELECT id FROM authors ORDER BY id LIMIT 4`);
    for (const { id } of authors) await server.services.mutes.addAuthor(owner.rowId, id);
    // Two moments for four mutes: ties are ordered by id.
    await server.database.rows(sql`UPDATE tag_mutes m SET created_at = timestamptz '2026-02-01Z' + (r.n % 2) * interval '1 day' FROM (SELECT tag_id, row_number() OVER () AS n FROM tag_mutes WHERE user_id = ${owner.rowId}) r WHERE m.tag_id = r.tag_id AND m.user_id = ${owner.rowId}`);
    await server.database.rows(sql`UPDATE author_mutes m SET created_at = timestamptz '2026-02-01Z' + (r.n % 2) * interval '1 day' FROM (SELECT author_id, row_number() OVER () AS n FROM author_mutes WHERE user_id = ${owner.rowId}) r WHERE m.author_id = r.author_id AND m.user_id = ${owner.rowId}`);
  });

  test.each(['mutedTags', 'mutedAuthors'])('comes as %s, the latest first, in pages from either end, to the viewer alone', async (list) => {
    const read = async (args: string): Promise<any> => (await server.query(`{ list: ${list}${args} { totalCount edges { mutedAt } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`, as(owner))).list;
    const whole = await read('');
    const rows = whole.nodes.map(({ id }: { id: string }) => Number(Buffer.from(id, 'base64url').toString().split(':')[1]));
    expect([whole.totalCount, whole.edges.map((edge: any) => edge.mutedAt.slice(0, 10))]).toEqual([4, ['2026-02-02', '2026-02-02', '2026-02-01', '2026-02-01']]);
    expect([rows[0] > rows[1], rows[2] > rows[3]]).toEqual([true, true]);
    const forward: unknown[] = [];
    for (let page: any = await read('(first: 3)'); ; page = await read(`(first: 3, after: "${page.pageInfo.endCursor}")`)) {
      forward.push(...page.nodes);
      if (!page.pageInfo.hasNextPage) break;
    }
    const backward: unknown[] = [];
    for (let page: any = await read('(last: 1)'); ; page = await read(`(last: 1, before: "${page.pageInfo.startCursor}")`)) {
      backward.unshift(...page.nodes);
      if (!page.pageInfo.hasPreviousPage) break;
    }
    expect([forward, backward]).toEqual([whole.nodes, whole.nodes]);
    expect((await server.error(`{ ${list} { totalCount } }`)).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect((await server.error(`{ ${list}(first: 0) { totalCount } }`, as(owner))).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'first' });
  });
});

describe('a muted tag, a muted author and a dismissed paper', () => {
  let reader: Reader;
  let authorId: string;
  /** Papers that the reader wants to see none of, by id. */
  let unwanted: string[];
  const mutations = (): string[] => ['muteTag(input: { tagSlug: "niche-2" })', `muteAuthor(input: { authorId: "${authorId}" })`, `dismissPaper(input: { paperId: "${server.papers[1]!.id}" })`];
  const undoing = (): string[] => ['unmuteTag(input: { tagSlug: "niche-2" })', `unmuteAuthor(input: { authorId: "${authorId}" })`, `undoDismissPaper(input: { paperId: "${server.papers[1]!.id}" })`];

  beforeAll(async () => {
    reader = await seedReader(server);
    authorId = await server.idOf('author', 'Author 6');
    await act(reader, `upvotePaper(input: { paperId: "${server.papers[0]!.id}" })`, `upvotePaper(input: { paperId: "${server.papers[5]!.id}" })`);
    unwanted = server.papers.filter((_, n) => n % 5 === 2 || n % 8 === 6 || n === 1).map(({ id }) => id);
  });

  test('keep papers out of recommendations, whatever is supposed, and of what is like a paper, from the next answer on', async () => {
    const [before, state] = [await server.recommended(reader), await server.state()];
    const similarTo = async (one: Reader | null): Promise<any> => (await server.query('query ($id: ID!) { paper(id: $id) { similar(first: 100) { totalCount nodes { id } } } }', as(one, { id: server.papers[0]!.id }))).paper.similar;
    const [like, wanted] = [await similarTo(reader), idsOf(before).filter((id) => !unwanted.includes(id))];
    expect([wanted.length, like.totalCount]).toEqual([before.totalCount - unwanted.length, 39]);
    await act(reader, ...mutations());
    for (const variables of [{}, { assuming: [server.papers[9]!.id] }, { without: [server.papers[5]!.id] }, { weights: { tags: 4, votes: 0, freshness: 0, diversity: 0 } }, { weights: { tags: 0, votes: 0, freshness: 4, diversity: 4 } }]) {
      const answer = await server.recommended(reader, variables);
      expect(idsOf(answer).filter((id) => unwanted.includes(id))).toEqual([]);
      expect(answer.totalCount).toBe(answer.nodes.length);
    }
    expect(sorted(idsOf(await server.recommended(reader)))).toEqual(sorted(wanted));
    const pages: string[] = [];
    for (let page: any = await server.recommended(reader, { first: 4 }); ; page = await server.recommended(reader, { first: 4, after: page.pageInfo.endCursor })) {
      pages.push(...idsOf(page));
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(pages).toEqual(idsOf(await server.recommended(reader)));
    expect(sorted(idsOf(await similarTo(reader)))).toEqual(sorted(idsOf(like).filter((id) => !unwanted.includes(id))));
    for (const one of [null, server.readers[0]!]) expect(await similarTo(one)).toEqual(like);
    expect((await server.state()).checksum).not.toBe(state.checksum);
    // As they would be without, as they were before, and as they are once all is taken back: the same to the last bit.
    expect(rankingOf(await server.recommended(reader, { without: [await server.idOf('tag', 'niche-2'), authorId, server.papers[1]!.id] }))).toEqual(rankingOf(before));
    expect(rankingOf(await server.recommended(reader, { asOf: before.asOf }))).toEqual(rankingOf(before));
    const during = await server.recommended(reader);
    await act(reader, ...undoing());
    expect(rankingOf(await server.recommended(reader))).toEqual(rankingOf(before));
    expect(await server.state()).toEqual(state);
    expect(rankingOf(await server.recommended(reader, { asOf: during.asOf }))).toEqual(rankingOf(during));
  });

  test('keep papers out of the feed in every order and on every page, and of its count, for this reader alone', async () => {
    const before = new Map<string, any>();
    for (const orderBy of ['TRENDING', 'TOP', 'NEWEST']) before.set(orderBy, await feedOf(reader, { orderBy }));
    await act(reader, ...mutations());
    for (const [orderBy, whole] of before) {
      const expected = idsOf(whole).filter((id) => !unwanted.includes(id));
      const answer = await feedOf(reader, { orderBy });
      expect([answer.totalCount, idsOf(answer)]).toEqual([expected.length, expected]);
      expect(answer.nodes.every((node: any) => !node.viewerHasMuted && !node.viewerHasDismissed)).toBe(true);
      const forward: string[] = [];
      for (let page: any = await feedOf(reader, { orderBy, first: 6 }); ; page = await feedOf(reader, { orderBy, first: 6, after: page.pageInfo.endCursor })) {
        forward.push(...idsOf(page));
        expect(page.totalCount).toBe(expected.length);
        if (!page.pageInfo.hasNextPage) break;
      }
      const backward: string[] = [];
      for (let page: any = await feedOf(reader, { orderBy, first: null, last: 6 }); ; page = await feedOf(reader, { orderBy, first: null, last: 6, before: page.pageInfo.startCursor })) {
        backward.unshift(...idsOf(page));
        if (!page.pageInfo.hasPreviousPage) break;
      }
      expect([forward, backward]).toEqual([expected, expected]);
      for (const one of [null, server.readers[2]!]) expect(idsOf(await feedOf(one, { orderBy }))).toEqual(idsOf(whole));
    }
    // In the reader's own order, which the engine makes.
    const forYou = await feedOf(reader, { orderBy: 'FOR_YOU' });
    expect([forYou.totalCount, sorted(idsOf(forYou))]).toEqual([forYou.nodes.length, sorted(idsOf(before.get('TOP')).filter((id) => !unwanted.includes(id)))]);
    // Days on which something is unwanted, and on which nothing is.
    for (let day = 1; day <= 28; day += 1) {
      const variables = { date: `2026-01-${String(day).padStart(2, '0')}`, period: 'DAY' };
      const [all, shown] = [await feedOf(null, variables), await feedOf(reader, variables)];
      const wanted = idsOf(all).filter((id) => !unwanted.includes(id));
      expect([shown.totalCount, idsOf(shown)]).toEqual([wanted.length, wanted]);
    }
    await act(reader, ...undoing());
    for (const [orderBy, whole] of before) expect(await feedOf(reader, { orderBy })).toEqual(whole);
  });

  test('hide nothing that is asked for by name, where they are told', async () => {
    const before = await papersFor(reader);
    expect(before.nodes.some((node: any) => node.viewerHasMuted)).toBe(false);
    await act(reader, ...mutations());
    const { totalCount, nodes } = await papersFor(reader);
    expect([totalCount, idsOf({ nodes })]).toEqual([before.totalCount, idsOf(before)]);
    const muted = nodes.filter((node: any) => node.viewerHasMuted);
    expect(sorted(idsOf({ nodes: muted }))).toEqual(sorted(unwanted.filter((id) => id !== server.papers[1]!.id)));
    for (const node of nodes) {
      expect(node.viewerHasMuted).toBe([...node.tags.nodes, ...node.authors.nodes].some((feature: any) => feature.viewerHasMuted));
      expect(node.viewerHasDismissed).toBe(node.id === server.papers[1]!.id);
    }
    const { tag, author } = await server.query('query ($id: ID!) { tag(slug: "niche-2") { papers(first: 100) { nodes { viewerHasMuted } } } author(id: $id) { papers(first: 100) { nodes { viewerHasMuted } } } }', as(reader, { id: authorId }));
    expect([tag.papers.nodes.length, author.papers.nodes.length]).toEqual([8, 5]);
    expect([...tag.papers.nodes, ...author.papers.nodes].every((node: any) => node.viewerHasMuted)).toBe(true);
    expect((await papersFor(server.readers[2]!)).nodes.some((node: any) => [node, ...node.tags.nodes].some((one) => one.viewerHasMuted))).toBe(false);
    await act(reader, ...undoing());
  });

  test('hold for a paper as soon as it has the tag, on every server', async () => {
    const fresh = await seedReader(server);
    await act(fresh, 'muteTag(input: { tagSlug: "vision" })');
    const trend = idsOf(await server.recommended(null));
    // One who has muted alone has said nothing: the trend, without what was muted.
    expect(idsOf(await server.recommended(fresh))).toEqual(trend.filter((id) => server.papers.findIndex((paper) => paper.id === id) % 2 === 1));
    const paper = await seedPaper(server, { title: 'Tagged later', listedOn: '2026-01-20', tags: [{ slug: 'audio', weight: 1 }] });
    const isShown = async (): Promise<boolean[]> => [idsOf(await server.recommended(fresh)).includes(paper.id), idsOf(await feedOf(fresh)).includes(paper.id)];
    expect(await isShown()).toEqual([true, true]);
    await server.database.rows(sql`INSERT INTO paper_tags (paper_id, tag_id, weight) SELECT ${paper.rowId}::int4, id, 0.1 FROM tags WHERE slug = 'vision'`);
    expect(await isShown()).toEqual([false, false]);
    // One follows the log, the other starts from the tables.
    const beside = await startBeside(server);
    try {
      const { recommenderState } = await beside.query('{ recommenderState { checksum paperCount readerCount upvoteCount } }', as(server.admin));
      expect(recommenderState).toEqual(await server.state());
      const { recommendations } = await beside.query('{ recommendations(first: 100) { nodes { id } } }', as(fresh));
      expect(recommendations.nodes).toEqual((await server.recommended(fresh)).nodes);
    } finally {
      await beside.stop();
    }
  });
});
