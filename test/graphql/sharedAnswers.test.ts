import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { SharedAnswers } from '../../src/graphql/sharedAnswers.js';
import { seedPapers, seedReader, type SeededPaper } from '../support/seed.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const LONG_MS = 60_000;
const PAPERS = '{ papers { nodes { title upvoteCount } } }';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const end of ends.splice(0).reverse()) await end();
});

/** A server with two papers that shares answers, each of its operations planned at once. */
async function start(shareMilliseconds: number, first?: TestServer): Promise<{ server: TestServer; papers: SeededPaper[] }> {
  const options = { shareMilliseconds, compileAfter: 0 };
  const server = first === undefined ? await startTestServer(options) : await startBeside(first, options);
  ends.push(() => server.stop());
  const papers = first === undefined ? await seedPapers(server, [{ title: 'One', listedOn: '2026-01-01' }, { title: 'Two', listedOn: '2026-01-02' }]) : [];
  return { server, papers };
}

const post = (server: TestServer, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

/** How often the database writes a page for all of these, which are answered alike; the recommender reads beside it. */
async function costOf(server: TestServer, ask: () => Promise<Response>, times = 50): Promise<number> {
  const { result, statements } = await server.countStatements(() => Promise.all(Array.from({ length: times }, async () => (await ask()).text())));
  expect(new Set(result).size).toBe(1);
  return statements.filter((text) => text.startsWith('WITH viewer')).length;
}

/** Holds the next statement of a server back, once it is read, until it is let go. */
function holdNext({ database }: TestServer): { readonly isHeld: Promise<void>; letGo: () => void } {
  let letGo = (): void => undefined;
  const released = new Promise<void>((done) => (letGo = done));
  let held = (): void => undefined;
  const isHeld = new Promise<void>((done) => (held = done));
  const rows = database.rows.bind(database);
  jest.spyOn(database, 'rows').mockImplementationOnce(async (statement) => {
    const result = await rows(statement);
    held();
    await released;
    return result;
  });
  return { isHeld, letGo };
}

/** The votes of the first paper that an answer tells of. */
async function countOf(response: Response): Promise<number> {
  const { data } = (await response.json()) as { data: { papers: { nodes: { title: string; upvoteCount: number }[] } } };
  return data.papers.nodes.find(({ title }) => title === 'One')!.upvoteCount;
}

const vote = (paper: SeededPaper): string => `mutation { upvotePaper(input: { paperId: "${paper.id}" }) { paper { upvoteCount } } }`;

describe('what anonymous readers ask alike', () => {
  test('at once and again is executed once, and the answer is the same with its headers', async () => {
    const { server } = await start(LONG_MS);
    expect(await costOf(server, () => post(server, { query: PAPERS }))).toBe(1);
    expect(await costOf(server, () => post(server, { query: PAPERS }))).toBe(0);
    const other = await startBeside(server, { shareMilliseconds: 0 });
    ends.push(() => other.stop());
    const [shared, own] = await Promise.all([server, other].map((one) => post(one, { query: PAPERS })));
    const headersOf = (response: Response): unknown => [...response.headers].filter(([name]) => !['date', 'keep-alive', 'x-request-id'].includes(name));
    expect([shared!.status, headersOf(shared!), await shared!.text()]).toEqual([own!.status, headersOf(own!), await own!.text()]);
  });

  test('is executed once again when the answer has expired, however many come', async () => {
    const { server } = await start(LONG_MS);
    const now = performance.now.bind(performance);
    for (let round = 0; round < 3; round += 1) {
      jest.spyOn(performance, 'now').mockImplementation(() => now() + round * (LONG_MS + 1));
      expect(await costOf(server, () => post(server, { query: PAPERS }))).toBe(1);
    }
  });

  test('is different by variables, operation and accept header', async () => {
    const { server } = await start(LONG_MS);
    const query = 'query One($first: Int) { papers(first: $first) { nodes { id } } } query Two($first: Int) { papers(last: $first) { nodes { id } } }';
    const ask = [
      { body: { query, operationName: 'One', variables: { first: 1 } } }, { body: { query, operationName: 'One', variables: { first: 2 } } }, { body: { query, operationName: 'Two', variables: { first: 1 } } },
      { body: { query, operationName: 'One', variables: { first: 1 } }, headers: { accept: 'application/graphql-response+json' } },
    ];
    const answers = [];
    for (const { body, headers } of [...ask, ...ask]) {
      const response = await post(server, body, headers);
      answers.push(`${response.headers.get('content-type')} ${await response.text()}`);
    }
    expect(answers.slice(4)).toEqual(answers.slice(0, 4));
    expect(new Set(answers).size).toBe(4);
  });

  test('is asked again after a vote through this server, at once', async () => {
    const { server, papers } = await start(LONG_MS);
    const reader = await seedReader(server);
    expect(await countOf(await post(server, { query: PAPERS }))).toBe(0);
    await server.query(vote(papers[0]!), { token: reader.token });
    expect(await countOf(await post(server, { query: PAPERS }))).toBe(1);
  });

  test('is asked again soon after a vote through another server', async () => {
    const { server, papers } = await start(LONG_MS);
    const { server: other } = await start(LONG_MS, server);
    const reader = await seedReader(server);
    expect(await countOf(await post(server, { query: PAPERS }))).toBe(0);
    await other.query(vote(papers[0]!), { token: reader.token });
    const deadline = Date.now() + 10_000;
    while ((await countOf(await post(server, { query: PAPERS }))) !== 1) {
      expect(Date.now()).toBeLessThan(deadline);
      await new Promise((done) => setTimeout(done, 20));
    }
  });

  test('is not given to who asks after a write, though it was on its way before', async () => {
    const forget = jest.spyOn(SharedAnswers.prototype, 'forget');
    const { server, papers } = await start(LONG_MS);
    const reader = await seedReader(server);
    const write = async (paper: SeededPaper): Promise<void> => {
      const before = forget.mock.calls.length;
      await server.query(vote(paper), { token: reader.token });
      // By the mutation, and a moment later by what it announces to all servers.
      while (forget.mock.calls.length < before + 2) await new Promise((done) => setTimeout(done, 10));
    };
    await write(papers[1]!);
    const { letGo, isHeld } = holdNext(server);
    const before = post(server, { query: PAPERS });
    await isHeld;
    await write(papers[0]!);
    expect(await countOf(await post(server, { query: PAPERS }))).toBe(1);
    letGo();
    expect(await countOf(await before)).toBe(0);
    // Nor does it take the place of the newer one, now that it has come.
    expect(await costOf(server, () => post(server, { query: PAPERS }))).toBe(0);
    expect(await countOf(await post(server, { query: PAPERS }))).toBe(1);
  });

  test('is not given to who asks right after a write, before it is announced', async () => {
    const { server, papers } = await start(LONG_MS);
    const reader = await seedReader(server);
    const { letGo, isHeld } = holdNext(server);
    const before = post(server, { query: PAPERS });
    await isHeld;
    await server.query(vote(papers[0]!), { token: reader.token });
    const after = post(server, { query: PAPERS });
    expect(await countOf(await after)).toBe(1);
    letGo();
    expect(await countOf(await before)).toBe(0);
  });
});

describe('what is not shared', () => {
  test('is what readers ask who are signed in, by any header', async () => {
    const { server, papers } = await start(LONG_MS);
    const reader = await seedReader(server);
    await server.query(vote(papers[0]!), { token: reader.token });
    const query = '{ papers { nodes { viewerHasUpvoted } } }';
    const anonymous = await (await post(server, { query })).text();
    const own = { authorization: `Bearer ${reader.token}` };
    expect(await costOf(server, () => post(server, { query }, own), 5)).toBe(5);
    expect(await (await post(server, { query }, own)).text()).not.toBe(anonymous);
    expect(await (await post(server, { query })).text()).toBe(anonymous);
    expect((await post(server, { query }, { authorization: 'Bearer dp_unknown' })).status).toBe(401);
  });

  test('is an answer with errors, of any kind', async () => {
    const { server } = await start(LONG_MS);
    expect(await costOf(server, () => post(server, { query: '{ papers(first: 1) { nodes { id } } paper(id: "nonsense") { id } }' }), 3)).toBe(3);
    for (const query of ['{ papers {', '{ nothing }', '{ papers(first: 0) { totalCount } }']) {
      const [one, two] = [await post(server, { query }), await post(server, { query })];
      expect([one.status, await one.text()]).toEqual([two.status, await two.text()]);
    }
    jest.spyOn(server.services.papers, 'list').mockRejectedValueOnce(new Error('a moment'));
    const query = '{ papers { nodes { similar(first: 1) { totalCount } } } }';
    expect(await (await post(server, { query })).text()).toContain('internal error');
    expect(await (await post(server, { query })).text()).toMatch(/^\{"data":\{"papers"/);
  });

  test('is a mutation, a request by GET, and what has no query', async () => {
    const { server } = await start(LONG_MS);
    const signUp = (): Promise<Response> => post(server, { query: 'mutation { signUp(input: { username: "twice", password: "long enough" }) { viewer { username } } }' });
    const [first, second] = [await (await signUp()).text(), await (await signUp()).text()];
    expect([first, second]).toEqual([expect.stringContaining('"twice"'), expect.stringContaining('CONFLICT')]);
    // At once, too: two sessions are two tokens.
    const signIn = async (): Promise<string> => (await post(server, { query: 'mutation { signIn(input: { username: "twice", password: "long enough" }) { token } }' })).text();
    expect(new Set(await Promise.all([signIn(), signIn()])).size).toBe(2);
    const get = (): Promise<Response> => fetch(`${server.url}?query=${encodeURIComponent(PAPERS)}`, { headers: { 'apollo-require-preflight': 'true' } });
    expect(await costOf(server, get, 4)).toBe(4);
    for (const body of [{}, { query: null }, { query: 3 }, [{ query: PAPERS }]]) expect((await post(server, body)).status).toBe(400);
    expect((await fetch(server.url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: JSON.stringify({ query: PAPERS }) })).status).toBeGreaterThanOrEqual(400);
  });

  test('is anything where it is turned off', async () => {
    const { server } = await start(0);
    expect(await costOf(server, () => post(server, { query: PAPERS }), 5)).toBe(5);
  });
});

describe('what is kept', () => {
  const request = (query: string): any => ({ method: 'POST', url: '/graphql', headers: { 'content-type': 'application/json' }, body: { query } });
  const reply: any = { statusCode: 200, getHeaders: () => ({}), headers: () => undefined };

  test.each([
    ['answers', { questions: 3000, length: 10, most: 1000 }],
    ['characters', { questions: 200, length: 1_000_000, most: 32 }],
  ])('is bounded by the number of %s', async (_, { questions, length, most }) => {
    let calls = 0;
    const body = `{"data":"${'x'.repeat(length)}"}`;
    const handler = new SharedAnswers(LONG_MS).around(() => {
      calls += 1;
      return Promise.resolve(body);
    });
    for (let n = 0; n < questions; n += 1) await handler(request(`{ f${n} }`), reply);
    calls = 0;
    // The latest first, so that what is made now pushes out none that are still to be asked for.
    for (let n = questions - 1; n >= questions - most + 1; n -= 1) await handler(request(`{ f${n} }`), reply);
    expect(calls).toBeLessThanOrEqual(1);
    for (let n = 0; n < questions - most; n += 1) await handler(request(`{ f${n} }`), reply);
    expect(calls).toBeGreaterThanOrEqual(questions - most);
  });
});
