import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { hashOf } from '../../src/users/session.service.js';
import { PASSWORD, signUp } from '../support/fullLife.js';
import { subscribed, until, wsClient } from '../support/liveClients.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const SIGN_IN = 'mutation ($username: String!, $password: String!) { signIn(input: { username: $username, password: $password }) { token } }';
const SESSIONS = '{ sessions { totalCount nodes { id kind name scopes createdAt expiresAt lastUsedAt isCurrent } } }';
const CREATE = 'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { token session { id kind name scopes createdAt expiresAt lastUsedAt isCurrent } } }';
const REVOKE = 'mutation ($id: ID!) { revokeSession(input: { sessionId: $id }) { sessionId } }';
const CHANGE = 'mutation ($current: String!, $next: String!) { changePassword(input: { currentPassword: $current, newPassword: $next }) { endedSessions } }';
const SIGN_OUT = 'mutation ($input: SignOutInput!) { signOut(input: $input) { endedSessions } }';
const VIEWER = '{ viewer { username } }';
const ALL = ['READ', 'VOTE', 'WRITE', 'ADMIN'];

let server: TestServer;
let papers: SeededPaper[];
let people = 0;

beforeAll(async () => {
  server = await startTestServer();
  papers = await seedPapers(server, Array.from({ length: 3 }, (_, n) => ({ title: `Paper ${n}`, listedOn: '2026-01-01' })));
});
afterAll(() => server.stop());

const person = (): Promise<Reader> => signUp(server, `sessions-${(people += 1)}`);
const signIn = async ({ username }: Reader, password = PASSWORD): Promise<string> => (await server.query(SIGN_IN, { variables: { username, password } })).signIn.token;
const apiToken = async ({ token }: Pick<Reader, 'token'>, input: Record<string, unknown> = {}): Promise<any> =>
  (await server.query(CREATE, { token, variables: { input: { name: `program ${(people += 1)}`, scopes: ['READ'], ...input } } })).createApiToken;
const refused = async (token: string, input: Record<string, unknown>): Promise<any> => {
  const { message, extensions } = await server.error(CREATE, { token, variables: { input: { name: 'refused', scopes: ['READ'], ...input } } });
  return { message, ...extensions };
};
const holds = async (token: string): Promise<boolean> => (await server.send(VIEWER, { token })).status === 200;
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

describe('the sessions of a viewer', () => {
  test('are all of theirs that hold, the latest first, and nobody else’s', async () => {
    const reader = await person();
    const second = await signIn(reader);
    const made = await apiToken(reader, { name: 'a script', scopes: ['VOTE', 'READ', 'VOTE'], expiresAt: inDays(2) });
    await apiToken(await person());
    const expired = await signIn(reader);
    await server.database.rows(sql`UPDATE sessions SET created_at = now() - interval '2 days', expires_at = now() - interval '1 s' WHERE token_hash = ${hashOf(expired)}`);
    await server.query(SESSIONS, { token: second });
    await server.services.sessionUses.settled();
    const { sessions } = await server.query(SESSIONS, { token: second });
    const signedIn = { id: expect.any(String), kind: 'SIGN_IN', name: null, scopes: ALL, createdAt: expect.any(String), expiresAt: expect.any(String) };
    expect(sessions).toEqual({
      totalCount: 3,
      nodes: [
        { ...made.session, kind: 'API_TOKEN', name: 'a script', scopes: ['READ', 'VOTE'] },
        { ...signedIn, lastUsedAt: expect.any(String), isCurrent: true },
        { ...signedIn, lastUsedAt: expect.any(String), isCurrent: false },
      ],
    });
    expect((await server.query(SESSIONS, { token: made.token })).sessions.nodes.map(({ isCurrent }: any) => isCurrent)).toEqual([true, false, false]);
    const { sessions: paged } = await server.query('{ sessions(first: 1) { pageInfo { endCursor hasNextPage } nodes { name } } }', { token: second });
    expect(paged).toMatchObject({ pageInfo: { hasNextPage: true }, nodes: [{ name: 'a script' }] });
    expect((await server.query(`{ sessions(first: 5, after: "${paged.pageInfo.endCursor}") { nodes { kind } } }`, { token: second })).sessions.nodes).toEqual([{ kind: 'SIGN_IN' }, { kind: 'SIGN_IN' }]);
  });

  test('are found by their ids by nobody else', async () => {
    const [reader, other] = [await person(), await person()];
    const { session } = await apiToken(reader);
    const document = `{ node(id: "${session.id}") { id ... on Session { name scopes isCurrent } } }`;
    expect((await server.query(document, { token: reader.token })).node).toEqual({ id: session.id, name: session.name, scopes: ['READ'], isCurrent: false });
    for (const token of [other.token, null]) expect((await server.query(document, { token })).node).toBeNull();
  });

  test('say in which hour they were used last; it is written once, beside the request', async () => {
    const reader = await person();
    const { token, session } = await apiToken(reader);
    const used = async (): Promise<any> => {
      await server.services.sessionUses.settled();
      return (await server.query(`{ node(id: "${session.id}") { ... on Session { lastUsedAt } } }`, { token: reader.token })).node.lastUsedAt;
    };
    const writes: string[] = [];
    server.database.onStatement = (text) => { if (text.includes('SET last_used_at')) writes.push(text); };
    expect(await used()).toBeNull();
    // By either way of answering, and from both servers.
    for (let n = 0; n < 5; n += 1) await server.query(VIEWER, { token });
    expect(await used()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00:00\.000Z$/);
    expect(Date.now() - Date.parse(await used())).toBeLessThan(3_700_000);
    server.database.onStatement = null;
    // The reader's own session, and this one.
    expect(writes.length).toBeLessThanOrEqual(3);
    server.services.sessionUses.note(hashOf(token), new Date('2030-01-01T10:59:59Z'));
    expect(await used()).toBe('2030-01-01T10:00:00.000Z');
    // A server whose clock is behind takes nothing back.
    server.services.sessionUses.note(hashOf(token), new Date('2029-01-01T10:59:59Z'));
    expect(await used()).toBe('2030-01-01T10:00:00.000Z');
  });

  test('that nobody holds any more are removed, whosever they are', async () => {
    const reader = await person();
    await server.database.rows(sql`UPDATE sessions SET created_at = now() - interval '2 days', expires_at = now() - interval '1 s' WHERE user_id = ${reader.rowId}`);
    const { token } = await apiToken(await person());
    await server.services.sessions.prune();
    expect(await server.database.prisma.session.count({ where: { userId: reader.rowId } })).toBe(0);
    expect(await holds(token)).toBe(true);
  });
});

describe('revoking', () => {
  test('ends one session at once, on every server, and may be repeated', async () => {
    const reader = await person();
    const beside = await startBeside(server);
    const { token, session } = await apiToken(reader);
    for (let n = 0; n < 4; n += 1) expect((await beside.query(VIEWER, { token })).viewer.username).toBe(reader.username);
    for (let n = 0; n < 2; n += 1) expect((await server.query(REVOKE, { token: reader.token, variables: { id: session.id } })).revokeSession).toEqual({ sessionId: session.id });
    expect([await holds(token), (await beside.send(VIEWER, { token })).status, await holds(reader.token)]).toEqual([false, 401, true]);
    await beside.stop();
  });

  test('ends nothing of others, and takes ids of sessions alone', async () => {
    const [reader, other] = [await person(), await person()];
    const { token, session } = await apiToken(other);
    expect((await server.query(REVOKE, { token: reader.token, variables: { id: session.id } })).revokeSession).toEqual({ sessionId: session.id });
    expect(await holds(token)).toBe(true);
    expect((await server.error(REVOKE, { token: reader.token, variables: { id: papers[0]!.id } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'sessionId' });
  });

  test('of the session that asks makes the rest of the request nobody’s', async () => {
    const reader = await person();
    const { nodes } = (await server.query(SESSIONS, { token: reader.token })).sessions;
    const { data, errors } = await server.send(`mutation { revokeSession(input: { sessionId: "${nodes[0].id}" }) { sessionId } upvotePaper(input: { paperId: "${papers[0]!.id}" }) { paper { id } } }`, { token: reader.token });
    expect(errors).toMatchObject([{ path: ['upvotePaper'], extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(data ?? null).toBeNull();
    expect(await holds(reader.token)).toBe(false);
  });

  test('ends what a token listens to', async () => {
    const reader = await person();
    const { token, session } = await apiToken(reader);
    const client = wsClient(server, token);
    const received = await subscribed(server, client, `subscription { paperVotes(paperId: "${papers[1]!.id}") { paper { upvoteCount } } }`);
    await server.query(REVOKE, { token: reader.token, variables: { id: session.id } });
    await server.query(`mutation { upvotePaper(input: { paperId: "${papers[1]!.id}" }) { paper { id } } }`, { token: reader.token });
    await received.ended;
    expect(received.answers).toEqual([]);
    await client.dispose();
    await until(() => server.services.live.subscriberCount === 0);
  });
});

describe('an API token', () => {
  test('is shown once, does what its scopes say, and lasts until it is ended', async () => {
    const reader = await person();
    const { token, session } = await apiToken(reader, { name: '  a reader of feeds ', scopes: ['READ'] });
    expect(token).toMatch(/^dpa_[A-Za-z0-9_-]{43}$/);
    expect(session).toEqual({ id: expect.any(String), kind: 'API_TOKEN', name: 'a reader of feeds', scopes: ['READ'], createdAt: expect.any(String), expiresAt: null, lastUsedAt: null, isCurrent: false });
    expect((await server.query(VIEWER, { token })).viewer).toEqual({ username: reader.username });
    const vote = `mutation { upvotePaper(input: { paperId: "${papers[0]!.id}" }) { paper { viewerHasUpvoted } } }`;
    expect(await server.error(vote, { token })).toMatchObject({ message: 'this needs a token with the scope VOTE, this one has READ', extensions: { code: 'FORBIDDEN' } });
    const voting = await apiToken(reader, { scopes: ['READ', 'VOTE'] });
    expect((await server.query(vote, { token: voting.token })).upvotePaper.paper.viewerHasUpvoted).toBe(true);
    const rows = await server.database.rows<{ row: unknown }>(sql`SELECT to_jsonb(s) AS row FROM sessions s WHERE user_id = ${reader.rowId}`);
    expect(JSON.stringify(rows)).not.toContain(token.slice(4));
  });

  test('stops working when it expires, whichever way answers', async () => {
    const reader = await person();
    const { token, session } = await apiToken(reader, { expiresAt: inDays(1) });
    for (let n = 0; n < 4; n += 1) expect(await holds(token)).toBe(true);
    await server.database.rows(sql`UPDATE sessions SET created_at = now() - interval '2 days', expires_at = now() - interval '1 s' WHERE token_hash = ${hashOf(token)}`);
    for (let n = 0; n < 4; n += 1) expect(await holds(token)).toBe(false);
    // Its name is free again.
    expect((await apiToken(reader, { name: session.name })).session.name).toBe(session.name);
  });

  test.each([
    ['no name', { name: ' ' }, { field: 'name', message: /must have/ }],
    ['a name that is too long', { name: 'x'.repeat(81) }, { field: 'name', message: /must have/ }],
    ['no scopes', { scopes: [] }, { field: 'scopes', message: /^scopes must have at least one item, received \[\]$/ }],
    ['too many scopes', { scopes: Array(5).fill('READ') }, { field: 'scopes', message: /^scopes must have at most 4 items, received 5$/ }],
    ['an end that is past', { expiresAt: '2020-01-01T00:00:00Z' }, { field: 'expiresAt', message: /^expiresAt must be in the future, received/ }],
    ['an end that is no time', { expiresAt: '9999-01-01T00:00:00Z' }, { field: 'expiresAt', message: /must be between/ }],
  ])('is not made with %s', async (_, input, { field, message }) => {
    expect(await refused((await person()).token, input)).toEqual({ code: 'BAD_USER_INPUT', field, message: expect.stringMatching(message) });
  });

  test('has a name of its own, and there are 50 at most, also when many are made at once', async () => {
    const reader = await person();
    await apiToken(reader, { name: 'twice' });
    expect(await refused(reader.token, { name: 'twice' })).toEqual({ code: 'CONFLICT', field: 'name', message: `name must be unlike those of the viewer's other API tokens, received "twice"` });
    await server.database.rows(sql`INSERT INTO sessions (user_id, kind, name, token_hash) SELECT ${reader.rowId}, 'API_TOKEN', 'many ' || n, sha256(convert_to(${reader.username} || n, 'UTF8')) FROM generate_series(1, 47) n`);
    const answers = await Promise.all([1, 2, 3, 4].map((n) => server.send(CREATE, { token: reader.token, variables: { input: { name: `last ${n}`, scopes: ['READ'] } } })));
    expect(answers.flatMap(({ errors }) => errors.map(({ message, extensions }) => [extensions.code, message]))).toEqual(Array(2).fill(['CONFLICT', 'a reader has at most 50 API tokens: revoke one first']));
    // Where one is signed in does not count.
    expect(await signIn(reader)).toMatch(/^dp_/);
  });

  test('gives no other token what it has not: no scope, no longer time', async () => {
    const reader = await person();
    const { token } = await apiToken(reader, { scopes: ['READ', 'ADMIN'], expiresAt: inDays(3) });
    expect(await refused(token, { scopes: ['READ', 'WRITE'] })).toEqual({ code: 'FORBIDDEN', message: 'this needs a token with the scope WRITE, this one has READ, ADMIN' });
    for (const expiresAt of [null, inDays(4)]) expect(await refused(token, { expiresAt })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'expiresAt', message: expect.stringContaining('when the API token of this request ends') });
    const grandchild = await apiToken({ token }, { scopes: ['READ', 'ADMIN'], expiresAt: inDays(2) });
    expect(await holds(grandchild.token)).toBe(true);
    const { token: withoutAdmin } = await apiToken(reader, { scopes: ['READ', 'VOTE', 'WRITE'] });
    expect(await refused(withoutAdmin, {})).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('can be made in the request that signs in', async () => {
    const reader = await person();
    const data = await server.query(`mutation { signIn(input: { username: "${reader.username}", password: "${PASSWORD}" }) { token } createApiToken(input: { name: "at once", scopes: [READ] }) { token session { isCurrent } } }`);
    expect(await holds(data.createApiToken.token)).toBe(true);
  });
});

describe('a token that may not read', () => {
  test('reads as nobody does, and is not told what might not be so', async () => {
    const reader = await person();
    const { collection } = (await server.query('mutation { createCollection(input: { name: "Secret", isPublic: false }) { collection { id } } }', { token: reader.token })).createCollection;
    await server.query(`mutation { addToCollection(input: { collectionId: "${collection.id}", paperId: "${papers[2]!.id}" }) { collection { id } } }`, { token: reader.token });
    const { token } = await apiToken(reader, { scopes: ['VOTE'] });
    const vote = (fields: string): string => `mutation { upvotePaper(input: { paperId: "${papers[2]!.id}" }) { paper { ${fields} } } }`;
    const collections = 'title upvoteCount collections { nodes { name } }';
    // As often as it takes to be compiled.
    for (let n = 0; n < 4; n += 1) {
      expect((await server.query(vote(collections), { token })).upvotePaper.paper).toEqual({ title: 'Paper 2', upvoteCount: 1, collections: { nodes: [] } });
      expect(await server.error(vote('viewerHasUpvoted'), { token })).toMatchObject({ message: 'this needs a token with the scope READ, this one has VOTE', path: ['upvotePaper', 'paper', 'viewerHasUpvoted'], extensions: { code: 'FORBIDDEN' } });
      expect(await server.error(vote('viewerLibraryEntry { note }'), { token })).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
      for (const query of ['{ papers(first: 1) { nodes { viewerHasUpvoted } } }', '{ papers(first: 1) { nodes { title } } }', VIEWER, '{ library { totalCount } }', '{ rateLimit { cost } }']) {
        expect(await server.error(query, { token })).toMatchObject({ message: 'this needs a token with the scope READ, this one has VOTE', extensions: { code: 'FORBIDDEN' } });
      }
    }
    expect((await server.query(vote(collections), { token: reader.token })).upvotePaper.paper.collections.nodes).toEqual([{ name: 'Secret' }]);
  });

  test('does several things in a request, each as its reader', async () => {
    const reader = await person();
    const { token } = await apiToken(reader, { scopes: ['VOTE', 'WRITE'] });
    const document = `mutation { a: upvotePaper(input: { paperId: "${papers[0]!.id}" }) { paper { title } } b: addComment(input: { paperId: "${papers[0]!.id}", body: "Read it." }) { comment { bodyMarkdown author { username } } }
      signOut { endedSessions } c: upvotePaper(input: { paperId: "${papers[1]!.id}" }) { paper { title } } }`;
    const { data, errors } = await server.send(document, { token });
    expect(errors).toMatchObject([{ path: ['c'], extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(data ?? null).toBeNull();
    expect((await server.database.prisma.upvote.findMany({ where: { userId: reader.rowId } })).map(({ paperId }) => paperId)).toEqual([papers[0]!.rowId]);
    expect(await server.database.prisma.comment.count({ where: { userId: reader.rowId } })).toBe(1);
    expect(await holds(token)).toBe(false);
  });
});

describe('signing out', () => {
  test('everywhere leaves API tokens, unless they are named; of an API token it ends that one', async () => {
    const reader = await person();
    const [second, program, another] = [await signIn(reader), await apiToken(reader), await apiToken(reader)];
    await server.database.rows(sql`INSERT INTO sessions (user_id, kind, token_hash, expires_at) VALUES (${reader.rowId}, 'EXTERNAL', ${hashOf(`external-${reader.username}`)}, now() + interval '1 hour')`);
    expect((await server.query(SIGN_OUT, { token: another.token, variables: { input: {} } })).signOut).toEqual({ endedSessions: 1 });
    expect((await server.query(SIGN_OUT, { token: second, variables: { input: { everywhere: true } } })).signOut).toEqual({ endedSessions: 3 });
    expect([await holds(reader.token), await holds(second), await holds(`external-${reader.username}`), await holds(program.token), await holds(another.token)]).toEqual([false, false, false, true, false]);
    const token = await signIn(reader);
    expect((await server.query(SIGN_OUT, { token, variables: { input: { everywhere: true, apiTokens: true } } })).signOut).toEqual({ endedSessions: 2 });
    expect(await holds(program.token)).toBe(false);
  });

  test('ends others by a token that may alone', async () => {
    const reader = await person();
    const { token } = await apiToken(reader, { scopes: ['READ', 'VOTE', 'WRITE'] });
    for (const input of [{ everywhere: true }, { apiTokens: true }]) {
      expect(await server.error(SIGN_OUT, { token, variables: { input } })).toMatchObject({ message: 'this needs a token with the scope ADMIN, this one has READ, VOTE, WRITE', extensions: { code: 'FORBIDDEN' } });
    }
    expect([await holds(token), await holds(reader.token)]).toEqual([true, true]);
  });
});

describe('changing the password', () => {
  const change = (token: string, current: string, next: string): Promise<any> => server.send(CHANGE, { token, variables: { current, next } });

  test('ends what the old one opened but this session, and leaves API tokens', async () => {
    const reader = await person();
    const [second, program] = [await signIn(reader), await apiToken(reader)];
    const bystander = await person();
    expect((await change(reader.token, PASSWORD, 'another password')).data.changePassword).toEqual({ endedSessions: 1 });
    expect([await holds(reader.token), await holds(second), await holds(program.token), await holds(bystander.token)]).toEqual([true, false, true, true]);
    expect((await server.error(SIGN_IN, { variables: { username: reader.username, password: PASSWORD } })).extensions.code).toBe('UNAUTHENTICATED');
    expect(await signIn(reader, 'another password')).toMatch(/^dp_/);
  });

  test('is refused to who does not know the old one, and for what is no password', async () => {
    const reader = await person();
    expect((await change(reader.token, 'not the password', 'another password')).errors).toMatchObject([{ message: 'the username or the password is wrong', extensions: { code: 'UNAUTHENTICATED' } }]);
    for (const [next, message] of [['short', 'newPassword must have 8 to 256 characters, received "5 characters"'], [PASSWORD, 'newPassword must be unlike the current password, received "the same"']] as const) {
      expect((await change(reader.token, PASSWORD, next)).errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT', field: 'newPassword' } }]);
    }
    // An account without a password has none to change.
    expect((await change((await seedReader(server)).token, '', 'another password')).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await signIn(reader)).toMatch(/^dp_/);
  });

  test('at once by two: one of them knew the old one', async () => {
    const reader = await person();
    const answers = await Promise.all(['first password', 'second password', 'third password'].map(async (next) => [next, await change(reader.token, PASSWORD, next)] as const));
    const done = answers.filter(([, { errors }]) => errors.length === 0);
    expect(done).toHaveLength(1);
    expect(await signIn(reader, done[0]![0])).toMatch(/^dp_/);
  });

  test('leaves no session of who signed in by the old one meanwhile', async () => {
    const reader = await person();
    const { users } = server.services;
    const getByPassword = users.getByPassword.bind(users);
    // Between the look at the password and the session.
    users.getByPassword = async (given) => {
      const proven = await getByPassword(given);
      users.getByPassword = getByPassword;
      await change(reader.token, PASSWORD, 'another password');
      return proven;
    };
    expect((await server.error(SIGN_IN, { variables: { username: reader.username, password: PASSWORD } })).extensions.code).toBe('UNAUTHENTICATED');
    expect(await server.database.prisma.session.count({ where: { userId: reader.rowId } })).toBe(1);
  });

  test('by the configuration ends what the one before opened', async () => {
    const { users } = server.services;
    await users.ensureAccount({ username: 'configured', password: 'the first one' }, 'ADMIN');
    const { token } = (await server.query(SIGN_IN, { variables: { username: 'configured', password: 'the first one' } })).signIn;
    await users.ensureAccount({ username: 'configured', password: 'the first one' }, 'ADMIN');
    expect(await holds(token)).toBe(true);
    await users.ensureAccount({ username: 'configured', password: 'the second one' }, 'ADMIN');
    expect(await holds(token)).toBe(false);
  });
});
