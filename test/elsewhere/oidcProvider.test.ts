import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, exportJWK } from 'jose';
import { AUDIENCE, makeSigner } from '../support/oidcIssuer.js';
import { startProvider, type OidcProvider } from '../support/oidcProvider.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const VIEWER = '{ viewer { id username } }';

let provider: OidcProvider;
let server: TestServer;

beforeAll(async () => {
  // It is of a later Node than this one may be, and says so.
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  jest.spyOn(console, 'info').mockImplementation(() => undefined);
  const signer = await makeSigner('of-the-provider');
  provider = await startProvider({ ...signer, privateJwk: { ...(await exportJWK(signer.privateKey)), kid: signer.kid, alg: signer.alg, use: 'sig' } });
  const oidc = { issuer: provider.issuer, audiences: [AUDIENCE, provider.clientId], jwksUrl: null, usernameClaim: 'preferred_username', algorithms: ['ES256'] };
  server = await startTestServer({ oidc });
});
afterAll(async () => {
  await server.stop();
  await provider.close();
});

test('whoever signs in at a certified provider is a reader here, by access tokens as by id tokens', async () => {
  const { accessToken, idToken, refreshToken } = await provider.signIn('ada');
  expect([decodeProtectedHeader(accessToken).typ, decodeJwt(accessToken).aud, decodeJwt(idToken).aud]).toEqual(['at+jwt', AUDIENCE, provider.clientId]);
  const { viewer } = await server.query(VIEWER, { token: accessToken });
  expect(viewer.username).toBe('ada');
  const { length } = provider.asked;
  expect((await server.query(VIEWER, { token: idToken })).viewer).toEqual(viewer);
  expect((await server.query(VIEWER, { token: accessToken })).viewer).toEqual(viewer);
  expect(provider.asked.length).toBe(length);
  const again = await provider.refresh(refreshToken);
  expect(again.accessToken).not.toBe(accessToken);
  expect((await server.query(VIEWER, { token: again.accessToken })).viewer).toEqual(viewer);
  expect((await server.query(VIEWER, { token: (await provider.signIn('ben')).accessToken })).viewer.username).toBe('ben');
});

test('a refresh token is no bearer token, and an application without a reader is a reader of its own', async () => {
  const { refreshToken } = await provider.signIn('ada');
  expect((await server.send(VIEWER, { token: refreshToken })).status).toBe(401);
  expect((await server.query(VIEWER, { token: await provider.ofApplication() })).viewer.username).toMatch(/^reader-[0-9a-f]{6}$/);
});

test('who signs out is out, and comes in by signing in at the provider again', async () => {
  const { accessToken, refreshToken } = await provider.signIn('cleo');
  const { viewer } = await server.query(VIEWER, { token: accessToken });
  await server.query('mutation { signOut(input: { everywhere: true }) { endedSessions } }', { token: accessToken });
  expect((await server.send(VIEWER, { token: accessToken })).status).toBe(401);
  // Tokens say when they were issued in whole seconds.
  await new Promise((resolve) => { setTimeout(resolve, 1100); });
  expect((await server.query(VIEWER, { token: (await provider.refresh(refreshToken)).accessToken })).viewer).toEqual(viewer);
});

test('an account goes by what its reader proved to the provider', async () => {
  const { accessToken } = await provider.signIn('dora');
  const { viewer } = await server.query(VIEWER, { token: accessToken });
  expect((await server.query('mutation { deleteAccount(input: {}) { deletedUserId } }', { token: accessToken })).deleteAccount).toEqual({ deletedUserId: viewer.id });
});

test('a server that is started beside knows the reader without the provider', async () => {
  const { accessToken } = await provider.signIn('emil');
  await server.query(VIEWER, { token: accessToken });
  const beside = await startBeside(server, { oidc: { issuer: provider.issuer, audiences: [AUDIENCE], jwksUrl: 'http://127.0.0.1:9/keys', usernameClaim: 'preferred_username', algorithms: ['ES256'] } });
  expect((await beside.query(VIEWER, { token: accessToken })).viewer.username).toBe('emil');
  await beside.stop();
});
