import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { exportSPKI, importJWK, type CryptoKey } from 'jose';
import { UnavailableError } from '../../src/errors.js';
import { ProviderTokens } from '../../src/identities/providerTokens.js';
import { AUDIENCE, makeSigner, nowInSeconds, startIssuer, type OidcIssuer, type Signing } from '../support/oidcIssuer.js';
import { seedReader } from '../support/seed.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const VIEWER = '{ viewer { username } }';

let issuer: OidcIssuer;
let server: TestServer;
let subjects = 0;

beforeAll(async () => {
  issuer = await startIssuer();
  server = await startTestServer({ oidc: issuer.settings });
});
afterAll(async () => {
  await server.stop();
  await issuer.close();
});
afterEach(() => {
  issuer.answer = null;
  issuer.keys = [issuer.signer.publicJwk];
});

const subject = (): string => `hostile-${(subjects += 1)}`;
const encoded = (part: object | string): string => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
const claims = (): Record<string, unknown> => ({ iss: issuer.issuer, aud: AUDIENCE, sub: subject(), iat: nowInSeconds(), exp: nowInSeconds() + 300 });
const rowsMade = async (): Promise<unknown> => [await server.database.prisma.user.count(), await server.database.prisma.session.count(), await server.database.prisma.externalIdentity.count()];

/** Sends it, and gives the status and the code of the error. */
async function sent(token: string, on: TestServer = server): Promise<{ readonly status: number; readonly code: string | undefined }> {
  const { status, errors } = await on.send(VIEWER, { token });
  return { status, code: errors[0]?.extensions.code };
}

const REFUSED = { status: 401, code: 'UNAUTHENTICATED' };
const TAKEN = { status: 200, code: undefined };

describe('a token is refused', () => {
  beforeAll(async () => { expect(await sent(await issuer.token(subject()))).toEqual(TAKEN); });

  const byClaims: readonly (readonly [string, Record<string, unknown>])[] = [
    ['of another issuer', { iss: 'https://elsewhere.example' }],
    ['of the issuer with a slash more', { iss: 'slash' }],
    ['of several issuers', { iss: ['list'] }],
    ['without an issuer', { iss: undefined }],
    ['for another service', { aud: 'https://another.example' }],
    ['for no service', { aud: undefined }],
    ['for an empty list of services', { aud: [] }],
    ['for a service whose name begins so', { aud: `${AUDIENCE}/more` }],
    ['that expired a minute ago', { exp: nowInSeconds() - 60, iat: nowInSeconds() - 120 }],
    ['that never expires', { exp: undefined }],
    ['that expires at no time', { exp: 'never' }],
    ['that does not hold yet', { nbf: nowInSeconds() + 3600 }],
    ['issued in the future', { iat: nowInSeconds() + 3600, exp: nowInSeconds() + 7200 }],
    ['that does not say when it was issued', { iat: undefined }],
    ['without a subject', { sub: undefined }],
    ['of an empty subject', { sub: '' }],
    ['of a subject that is a number', { sub: 17 }],
    ['of a subject of 256 characters', { sub: 's'.repeat(256) }],
    ['of a subject with NUL', { sub: 'a\0b' }],
    ['of a subject that is half a character', { sub: 'a\uD800' }],
    ['that tells of a logout', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
    ['that is bound to a key', { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }],
  ];
  test.each(byClaims)('%s', async (_name, said) => {
    const before = await rowsMade();
    const wrong = said['iss'] === 'slash' ? { iss: `${issuer.issuer}/` } : Array.isArray(said['iss']) ? { iss: [issuer.issuer, 'another'] } : said;
    expect(await sent(await issuer.token(subject(), wrong))).toEqual(REFUSED);
    expect(await rowsMade()).toEqual(before);
  });

  test.each([
    ['the type of a logout', { typ: 'logout+jwt' }],
    ['the type of a proof', { typ: 'dpop+jwt' }],
    ['the type of an event', { typ: 'application/secevent+jwt' }],
    ['a header that must be understood and is not', { crit: ['exp-of-header'], 'exp-of-header': 1 }],
    ['an address of keys of its own', { kid: 'unknown', jku: 'http://127.0.0.1:9/keys' }],
  ] satisfies (readonly [string, Record<string, unknown>])[])('with %s', async (_name, header) => {
    const { crit, ...rest } = header as { crit?: string[] };
    const token = crit === undefined
      ? await issuer.token(subject(), {}, { header: rest })
      : await signedByHand({ alg: 'ES256', kid: 'first', typ: 'JWT', ...header });
    expect(await sent(token)).toEqual(REFUSED);
  });

  /** By the right key, with a header that no library would write. */
  async function signedByHand(header: object): Promise<string> {
    const input = `${encoded(header)}.${encoded(claims())}`;
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, issuer.signer.privateKey, Buffer.from(input));
    return `${input}.${Buffer.from(signature).toString('base64url')}`;
  }

  test('and what is signed by hand as it should be is taken: the hand is not what is refused', async () => {
    expect(await sent(await signedByHand({ alg: 'ES256', kid: 'first', typ: 'JWT' }))).toEqual(TAKEN);
  });

  test('with a payload that is not encoded', async () => {
    expect(await sent(await signedByHand({ alg: 'ES256', kid: 'first', typ: 'JWT', b64: false, crit: ['b64'] }))).toEqual(REFUSED);
  });

  test.each(['none', 'None', 'NONE', ''])('whose algorithm is %j', async (alg) => {
    for (const signature of ['', 'AA', Buffer.from('none').toString('base64url')]) expect(await sent(`${encoded({ alg, typ: 'JWT' })}.${encoded(claims())}.${signature}`)).toEqual(REFUSED);
  });

  test('that is signed with the public key as a shared secret', async () => {
    const spki = await exportSPKI((await importJWK({ ...issuer.signer.publicJwk, ext: true }, 'ES256', { extractable: true })) as CryptoKey);
    for (const secret of [spki, spki.trim(), JSON.stringify(issuer.signer.publicJwk), Buffer.from(String(issuer.signer.publicJwk.x), 'base64url')]) {
      const input = `${encoded({ alg: 'HS256', typ: 'JWT', kid: 'first' })}.${encoded(claims())}`;
      expect(await sent(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`)).toEqual(REFUSED);
    }
  });

  test('that is signed by another key under the name of the right one, or brings its key along', async () => {
    const forger = await makeSigner('first');
    expect(await sent(await issuer.token(subject(), {}, { signer: forger }))).toEqual(REFUSED);
    expect(await sent(await issuer.token(subject(), {}, { signer: forger, header: { jwk: forger.publicJwk } }))).toEqual(REFUSED);
    expect(await sent(await issuer.token(subject(), {}, { signer: forger, header: { kid: undefined, jwk: forger.publicJwk } }))).toEqual(REFUSED);
  });

  test('whose claims were changed, or whose signature was cut', async () => {
    const [header, payload, signature] = (await issuer.token(subject())).split('.');
    const changed = { ...(JSON.parse(Buffer.from(payload!, 'base64url').toString()) as object), sub: 'somebody' };
    for (const token of [`${header}.${encoded(changed)}.${signature}`, `${header}.${payload}.${signature!.slice(0, 40)}`, `${header}.${payload}.`, `${header}.${payload}`, `${header}.${payload}.${signature}.${signature}`]) expect(await sent(token)).toEqual(REFUSED);
  });

  test.each(['a.b.c', 'e30.e30.e30', `${encoded('[]')}.${encoded('[]')}.AA`, `${encoded('{"alg":"ES256"')}.${encoded('null')}.AA`, '...', 'ZGVlcA.ZGVlcA.ZGVlcA', `${encoded({ alg: { x: 1 } })}.${encoded({ iss: 1 })}.AA`])('that is %s', async (token) => {
    expect(await sent(token)).toEqual(REFUSED);
  });

  test('of more than 8 kilobytes, and one of nearly as many is taken', async () => {
    expect(await sent(await issuer.token(subject(), { groups: 'g'.repeat(5800) }))).toEqual(TAKEN);
    const huge = await issuer.token(subject(), { groups: 'g'.repeat(6100) });
    expect(huge.length).toBeGreaterThan(8192);
    expect(await sent(huge)).toEqual(REFUSED);
  });

  test('without asking the provider, where its text is enough to tell', async () => {
    const { length } = issuer.asked;
    const [expired, foreign] = [await issuer.token(subject(), { exp: nowInSeconds() - 60 }), await issuer.token(subject(), { iss: 'https://elsewhere.example' }, { signer: await makeSigner('elsewhere') })];
    const fresh = await startBeside(server, { oidc: issuer.settings });
    for (const token of [expired, foreign, 'a.b.c', 'dp_unknown']) expect(await sent(token, fresh)).toEqual(REFUSED);
    expect(issuer.asked.length).toBe(length);
    await fresh.stop();
  });
});

describe('a token is taken', () => {
  test.each([
    ['of the type JWT', {}, { header: { typ: 'JWT' } }],
    ['of its type in full', {}, { header: { typ: 'application/AT+JWT' } }],
    ['without a type', {}, { header: { typ: undefined } }],
    ['without the name of its key, where there is one', {}, { header: { kid: undefined } }],
    ['for several services', { aud: ['https://another.example', AUDIENCE] }, {}],
    ['that holds in twenty seconds, since clocks differ', { nbf: nowInSeconds() + 20, iat: nowInSeconds() + 20 }, {}],
    ['of a subject of 255 characters', { sub: 's'.repeat(255) }, {}],
  ] satisfies (readonly [string, Record<string, unknown>, Signing])[])('%s', async (_name, said, signing) => {
    expect(await sent(await issuer.token(subject(), said, signing))).toEqual(TAKEN);
  });

  test.each(['RS256', 'PS256', 'EdDSA'])('signed by %s, and not where the algorithm is not among those configured', async (alg) => {
    const signer = await makeSigner(`by-${alg}`, alg);
    issuer.keys = [issuer.signer.publicJwk, signer.publicJwk];
    const all = await startBeside(server, { oidc: issuer.settings });
    const one = await startBeside(server, { oidc: { ...issuer.settings, algorithms: ['ES256'] } });
    const token = await issuer.token(subject(), {}, { signer });
    expect([await sent(token, one), await sent(token, all)]).toEqual([REFUSED, TAKEN]);
    await all.stop();
    await one.stop();
  });
});

test('why a token was refused is told in the log of who debugs, without the token', async () => {
  const reasons: unknown[] = [];
  const debug = jest.spyOn(server.app.log, 'debug').mockImplementation((...line: unknown[]) => { reasons.push((line[0] as { reason: string }).reason); });
  const [header, payload] = (await issuer.token(subject())).split('.');
  for (const token of [
    await issuer.token(subject(), { aud: 'another' }), await issuer.token(subject(), { iss: 'another' }), await issuer.token(subject(), { exp: nowInSeconds() - 60 }), await issuer.token(subject(), { nbf: nowInSeconds() + 60 }),
    await issuer.token(subject(), { iat: undefined }), await issuer.token(subject(), {}, { header: { typ: 'logout+jwt' } }), await issuer.token(subject(), { cnf: {} }), await issuer.token(subject(), { sub: '' }), `${header}.${payload}.AAAA`,
  ]) expect(await sent(token)).toEqual(REFUSED);
  debug.mockRestore();
  expect(reasons).toEqual([
    'it is for another audience', 'it is of another issuer', 'it has expired, or never would', 'it does not hold yet', 'missing required "iat" claim', 'its type is another', 'it is no bearer token',
    'its subject must have 1 to 255 characters', 'signature verification failed',
  ]);
});

describe('keys', () => {
  test('are tried one after the other where a token does not name its own', async () => {
    const second = await makeSigner('second');
    issuer.keys = [issuer.signer.publicJwk, second.publicJwk];
    const fresh = await startBeside(server, { oidc: issuer.settings });
    const unnamed = { header: { kid: undefined } };
    for (const signer of [issuer.signer, second]) expect(await sent(await issuer.token(subject(), {}, { signer, ...unnamed }), fresh)).toEqual(TAKEN);
    expect(await sent(await issuer.token(subject(), {}, { signer: await makeSigner('third'), ...unnamed }), fresh)).toEqual(REFUSED);
    expect(await sent(await issuer.token(subject(), { sub: undefined }, { signer: second, ...unnamed }), fresh)).toEqual(REFUSED);
    await fresh.stop();
  });

  test('that lie elsewhere now are found again', async () => {
    const moved = await startIssuer();
    const fresh = await startBeside(server, { oidc: moved.settings });
    moved.answer = (request, response) => { response.writeHead(request.url === '/keys' ? 404 : 200).end(JSON.stringify({ issuer: moved.issuer, jwks_uri: `${moved.issuer}/keys` })); };
    expect((await sent(await moved.token(subject()), fresh)).status).toBe(503);
    moved.answer = (request, response) => {
      response.writeHead(request.url === '/keys' ? 404 : 200).end(JSON.stringify(request.url === '/new' ? { keys: moved.keys } : { issuer: moved.issuer, jwks_uri: `${moved.issuer}/new` }));
    };
    const token = await moved.token(subject());
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now + 6000);
    try {
      expect(await sent(token, fresh)).toEqual(TAKEN);
    } finally {
      clock.mockRestore();
      await fresh.stop();
      await moved.close();
    }
  });

  test('that the provider has made since are read when a token names them', async () => {
    const fresh = await startBeside(server, { oidc: issuer.settings });
    expect(await sent(await issuer.token(subject()), fresh)).toEqual(TAKEN);
    const rotated = await makeSigner('rotated');
    issuer.keys = [rotated.publicJwk];
    const [token, old] = [await issuer.token(subject(), {}, { signer: rotated }), await issuer.token(subject())];
    const clock = jest.spyOn(Date, 'now');
    const now = Date.now();
    clock.mockImplementation(() => now + 31_000);
    try {
      const { length } = issuer.asked;
      expect(await sent(token, fresh)).toEqual(TAKEN);
      expect(issuer.asked.slice(length)).toEqual(['/keys']);
      // Of the key that is shown no longer, no new token is taken.
      expect(await sent(old, fresh)).toEqual(REFUSED);
      expect(issuer.asked.slice(length)).toEqual(['/keys']);
    } finally {
      clock.mockRestore();
      await fresh.stop();
    }
  });

  test('of unknown names are not asked for again and again: a flood costs the provider nothing', async () => {
    const fresh = await startBeside(server, { oidc: issuer.settings });
    expect(await sent(await issuer.token(subject()), fresh)).toEqual(TAKEN);
    const { length } = issuer.asked;
    const strangers = await Promise.all(Array.from({ length: 50 }, async (_, n) => issuer.token(subject(), {}, { signer: await makeSigner(`stranger-${n}`) })));
    const before = await rowsMade();
    const { result, statements } = await fresh.countStatements(() => Promise.all(strangers.map((token) => sent(token, fresh))));
    expect(result.every(({ status }) => status === 401)).toBe(true);
    expect(issuer.asked.length).toBe(length);
    // The look-up of any token, and of what is planned the answer's own; nothing is written.
    expect(statements.filter((text) => /external_identities|refused_tokens|INTO sessions|INTO users/.test(text))).toEqual([]);
    expect(statements.filter((text) => text.includes('sessions')).length).toBeLessThanOrEqual(100);
    expect(await rowsMade()).toEqual(before);
    await fresh.stop();
  });

  test('are asked for once by all who wait for them', async () => {
    const fresh = await startBeside(server, { oidc: issuer.settings });
    const tokens = await Promise.all(Array.from({ length: 10 }, () => issuer.token(subject())));
    const { length } = issuer.asked;
    expect(await Promise.all(tokens.map((token) => sent(token, fresh)))).toEqual(tokens.map(() => TAKEN));
    expect(issuer.asked.slice(length).sort()).toEqual(['/.well-known/openid-configuration', '/keys']);
    await fresh.stop();
  });

  test('lie where OIDC_JWKS_URL says, without a look at the configuration', async () => {
    const fresh = await startBeside(server, { oidc: { ...issuer.settings, jwksUrl: `${issuer.issuer}/elsewhere` } });
    const { length } = issuer.asked;
    expect(await sent(await issuer.token(subject()), fresh)).toEqual(TAKEN);
    expect(issuer.asked.slice(length)).toEqual(['/elsewhere']);
    await fresh.stop();
  });

  test('of an issuer with a path and a slash at its end are found below it', async () => {
    const realm = await startIssuer('/application/o/papers/');
    const fresh = await startBeside(server, { oidc: realm.settings });
    expect(await sent(await realm.token(subject()), fresh)).toEqual(TAKEN);
    expect(realm.asked).toEqual(['/application/o/papers/.well-known/openid-configuration', '/application/o/papers/keys']);
    await fresh.stop();
    await realm.close();
  });

  test('of RSA with too few bits are of no use', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    issuer.keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'short', alg: 'RS256', use: 'sig' }];
    const fresh = await startBeside(server, { oidc: issuer.settings });
    const input = `${encoded({ alg: 'RS256', kid: 'short', typ: 'JWT' })}.${encoded(claims())}`;
    expect(await sent(`${input}.${createSign('RSA-SHA256').update(input).sign(privateKey).toString('base64url')}`, fresh)).toEqual(REFUSED);
    await fresh.stop();
  });
});

describe('a provider that cannot be asked', () => {
  let fresh: TestServer;
  beforeEach(async () => { fresh = await startBeside(server, { oidc: issuer.settings }); });
  afterEach(() => fresh.stop());

  const later = async (token: string): Promise<void> => {
    const response = await fetch(fresh.url, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify({ query: VIEWER }) });
    const { errors: [error] } = (await response.json()) as { errors: { message: string; extensions: { code: string; retryAfter: number } }[] };
    expect([response.status, error!.extensions.code]).toEqual([503, 'UNAVAILABLE']);
    expect(error!.extensions.retryAfter).toBeGreaterThanOrEqual(1);
    expect(response.headers.get('retry-after')).toBe(String(error!.extensions.retryAfter));
    expect(error!.message).toMatch(/^the provider that issued the bearer token cannot be asked for its keys: come again in \d s$/);
  };

  type Answering = NonNullable<OidcIssuer['answer']>;
  const text = (body: string, status = 200): Answering => (_request, response) => { response.writeHead(status, { 'content-type': 'application/json' }).end(body); };
  const onlyKeys = (keys: Answering): Answering => (request, response) => {
    if (request.url === '/keys') keys(request, response);
    else text(JSON.stringify({ issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/keys` }))(request, response);
  };
  const broken: readonly (readonly [string, () => Answering])[] = [
    ['that hangs up', () => (_request, response) => { response.destroy(); }],
    ['that fails', () => text('{}', 500)],
    ['that sends elsewhere', () => (_request, response) => { response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(); }],
    ['whose configuration is no JSON', () => text('<html>')],
    ['whose configuration is null', () => text('null')],
    ['whose configuration is of another issuer', () => text(JSON.stringify({ issuer: 'https://elsewhere.example', jwks_uri: `${issuer.issuer}/keys` }))],
    ['whose configuration has no address of keys', () => text(JSON.stringify({ issuer: issuer.issuer }))],
    ['whose configuration has a file in place of an address', () => text(JSON.stringify({ issuer: issuer.issuer, jwks_uri: 'file:///etc/passwd' }))],
    ['whose keys are no JSON', () => onlyKeys(text('<html>'))],
    ['whose keys are none', () => onlyKeys(text('{"keys":"none"}'))],
    ['whose keys are cut off', () => onlyKeys((_request, response) => { response.writeHead(200, { 'content-length': '1000' }).write('{"keys":['); setTimeout(() => { response.destroy(); }, 50); })],
    ['that answers no more', () => onlyKeys(() => undefined)],
  ];
  test.each(broken)('%s has its new tokens come again, and nobody else', async (_name, answering) => {
    const known = await issuer.token(subject());
    expect(await sent(known)).toEqual(TAKEN);
    const reader = await seedReader(server);
    issuer.answer = answering();
    await later(await issuer.token(subject()));
    // What the server knows, what is its own, what the text rules out: all as ever.
    expect([await sent(known, fresh), await sent(reader.token, fresh), await sent('dp_unknown', fresh), await sent(await issuer.token(subject(), { exp: nowInSeconds() - 60 }), fresh), await sent(await issuer.token(subject(), { iss: 'https://elsewhere.example' }), fresh)])
      .toEqual([TAKEN, TAKEN, REFUSED, REFUSED, REFUSED]);
    // For a while it is left alone, then asked again.
    const { length } = issuer.asked;
    issuer.answer = null;
    for (let turn = 0; turn < 5; turn += 1) await later(await issuer.token(subject()));
    expect(issuer.asked.length).toBe(length);
    const token = await issuer.token(subject());
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now + 6000);
    try {
      expect(await sent(token, fresh)).toEqual(TAKEN);
    } finally {
      clock.mockRestore();
    }
  });

  test('is told of in the log, without a token', async () => {
    const lines: unknown[][] = [];
    jest.spyOn(fresh.app.log, 'warn').mockImplementation((...line: unknown[]) => { lines.push(line); });
    issuer.answer = text('{}', 500);
    const tokens = await Promise.all(Array.from({ length: 5 }, () => issuer.token(subject())));
    await Promise.all(tokens.map((token) => later(token)));
    expect(lines).toEqual([[{ err: expect.objectContaining({ message: `${issuer.issuer}/.well-known/openid-configuration answers with status 500` }) }, 'the provider of tokens could not be asked for its keys']]);
    const [[{ err }]] = lines as [[{ err: Error }]];
    for (const token of tokens) expect(inspect(err, { depth: 10 })).not.toContain(token.split('.')[2]);
  });

  test('closes WebSockets and event streams with a code that has clients come again', async () => {
    issuer.answer = text('{}', 500);
    const token = await issuer.token(subject());
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(fresh.url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    const closed = new Promise<[number, string]>((resolve) => { socket.on('close', (code, reason) => { resolve([code, String(reason)]); }); });
    socket.on('open', () => { socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })); });
    expect(await closed).toEqual([1013, expect.stringMatching(/^the provider that issued the bearer token cannot be asked/)]);
    const stream = await fetch(`${fresh.url}/stream`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify({ query: 'subscription { notificationAdded { __typename } }' }) });
    expect([stream.status, Number(stream.headers.get('retry-after')) > 0, ((await stream.json())).errors[0].extensions.code]).toEqual([503, true, 'UNAVAILABLE']);
  });

  test.each([['without', 0], ['with', 100_000]])('keeps nobody from signing in with such a token in the header, %s budgets', async (_name, budget) => {
    const on = await startBeside(server, { oidc: issuer.settings, costs: { maxCost: 50_000, anonymousBudget: budget, userBudget: budget } });
    issuer.answer = text('{}', 500);
    const token = await issuer.token(subject());
    const username = `signing-in-${budget}`;
    const credentials = `input: { username: "${username}", password: "correct horse battery" }`;
    for (const field of ['signUp', 'signIn']) {
      expect(await on.query(`mutation { ${field}(${credentials}) { token viewer { username } } }`, { token })).toEqual({ [field]: { token: expect.stringMatching(/^dp_/), viewer: { username } } });
    }
    // Nothing would be ended, and the token be taken when the provider is there again.
    expect(await on.error('mutation { signOut(input: { everywhere: false }) { endedSessions } }', { token })).toMatchObject({ extensions: { code: 'UNAVAILABLE' } });
    await on.stop();
  });

  test('is found out by budgets, too', async () => {
    const budgeted = await startBeside(server, { oidc: issuer.settings, costs: { maxCost: 50_000, anonymousBudget: 1000, userBudget: 1000 } });
    issuer.answer = text('{}', 500);
    expect(await sent(await issuer.token(subject()), budgeted)).toEqual({ status: 503, code: 'UNAVAILABLE' });
    await budgeted.stop();
  });

  test('that is slow is waited for three seconds, its body included', async () => {
    issuer.answer = onlyKeys((_request, response) => { response.writeHead(200).write('{"keys":'); });
    const tokens = new ProviderTokens(issuer.settings, 30);
    const before = performance.now();
    await expect(tokens.prove(await issuer.token(subject()))).rejects.toThrow(UnavailableError);
    expect(performance.now() - before).toBeGreaterThan(2500);
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});
