import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { ExternalSessionService } from '../../src/identities/externalSession.service.js';
import { ProviderTokens } from '../../src/identities/providerTokens.js';
import { isWritten } from '../support/bothWays.js';
import { PASSWORD, signUp } from '../support/fullLife.js';
import { sseClient, subscribed, wsClient } from '../support/liveClients.js';
import { nowInSeconds, startIssuer, type OidcIssuer } from '../support/oidcIssuer.js';
import { seedPaper, seedReader, type SeededPaper } from '../support/seed.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const VIEWER = '{ viewer { id username displayName role } }';

let issuer: OidcIssuer;
let server: TestServer;
let beside: TestServer;

beforeAll(async () => {
  issuer = await startIssuer();
  server = await startTestServer({ oidc: issuer.settings });
  beside = await startBeside(server, { oidc: issuer.settings, compileAfter: 0 });
});
afterAll(async () => {
  await beside.stop();
  await server.stop();
  await issuer.close();
});

let subjects = 0;
const subject = (): string => `subject-${(subjects += 1)}`;
const aPaper = (): Promise<SeededPaper> => seedPaper(server, { title: `Paper ${(subjects += 1)}`, listedOn: '2026-01-05' });
const usernameOf = async (token: string, on: TestServer = server): Promise<string> => (await on.query(VIEWER, { token })).viewer.username;
const statusOf = async (token: string, on: TestServer = server): Promise<number> => (await on.send(VIEWER, { token })).status;

describe('a token of the provider', () => {
  test('makes an account when it comes first, and is its reader from then on', async () => {
    const sub = subject();
    const first = await issuer.token(sub, { preferred_username: 'ada' });
    const { viewer } = await server.query(VIEWER, { token: first });
    expect(viewer).toEqual({ id: expect.any(String), username: 'ada', displayName: null, role: 'READER' });
    expect((await server.query(VIEWER, { token: await issuer.token(sub, { preferred_username: 'somebody-else', iat: nowInSeconds() - 1 }) })).viewer).toEqual(viewer);
    expect(await server.database.prisma.user.findUniqueOrThrow({ where: { username: 'ada' } })).toMatchObject({ passwordHash: null });
    const paper = await aPaper();
    await server.query(`mutation { upvotePaper(input: { paperId: "${paper.id}" }) { paper { id } } }`, { token: first });
    expect((await server.query(`{ paper(id: "${paper.id}") { viewerHasUpvoted } }`, { token: first })).paper).toEqual({ viewerHasUpvoted: true });
  });

  test('is verified once: the second request asks the provider nothing, and each server finds it by one statement', async () => {
    const token = await issuer.token(subject());
    const username = await usernameOf(token);
    const { length } = issuer.asked;
    issuer.answer = (_request, response) => { response.destroy(); };
    try {
      for (const on of [server, beside]) {
        const { result, statements } = await on.countStatements(() => usernameOf(token, on));
        // Planned, the answer's own statement finds the session; otherwise one does, and one the reader.
        expect([result, statements.length]).toEqual([username, on === beside ? 1 : expect.any(Number)]);
        expect(statements.some((text) => text.includes('external_identities'))).toBe(false);
      }
    } finally {
      issuer.answer = null;
    }
    expect(issuer.asked.length).toBe(length);
  });

  test('is known to what the database answers by itself', async () => {
    const token = await issuer.token(subject());
    const paper = await aPaper();
    await server.query(`mutation { upvotePaper(input: { paperId: "${paper.id}" }) { paper { id } } }`, { token });
    const document = `{ viewer { username upvoteCount } paper(id: "${paper.id}") { viewerHasUpvoted } }`;
    const { result, statements } = await beside.countStatements(() => beside.query(document, { token }));
    expect(isWritten({ status: 200, body: {}, statements })).toBe(true);
    expect(result).toEqual({ viewer: { username: await usernameOf(token), upvoteCount: 1 }, paper: { viewerHasUpvoted: true } });
  });

  test('that comes first to a server that plans is answered all the same', async () => {
    expect(await usernameOf(await issuer.token(subject(), { preferred_username: 'planned-first' }), beside)).toBe('planned-first');
  });

  test('is one session and one account, however many requests bring it at once to two servers', async () => {
    const token = await issuer.token(subject(), { preferred_username: 'hasty' });
    const names = await Promise.all(Array.from({ length: 20 }, (_, n) => usernameOf(token, n % 2 === 0 ? server : beside)));
    expect(new Set(names)).toEqual(new Set(['hasty']));
    expect(await server.database.prisma.user.count({ where: { username: { startsWith: 'hasty' } } })).toBe(1);
    expect(await server.database.prisma.session.count({ where: { user: { username: 'hasty' } } })).toBe(1);
  });

  test('is of one account with others of its subject that come at once, to two servers', async () => {
    const subs = Array.from({ length: 12 }, () => subject());
    // The services themselves, so that what comes to the one is not later than what comes to the other.
    const found = await Promise.all(subs.map(async (sub) => {
      const tokens = await Promise.all([issuer.token(sub, { jti: 'one' }), issuer.token(sub, { jti: 'two' })]);
      return Promise.all(tokens.map(async (token, n) => (await [server, beside][n]!.services.externalSessions.findViewer(token))?.id));
    }));
    for (const [one, other] of found) expect([typeof one, one]).toEqual(['number', other]);
    expect(new Set(found.flat()).size).toBe(12);
  });

  test('never gets the account of another who has its name, its address or a name of the server', async () => {
    const reader = await seedReader(server);
    const mine = await usernameOf(await issuer.token(subject(), { preferred_username: reader.username, email: `${reader.username}@mail.example`, email_verified: true }));
    expect(mine).toBe(`${reader.username}-2`);
    expect(await usernameOf(await issuer.token(subject(), { preferred_username: reader.username }))).toBe(`${reader.username}-3`);
    expect(await usernameOf(await issuer.token(subject(), { preferred_username: 'admin' }))).toBe('admin-2');
  });

  test.each([
    ['Ada.Lovelace@mail.example', /^ada-lovelace$/],
    ['Zoë  Ångström', /^zoe-angstrom$/],
    ['  --__x1', /^x1$/],
    ['a'.repeat(60), /^a{32}$/],
    ['李', /^reader-[0-9a-f]{6}$/],
    ['', /^reader-[0-9a-f]{6}$/],
    [undefined, /^reader-[0-9a-f]{6}$/],
    [['a', 'list'], /^reader-[0-9a-f]{6}$/],
  ])('of one who is called %j there gets a username by the rules', async (name, expected) => {
    expect(await usernameOf(await issuer.token(subject(), { preferred_username: name }))).toMatch(expected);
  });

  test('ends when it expires, half a minute later since clocks differ', async () => {
    const token = await issuer.token(subject(), { exp: nowInSeconds() - 28, iat: nowInSeconds() - 100 });
    expect(await statusOf(token)).toBe(200);
    const [session] = await server.database.rows<{ seconds: number }>(sql`SELECT extract(epoch FROM expires_at - now())::float8 AS seconds FROM sessions ORDER BY id DESC LIMIT 1`);
    expect(session!.seconds).toBeGreaterThan(0);
    expect(session!.seconds).toBeLessThanOrEqual(2);
    await server.database.rows(sql`UPDATE sessions SET created_at = created_at - interval '1 hour', expires_at = now() - interval '1 s' WHERE id = (SELECT max(id) FROM sessions)`);
    await new Promise((resolve) => { setTimeout(resolve, 2100); });
    expect(await statusOf(token)).toBe(401);
  });

  test('that has expired by the database’s clock is nobody’s, and makes no account', async () => {
    const { sessions, users } = server.services;
    const tokens = new ProviderTokens(issuer.settings, 30);
    const prove = tokens.prove.bind(tokens);
    tokens.prove = async (token) => {
      const proven = await prove(token);
      return proven === null ? null : { ...proven, expiresAt: new Date(Date.now() - 1000) };
    };
    const late = new ExternalSessionService(server.database, { sessions, users, tokens });
    const token = await issuer.token(subject(), { preferred_username: 'too-late' });
    expect([await late.findViewer(token), await late.findViewer(token)]).toEqual([null, null]);
    expect(await server.database.prisma.user.count({ where: { username: 'too-late' } })).toBe(0);
  });

  test('of years is taken for as long as a session of the server', async () => {
    const day = 86_400;
    expect(await statusOf(await issuer.token(subject(), { exp: nowInSeconds() + 3650 * day }))).toBe(200);
    const [session] = await server.database.rows<{ days: number }>(sql`SELECT (extract(epoch FROM expires_at - now()) / 86400)::float8 AS days FROM sessions ORDER BY id DESC LIMIT 1`);
    expect(session!.days).toBeCloseTo(30, 1);
    expect(await statusOf(await issuer.token(subject(), { iat: nowInSeconds() - 31 * day, exp: nowInSeconds() + 3650 * day }))).toBe(401);
  });

  test('opens subscriptions by both ways', async () => {
    const token = await issuer.token(subject());
    const paper = await aPaper();
    const document = `subscription { paperVotes(paperId: "${paper.id}") { paper { viewerHasUpvoted } } }`;
    const both = [await subscribed(server, wsClient(server, token), document), await subscribed(server, sseClient(server, token), document)];
    await server.query(`mutation { upvotePaper(input: { paperId: "${paper.id}" }) { __typename } }`, { token });
    for (const received of both) {
      expect((await received.until(1))[0]).toEqual({ data: { paperVotes: { paper: { viewerHasUpvoted: true } } } });
      received.stop();
    }
  });
});

const SIGN_OUT = 'mutation ($everywhere: Boolean!) { signOut(input: { everywhere: $everywhere }) { endedSessions } }';
const signOut = async (token: string, everywhere = false): Promise<number> => (await server.query(SIGN_OUT, { token, variables: { everywhere } })).signOut.endedSessions;
/** The same token with its signature written otherwise: the last character of 86 has four bits that count for nothing. */
const rewritten = (token: string): string => token.slice(0, -1) + ALPHABET[ALPHABET.indexOf(token.at(-1)!) ^ 1]!;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The other signature that is as valid: (r, n − s) in place of (r, s). */
function withOtherSignature(token: string): string {
  const [header, payload, signature] = token.split('.');
  const bytes = Buffer.from(signature!, 'base64url');
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
  const other = (order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0');
  return `${header}.${payload}.${Buffer.concat([bytes.subarray(0, 32), Buffer.from(other, 'hex')]).toString('base64url')}`;
}

describe('signing out', () => {
  test('ends the token, though it would hold by its signature, on every server, and no other one', async () => {
    const sub = subject();
    const [token, another] = [await issuer.token(sub), await issuer.token(sub, { jti: 'another' })];
    for (const sent of [token, another]) expect(await statusOf(sent)).toBe(200);
    expect(await signOut(token)).toBe(1);
    for (const on of [server, beside]) expect([await statusOf(token, on), await statusOf(another, on)]).toEqual([401, 200]);
    expect(await server.query('{ viewer { id } }')).toEqual({ viewer: null });
  });

  test('ends it also with its signature written otherwise, before and after', async () => {
    const token = await issuer.token(subject());
    expect([await statusOf(token), await statusOf(withOtherSignature(token))]).toEqual([200, 200]);
    await signOut(token);
    for (const sent of [token, rewritten(token), withOtherSignature(token)]) expect(await statusOf(sent)).toBe(401);
  });

  test('everywhere ends what the provider has issued by then, also what nobody has sent yet', async () => {
    const sub = subject();
    const [token, sent, unsent] = [await issuer.token(sub), await issuer.token(sub, { jti: 'sent' }), await issuer.token(sub, { jti: 'unsent', iat: nowInSeconds() - 60 })];
    const username = await usernameOf(token);
    await usernameOf(sent, beside);
    expect(await signOut(token, true)).toBe(2);
    for (const ended of [token, sent, unsent]) expect([await statusOf(ended), await statusOf(ended, beside)]).toEqual([401, 401]);
    await server.database.rows(sql`UPDATE external_identities SET refused_before = refused_before - interval '2 s' WHERE subject = ${sub}`);
    expect(await usernameOf(await issuer.token(sub, { jti: 'later' }))).toBe(username);
    expect(await statusOf(token)).toBe(401);
  });

  test('amid requests with the token leaves no session', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const token = await issuer.token(subject());
      await usernameOf(token);
      await Promise.all([signOut(token), ...Array.from({ length: 6 }, (_, n) => statusOf(token, n % 2 === 0 ? server : beside))]);
      expect([await statusOf(token), await statusOf(token, beside)]).toEqual([401, 401]);
    }
  });

  test('is remembered until the token expires, and by then forgotten', async () => {
    const { externalIdentities } = server.services;
    const count = (): Promise<number> => server.database.prisma.refusedToken.count();
    const before = await count();
    const token = await issuer.token(subject());
    await usernameOf(token);
    await signOut(token);
    await externalIdentities.prune();
    expect(await count()).toBe(before + 1);
    await server.database.rows(sql`UPDATE refused_tokens SET expires_at = now() - interval '1 s'`);
    await externalIdentities.prune();
    expect(await count()).toBe(0);
  });
});

const LINK = 'mutation ($token: String!, $currentPassword: String) { linkExternalIdentity(input: { token: $token, currentPassword: $currentPassword }) { externalIdentity { id issuer subject lastSeenOn } } }';
const UNLINK = 'mutation ($id: ID!) { unlinkExternalIdentity(input: { externalIdentityId: $id }) { externalIdentityId } viewerIs: signOut(input: { everywhere: false }) { endedSessions } }';
const IDENTITIES = '{ externalIdentities { totalCount nodes { id subject } } }';

describe('linking', () => {
  test('has a subject without an account sign in as the viewer, and may be repeated', async () => {
    const reader = await seedReader(server);
    const sub = subject();
    for (let turn = 0; turn < 2; turn += 1) {
      const { externalIdentity } = (await server.query(LINK, { token: reader.token, variables: { token: await issuer.token(sub) } })).linkExternalIdentity;
      expect(externalIdentity).toEqual({ id: expect.any(String), issuer: issuer.issuer, subject: sub, lastSeenOn: new Date().toISOString().slice(0, 10) });
    }
    expect(await usernameOf(await issuer.token(sub, { preferred_username: 'not-this' }), beside)).toBe(reader.username);
    expect((await server.query(IDENTITIES, { token: reader.token })).externalIdentities).toMatchObject({ totalCount: 1, nodes: [{ subject: sub }] });
  });

  test('refuses a subject that signs in as another, a token that does not hold, and whoever is not signed in', async () => {
    const reader = await seedReader(server);
    const taken = await issuer.token(subject());
    await usernameOf(taken);
    expect((await server.error(LINK, { token: reader.token, variables: { token: taken } })).extensions).toEqual({ code: 'CONFLICT', field: 'token' });
    const expired = await issuer.token(subject(), { exp: nowInSeconds() - 60 });
    for (const bad of [expired, reader.token, '']) {
      const error = await server.error(LINK, { token: reader.token, variables: { token: bad } });
      expect(error).toMatchObject({ message: `token must be a token that the provider signed for this server and that holds, received "${bad.length} characters"`, extensions: { code: 'BAD_USER_INPUT', field: 'token' } });
    }
    const sound = await issuer.token(subject());
    expect((await server.error(LINK, { variables: { token: sound } })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    // Nothing of it is told again, by whatever is wrong with the rest.
    const { message } = await server.error('mutation ($input: LinkExternalIdentityInput!) { linkExternalIdentity(input: $input) { __typename } }', { token: reader.token, variables: { input: { token: [sound, {}] } } });
    expect(message).not.toContain(sound.slice(0, 20));
  });

  test('of one subject by two readers at once is of one, and a reader links ten', async () => {
    const [one, other] = [await seedReader(server), await seedReader(server)];
    const token = await issuer.token(subject());
    const answers = await Promise.all([one, other].map((reader, n) => [server, beside][n]!.send(LINK, { token: reader.token, variables: { token } })));
    expect(answers.map(({ errors }) => errors.map(({ extensions }) => extensions.code)).sort()).toEqual([[], ['CONFLICT']]);
    const many = await seedReader(server);
    const tokens = await Promise.all(Array.from({ length: 13 }, () => issuer.token(subject())));
    const linked = await Promise.all(tokens.map((sent) => server.send(LINK, { token: many.token, variables: { token: sent } })));
    expect(linked.filter(({ errors }) => errors.length === 0)).toHaveLength(10);
    expect(new Set(linked.flatMap(({ errors }) => errors.map(({ message }) => message)))).toEqual(new Set(['a reader has at most 10 external identities: unlink one first']));
  });

  test('needs the password of an account that has one', async () => {
    const reader = await signUp(server, `careful-${(subjects += 1)}`);
    const token = await issuer.token(subject());
    const link = (currentPassword: string | null): Promise<any> => server.error(LINK, { token: reader.token, variables: { token, currentPassword } });
    expect(await link(null)).toMatchObject({ message: 'currentPassword must be given, since the account has one, received null', extensions: { code: 'BAD_USER_INPUT', field: 'currentPassword' } });
    expect(await link('not the password')).toMatchObject({ message: 'the username or the password is wrong', extensions: { code: 'UNAUTHENTICATED' } });
    expect(await server.database.prisma.externalIdentity.count({ where: { userId: reader.rowId } })).toBe(0);
    await server.query(LINK, { token: reader.token, variables: { token, currentPassword: PASSWORD } });
    expect(await usernameOf(token)).toBe(reader.username);
    // Who has none can show none.
    const without = (await seedReader(server)).token;
    expect((await server.error(LINK, { token: without, variables: { token: await issuer.token(subject()), currentPassword: PASSWORD } })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
  });

  test('counts wrong passwords as signing in does', async () => {
    const limited = await startBeside(server, { oidc: issuer.settings, signIn: { perPlace: 2, perAccount: 0, perAddress: 0, signUpsPerHour: 0 } });
    const reader = await signUp(limited, `guessed-${(subjects += 1)}`);
    const codes: unknown[] = [];
    for (const currentPassword of ['not the password', 'nor this one', PASSWORD]) codes.push((await limited.error(LINK, { token: reader.token, variables: { token: await issuer.token(subject()), currentPassword } })).extensions['code']);
    expect(codes).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'RATE_LIMITED']);
    await limited.stop();
  });

  test('is not for an API token, whatever it may do and whether or not it expires', async () => {
    const CREATE = 'mutation ($expiresAt: DateTime) { createApiToken(input: { name: "a program", scopes: [READ, VOTE, WRITE, ADMIN], expiresAt: $expiresAt }) { token } }';
    const readers = [await seedReader(server), await signUp(server, `with-programs-${(subjects += 1)}`)];
    for (const [n, reader] of readers.entries()) {
      const expiresAt = n === 0 ? new Date(Date.now() + 3_600_000).toISOString() : null;
      const { token: program } = (await server.query(CREATE, { token: reader.token, variables: { expiresAt } })).createApiToken;
      const token = await issuer.token(subject());
      const error = await server.error(LINK, { token: program, variables: { token, currentPassword: n === 0 ? null : PASSWORD } });
      expect(error).toMatchObject({ message: 'an API token links nobody, who could do more than it and for longer: sign in', extensions: { code: 'FORBIDDEN' } });
      expect(await usernameOf(token)).not.toBe(reader.username);
    }
  });

  const CHANGE = `mutation { changePassword(input: { currentPassword: "${PASSWORD}", newPassword: "another one of length" }) { endedSessions } }`;
  const REVOKE = '{ sessions(first: 2) { nodes { id isCurrent } } }';
  test.each([
    ['its session is revoked', async (asking: string, other: string) => {
      const { id } = (await server.query(REVOKE, { token: asking })).sessions.nodes.find((node: any) => node.isCurrent);
      await server.query('mutation ($id: ID!) { revokeSession(input: { sessionId: $id }) { sessionId } }', { token: other, variables: { id } });
    }, 'the token of this request ended meanwhile: sign in again'],
    ['the password is changed elsewhere', async (_asking: string, other: string) => { await server.query(CHANGE, { token: other }); }, 'the username or the password is wrong'],
    ['the password is changed by the same session', async (asking: string) => { await server.query(CHANGE, { token: asking }); }, 'the username or the password is wrong'],
  ])('while the provider is waited for, ends where %s', async (_name, meanwhile, message) => {
    const slow = await startBeside(server, { oidc: { ...issuer.settings, jwksUrl: `${issuer.issuer}/keys` } });
    const { username, token: other } = await signUp(server, `interrupted-${(subjects += 1)}`);
    const { token: asking } = (await server.query(`mutation { signIn(input: { username: "${username}", password: "${PASSWORD}" }) { token } }`)).signIn;
    const token = await issuer.token(subject());
    const asked = new Promise<() => void>((resolve) => {
      issuer.answer = (_request, response) => {
        issuer.answer = null;
        resolve(() => { response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: issuer.keys })); });
      };
    });
    const linking = slow.send(LINK, { token: asking, variables: { token, currentPassword: PASSWORD } });
    const answer = await asked;
    await meanwhile(asking, other);
    answer();
    expect((await linking).errors).toMatchObject([{ message, extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await usernameOf(token)).not.toBe(username);
    await slow.stop();
  });

  test('on a server without a provider is a conflict', async () => {
    const none = await startBeside(server);
    const reader = await seedReader(server);
    expect(await none.error(LINK, { token: reader.token, variables: { token: await issuer.token(subject()) } })).toMatchObject({ message: 'this server takes no tokens of a provider: none is configured', extensions: { code: 'CONFLICT' } });
    expect(await statusOf(await issuer.token(subject()), none)).toBe(401);
    await none.stop();
  });
});

describe('an account that the configuration gives another password', () => {
  test('is opened by nothing that opened it before: whoever had its name does not get its role', async () => {
    const { users } = server.services;
    const squatter = await signUp(server, `squatter-${(subjects += 1)}`);
    const [linked, unsent] = await Promise.all([issuer.token('squatting'), issuer.token('squatting', { jti: 'unsent' })]);
    await server.query(LINK, { token: squatter.token, variables: { token: linked, currentPassword: PASSWORD } });
    await usernameOf(linked);
    const made = await server.query(`mutation {
      createApiToken(input: { name: "a program", scopes: [READ, ADMIN] }) { token } createFeedToken(input: { name: "x" }) { feedToken { id } } exportMyData { downloadUrl }
    }`, { token: squatter.token });
    const other = await signUp(server, `beside-${(subjects += 1)}`);
    await users.ensureAccount({ username: squatter.username, password: 'of the configuration' }, 'ADMIN');
    expect(await users.findByPassword(squatter.username, 'of the configuration')).toMatchObject({ role: 'ADMIN' });
    for (const token of [squatter.token, linked, made.createApiToken.token]) expect([await statusOf(token), await statusOf(token, beside)]).toEqual([401, 401]);
    expect(await usernameOf(unsent)).not.toBe(squatter.username);
    const where = { where: { userId: squatter.rowId } };
    const { session, externalIdentity, feedToken, dataExport } = server.database.prisma;
    expect([await session.count(where), await externalIdentity.count(where), await feedToken.count(where), await dataExport.count(where)]).toEqual([0, 0, 0, 0]);
    expect(await statusOf(other.token)).toBe(200);
  });

  test('has another role with it or not at all', async () => {
    const { users } = server.services;
    const reader = await signUp(server, `half-${(subjects += 1)}`);
    await server.database.rows(sql`CREATE FUNCTION refuse_for_test() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused for the test'; END $$`);
    await server.database.rows(sql`CREATE TRIGGER refuse_for_test BEFORE DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION refuse_for_test()`);
    try {
      await expect(users.ensureAccount({ username: reader.username, password: 'of the configuration' }, 'ADMIN')).rejects.toThrow('refused for the test');
    } finally {
      await server.database.rows(sql`DROP TRIGGER refuse_for_test ON sessions`);
      await server.database.rows(sql`DROP FUNCTION refuse_for_test`);
    }
    expect(await users.findByPassword(reader.username, PASSWORD)).toMatchObject({ role: 'READER' });
  });

  test.each(['admin', 'demo'])('is not made by signing up as %s', async (username) => {
    const error = await server.error('mutation ($username: String!, $password: String!) { signUp(input: { username: $username, password: $password }) { token } }', { variables: { username, password: PASSWORD } });
    expect(error).toMatchObject({ message: `the username "${username}" is the server's own`, extensions: { code: 'CONFLICT', field: 'username' } });
    expect(await server.database.prisma.user.count({ where: { username } })).toBe(0);
  });
});

describe('unlinking', () => {
  const idOf = async (token: string): Promise<string> => (await server.query(IDENTITIES, { token })).externalIdentities.nodes[0].id;
  const unlink = (token: string, id: string): ReturnType<TestServer['send']> => server.send('mutation ($id: ID!) { unlinkExternalIdentity(input: { externalIdentityId: $id }) { externalIdentityId } }', { token, variables: { id } });

  test('ends the identity with its sessions, and the token makes no account anew', async () => {
    const reader = await signUp(server, `with-password-${(subjects += 1)}`);
    const token = await issuer.token(subject());
    await server.query(LINK, { token: reader.token, variables: { token, currentPassword: PASSWORD } });
    expect(await usernameOf(token)).toBe(reader.username);
    const id = await idOf(token);
    expect((await unlink((await seedReader(server)).token, id)).errors).toEqual([]);
    expect(await statusOf(token)).toBe(200);
    for (let turn = 0; turn < 2; turn += 1) expect(await unlink(reader.token, id)).toMatchObject({ data: { unlinkExternalIdentity: { externalIdentityId: id } }, errors: [] });
    expect([await statusOf(token), await statusOf(token, beside), await statusOf(reader.token)]).toEqual([401, 401, 200]);
    // Whoever has the ended token cannot bring the subject into an account of theirs.
    expect((await server.error(LINK, { token: (await seedReader(server)).token, variables: { token } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'token' });
  });

  test('and linking anew brings no token back that was ended before', async () => {
    const reader = await signUp(server, `linking-anew-${(subjects += 1)}`);
    const sub = subject();
    const [old, unsent, first] = await Promise.all([5, 6, 4].map((age, n) => issuer.token(sub, { iat: nowInSeconds() - age, jti: String(n) })));
    await server.query(LINK, { token: reader.token, variables: { token: old!, currentPassword: PASSWORD } });
    await signOut(old!, true);
    const { token } = (await server.query(`mutation { signIn(input: { username: "${reader.username}", password: "${PASSWORD}" }) { token } }`)).signIn;
    expect((await unlink(token, await idOf(token))).errors).toEqual([]);
    await server.query(LINK, { token, variables: { token: first!, currentPassword: PASSWORD } });
    expect([await statusOf(old!), await statusOf(unsent!), await usernameOf(first!)]).toEqual([401, 401, reader.username]);
  });

  test('by the token of the identity itself has the rest of the request be nobody’s', async () => {
    const reader = await signUp(server, `with-password-${(subjects += 1)}`);
    const token = await issuer.token(subject());
    await server.query(LINK, { token: reader.token, variables: { token, currentPassword: PASSWORD } });
    expect((await server.query(UNLINK, { token, variables: { id: await idOf(token) } })).viewerIs).toEqual({ endedSessions: 0 });
  });

  test('is refused for the only way in', async () => {
    const token = await issuer.token(subject());
    await usernameOf(token);
    const [error] = (await unlink(token, await idOf(token))).errors;
    expect(error).toMatchObject({ message: 'the identity is the only way into the account, which has no password: link another one first', extensions: { code: 'CONFLICT' } });
    const second = await issuer.token(subject());
    await server.query(LINK, { token, variables: { token: second } });
    // Of the two at once, one stays.
    const ids = (await server.query(IDENTITIES, { token })).externalIdentities.nodes.map((node: any) => node.id as string);
    const both = await Promise.all(ids.map((id: string) => unlink(second, id)));
    expect(both.flatMap(({ errors }: Awaited<ReturnType<TestServer['send']>>) => errors)).toHaveLength(1);
    expect(await server.database.prisma.externalIdentity.count({ where: { issuer: issuer.issuer, subject: `subject-${subjects - 1}` } }) + await server.database.prisma.externalIdentity.count({ where: { subject: `subject-${subjects}` } })).toBe(1);
  });

  test('nobody else sees an identity', async () => {
    const token = await issuer.token(subject());
    await usernameOf(token);
    const id = await idOf(token);
    const document = 'query ($id: ID!) { node(id: $id) { id ... on ExternalIdentity { issuer } } }';
    expect((await server.query(document, { token, variables: { id } })).node).toEqual({ id, issuer: issuer.issuer });
    for (const other of [(await seedReader(server)).token, null]) expect((await server.query(document, { token: other, variables: { id } })).node).toBeNull();
  });
});

describe('deleting an account without a password', () => {
  const DELETE = 'mutation ($password: String) { deleteAccount(input: { password: $password }) { deletedUserId } }';
  const remove = (token: string, password: string | null = null): ReturnType<TestServer['send']> => server.send(DELETE, { token, variables: { password } });

  test('needs a token by which the reader signed in of late, and the token makes no account anew', async () => {
    const sub = subject();
    const [old, silent, fresh] = await Promise.all([
      issuer.token(sub, { iat: nowInSeconds() - 601, preferred_username: 'leaving' }), issuer.token(sub, { auth_time: nowInSeconds() - 601 }), issuer.token(sub, { auth_time: nowInSeconds() - 590 }),
    ]);
    const { viewer } = await server.query(VIEWER, { token: old });
    for (const [token, password] of [[old, null], [silent, null], [fresh, 'any password']] as const) {
      expect((await remove(token, password)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    }
    expect((await remove(fresh)).data).toEqual({ deleteAccount: { deletedUserId: viewer.id } });
    for (const token of [old, silent, fresh]) expect([await statusOf(token), await statusOf(token, beside)]).toEqual([401, 401]);
    expect(await server.database.prisma.user.count({ where: { username: 'leaving' } })).toBe(0);
    expect((await server.query(VIEWER, { token: await issuer.token(sub, { preferred_username: 'leaving' }) })).viewer).not.toEqual(viewer);
  });

  test.each([['a text', String(nowInSeconds())], ['a list', [nowInSeconds()]], ['no', false], ['null', null], ['a time before all times', -1e300]])('is not for a token that says %s for when its reader signed in', async (_name, said) => {
    const token = await issuer.token(subject(), { auth_time: said });
    const username = await usernameOf(token);
    expect((await remove(token)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await usernameOf(token)).toBe(username);
  });

  test('is for a token that says nothing of it, by when it was issued', async () => {
    for (const [age, errors] of [[601, [{ extensions: { code: 'UNAUTHENTICATED' } }]], [590, []]] as const) {
      const token = await issuer.token(subject(), { iat: nowInSeconds() - age });
      await usernameOf(token);
      expect((await remove(token)).errors).toMatchObject(errors);
    }
  });

  test('is not for an account with one, whatever its provider says', async () => {
    const reader = await signUp(server, `with-both-${(subjects += 1)}`);
    const token = await issuer.token(subject(), { auth_time: nowInSeconds() });
    await server.query(LINK, { token: reader.token, variables: { token, currentPassword: PASSWORD } });
    expect((await remove(token)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await usernameOf(token)).toBe(reader.username);
    expect((await remove(token, PASSWORD)).errors).toEqual([]);
  });

  test('is not for a token of the server, nor of another reader', async () => {
    const reader = await seedReader(server);
    expect((await remove(reader.token)).errors).toMatchObject([{ message: 'this needs the password, or a token of a provider at which the reader signed in within the last ten minutes', extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await statusOf(reader.token)).toBe(200);
  });
});
