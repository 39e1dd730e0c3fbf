import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { ChangeLog } from '../../src/recommendations/changeLog.js';
import { createEngine } from '../../src/recommendations/engine.js';
import { TasteFollower } from '../../src/recommendations/tasteFollower.js';
import { seedPaper, seedPapers, seedReader, seedUpvotes, type Reader } from '../support/seed.js';
import { idsOf, rankingOf, reasonsOf, startTasteServer, type TasteServer } from '../support/tasteServer.js';

let server: TasteServer;
beforeAll(async () => {
  server = await startTasteServer();
});
afterAll(() => server.stop());

const edgeOf = (answer: any, id: string): any => answer.edges.find((edge: any) => edge.node.id === id);
const reasonIn = (edge: any, kind: string): any => edge?.reasons.find((reason: any) => reason.kind === kind);
const kindsOf = (answer: any): Set<string> => new Set(reasonsOf(answer).map(({ kind }) => kind));
const tagsOf = async (ids: readonly string[]): Promise<string[][]> => {
  const { nodes } = await server.query('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Paper { tags { nodes { slug } } } } }', { variables: { ids } });
  return nodes.map((node: any) => node.tags.nodes.map((tag: any) => tag.slug));
};

describe('dismissing a paper', () => {
  test('takes it out of the ranking and its likest down, says so, and is undone exactly', async () => {
    const reader = server.readers[1]!;
    const before = await server.recommended(reader);
    const [unwanted] = idsOf(before);
    await server.act(reader, `dismissPaper(input: { paperId: "${unwanted}" })`);
    const after = await server.recommended(reader);
    expect(idsOf(after)).not.toContain(unwanted);
    expect(after.totalCount).toBe(before.totalCount - 1);
    const title = before.edges[0].node.title;
    const hit = after.edges.flatMap((edge: any) => (reasonIn(edge, 'DISMISSED') === undefined ? [] : [{ id: edge.node.id, ...reasonIn(edge, 'DISMISSED') }]));
    expect(hit.length).toBeGreaterThan(0);
    for (const { contribution, text, paper, readerCount, __typename } of hit) {
      expect(contribution).toBeLessThan(0);
      expect({ text, paper, readerCount, __typename }).toEqual({ text: `is like “${title}”, which you dismissed`, paper: { title }, readerCount: 0, __typename: 'PaperReason' });
    }
    // The more alike, the larger the loss: papers of both tags lose more than those of none but the common one.
    const [own] = await tagsOf([unwanted!]);
    const tags = await tagsOf(hit.map(({ id }: any) => id));
    const losses = (shared: number): number[] => hit.flatMap(({ contribution }: any, n: number) => (tags[n]!.filter((slug) => own!.includes(slug)).length === shared ? [contribution] : []));
    expect(Math.max(...losses(3))).toBeLessThan(Math.min(...losses(1)));
    const likest = hit.find(({ contribution }: any) => contribution === Math.min(...hit.map((one: any) => one.contribution))).id;
    expect(edgeOf(after, likest).score).toBeLessThan(edgeOf(before, likest).score);
    await server.act(reader, `undoDismissPaper(input: { paperId: "${unwanted}" })`);
    expect(rankingOf(await server.recommended(reader))).toEqual(rankingOf(before));
  });

  test('alone makes a ranking too, without the paper', async () => {
    const newcomer = await seedReader(server);
    await server.act(newcomer, `dismissPaper(input: { paperId: "${server.papers[0]!.id}" })`);
    const answer = await server.recommended(newcomer);
    expect(idsOf(answer)).not.toContain(server.papers[0]!.id);
    expect(answer.edges).toHaveLength(answer.totalCount);
    expect(new Set(idsOf(answer)).size).toBe(answer.totalCount);
  });
});

describe('following', () => {
  test.each(['tag', 'author'] as const)('a %s pulls its papers up, says so, and is undone exactly', async (kind) => {
    const reader = server.readers[2]!;
    const name = kind === 'tag' ? 'niche-4' : 'Author 6';
    const input = kind === 'tag' ? 'tagSlug: "niche-4"' : `authorId: "${await server.idOf('author', name)}"`;
    const mutation = kind === 'tag' ? 'Tag' : 'Author';
    const before = await server.recommended(reader);
    await server.act(reader, `follow${mutation}(input: { ${input} })`);
    const after = await server.recommended(reader);
    const followed = after.edges.filter((edge: any) => reasonIn(edge, `FOLLOWED_${mutation.toUpperCase()}`) !== undefined);
    expect(followed.length).toBeGreaterThan(0);
    for (const edge of followed) {
      const reason = reasonIn(edge, `FOLLOWED_${mutation.toUpperCase()}`);
      expect(reason).toMatchObject(kind === 'tag' ? { tag: { slug: name }, text: `is about ${name}, which you follow` } : { author: { name }, text: `is by ${name}, whom you follow` });
      expect(reason.contribution).toBeGreaterThan(0);
    }
    const meanPlace = (answer: any): number => followed.reduce((sum: number, { node }: any) => sum + idsOf(answer).indexOf(node.id), 0) / followed.length;
    expect(meanPlace(after)).toBeLessThan(meanPlace(before));
    await server.act(reader, `unfollow${mutation}(input: { ${input} })`);
    expect(rankingOf(await server.recommended(reader))).toEqual(rankingOf(before));
  });

  test('a tag or an author alone brings what has it to the top', async () => {
    const [byTag, byAuthor] = [await seedReader(server), await seedReader(server)];
    await server.act(byTag, 'followTag(input: { tagSlug: "niche-3" })');
    await server.act(byAuthor, `followAuthor(input: { authorId: "${await server.idOf('author', 'Author 7')}" })`);
    const tags = await tagsOf(idsOf(await server.recommended(byTag)));
    const count = tags.filter((slugs) => slugs.includes('niche-3')).length;
    expect(count).toBe(8);
    expect(tags.slice(0, count).every((slugs) => slugs.includes('niche-3'))).toBe(true);
    const byTheAuthor = await server.recommended(byAuthor);
    expect(byTheAuthor.edges.slice(0, 3).map((edge: any) => reasonIn(edge, 'FOLLOWED_AUTHOR')?.author.name)).toEqual(['Author 7', 'Author 7', 'Author 7']);
  });
});

describe('reasons', () => {
  test('name authors of upvoted papers, and how many they wrote', async () => {
    const reader = await seedReader(server);
    const [one, two, next] = await seedPapers(server, ['One', 'Two', 'Next'].map((title) => ({ title, listedOn: '2026-01-20', authors: ['Shared Author'] })));
    await seedUpvotes(server, [[reader, one!], [reader, two!]]);
    const edge = edgeOf(await server.recommended(reader), next!.id);
    expect(reasonIn(edge, 'SHARED_AUTHOR')).toMatchObject({ __typename: 'AuthorReason', author: { name: 'Shared Author' }, upvotedPaperCount: 2, text: 'shares its author Shared Author with 2 papers you upvoted' });
    expect(edge.summary).toMatch(/^Shares its author Shared Author with 2 papers you upvoted(, and .+)?\.$/);
  });

  test('say that a paper was listed lately, the later the more', async () => {
    const answer = await server.recommended(server.readers[3]!);
    const { papers } = await server.query('{ papers(first: 100) { nodes { id listedAt } } }');
    const listed = new Map<string, string>(papers.nodes.map(({ id, listedAt }: any) => [id, listedAt]));
    const fresh = answer.edges.flatMap((edge: any) => (reasonIn(edge, 'FRESH') === undefined ? [] : [{ ...reasonIn(edge, 'FRESH'), at: listed.get(edge.node.id) }]));
    expect(fresh.length).toBeGreaterThan(5);
    fresh.sort((one: any, other: any) => (one.at < other.at ? -1 : Number(one.at > other.at)));
    for (const [place, one] of fresh.slice(1).entries()) expect(one.contribution >= fresh[place].contribution).toBe(true);
    expect(fresh[0]).toMatchObject({ __typename: 'PlainReason', text: 'listed lately' });
  });

  test('add up to the score and name no reader, in every answer to every reader', async () => {
    const usernames = (await server.database.prisma.user.findMany()).map(({ username }) => username);
    const kinds = new Set<string>();
    for (const reader of [null, ...server.readers]) {
      const answer = await server.recommended(reader);
      for (const { score, reasons, summary } of answer.edges) {
        const sum = reasons.reduce((total: number, reason: { contribution: number }) => total + reason.contribution, 0);
        expect(Math.abs(sum - score)).toBeLessThanOrEqual(1e-6 * Math.abs(score));
        const leading = reasons.filter((reason: any) => reason.contribution > 0 && reason.kind !== 'OTHER').slice(0, 2).map((reason: any) => reason.text).join(', and ');
        expect(summary).toBe(leading === '' ? 'Nothing speaks for it in particular.' : `${leading[0].toUpperCase()}${leading.slice(1)}.`);
      }
      const text = JSON.stringify(reasonsOf(answer));
      expect(usernames.filter((username) => text.includes(`"${username}`) || text.includes(`${username} `))).toEqual([]);
      for (const kind of kindsOf(answer)) kinds.add(kind);
    }
    expect([...kinds]).toEqual(expect.arrayContaining(['SHARED_TAG', 'SHARED_AUTHOR', 'CO_UPVOTED', 'TRENDING', 'FRESH', 'REPETITION']));
  });
});

test('a paper that was submitted just now, without a vote, is among the first for a reader of its tags', async () => {
  const [reader, submitter] = [await seedReader(server), await seedReader(server)];
  await seedUpvotes(server, server.papers.filter((_, n) => n % 10 === 3).slice(0, 3).map((paper) => [reader, paper] as const));
  const { submitPaper } = await server.query('mutation { submitPaper(input: { title: "Just in", tags: ["audio", "niche-3", "learning"] }) { paper { id upvoteCount } } }', { token: submitter.token });
  expect(submitPaper.paper.upvoteCount).toBe(0);
  const answer = await server.recommended(reader);
  expect(idsOf(answer).indexOf(submitPaper.paper.id)).toBeLessThan(3);
  expect(reasonIn(edgeOf(answer, submitPaper.paper.id), 'SHARED_TAG').upvotedPaperCount).toBe(3);
});

test('an account that is deleted leaves the recommender as though it had never been', async () => {
  const before = await server.state();
  const others = await Promise.all(server.readers.map((reader) => server.recommended(reader)));
  const password = 'correct horse battery';
  const { token } = (await server.query(`mutation { signUp(input: { username: "leaving", password: "${password}" }) { token } }`)).signUp;
  const leaving: Reader = { username: 'leaving', token, id: '', rowId: 0 };
  for (const { id } of server.papers.slice(5, 9)) await server.act(leaving, `upvotePaper(input: { paperId: "${id}" })`);
  await server.act(leaving, `dismissPaper(input: { paperId: "${server.papers[0]!.id}" })`);
  await server.act(leaving, 'followTag(input: { tagSlug: "audio" })');
  await server.act(leaving, `followAuthor(input: { authorId: "${await server.idOf('author', 'Author 0')}" })`);
  expect(await server.state()).toMatchObject({ readerCount: before.readerCount + 1, upvoteCount: before.upvoteCount + 4 });
  expect(rankingOf(await server.recommended(server.readers[1]!))).not.toEqual(rankingOf(others[1]));
  await server.query(`mutation { deleteAccount(input: { password: "${password}" }) { deletedUserId } }`, { token });
  expect(await server.state()).toEqual(before);
  expect((await Promise.all(server.readers.map((reader) => server.recommended(reader)))).map(rankingOf)).toEqual(others.map(rankingOf));
  const { database } = server;
  const fresh = new TasteFollower(database, { log: new ChangeLog(database), engine: createEngine(0) });
  const { answer } = await fresh.ask({ kind: 'state' });
  expect({ checksum: answer.checksum, paperCount: answer.papers, readerCount: answer.readers, upvoteCount: answer.upvotes }).toEqual(before);
  expect(await database.rows(sql`SELECT 1 AS one FROM users WHERE username = 'leaving'`)).toEqual([]);
});

test('a paper that is dismissed, liked and dismissed again is only ever one of the two', async () => {
  const reader = await seedReader(server);
  const paper = await seedPaper(server, { title: 'Undecided', listedOn: '2026-01-25', tags: [{ slug: 'vision', weight: 1 }] });
  for (let round = 0; round < 2; round += 1) {
    await server.act(reader, `dismissPaper(input: { paperId: "${paper.id}" })`);
    const dismissed = await server.recommended(reader);
    await server.act(reader, `upvotePaper(input: { paperId: "${paper.id}" })`);
    const liked = await server.recommended(reader);
    for (const answer of [dismissed, liked]) expect(idsOf(answer)).not.toContain(paper.id);
    expect([kindsOf(dismissed).has('DISMISSED'), kindsOf(liked).has('DISMISSED'), kindsOf(liked).has('SHARED_TAG')]).toEqual([true, false, true]);
  }
});
