import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readConfig, type Config } from '../../src/config.js';
import { sql } from '../../src/database/database.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { chance } from '../support/random.js';
import { seedPaper, seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { rankingOf, RECOMMENDATIONS } from '../support/tasteServer.js';
import { startBeside, startTestServer, type Answer, type TestServer } from '../support/testServer.js';

const UPVOTE = 'mutation ($paperId: ID!) { upvotePaper(input: { paperId: $paperId }) { paper { upvoteCount viewerHasUpvoted trendingScore } } }';
const REMOVE = 'mutation ($paperId: ID!) { removeUpvote(input: { paperId: $paperId }) { paper { upvoteCount viewerHasUpvoted } } }';

const votes = (limits: Partial<Config['votes']['limits']>, bursts: Partial<Config['votes']['bursts']> = {}): Pick<Config, 'votes'> => ({
  votes: { limits: { perMinute: 1_000_000, perDay: 1_000_000, ...limits }, bursts: { votes: 0, minutes: 10, newAccountHours: 48, ...bursts } },
});

let made = 0;
const seed = (server: TestServer, count = 1): Promise<SeededPaper[]> =>
  seedPapers(server, Array.from({ length: count }, () => ({ title: `Integrity ${(made += 1)}`, listedOn: '2020-01-04', tags: [{ slug: 'vision', weight: 1 }] })));
const voting = (document: string) => (server: TestServer, reader: Reader, paper: SeededPaper): Promise<Answer<any>> => server.send(document, { token: reader.token, variables: { paperId: paper.id } });
const [upvote, removeUpvote] = [voting(UPVOTE), voting(REMOVE)];

test('the figures are configured, within bounds', () => {
  expect(readConfig({}).votes).toEqual({ limits: { perMinute: 30, perDay: 1000 }, bursts: { votes: 10, minutes: 10, newAccountHours: 48 } });
  expect(readConfig({ UPVOTES_PER_MINUTE: '5', UPVOTES_PER_DAY: '50', BURST_VOTES: '0', BURST_MINUTES: '30', NEW_ACCOUNT_HOURS: '24' }).votes).toEqual({ limits: { perMinute: 5, perDay: 50 }, bursts: { votes: 0, minutes: 30, newAccountHours: 24 } });
  for (const [variable, values] of Object.entries({ UPVOTES_PER_MINUTE: ['0', '100001', '1.5', 'x'], UPVOTES_PER_DAY: ['0', '1000001'], BURST_VOTES: ['-1', '1', '100001'], BURST_MINUTES: ['0', '1441'], NEW_ACCOUNT_HOURS: ['0', '8761'] })) {
    for (const value of values) expect(() => readConfig({ [variable]: value })).toThrow(variable);
  }
});

describe('the rate', () => {
  const [PER_MINUTE, PER_DAY] = [3, 5];
  let server: TestServer;
  let beside: TestServer;
  let papers: SeededPaper[];

  beforeAll(async () => {
    server = await startTestServer(votes({ perMinute: PER_MINUTE, perDay: PER_DAY }));
    beside = await startBeside(server, votes({ perMinute: PER_MINUTE, perDay: PER_DAY }));
    papers = await seed(server, 12);
  });
  afterAll(async () => {
    await beside.stop();
    await server.stop();
  });

  const later = (reader: Reader, seconds: number): Promise<unknown> =>
    server.database.rows(sql`UPDATE vote_windows SET minute_from = minute_from - make_interval(secs => ${seconds}::float8), day_from = day_from - make_interval(secs => ${seconds}::float8) WHERE user_id = ${reader.rowId}`);
  const countOf = async (reader: Reader): Promise<number> => server.database.prisma.upvote.count({ where: { userId: reader.rowId } });
  /** Whether a vote was taken, or in how many seconds it may be. */
  const outcomeOf = ({ data, errors }: Answer<any>): unknown => (errors[0] === undefined ? data.upvotePaper.paper.viewerHasUpvoted : [errors[0].extensions.code, (errors[0].extensions as any).retryAfter]);

  test('holds in a minute and in a day, each of which begins with a vote', async () => {
    const reader = await seedReader(server);
    for (const paper of papers.slice(0, PER_MINUTE)) expect(outcomeOf(await upvote(server, reader, paper))).toBe(true);
    const refused = await server.error(UPVOTE, { token: reader.token, variables: { paperId: papers[3]!.id } });
    expect(refused).toMatchObject({ message: expect.stringMatching(/^a reader may give 3 upvotes in a minute and 5 in a day: try again in (59|60) seconds$/), extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) } });
    await later(reader, 50);
    const [, wait] = outcomeOf(await upvote(server, reader, papers[3]!)) as [string, number];
    expect([9, 10]).toContain(wait);
    await later(reader, 10);
    for (const paper of papers.slice(3, PER_DAY)) expect(outcomeOf(await upvote(server, reader, paper))).toBe(true);
    // The minute has room, and the day has not.
    const [code, seconds] = outcomeOf(await upvote(server, reader, papers[6]!)) as [string, number];
    expect([code, Math.abs(seconds - (86_400 - 60)) < 5]).toEqual(['RATE_LIMITED', true]);
    await later(reader, 86_400 - 60);
    expect(outcomeOf(await upvote(server, reader, papers[6]!))).toBe(true);
    expect(await countOf(reader)).toBe(PER_DAY + 1);
  });

  test('is not spent by a vote that is there, nor by one for what is not there, and never fails it', async () => {
    const reader = await seedReader(server);
    for (let n = 0; n < 2 * PER_DAY; n += 1) expect(outcomeOf(await upvote(server, reader, papers[0]!))).toBe(true);
    for (const paper of papers.slice(1, PER_MINUTE)) await upvote(server, reader, paper);
    expect(outcomeOf(await upvote(server, reader, papers[0]!))).toBe(true);
    const other = await seedReader(server);
    for (let n = 0; n < 2 * PER_DAY; n += 1) expect((await server.error(UPVOTE, { token: other.token, variables: { paperId: toGlobalId('Paper', 999_999) } })).extensions.code).toBe('NOT_FOUND');
    expect(outcomeOf(await upvote(server, other, papers[0]!))).toBe(true);
  });

  test('is spent by votes that were taken back', async () => {
    const reader = await seedReader(server);
    for (let n = 0; n < PER_MINUTE; n += 1) {
      expect(outcomeOf(await upvote(server, reader, papers[0]!))).toBe(true);
      expect((await removeUpvote(server, reader, papers[0]!)).errors).toEqual([]);
    }
    expect(outcomeOf(await upvote(server, reader, papers[0]!))).toEqual(['RATE_LIMITED', expect.any(Number)]);
    expect(await countOf(reader)).toBe(0);
  });

  test('gives its last place once, to votes that come at once to two servers', async () => {
    for (let round = 0; round < 3; round += 1) {
      const reader = await seedReader(server);
      const outcomes = (await Promise.all(papers.map((paper, n) => upvote(n % 2 === 0 ? server : beside, reader, paper)))).map(outcomeOf);
      expect(outcomes.filter((outcome) => outcome === true)).toHaveLength(PER_MINUTE);
      expect(await countOf(reader)).toBe(PER_MINUTE);
    }
  });

  test('takes one place for one vote, however often it comes at once, and fails none of them', async () => {
    const reader = await seedReader(server);
    for (const paper of papers.slice(1, PER_MINUTE)) await upvote(server, reader, paper);
    const outcomes = (await Promise.all(Array.from({ length: 8 }, (_, n) => upvote(n % 2 === 0 ? server : beside, reader, papers[0]!)))).map(outcomeOf);
    expect(outcomes).toEqual(Array.from({ length: 8 }, () => true));
  });

  test('is one of papers and comments together', async () => {
    const reader = await seedReader(server);
    const author = await seedReader(server);
    const ids: string[] = [];
    for (const body of ['One', 'Two']) ids.push((await server.query('mutation ($input: AddCommentInput!) { addComment(input: $input) { comment { id } } }', { token: author.token, variables: { input: { paperId: papers[0]!.id, body } } })).addComment.comment.id);
    const VOTE = 'mutation ($id: ID!) { upvoteComment(input: { commentId: $id }) { comment { upvoteCount viewerHasUpvoted } } }';
    for (const paper of papers.slice(1, PER_MINUTE)) await upvote(server, reader, paper);
    const there = { upvoteComment: { comment: { upvoteCount: 1, viewerHasUpvoted: true } } };
    for (let n = 0; n < 3; n += 1) expect(await server.query(VOTE, { token: reader.token, variables: { id: ids[0] } })).toEqual(there);
    expect((await server.error(VOTE, { token: reader.token, variables: { id: ids[1] } })).extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) });
    expect(outcomeOf(await upvote(server, reader, papers[5]!))).toEqual(['RATE_LIMITED', expect.any(Number)]);
  });

  test('does not hold for a library, which spends nothing either', async () => {
    const reader = await seedReader(server);
    const listed = await seedPapers(server, Array.from({ length: 10 }, (_, n) => ({ title: `Of a library ${n}`, listedOn: '2026-01-01', arxivId: `2601.1000${n}` })));
    const content = listed.map((_, n) => `2601.1000${n}`).join('\n');
    const { importLibrary } = await server.query('mutation ($content: String!) { importLibrary(input: { content: $content, format: IDS }) { upvotedCount } }', { token: reader.token, variables: { content } });
    expect(importLibrary.upvotedCount).toBe(10);
    expect(outcomeOf(await upvote(server, reader, papers[11]!))).toBe(true);
  });

  test('fails no submission: what it does not allow is left out, and what it allows is spent', async () => {
    const reader = await seedReader(server);
    const known = await seedPapers(server, Array.from({ length: 4 }, (_, n) => ({ title: `Known ${n}`, listedOn: '2026-01-01', arxivId: `2601.2000${n}` })));
    const SUBMIT = 'mutation ($arxivId: String!) { submitPaper(input: { title: "Again", arxivId: $arxivId }) { isNew paper { id viewerHasUpvoted } } }';
    const answers = [];
    for (const n of known.keys()) answers.push((await server.query(SUBMIT, { token: reader.token, variables: { arxivId: `2601.2000${n}` } })).submitPaper);
    expect(answers).toEqual(known.map(({ id }, n) => ({ isNew: false, paper: { id, viewerHasUpvoted: n < PER_MINUTE } })));
    expect(outcomeOf(await upvote(server, reader, papers[0]!))).toEqual(['RATE_LIMITED', expect.any(Number)]);
  });

  test('costs no statement more', async () => {
    const reader = await seedReader(server);
    for (const expectedOutcome of [true, true]) {
      const { result, statements } = await server.countStatements(() => upvote(server, reader, papers[0]!));
      expect(outcomeOf(result)).toBe(expectedOutcome);
      // Who asks, the vote, the paper, whether it has the viewer's vote.
      expect(statements).toHaveLength(4);
      expect(statements.filter((text) => text.includes('cast_upvote'))).toHaveLength(1);
    }
  });
});

describe('bursts', () => {
  const VOTES = 4;
  let server: TestServer;
  let beside: TestServer;
  let curator: Reader;
  let admin: Reader;

  beforeAll(async () => {
    server = await startTestServer(votes({}, { votes: VOTES }));
    beside = await startBeside(server, votes({}, { votes: VOTES }));
    curator = await seedReader(server, 'CURATOR');
    admin = await seedReader(server, 'ADMIN');
  });
  afterAll(async () => {
    await beside.stop();
    await server.stop();
  });

  const young = (count: number): Promise<Reader[]> => Promise.all(Array.from({ length: count }, () => seedReader(server)));
  async function old(count: number, hours = 72): Promise<Reader[]> {
    const readers = await young(count);
    await server.database.rows(sql`UPDATE users SET created_at = created_at - make_interval(hours => ${hours}::int4) WHERE id = ANY (${readers.map(({ rowId }) => rowId)}::int4[])`);
    return readers;
  }
  async function all(readers: readonly Reader[], paper: SeededPaper): Promise<void> {
    for (const reader of readers) expect((await upvote(server, reader, paper)).errors).toEqual([]);
  }
  const flagged = async (paper: SeededPaper): Promise<number[]> => (await server.database.rows<{ id: number }>(sql`SELECT user_id AS id FROM upvotes WHERE paper_id = ${paper.rowId} AND flagged_at IS NOT NULL ORDER BY 1`)).map(({ id }) => id);
  const idsOf = (readers: readonly Reader[]): number[] => readers.map(({ rowId }) => rowId).sort((one, other) => one - other);
  const READ = 'query ($id: ID!) { paper(id: $id) { upvoteCount trendingScore flaggedUpvoteCount viewerHasUpvoted } }';
  async function read(paper: SeededPaper, { token }: { readonly token: string | null } = curator): Promise<any> {
    const answers = [];
    // Often enough to come through each way of executing.
    for (let n = 0; n < 4; n += 1) answers.push((await server.query(READ, { token, variables: { id: paper.id } })).paper);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    return answers[0];
  }
  const scoreOf = (count: number): unknown => expect.closeTo(1 + Math.log10(1 + count), 9);
  const engines = async (on: TestServer = server): Promise<{ checksum: string; upvoteCount: number }> => (await on.query('{ recommenderState { checksum upvoteCount } }', { token: admin.token })).recommenderState;
  async function expectSameEngines(): Promise<void> {
    const fresh = await startBeside(server, votes({}, { votes: VOTES }));
    try {
      const followed = await engines();
      expect(await engines(beside)).toEqual(followed);
      expect(await engines(fresh)).toEqual(followed);
    } finally {
      await fresh.stop();
    }
  }
  const judge = (action: 'clear' | 'confirm', paper: SeededPaper, readers?: readonly Reader[]): Promise<any> =>
    server.query(`mutation ($input: ${action === 'clear' ? 'Clear' : 'Confirm'}FlaggedVotesInput!) { judged: ${action}FlaggedVotes(input: $input) { voteCount paper { id upvoteCount flaggedUpvoteCount trendingScore } } }`, { token: curator.token, variables: { input: { paperId: paper.id, ...(readers && { userIds: readers.map(({ id }) => id) }) } } }).then(({ judged }) => judged);

  test('are flagged with the vote that makes them one, those before it as well, and no vote of an old account', async () => {
    const [paper] = await seed(server) as [SeededPaper];
    const [newcomers, regulars] = [await young(VOTES + 1), await old(5)];
    await all([...newcomers.slice(0, 2), ...regulars, newcomers[2]!], paper);
    expect(await flagged(paper)).toEqual([]);
    expect(await read(paper)).toEqual({ upvoteCount: 8, trendingScore: scoreOf(8), flaggedUpvoteCount: 0, viewerHasUpvoted: false });
    const { data } = await upvote(server, newcomers[3]!, paper);
    expect(data.upvotePaper.paper).toEqual({ upvoteCount: 9, viewerHasUpvoted: true, trendingScore: scoreOf(5) });
    expect(await flagged(paper)).toEqual(idsOf(newcomers.slice(0, 4)));
    await all([newcomers[4]!], paper);
    expect(await flagged(paper)).toEqual(idsOf(newcomers));
    expect(await read(paper)).toEqual({ upvoteCount: 10, trendingScore: scoreOf(5), flaggedUpvoteCount: 5, viewerHasUpvoted: false });
    // Their readers are told of no flag.
    expect(await read(paper, newcomers[0])).toEqual({ upvoteCount: 10, trendingScore: scoreOf(5), flaggedUpvoteCount: null, viewerHasUpvoted: true });
    expect(await read(paper, { token: null })).toMatchObject({ flaggedUpvoteCount: null });
    expect(await read(paper, admin)).toMatchObject({ flaggedUpvoteCount: 5 });
    // A flagged vote that is taken back leaves the others as they are.
    expect((await removeUpvote(server, newcomers[0]!, paper)).data.removeUpvote.paper).toEqual({ upvoteCount: 9, viewerHasUpvoted: false });
    expect(await read(paper)).toMatchObject({ upvoteCount: 9, trendingScore: scoreOf(5), flaggedUpvoteCount: 4 });
  });

  test('are no votes by who is no longer new, nor by simulated readers', async () => {
    const [one, two, three] = await seed(server, 3) as [SeededPaper, SeededPaper, SeededPaper];
    await all(await old(2 * VOTES, 48), one);
    expect(await flagged(one)).toEqual([]);
    const almost = await old(VOTES, 47);
    await all(almost, two);
    expect(await flagged(two)).toEqual(idsOf(almost));
    await server.database.rows(sql`WITH made AS (INSERT INTO users (username, is_simulated) SELECT 'simulated-' || n, true FROM generate_series(1, 20) n RETURNING id) SELECT count(*)::int4 AS count FROM made`);
    await server.database.rows(sql`INSERT INTO upvotes (user_id, paper_id) SELECT id, ${three.rowId}::int4 FROM users WHERE is_simulated`);
    expect([await flagged(three), (await read(three)).upvoteCount]).toEqual([[], 20]);
  });

  test('are found in a library too', async () => {
    const [paper] = await seedPapers(server, [{ title: 'Wanted by libraries', listedOn: '2026-01-01', arxivId: '2601.30001' }]) as [SeededPaper];
    const newcomers = await young(VOTES);
    for (const { token } of newcomers) await server.query('mutation { importLibrary(input: { content: "2601.30001", format: IDS }) { upvotedCount } }', { token });
    expect(await flagged(paper)).toEqual(idsOf(newcomers));
  });

  test('are found where all votes come at once, to two servers', async () => {
    for (let round = 0; round < 3; round += 1) {
      const [paper] = await seed(server) as [SeededPaper];
      const newcomers = await young(VOTES + 2);
      await Promise.all(newcomers.map((reader, n) => upvote(n % 2 === 0 ? server : beside, reader, paper)));
      expect(await flagged(paper)).toEqual(idsOf(newcomers));
    }
  });

  // The rule again, in the plainest words: each span of ten minutes that ends with a vote.
  function model(times: readonly number[]): boolean[] {
    const within = (end: number): number[] => times.flatMap((time, n) => (time <= end && time >= end - 600 ? [n] : []));
    const bad = new Set(times.map(within).filter((votes) => votes.length >= VOTES).flat());
    return times.map((_, n) => bad.has(n));
  }

  test.each([1, 2, 3, 4])('are the same whatever order their votes come in (chance %i)', async (seedOfChance) => {
    const random = chance(seedOfChance);
    const readers = await young(30);
    const start = Date.now() + 60_000;
    // Half of them in clusters, some at the very edge of a span.
    const times = readers.map((_, n) => (n % 2 === 0 ? random.below(7200) : random.pick([0, 600, 601, 1200, 3000, 3600]) + random.below(3) * 100));
    const expected = model(times);
    expect([expected.includes(true), expected.includes(false)]).toEqual([true, true]);
    for (const order of [readers.map((_, n) => n), random.sample(readers.map((_, n) => n), readers.length)]) {
      const [paper] = await seed(server) as [SeededPaper];
      for (let at = 0; at < order.length;) {
        const some = order.slice(at, (at += 1 + random.below(3)));
        await server.services.upvotes.addAll(server.database, some.map((n) => ({ userId: readers[n]!.rowId, paperId: paper.rowId, at: new Date(start + times[n]! * 1000) })));
      }
      expect(await flagged(paper)).toEqual(idsOf(readers.filter((_, n) => expected[n])));
    }
  });

  test('are out of the trend of now and of then, and of what the recommender learns, on every server', async () => {
    const [pushed, honest, liked] = await seedPapers(server, ['Pushed', 'Honest', 'Liked by all'].map((title) => ({ title, listedOn: '2026-02-03', tags: [{ slug: 'trend', weight: 1 }] }))) as [SeededPaper, SeededPaper, SeededPaper];
    const [newcomers, regulars] = [await young(VOTES + 3), await old(4)];
    await all([...regulars, ...newcomers], liked);
    await all(regulars.slice(0, 2), honest);
    await judge('clear', liked);
    const ranked = async (on: TestServer): Promise<unknown[]> => {
      const answers = [];
      for (const reader of [...regulars, ...newcomers]) answers.push(rankingOf((await on.query(RECOMMENDATIONS, { token: reader.token })).recommendations));
      return answers;
    };
    const [before, state] = [await ranked(server), await engines()];
    await all([regulars[3]!], pushed);
    const [unpushed, others] = [await ranked(server), await engines()];
    expect(others.upvoteCount).toBe(state.upvoteCount + 1);
    expect(unpushed).not.toEqual(before);
    await all(newcomers, pushed);
    expect(await flagged(pushed)).toEqual(idsOf(newcomers));
    for (const on of [server, beside]) {
      const after = await ranked(on) as any[];
      // Others are answered to the last bit as if the burst had not been; who was part of it is not recommended the paper either.
      expect(after.slice(0, 4)).toEqual(unpushed.slice(0, 4));
      for (const answer of after.slice(4)) expect(answer.nodes).not.toContainEqual({ id: pushed.id });
      expect((await engines(on)).upvoteCount).toBe(others.upvoteCount);
    }
    await expectSameEngines();
    const FEED = 'query ($asOf: DateTime, $orderBy: FeedOrder!) { feed(date: "2026-02-03", asOf: $asOf, orderBy: $orderBy) { papers(first: 3) { edges { upvoteCountThen node { id } } } } }';
    const feed = async (orderBy: string, asOf: string | null): Promise<unknown> => (await server.query(FEED, { variables: { orderBy, asOf } })).feed.papers.edges.map(({ node, upvoteCountThen }: any) => [node.id, upvoteCountThen]);
    const trend = [[liked.id, 11], [honest.id, 2], [pushed.id, 8]];
    expect(await feed('TRENDING', null)).toEqual(trend);
    expect(await feed('TRENDING', new Date().toISOString())).toEqual(trend);
    // They are shown as what they are: votes.
    expect(await feed('TOP', new Date().toISOString())).toEqual([[liked.id, 11], [pushed.id, 8], [honest.id, 2]]);

    const then = new Date().toISOString();
    expect(await judge('clear', pushed)).toEqual({ voteCount: 7, paper: { id: pushed.id, upvoteCount: 8, flaggedUpvoteCount: 0, trendingScore: expect.any(Number) } });
    for (const on of [server, beside]) {
      expect((await engines(on)).upvoteCount).toBe(others.upvoteCount + 7);
      expect((await ranked(on)).slice(0, 4)).not.toEqual(unpushed.slice(0, 4));
    }
    await expectSameEngines();
    expect(await feed('TRENDING', then)).toEqual([[liked.id, 11], [pushed.id, 8], [honest.id, 2]]);
  });

  test('stay out while a reader resets, undoes and pauses', async () => {
    const [paper] = await seed(server) as [SeededPaper];
    const newcomers = await young(VOTES);
    await all(newcomers, paper);
    const [reader] = newcomers as [Reader];
    const before = await engines();
    for (const action of ['resetTaste', 'undoResetTaste', 'pauseTaste', 'resumeTaste']) {
      await server.query(`mutation { ${action} { tasteProfile { votesUsed } } }`, { token: reader.token });
      expect((await engines()).upvoteCount).toBe(before.upvoteCount);
    }
    await server.query('mutation { resetTaste { tasteProfile { votesUsed } } }', { token: reader.token });
    await judge('clear', paper);
    // Cleared, all count again but the one whose reader wants to be forgotten.
    expect((await engines()).upvoteCount).toBe(before.upvoteCount + VOTES - 1);
    await server.query('mutation { undoResetTaste { tasteProfile { votesUsed } } }', { token: reader.token });
    expect((await engines()).upvoteCount).toBe(before.upvoteCount + VOTES);
    await expectSameEngines();
  });

  describe('curators', () => {
    const LIST = 'query ($first: Int, $after: String, $last: Int, $before: String, $filter: FlaggedVoteFilter) { flaggedVotes(first: $first, after: $after, last: $last, before: $before, filter: $filter) { totalCount pageInfo { hasNextPage endCursor } nodes { upvotedAt flaggedAt why user { id } paper { id } } } }';
    const list = async (variables: Record<string, unknown>): Promise<any> => (await server.query(LIST, { token: curator.token, variables })).flaggedVotes;
    const entries = async (paper: SeededPaper): Promise<unknown[]> =>
      (await server.query('{ auditLog(first: 100) { nodes { action objectType objectId details actor { username } } } }', { token: admin.token })).auditLog.nodes.filter(({ objectId }: any) => objectId === paper.id);

    test('see what is flagged, by paper and by reader, page by page', async () => {
      const papers = await seed(server, 3);
      const newcomers = await young(VOTES);
      for (const paper of papers) await all(newcomers, paper);
      const [reader] = newcomers as [Reader];
      const ofReader = await list({ filter: { user: reader.id } });
      expect([ofReader.totalCount, ofReader.nodes.map(({ paper }: any) => paper.id)]).toEqual([3, papers.map(({ id }) => id).reverse()]);
      const ofPaper = await list({ filter: { paper: papers[0]!.id } });
      expect([ofPaper.totalCount, ofPaper.nodes.map(({ user }: any) => user.id)]).toEqual([VOTES, [...newcomers].sort((one, other) => other.rowId - one.rowId).map(({ id }) => id)]);
      for (const { upvotedAt, flaggedAt, why } of ofPaper.nodes) {
        expect(upvotedAt <= flaggedAt).toBe(true);
        expect(why).toBe("in a burst of votes by new accounts: this one was 0 minutes old; of the paper's votes 4 are flagged");
      }
      expect((await list({ filter: { paper: papers[0]!.id, user: reader.id } })).totalCount).toBe(1);
      const inPagesOf = async (first: number): Promise<unknown[]> => {
        const nodes: unknown[] = [];
        for (let after: string | null = null, isMore = true; isMore;) {
          const page: any = await list({ first, after });
          nodes.push(...page.nodes);
          [after, isMore] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
        }
        return nodes;
      };
      const whole = await inPagesOf(100);
      expect([whole.length, await inPagesOf(7)]).toEqual([(await list({})).totalCount, whole]);
      expect((await list({ last: 2 })).nodes).toEqual(whole.slice(-2));
      expect((await list({ filter: { paper: toGlobalId('Paper', 999_999) } })).nodes).toEqual([]);
    });

    test('are asked for with the same number of statements, whatever the page', async () => {
      const statementsOf = async (first: number): Promise<number> => (await server.countStatements(() => list({ first }))).statements.length;
      expect([await statementsOf(1), await statementsOf(20)]).toEqual([5, 5]);
    });

    test('clear votes, which count again and are not flagged again', async () => {
      const [paper] = await seed(server) as [SeededPaper];
      const newcomers = await young(VOTES + 1);
      await all(newcomers.slice(0, VOTES), paper);
      expect(await judge('clear', paper, newcomers.slice(0, 1))).toEqual({ voteCount: 1, paper: { id: paper.id, upvoteCount: 4, flaggedUpvoteCount: 3, trendingScore: scoreOf(1) } });
      expect(await judge('clear', paper, newcomers.slice(0, 1))).toMatchObject({ voteCount: 0 });
      expect(await judge('clear', paper, [])).toMatchObject({ voteCount: 0 });
      expect(await judge('clear', paper)).toMatchObject({ voteCount: 3, paper: { flaggedUpvoteCount: 0, trendingScore: scoreOf(4) } });
      expect(await judge('clear', paper)).toMatchObject({ voteCount: 0 });
      // With those that are cleared it would be a burst.
      await all([newcomers[VOTES]!], paper);
      expect(await flagged(paper)).toEqual([]);
      const cleared = (count: number): unknown => ({ action: 'CLEAR_VOTES', objectType: 'Paper', objectId: paper.id, details: { votes: count }, actor: { username: curator.username } });
      expect(await entries(paper)).toEqual([cleared(3), cleared(1)]);
      const later = await young(VOTES - 1);
      await all(later, paper);
      expect(await flagged(paper)).toEqual(idsOf([newcomers[VOTES]!, ...later]));
      await expectSameEngines();
    });

    test('confirm flags: the votes go, and do not come again in any way', async () => {
      const [paper, duplicate] = await seedPapers(server, ['2601.40001', '2601.40002'].map((arxivId) => ({ title: `Confirmed ${arxivId}`, listedOn: '2020-01-04', arxivId }))) as [SeededPaper, SeededPaper];
      const [newcomers, regulars] = [await young(VOTES), await old(2)];
      await all([...regulars, ...newcomers], paper);
      const before = await engines();
      const asOf = new Date().toISOString();
      expect(await judge('confirm', paper, newcomers.slice(0, 1))).toEqual({ voteCount: 1, paper: { id: paper.id, upvoteCount: 5, flaggedUpvoteCount: 3, trendingScore: scoreOf(2) } });
      expect(await judge('confirm', paper)).toEqual({ voteCount: 3, paper: { id: paper.id, upvoteCount: 2, flaggedUpvoteCount: 0, trendingScore: scoreOf(2) } });
      expect(await judge('confirm', paper)).toMatchObject({ voteCount: 0 });
      expect(await judge('clear', paper)).toMatchObject({ voteCount: 0 });
      expect(await entries(paper)).toMatchObject([{ action: 'CONFIRM_VOTES', details: { votes: 3 } }, { action: 'CONFIRM_VOTES', details: { votes: 1 } }]);
      expect((await engines()).upvoteCount).toBe(before.upvoteCount);
      await expectSameEngines();
      const [reader] = newcomers as [Reader];
      const refused = { message: 'a curator has removed the upvote of this paper by the viewer for good', extensions: { code: 'CONFLICT', field: 'paperId' } };
      for (let n = 0; n < 2; n += 1) expect(await server.error(UPVOTE, { token: reader.token, variables: { paperId: paper.id } })).toMatchObject(refused);
      await server.query('mutation { importLibrary(input: { content: "2601.40001", format: IDS }) { upvotedCount } }', { token: reader.token });
      expect((await server.query('mutation { submitPaper(input: { title: "Again", arxivId: "2601.40001" }) { isNew paper { upvoteCount viewerHasUpvoted } } }', { token: reader.token })).submitPaper).toEqual({ isNew: false, paper: { upvoteCount: 2, viewerHasUpvoted: false } });
      // What was given to a duplicate stays away as well, when the two become one; and so does what is refused of the duplicate.
      const other = await seedReader(server);
      await all([reader, other], duplicate);
      await server.query(`mutation { mergePapers(input: { keepId: "${paper.id}", duplicateId: "${duplicate.id}" }) { paper { id } } }`, { token: curator.token });
      expect(await read(paper, other)).toMatchObject({ upvoteCount: 3, viewerHasUpvoted: true });
      for (const id of [paper.id, duplicate.id]) expect(await server.error(UPVOTE, { token: reader.token, variables: { paperId: id } })).toMatchObject(refused);
      const [next] = await seed(server) as [SeededPaper];
      await server.query(`mutation { mergePapers(input: { keepId: "${next.id}", duplicateId: "${paper.id}" }) { paper { id } } }`, { token: curator.token });
      expect(await server.error(UPVOTE, { token: reader.token, variables: { paperId: duplicate.id } })).toMatchObject(refused);
      // Feeds of the past count what went while it was flagged no more.
      const { feed } = await server.query('query ($asOf: DateTime) { feed(date: "2020-01-04", asOf: $asOf, orderBy: TOP) { papers(first: 100) { edges { upvoteCountThen node { id } } } } }', { variables: { asOf } });
      expect(feed.papers.edges.find(({ node }: any) => node.id === next.id)?.upvoteCountThen).toBe(2);
      await expectSameEngines();
    });

    test('judge votes of hidden and merged papers, and counters follow', async () => {
      const [paper, kept] = await seed(server, 2) as [SeededPaper, SeededPaper];
      const newcomers = await young(VOTES);
      await all(newcomers, paper);
      await server.query(`mutation { hidePaper(input: { paperId: "${paper.id}", reason: "spam" }) { paper { id } } }`, { token: curator.token });
      expect((await list({ filter: { paper: paper.id } })).nodes).toHaveLength(VOTES);
      expect(await judge('confirm', paper, newcomers.slice(0, 1))).toMatchObject({ voteCount: 1, paper: { upvoteCount: 3, flaggedUpvoteCount: 3 } });
      await server.query(`mutation { restorePaper(input: { paperId: "${paper.id}" }) { paper { id } } }`, { token: curator.token });
      await server.query(`mutation { mergePapers(input: { keepId: "${kept.id}", duplicateId: "${paper.id}" }) { paper { id } } }`, { token: curator.token });
      expect(await read(kept)).toMatchObject({ upvoteCount: 3, flaggedUpvoteCount: 3, trendingScore: scoreOf(0) });
      expect((await list({ filter: { paper: paper.id } })).nodes.map((node: any) => node.paper.id)).toEqual([kept.id, kept.id, kept.id]);
      expect(await judge('clear', paper)).toMatchObject({ voteCount: 3, paper: { id: kept.id, flaggedUpvoteCount: 0 } });
      await server.database.prisma.user.delete({ where: { id: newcomers[1]!.rowId } });
      const [wrong] = await server.database.rows(sql`
        SELECT (SELECT count(*)::int4 FROM papers p WHERE (upvote_count, flagged_upvote_count) <> ((SELECT count(*) FROM upvotes WHERE paper_id = p.id), (SELECT count(*) FROM upvotes WHERE paper_id = p.id AND flagged_at IS NOT NULL))) AS papers,
          (SELECT count(*)::int4 FROM papers p WHERE trending_score <> trending_score(upvote_count - flagged_upvote_count, listed_at)) AS trends,
          (SELECT count(*)::int4 FROM users u WHERE upvote_count <> (SELECT count(*) FROM upvotes WHERE user_id = u.id)) AS users`);
      expect(wrong).toEqual({ papers: 0, trends: 0, users: 0 });
    });

    test('alone may', async () => {
      const [paper] = await seed(server) as [SeededPaper];
      const reader = await seedReader(server);
      const calls = ['query { flaggedVotes { totalCount } }', ...['clear', 'confirm'].map((action) => `mutation { ${action}FlaggedVotes(input: { paperId: "${paper.id}" }) { voteCount } }`)];
      for (const document of calls) {
        expect((await server.error(document)).extensions).toEqual({ code: 'UNAUTHENTICATED' });
        expect((await server.error(document, { token: reader.token })).extensions).toEqual({ code: 'FORBIDDEN' });
        for (const { token } of [curator, admin]) expect((await server.send(document, { token })).errors).toEqual([]);
      }
      expect(await entries(paper)).toEqual([]);
    });

    test('are told what is wrong with what they ask', async () => {
      const [paper] = await seed(server) as [SeededPaper];
      const { token } = curator;
      for (const action of ['Clear', 'Confirm']) {
        const document = `mutation ($input: ${action}FlaggedVotesInput!) { ${action.toLowerCase()}FlaggedVotes(input: $input) { voteCount } }`;
        const wrong = async (input: unknown): Promise<unknown> => (await server.error(document, { token, variables: { input } })).extensions;
        expect(await wrong({ paperId: toGlobalId('Paper', 999_999) })).toEqual({ code: 'NOT_FOUND', field: 'paperId' });
        expect(await wrong({ paperId: curator.id })).toEqual({ code: 'BAD_USER_INPUT', field: 'paperId' });
        expect(await wrong({ paperId: paper.id, userIds: [paper.id] })).toEqual({ code: 'BAD_USER_INPUT', field: 'userIds' });
        expect(await server.error(document, { token, variables: { input: { paperId: paper.id, userIds: Array.from({ length: 1001 }, () => curator.id) } } })).toMatchObject({ message: 'userIds must have at most 1000 items, received 1001', extensions: { code: 'BAD_USER_INPUT', field: 'userIds' } });
        expect((await server.send(document, { token, variables: { input: { paperId: paper.id, userIds: [toGlobalId('User', 999_999)] } } })).errors).toEqual([]);
      }
      const listed = async (variables: Record<string, unknown>): Promise<unknown> => (await server.error(LIST, { token, variables })).extensions;
      expect(await listed({ filter: { paper: curator.id } })).toEqual({ code: 'BAD_USER_INPUT', field: 'filter.paper' });
      expect(await listed({ filter: { user: paper.id } })).toEqual({ code: 'BAD_USER_INPUT', field: 'filter.user' });
      expect(await listed({ first: 101 })).toEqual({ code: 'BAD_USER_INPUT', field: 'first' });
      expect(await listed({ after: 'garbage' })).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
    });
  });
});

describe('the rule', () => {
  test('is that of the server that started last, also none, and what was flagged before stays', async () => {
    const server = await startTestServer(votes({}, { votes: 2 }));
    try {
      const curator = await seedReader(server, 'CURATOR');
      const paper = await seedPaper(server, { title: 'Judged twice', listedOn: '2026-01-01' });
      const flaggedNow = async (): Promise<number> => (await server.query('{ flaggedVotes { totalCount } }', { token: curator.token })).flaggedVotes.totalCount;
      const vote = async (count: number): Promise<void> => {
        for (let n = 0; n < count; n += 1) await upvote(server, await seedReader(server), paper);
      };
      await vote(2);
      expect(await flaggedNow()).toBe(2);
      const lax = await startBeside(server, votes({}, { votes: 0 }));
      await lax.stop();
      await vote(3);
      expect(await flaggedNow()).toBe(2);
      const strict = await startBeside(server, votes({}, { votes: 3 }));
      await strict.stop();
      await vote(1);
      // It and the two before it are three; what came before these is not judged anew.
      expect(await flaggedNow()).toBe(5);
    } finally {
      await server.stop();
    }
  });
});
