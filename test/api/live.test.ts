import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { receive, sseClient, subscribed, until, wsClient, type Received } from '../support/liveClients.js';
import { seedPaper, seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { isOnServer } from '../support/testDatabase.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const VOTES = 'subscription ($paperId: ID!) { paperVotes(paperId: $paperId) { paper { id upvoteCount viewerHasUpvoted } } }';
const COMMENTS = 'subscription ($paperId: ID!) { commentAdded(paperId: $paperId) { comment { bodyMarkdown author { username } parent { bodyMarkdown } } } }';
const PAPERS = 'subscription ($tags: TagCondition, $period: FeedPeriod) { paperListed(tags: $tags, period: $period) { paper { title tags { nodes { slug } } } } }';
const NOTIFICATIONS = 'subscription { notificationAdded { unreadNotificationCount notification { kind text comment { bodyMarkdown } } } }';
const UPVOTE = 'mutation ($paperId: ID!) { upvotePaper(input: { paperId: $paperId }) { paper { upvoteCount } } }';
const ADD = 'mutation ($paperId: ID!, $parentId: ID, $body: String!) { addComment(input: { paperId: $paperId, parentId: $parentId, body: $body }) { comment { id } } }';

let server: TestServer;
/** Another server on the same database. */
let second: TestServer;
let ada: Reader;
let alan: Reader;
let paper: SeededPaper;
const cleanups: (() => unknown)[] = [];
let titles = 0;

beforeAll(async () => {
  server = await startTestServer({ comments: { editMinutes: 15, mostInWindow: 1000 } });
  second = await startBeside(server, { comments: { editMinutes: 15, mostInWindow: 1000 } });
  [ada, alan] = [await seedReader(server), await seedReader(server)];
  paper = await newPaper();
});
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
  await until(() => server.services.live.subscriberCount + second.services.live.subscriberCount === 0);
});
afterAll(async () => {
  await second.stop();
  await server.stop();
});

const newPaper = (): Promise<SeededPaper> => seedPaper(server, { title: `Paper ${(titles += 1)}`, listedOn: '2026-01-01', submittedById: ada.rowId });
const WAYS = { ws: wsClient, sse: sseClient } as const;
function client(way: keyof typeof WAYS, on: TestServer = server, reader: Reader | null = null): ReturnType<typeof wsClient | typeof sseClient> {
  const made = WAYS[way](on, reader?.token ?? null);
  cleanups.push(() => made.dispose());
  return made;
}
const upvote = (on: TestServer, reader: Reader, of: SeededPaper): Promise<any> => on.query(UPVOTE, { token: reader.token, variables: { paperId: of.id } });
const say = async (reader: Reader, body: string, parentId?: string): Promise<string> =>
  (await server.query(ADD, { token: reader.token, variables: { paperId: paper.id, body, parentId } })).addComment.comment.id;
const rest = (milliseconds: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

describe.each(['ws', 'sse'] as const)('by %s', (way) => {
  test('votes are told on every server, with what the viewer sees', async () => {
    const [mine, others] = [await subscribed(server, client(way, server, ada), VOTES, { paperId: paper.id }), await subscribed(second, client(way, second), VOTES, { paperId: paper.id })];
    const { upvoteCount } = (await upvote(server, ada, paper)).upvotePaper.paper;
    const told = (viewerHasUpvoted: boolean): unknown => ({ data: { paperVotes: { paper: { id: paper.id, upvoteCount, viewerHasUpvoted } } } });
    expect(await mine.until(1)).toEqual([told(true)]);
    expect(await others.until(1)).toEqual([told(false)]);
    await server.query('mutation ($paperId: ID!) { removeUpvote(input: { paperId: $paperId }) { paper { id } } }', { token: ada.token, variables: { paperId: paper.id } });
    expect((await others.until(2))[1].data.paperVotes.paper.upvoteCount).toBe(upvoteCount - 1);
  });

  test('comments and replies are told, of one paper', async () => {
    const received = await subscribed(second, client(way, second), COMMENTS, { paperId: paper.id });
    const other = await newPaper();
    await server.query(ADD, { token: ada.token, variables: { paperId: other.id, body: 'Elsewhere' } });
    const first = await say(ada, `First by ${way}`);
    await say(alan, `Second by ${way}`, first);
    const shown = (await received.until(2)).map(({ data }) => data.commentAdded.comment);
    expect(shown).toEqual([
      { bodyMarkdown: `First by ${way}`, author: { username: ada.username }, parent: null },
      { bodyMarkdown: `Second by ${way}`, author: { username: alan.username }, parent: { bodyMarkdown: `First by ${way}` } },
    ]);
  });

  test('new papers of the period are told by their tags, with their tags', async () => {
    await server.services.tags.create({ slug: `audio-${way}`, name: 'audio', kind: 'KEYWORD' });
    const clients = client(way);
    const [all, audio, none, month] = [
      await subscribed(server, clients, PAPERS), await subscribed(server, clients, PAPERS, { tags: { any: [`audio-${way}`, 'unknown'] } }),
      await subscribed(server, clients, PAPERS, { tags: { all: ['unknown'] } }), await subscribed(server, clients, PAPERS, { period: 'MONTH' }),
    ];
    const submit = (title: string, tags: string[]): Promise<unknown> => second.query('mutation ($title: String!, $tags: [String!]) { submitPaper(input: { title: $title, tags: $tags }) { paper { id } } }', { token: alan.token, variables: { title, tags } });
    await seedPapers(server, [{ title: `Old ${way}`, listedOn: '2020-01-01' }]);
    await submit(`One ${way}`, []);
    await submit(`Two ${way}`, [`audio-${way}`]);
    expect((await all.until(2)).map(({ data }) => data.paperListed.paper)).toEqual([{ title: `One ${way}`, tags: { nodes: [] } }, { title: `Two ${way}`, tags: { nodes: [{ slug: `audio-${way}` }] } }]);
    expect((await audio.until(1)).map(({ data }) => data.paperListed.paper.title)).toEqual([`Two ${way}`]);
    expect((await month.until(2))).toHaveLength(2);
    expect(none.answers).toEqual([]);
  });

  test('notifications are told to their reader alone', async () => {
    const mine = await subscribed(second, client(way, second, ada), NOTIFICATIONS);
    const others = await subscribed(second, client(way, second, alan), NOTIFICATIONS);
    const { unreadNotificationCount } = await server.query('{ unreadNotificationCount }', { token: ada.token });
    await say(alan, `For the submitter, by ${way}`);
    expect(await mine.until(1)).toEqual([{ data: { notificationAdded: { unreadNotificationCount: Number(unreadNotificationCount) + 1, notification: { kind: 'COMMENT', text: expect.any(String), comment: { bodyMarkdown: `For the submitter, by ${way}` } } } } }]);
    expect(others.answers).toEqual([]);
  });

  test.each<[string, string, Record<string, unknown>, object]>([
    ['no paper', VOTES, { paperId: Buffer.from('Paper:999999').toString('base64url') }, { code: 'NOT_FOUND', field: 'paperId' }],
    ['what is no id', COMMENTS, { paperId: 'x' }, { code: 'BAD_USER_INPUT', field: 'paperId' }],
    ['too many tags', PAPERS, { tags: { all: Array(21).fill('x') } }, { code: 'BAD_USER_INPUT', field: 'tags.all' }],
    ['no viewer', NOTIFICATIONS, {}, { code: 'UNAUTHENTICATED' }],
    ['what the schema has not', 'subscription { nothing }', {}, { code: 'GRAPHQL_VALIDATION_FAILED' }],
    ['too large a document', `subscription { ${'a '.repeat(6000)} }`, {}, { code: 'GRAPHQL_PARSE_FAILED' }],
    ['a text with NUL', PAPERS, { tags: { all: ['\0'] } }, { code: 'BAD_USER_INPUT', field: 'variables.tags.all[0]' }],
  ])('a subscription to %s is refused', async (...[, query, variables, extensions]) => {
    const received = receive(client(way), query, variables);
    const ended = await received.ended;
    const errors = (ended ?? received.answers[0].errors) as any[];
    expect(errors).toMatchObject([{ extensions }]);
  });

  test('queries and mutations are answered as by HTTP, errors masked', async () => {
    const clients = client(way, server, alan);
    const ask = async (query: string, variables?: Record<string, unknown>): Promise<any> => {
      const received = receive(clients, query, variables);
      expect(await received.ended).toBeNull();
      return received.answers[0];
    };
    for (let turn = 0; turn < 4; turn += 1) expect(await ask('query ($id: ID!) { viewer { username } paper(id: $id) { title } }', { id: paper.id })).toEqual({ data: { viewer: { username: alan.username }, paper: { title: 'Paper 1' } } });
    const other = await newPaper();
    expect(await ask(UPVOTE, { paperId: other.id })).toEqual({ data: { upvotePaper: { paper: { upvoteCount: 1 } } } });
    expect((await ask('{ notifications(first: 1000) { totalCount } }')).errors).toMatchObject([{ message: 'first must be between 1 and 100, received 1000', extensions: { code: 'BAD_USER_INPUT', field: 'first' } }]);
    const { papers } = server.services;
    const { byIds } = papers;
    papers.byIds = () => Promise.reject(new Error('secret-host refused'));
    const received = await subscribed(server, clients, VOTES, { paperId: paper.id }).finally(() => { papers.byIds = byIds; });
    expect(JSON.stringify([await received.ended, received.answers])).toMatch(/internal error [0-9a-f-]{36}.*INTERNAL_SERVER_ERROR/);
  });
});

describe('votes', () => {
  test('that come together are told four times a second at most, the last state for sure', async () => {
    const busy = await newPaper();
    const crowd = await Promise.all(Array.from({ length: 40 }, () => seedReader(server)));
    const received = await subscribed(server, client('ws'), VOTES, { paperId: busy.id });
    const startedAt = Date.now();
    for (const reader of crowd) await upvote(server, reader, busy);
    const countOf = (answer: any): number => answer?.data.paperVotes.paper.upvoteCount;
    await until(() => countOf(received.answers.at(-1)) === 40);
    const counts = received.answers.map(countOf);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.length).toBeLessThanOrEqual(2 + (Date.now() - startedAt) / 250);
    await rest(400);
    // The last state may be told twice: by a window that began before it, and by its own.
    expect(received.answers.length).toBeLessThanOrEqual(counts.length + 1);
  });

  test('are read once for a hundred anonymous subscribers, and the logs are not read for nobody', async () => {
    const watched = await newPaper();
    const clients = Array.from({ length: 4 }, () => client('ws'));
    const crowd: Received[] = [];
    for (let n = 0; n < 100; n += 1) crowd.push(await subscribed(server, clients[n % 4]!, VOTES, { paperId: watched.id }));
    const statements: string[] = [];
    server.database.onStatement = (text) => statements.push(text);
    await upvote(second, ada, watched);
    await Promise.all(crowd.map((received) => received.until(1)));
    // The paper for all of them; the other one is of the vote.
    expect(statements.filter((text) => text.includes('FROM papers p') && text.includes('ANY')).length).toBeLessThanOrEqual(2);
    expect(statements.some((text) => text.includes('live_events'))).toBe(true);
    for (const received of crowd) received.stop();
    await until(() => server.services.live.subscriberCount === 0);
    statements.length = 0;
    await upvote(second, alan, watched);
    await rest(1300);
    server.database.onStatement = null;
    expect(statements.filter((text) => text.includes('live_events'))).toEqual([]);
  });

  // A transaction that is open while others commit: only a server with several connections has such.
  (isOnServer ? test : test.skip)('and comments of a transaction that commits after later ones were told are told (PostgreSQL)', async () => {
    const clients = client('ws');
    const late = await newPaper();
    const [votes, comments] = [await subscribed(server, clients, VOTES, { paperId: late.id }), await subscribed(server, clients, COMMENTS, { paperId: late.id })];
    await second.database.transaction(async (transaction) => {
      await transaction.rows(sql`INSERT INTO upvotes (user_id, paper_id) VALUES (${ada.rowId}, ${late.rowId})`);
      await transaction.rows(sql`INSERT INTO comments (paper_id, user_id, body) VALUES (${late.rowId}, ${ada.rowId}, 'Late')`);
      const early = await subscribed(server, clients, COMMENTS, { paperId: paper.id });
      await say(alan, 'Early');
      await early.until(1);
      await rest(200);
      expect([votes.answers, comments.answers]).toEqual([[], []]);
    });
    expect((await votes.until(1))[0].data.paperVotes.paper.upvoteCount).toBe(1);
    expect((await comments.until(1))[0].data.commentAdded.comment.bodyMarkdown).toBe('Late');
  });
});
