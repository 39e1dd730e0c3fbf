import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPaper, seedReader, seedUpvotes } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const SIGN_UP = 'mutation ($input: SignUpInput!) { signUp(input: $input) { token expiresAt viewer { id username displayName role isSimulated createdAt upvoteCount } } }';
const SIGN_IN = 'mutation ($username: String!, $password: String!) { signIn(input: { username: $username, password: $password }) { token viewer { username } } }';
const SIGN_OUT = 'mutation ($everywhere: Boolean! = false) { signOut(input: { everywhere: $everywhere }) { endedSessions } }';
const SET_ROLE = 'mutation ($username: String!, $role: Role!) { setUserRole(input: { username: $username, role: $role }) { user { username role } } }';
const VIEWER = '{ viewer { username } }';
const PASSWORD = 'correct horse battery';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const signUp = async (username: string, more: Record<string, unknown> = {}): Promise<any> =>
  (await server.query(SIGN_UP, { variables: { input: { username, password: PASSWORD, ...more } } })).signUp;
const signIn = async (username: string, password = PASSWORD): Promise<any> => (await server.query(SIGN_IN, { variables: { username, password } })).signIn;
const viewerOf = async (token: string | null): Promise<any> => (await server.query(VIEWER, { token })).viewer;

/** A token that worked once must now be refused like one that never did. */
async function expectRefused(token: string): Promise<void> {
  const { status, data, errors } = await server.send(VIEWER, { token });
  expect([status, data]).toEqual([401, undefined]);
  expect(errors).toMatchObject([{ message: 'the bearer token is unknown, expired or revoked: sign in again', extensions: { code: 'UNAUTHENTICATED' } }]);
}

describe('signing up', () => {
  test('makes an account and a session of 30 days', async () => {
    const session = await signUp('ada', { displayName: '  Ada Lovelace ' });
    expect(session.viewer).toMatchObject({ username: 'ada', displayName: 'Ada Lovelace', role: 'READER', isSimulated: false, upvoteCount: 0 });
    expect(Math.abs(Date.parse(session.expiresAt) - Date.now() - 30 * 86_400_000)).toBeLessThan(60_000);
    expect(Math.abs(Date.parse(session.viewer.createdAt) - Date.now())).toBeLessThan(60_000);
    expect(await viewerOf(session.token)).toEqual({ username: 'ada' });
    const { passwordHash } = await server.database.prisma.user.findUniqueOrThrow({ where: { username: 'ada' } });
    expect(passwordHash).toMatch(/^\$argon2id\$/);
  });

  test.each(['a1', 'x'.repeat(39), '0-_', 'under_score-hyphen'])('takes the username %s', async (username) => {
    expect((await signUp(username)).viewer.username).toBe(username);
  });

  test.each(['', 'a', 'x'.repeat(40), 'Ada', '-ada', '_ada', 'ada lovelace', 'ada\n', ' ada', 'ädä', '<b>', "a'; --"])('refuses the username %j', async (username) => {
    const error = await server.error(SIGN_UP, { variables: { input: { username, password: PASSWORD } } });
    expect(error).toMatchObject({
      message: `username must be 2 to 39 lower-case letters, digits, hyphens and underscores, starting with a letter or digit, received ${JSON.stringify(username)}`,
      extensions: { code: 'BAD_USER_INPUT', field: 'username' },
    });
  });

  test.each([['too short', 'sh0rt!!'], ['empty', ''], ['too long', 'secret '.repeat(37)]])('refuses a password that is %s, and does not repeat it', async (_, password) => {
    const { status, errors } = await server.send(SIGN_UP, { variables: { input: { username: 'nobody-yet', password } } });
    expect(status).toBe(200);
    expect(errors).toMatchObject([{ message: `password must have 8 to 256 characters, received "${password.length} characters"`, extensions: { code: 'BAD_USER_INPUT', field: 'password' } }]);
    if (password !== '') expect(JSON.stringify(errors)).not.toContain(password.trim().slice(0, 6));
    expect((await server.query('{ user(username: "nobody-yet") { id } }')).user).toBeNull();
  });

  test.each([['8 characters', '8 chars!'], ['256 characters', 'p'.repeat(256)], ['spaces around it', '  padded  '], ['letters of any script', 'пароль-密码-🔑']])('takes a password of %s, and keeps it as it is', async (_, password) => {
    const username = `p${Buffer.from(password).toString('hex').slice(0, 20)}`;
    await signUp(username, { password });
    expect((await signIn(username, password)).viewer.username).toBe(username);
    expect((await server.error(SIGN_IN, { variables: { username, password: `${password} ` } })).extensions.code).toBe('UNAUTHENTICATED');
  });

  test.each(['', '   ', 'x'.repeat(81)])('refuses the display name %j', async (displayName) => {
    const error = await server.error(SIGN_UP, { variables: { input: { username: 'named', password: PASSWORD, displayName } } });
    expect(error.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'displayName' });
  });

  test('refuses a username that is taken, also when two come at once', async () => {
    await signUp('grace');
    const taken = { message: 'the username "grace" is taken', extensions: { code: 'CONFLICT', field: 'username' } };
    expect(await server.error(SIGN_UP, { variables: { input: { username: 'grace', password: 'another password' } } })).toMatchObject(taken);
    const answers = await Promise.all([1, 2, 3].map(() => server.send(SIGN_UP, { variables: { input: { username: 'twins', password: PASSWORD } } })));
    expect(answers.flatMap((answer) => answer.errors).map((error) => error.extensions.code)).toEqual(['CONFLICT', 'CONFLICT']);
  });
});

describe('signing in', () => {
  beforeAll(async () => {
    await signUp('alan');
    await server.database.prisma.user.create({ data: { username: 'simulated', isSimulated: true } });
  });

  test('opens a session beside the others', async () => {
    const [one, other] = [await signIn('alan'), await signIn('alan')];
    expect(one.token).not.toBe(other.token);
    expect([await viewerOf(one.token), await viewerOf(other.token)]).toEqual([{ username: 'alan' }, { username: 'alan' }]);
  });

  test.each([['a wrong password', 'alan', 'wrong password'], ['no password', 'alan', ''], ['an unknown user', 'nobody', PASSWORD], ['another case', 'Alan', PASSWORD], ['a simulated reader', 'simulated', ''], ['no username', '', ''], ['a huge password', 'alan', 'x'.repeat(100_000)]])(
    'with %s gives one and the same error',
    async (_, username, password) => {
      const { data, errors } = await server.send(SIGN_IN, { variables: { username, password } });
      expect(data ?? null).toBeNull();
      expect(errors).toMatchObject([{ message: 'the username or the password is wrong', extensions: { code: 'UNAUTHENTICATED' } }]);
    },
  );

  test('makes the rest of the request the new viewer’s', async () => {
    const paper = await seedPaper(server, { title: 'Read by Alan', listedOn: '2026-01-01' });
    const document = `mutation ($paperId: ID!) {
      signIn(input: { username: "alan", password: "${PASSWORD}" }) { viewer { upvoteCount } }
      upvotePaper(input: { paperId: $paperId }) { paper { viewerHasUpvoted } }
    }`;
    const data = await server.query(document, { variables: { paperId: paper.id } });
    expect(data).toMatchObject({ signIn: { viewer: { upvoteCount: 0 } }, upvotePaper: { paper: { viewerHasUpvoted: true } } });
  });
});

describe('a token', () => {
  test('is refused with 401 when it is unknown, however the header looks', async () => {
    await expectRefused('dp_unknown');
    for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer  ', `Bearer ${'x'.repeat(600)}`]) {
      const response = await fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json', authorization }, body: JSON.stringify({ query: VIEWER }) });
      expect([authorization.slice(0, 12), response.status]).toEqual([authorization.slice(0, 12), 401]);
    }
  });

  test('that is stale keeps nobody from signing in, up or out, and from nothing else', async () => {
    const token = 'dp_stale';
    expect((await server.query(SIGN_IN, { token, variables: { username: 'alan', password: PASSWORD } })).signIn.viewer.username).toBe('alan');
    expect((await server.query(SIGN_UP, { token, variables: { input: { username: 'newcomer', password: PASSWORD } } })).signUp.viewer.username).toBe('newcomer');
    expect((await server.query(SIGN_OUT, { token })).signOut).toEqual({ endedSessions: 0 });
    for (const document of ['{ papers { totalCount } }', 'mutation { createTag(input: { name: "x", kind: TASK }) { isNew } }']) {
      expect(await server.send(document, { token })).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    }
  });

  test('of an expired session is refused', async () => {
    const { token } = await signUp('expired');
    await expect(viewerOf(token)).resolves.toEqual({ username: 'expired' });
    const at = (hours: number): Date => new Date(Date.now() + hours * 3_600_000);
    await server.database.prisma.session.updateMany({ where: { user: { username: 'expired' } }, data: { createdAt: at(-2), expiresAt: at(-0.001) } });
    await expectRefused(token);
    // Signing in again clears away what has expired.
    await signIn('expired');
    expect(await server.database.prisma.session.count({ where: { user: { username: 'expired' } } })).toBe(1);
  });

  test('is not kept: the database has its hash alone', async () => {
    const { token } = await signUp('hashed');
    const [row] = await server.database.prisma.session.findMany({ where: { user: { username: 'hashed' } } });
    expect(Buffer.from(row!.tokenHash)).toHaveLength(32);
    expect(Buffer.from(row!.tokenHash).toString('latin1')).not.toContain(token);
  });
});

describe('signing out', () => {
  test('ends the session of the token alone, and may be repeated', async () => {
    const { token } = await signUp('linus');
    const other = await signIn('linus');
    expect((await server.query(SIGN_OUT, { token })).signOut).toEqual({ endedSessions: 1 });
    await expectRefused(token);
    expect((await server.query(SIGN_OUT, { token })).signOut).toEqual({ endedSessions: 0 });
    expect(await viewerOf(other.token)).toEqual({ username: 'linus' });
  });

  test('everywhere ends all sessions of the viewer and nobody else’s', async () => {
    const { token } = await signUp('margaret');
    const tokens = [token, (await signIn('margaret')).token, (await signIn('margaret')).token];
    const bystander = await seedReader(server);
    expect((await server.query(SIGN_OUT, { token, variables: { everywhere: true } })).signOut).toEqual({ endedSessions: 3 });
    for (const ended of tokens) await expectRefused(ended);
    expect(await viewerOf(bystander.token)).toEqual({ username: bystander.username });
  });

  test('needs no input, no token, and makes the rest of the request anonymous', async () => {
    expect((await server.query('mutation { signOut { endedSessions } }')).signOut).toEqual({ endedSessions: 0 });
    const { token } = await seedReader(server);
    const { errors } = await server.send('mutation { one: signOut { endedSessions } two: signOut { endedSessions } submitPaper(input: { title: "Too late" }) { isNew } }', { token });
    expect(errors).toMatchObject([{ path: ['submitPaper'], extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});

describe('roles', () => {
  test('are given by admins, and count at once', async () => {
    const admin = await seedReader(server, 'ADMIN');
    const reader = await seedReader(server);
    const createTag = 'mutation { createTag(input: { name: "A new tag", kind: TASK }) { isNew } }';
    expect((await server.error(createTag, { token: reader.token })).extensions.code).toBe('FORBIDDEN');
    const { setUserRole } = await server.query(SET_ROLE, { token: admin.token, variables: { username: reader.username, role: 'CURATOR' } });
    expect(setUserRole.user).toEqual({ username: reader.username, role: 'CURATOR' });
    expect((await server.query(createTag, { token: reader.token })).createTag.isNew).toBe(true);
    await server.query(SET_ROLE, { token: admin.token, variables: { username: reader.username, role: 'READER' } });
    expect((await server.error(createTag, { token: reader.token })).extensions.code).toBe('FORBIDDEN');
  });

  test.each([['READER', 'FORBIDDEN'], ['CURATOR', 'FORBIDDEN'], [null, 'UNAUTHENTICATED']] as const)('are not given by %s', async (role, code) => {
    const asker = await seedReader(server, role ?? 'READER');
    const error = await server.error(SET_ROLE, { token: role === null ? null : asker.token, variables: { username: asker.username, role: 'ADMIN' } });
    expect(error.extensions.code).toBe(code);
    expect((await server.database.prisma.user.findUniqueOrThrow({ where: { username: asker.username } })).role).toBe(role ?? 'READER');
  });

  test('go to accounts that exist', async () => {
    const { token } = await seedReader(server, 'ADMIN');
    expect(await server.error(SET_ROLE, { token, variables: { username: 'no-such-user', role: 'ADMIN' } })).toMatchObject({
      message: 'there is no user "no-such-user"',
      extensions: { code: 'NOT_FOUND', field: 'username' },
    });
  });
});

describe('a reader', () => {
  const USER = 'query ($id: ID, $username: String) { user(id: $id, username: $username) { id username upvoteCount upvotedPapers { totalCount nodes { title } } submittedPapers { totalCount nodes { title } } } }';

  test('is found by id or username, one of the two, with upvoted and submitted papers', async () => {
    const reader = await seedReader(server);
    const liked = await seedPaper(server, { title: 'Liked', listedOn: '2026-01-02' });
    await seedPaper(server, { title: 'Submitted', listedOn: '2026-01-03', submittedById: reader.rowId });
    await seedUpvotes(server, [[reader, liked]]);
    const expected = { id: reader.id, username: reader.username, upvoteCount: 1, upvotedPapers: { totalCount: 1, nodes: [{ title: 'Liked' }] }, submittedPapers: { totalCount: 1, nodes: [{ title: 'Submitted' }] } };
    expect((await server.query(USER, { variables: { id: reader.id } })).user).toEqual(expected);
    expect((await server.query(USER, { variables: { username: reader.username } })).user).toEqual(expected);
    for (const variables of [{}, { id: reader.id, username: reader.username }]) {
      expect((await server.error(USER, { variables })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'id' });
    }
  });

  test('is null when unknown, and so is the viewer of an anonymous request', async () => {
    expect((await server.query(USER, { variables: { username: 'no-such-user' } })).user).toBeNull();
    expect((await server.query(VIEWER)).viewer).toBeNull();
  });
});
