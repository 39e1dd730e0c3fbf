import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { seedPaper, seedReader, type Reader } from '../support/seed.js';
import { idsOf, rankingOf, reasonsOf, RECOMMENDATIONS, startTasteServer, type TasteServer } from '../support/tasteServer.js';

let server: TasteServer;
let reader: Reader;
/** The reader's upvotes. */
let upvoted: string[];

beforeAll(async () => {
  server = await startTasteServer();
  reader = server.readers[1]!;
  const { user } = await server.query('query ($id: ID!) { user(id: $id) { upvotedPapers(first: 100) { nodes { id } } } }', { variables: { id: reader.id } });
  upvoted = idsOf(user.upvotedPapers);
});
afterAll(() => server.stop());

/** Each supposition, and what makes it true and false again. */
async function suppositions(): Promise<[string, Record<string, unknown>, string, string][]> {
  const [paper, other] = [upvoted[0]!, idsOf(await server.recommended(reader))[5]!];
  const [tag, author] = [await server.idOf('tag', 'niche-3'), await server.idOf('author', 'Author 4')];
  const vote = (id: string): string => `upvotePaper(input: { paperId: "${id}" })`;
  const removal = (id: string): string => `removeUpvote(input: { paperId: "${id}" })`;
  return [
    ['an upvote less', { without: [paper] }, removal(paper), vote(paper)],
    ['an upvote more', { assuming: [other] }, vote(other), removal(other)],
    ['a tag followed', { assuming: [tag] }, 'followTag(input: { tagSlug: "niche-3" })', 'unfollowTag(input: { tagSlug: "niche-3" })'],
    ['an author followed', { assuming: [author] }, `followAuthor(input: { authorId: "${author}" })`, `unfollowAuthor(input: { authorId: "${author}" })`],
  ];
}

describe('a supposed ranking', () => {
  test('is, to the last bit, the one that the reader gets once it is true', async () => {
    for (const [name, supposed, make, undo] of await suppositions()) {
      const [before, state] = [await server.recommended(reader), await server.state()];
      const answer = await server.recommended(reader, supposed);
      expect([name, await server.state()]).toEqual([name, state]);
      expect(rankingOf(await server.recommended(reader))).toEqual(rankingOf(before));
      await server.act(reader, make);
      expect(rankingOf(await server.recommended(reader))).toEqual(rankingOf(answer));
      expect(rankingOf(answer)).not.toEqual(rankingOf(before));
      await server.act(reader, undo);
      expect(rankingOf(await server.recommended(reader))).toEqual(rankingOf(before));
      expect(await server.state()).toEqual(state);
    }
  });

  test('without a followed tag, a followed author and a dismissed paper is the one without them', async () => {
    const [tag, author] = [await server.idOf('tag', 'niche-1'), await server.idOf('author', 'Author 2')];
    const dismissed = idsOf(await server.recommended(reader))[0]!;
    const plain = await server.recommended(reader);
    for (const mutation of ['followTag(input: { tagSlug: "niche-1" })', `followAuthor(input: { authorId: "${author}" })`, `dismissPaper(input: { paperId: "${dismissed}" })`]) await server.act(reader, mutation);
    expect(idsOf(await server.recommended(reader))).not.toContain(dismissed);
    expect(rankingOf(await server.recommended(reader, { without: [tag, author, dismissed] }))).toEqual(rankingOf(plain));
    // An upvote would end the dismissal.
    const assumed = await server.recommended(reader, { assuming: [dismissed] });
    await server.act(reader, `upvotePaper(input: { paperId: "${dismissed}" })`);
    expect(rankingOf(await server.recommended(reader))).toEqual(rankingOf(assumed));
    for (const mutation of ['unfollowTag(input: { tagSlug: "niche-1" })', `unfollowAuthor(input: { authorId: "${author}" })`, `removeUpvote(input: { paperId: "${dismissed}" })`]) await server.act(reader, mutation);
    expect(rankingOf(await server.recommended(reader))).toEqual(rankingOf(plain));
  });

  test('saves nothing: the viewer has upvoted what they had', async () => {
    const candidate = idsOf(await server.recommended(reader))[0]!;
    const { edges } = await server.recommended(reader, { without: [upvoted[0]], assuming: [candidate] });
    expect(edges.map((edge: any) => edge.node.id)).not.toContain(candidate);
    expect(edges.find((edge: any) => edge.node.id === upvoted[0]).node.viewerHasUpvoted).toBe(true);
    expect(await server.query('query ($id: ID!) { paper(id: $id) { viewerHasUpvoted } }', { token: reader.token, variables: { id: candidate } })).toEqual({ paper: { viewerHasUpvoted: false } });
  });

  test('says what entered and left the top, and where it stands in both', async () => {
    const [actual, supposition] = [await server.recommended(reader), { assuming: idsOf(await server.recommended(reader)).slice(20, 23) }];
    const supposed = await server.recommended(reader, supposition);
    for (const first of [1, 4, 10, 100]) {
      const { comparison } = await server.recommended(reader, { ...supposition, first });
      const [top, others] = [idsOf(supposed), idsOf(actual)];
      const moved = (ids: string[], from: string[]): unknown[] => ids.slice(0, first).filter((id) => !from.slice(0, first).includes(id)).map((id) => ({ paper: { id }, place: top.indexOf(id) + 1 || null, actualPlace: others.indexOf(id) + 1 || null }));
      expect(comparison).toEqual({ entered: moved(top, others), left: moved(others, top) });
      if (first === 100) expect(comparison.left.map((move: any) => [move.paper.id, move.place])).toEqual(supposition.assuming.map((id) => [id, null]).sort((a, b) => others.indexOf(a[0]!) - others.indexOf(b[0]!)));
      if (first === 4) expect(comparison.entered.length).toBe(comparison.left.length);
    }
    expect((await server.recommended(reader)).comparison).toBeNull();
    expect((await server.recommended(reader, { without: [], assuming: null })).comparison).toEqual({ entered: [], left: [] });
    expect((await server.recommended(reader, { without: null, assuming: null, weights: null })).comparison).toBeNull();
  });

  test('comes in pages that meet every paper once, in the order of one page', async () => {
    const supposition = { without: upvoted.slice(0, 2), assuming: [await server.idOf('tag', 'niche-2')], weights: { votes: 2 } };
    const whole = await server.recommended(reader, supposition);
    const seen: unknown[] = [];
    for (let after: string | null = null; ; ) {
      const page: any = await server.recommended(reader, { ...supposition, first: 7, after });
      expect(page.totalCount).toBe(whole.totalCount);
      seen.push(...page.edges);
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(seen).toEqual(whole.edges);
  });

  test('serves an anonymous visitor and a reader who did nothing alike', async () => {
    const [paper, tag] = [server.papers[0]!.id, await server.idOf('tag', 'audio')];
    const state = await server.state();
    for (const assuming of [[paper], [tag], [paper, tag]]) {
      const [anonymous, newcomer] = [await server.recommended(null, { assuming }), await server.recommended(server.readers[0]!, { assuming })];
      expect(rankingOf(anonymous)).toEqual(rankingOf(newcomer));
      expect(reasonsOf(anonymous).map((reason) => reason.kind)).toContain(assuming.includes(tag) ? 'FOLLOWED_TAG' : 'SHARED_TAG');
    }
    expect(rankingOf(await server.recommended(null, { without: [paper] }))).toEqual(rankingOf(await server.recommended(null)));
    expect(await server.state()).toEqual(state);
  });
});

describe('ids of what is not there', () => {
  test('suppose nothing, whether it never was or was deleted, and make nothing grow', async () => {
    const plain = rankingOf(await server.recommended(reader));
    const gone = await seedPaper(server, { title: 'Gone soon', listedOn: '2026-01-01', authors: ['Gone Author'], tags: [{ slug: 'gone-tag', weight: 1 }] });
    const [tag, author] = [await server.idOf('tag', 'gone-tag'), await server.idOf('author', 'Gone Author')];
    await server.recommended(reader, { assuming: [gone.id, tag, author] });
    for (const table of ['paper', 'tag', 'author'] as const) {
      await (server.database.prisma[table] as any).deleteMany({ where: table === 'paper' ? { id: gone.rowId } : table === 'tag' ? { slug: 'gone-tag' } : { name: 'Gone Author' } });
    }
    const never = (['Paper', 'Tag', 'Author'] as const).flatMap((type) => Array.from({ length: 5 }, (_, n) => toGlobalId(type, 1_000_000 + n)));
    const size = async (): Promise<number> => (await server.query('{ recommenderState { byteSize } }', { token: server.admin.token })).recommenderState.byteSize;
    expect(rankingOf(await server.recommended(reader))).toEqual(plain);
    const before = await size();
    for (const ids of [[gone.id], [tag], [author], never]) {
      const supposed = await server.recommended(reader, { assuming: ids });
      expect(rankingOf(supposed)).toEqual(plain);
      expect(supposed.comparison).toEqual({ entered: [], left: [] });
      expect(rankingOf(await server.recommended(reader, { without: ids }))).toEqual(plain);
      expect(rankingOf(await server.recommended(null, { assuming: ids }))).toEqual(rankingOf(await server.recommended(null)));
    }
    expect(await size()).toBe(before);
  });

  test('is the same for a tag and an author without papers, followed or supposed to be', async () => {
    const newcomer = await seedReader(server);
    const plain = rankingOf(await server.recommended(newcomer));
    await server.services.tags.create({ name: 'Empty', kind: 'TASK' });
    await server.act(newcomer, 'followTag(input: { tagSlug: "empty" })');
    expect(rankingOf(await server.recommended(newcomer))).toEqual(plain);
    expect(rankingOf(await server.recommended(newcomer, { without: [await server.idOf('tag', 'empty')] }))).toEqual(plain);
  });
});

describe('weights', () => {
  test('of 1 change nothing, and of 0 silence a side', async () => {
    const plain = await server.recommended(reader);
    expect(rankingOf(await server.recommended(reader, { weights: {} }))).toEqual(rankingOf(plain));
    expect(rankingOf(await server.recommended(reader, { weights: { tags: 1, votes: 1, freshness: 1, diversity: 1 } }))).toEqual(rankingOf(plain));
    const sides = { tags: /_TAG$|_AUTHOR$/, votes: /^CO_UPVOTED$|^OTHER_READERS$/, freshness: /^FRESH$/, diversity: /^REPETITION$/ };
    for (const [side, kinds] of Object.entries(sides)) {
      expect(reasonsOf(plain).some(({ kind }) => kinds.test(kind))).toBe(true);
      const silent = await server.recommended(reader, { weights: { [side]: 0 } });
      expect(reasonsOf(silent).filter(({ kind }) => kinds.test(kind))).toEqual([]);
      expect(silent.totalCount).toBe(plain.totalCount);
      expect(rankingOf(await server.recommended(reader, { weights: { [side]: 4 } }))).not.toEqual(rankingOf(plain));
    }
    const none = await server.recommended(reader, { weights: { tags: 0, votes: 0, freshness: 0, diversity: 0 } });
    expect(none.totalCount).toBe(plain.totalCount);
    expect(none.edges.every(({ score }: any) => Number.isFinite(score))).toBe(true);
  });

  test.each(['tags', 'votes', 'freshness', 'diversity'])('of %s out of range are refused', async (side) => {
    for (const weight of [-1, 4.01, -1e-9, 1e300]) {
      expect(await server.error(RECOMMENDATIONS, { variables: { weights: { [side]: weight } } })).toMatchObject({ message: `weights.${side} must be between 0 and 4, received ${JSON.stringify(weight)}`, extensions: { code: 'BAD_USER_INPUT', field: `weights.${side}` } });
    }
    const literal = async (weight: string): Promise<unknown> => (await server.error(`{ recommendations(weights: { ${side}: ${weight} }) { nodes { id } } }`)).extensions;
    expect(await literal('1e999')).toEqual({ code: 'BAD_USER_INPUT', field: `weights.${side}` });
    for (const weight of ['NaN', 'null', '"1"']) expect(await literal(weight)).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });
});

describe.each(['without', 'assuming'])('%s', (field) => {
  test('takes ids of papers, tags and authors alone, and at most 50', async () => {
    for (const id of [reader.id, toGlobalId('Repo', 1)]) {
      expect(await server.error(RECOMMENDATIONS, { variables: { [field]: [id] } })).toMatchObject({ message: `${field} must have ids of papers, tags and authors alone, received "${id}"`, extensions: { code: 'BAD_USER_INPUT', field } });
    }
    for (const id of ['garbage', '', '0', Buffer.from('Paper:0').toString('base64url'), toGlobalId('Paper', 99_999_999_999)]) {
      expect((await server.error(RECOMMENDATIONS, { variables: { [field]: [id] } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field });
    }
    const many = Array.from({ length: 51 }, (_, n) => toGlobalId('Paper', n + 1));
    expect(await server.error(RECOMMENDATIONS, { variables: { [field]: many } })).toMatchObject({ message: `${field} must have at most 50 items, received 51`, extensions: { code: 'BAD_USER_INPUT', field } });
    expect((await server.recommended(reader, { [field]: many.slice(0, 50) })).edges).toBeDefined();
    expect(rankingOf(await server.recommended(reader, { [field]: [many[3], many[3]] }))).toEqual(rankingOf(await server.recommended(reader, { [field]: [many[3]] })));
  });
});
