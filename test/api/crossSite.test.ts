import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PASSWORD, signUp } from '../support/fullLife.js';
import { until } from '../support/liveClients.js';
import type { Reader } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

// What a page of another origin can have a browser send without asking the server first: GET by links, pictures and scripts, and POST
// of the three types of forms. By each door it is tried with a mutation that needs nobody, and with the cookies of whoever visits.

const MUTATION = 'mutation { signUp(input: { username: "by-forgery", password: "long enough" }) { token } }';
const BODY = JSON.stringify({ query: MUTATION });
let server: TestServer;
let reader: Reader;
beforeAll(async () => {
  server = await startTestServer();
  reader = await signUp(server, 'visitor');
});
afterAll(() => server.stop());

const at = (path: string): URL => new URL(path, server.url);
const byBrowser = (headers: Record<string, string> = {}): Record<string, string> => ({
  origin: 'https://evil.example', referer: 'https://evil.example/', 'sec-fetch-site': 'cross-site', cookie: `token=${reader.token}; authorization=Bearer ${reader.token}`, ...headers,
});
const isForged = async (): Promise<boolean> => (await server.query('{ user(username: "by-forgery") { id } }')).user !== null;
const form = (): FormData => {
  const parts = new FormData();
  parts.append('query', MUTATION);
  parts.append('operations', BODY);
  parts.append('map', '{}');
  return parts;
};

describe.each(['/graphql', '/graphql/stream'])('%s does nothing for a page of another origin', (path) => {
  test.each<[string, Record<string, string>, () => string | FormData | URLSearchParams | Blob]>([
    ['a form', {}, () => new URLSearchParams({ query: MUTATION })],
    ['a form with files', {}, form],
    ['a form of text', { 'content-type': 'text/plain' }, () => BODY],
    ['a form of text whose name and value are JSON', { 'content-type': 'text/plain' }, () => `${BODY.slice(0, -1)},"x":"="}`],
    ['text that says it is JSON after all', { 'content-type': 'text/plain; charset=utf-8; application/json' }, () => BODY],
    ['text in capitals', { 'content-type': 'TEXT/PLAIN' }, () => BODY],
    ['two types', { 'content-type': 'text/plain, application/json' }, () => BODY],
    ['a form that says it is JSON', { 'content-type': 'application/x-www-form-urlencoded; application/json' }, () => BODY],
    ['no type', { 'content-type': '' }, () => BODY],
    ['a body without a type', {}, () => new Blob([BODY])],
    ['a type that is none', { 'content-type': 'json' }, () => BODY],
  ])('by POST of %s', async (_, headers, body) => {
    const response = await fetch(at(path), { method: 'POST', headers: byBrowser(headers), body: body() });
    expect([response.status >= 400 && response.status < 500, (await response.json()).errors[0].extensions.code, await isForged()]).toEqual([true, 'BAD_REQUEST', false]);
  });

  test.each<[string, Record<string, string>]>([
    ['as a link', { accept: 'text/html' }],
    ['as a source of events', { accept: 'text/event-stream' }],
    ['with the type of a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['with the type of text', { 'content-type': 'text/plain' }],
  ])('by GET %s', async (_, headers) => {
    for (const document of [MUTATION, '{ viewer { id } }', 'subscription { notificationAdded { __typename } }']) {
      const response = await fetch(at(`${path}?query=${encodeURIComponent(document)}`), { headers: byBrowser(headers) });
      expect([response.status >= 400 && response.status < 500, response.headers.get('content-type')]).toEqual([true, expect.stringContaining('application/json')]);
      expect(await response.text()).not.toContain('"data"');
    }
    expect(await isForged()).toBe(false);
  });
});

test('what a browser does ask for first is neither allowed nor, where it is sent all the same, by whom the cookies are', async () => {
  const response = await fetch(at('/graphql'), { method: 'POST', headers: byBrowser({ 'content-type': 'application/json' }), body: '{"query":"{ viewer { id } }"}' });
  expect([response.headers.get('access-control-allow-origin'), await response.json()]).toEqual([null, { data: { viewer: null } }]);
});

describe('beside GraphQL', () => {
  test('a link in a mail that is opened changes nothing; its form needs the token of its address, whoever sends it', async () => {
    await server.query('mutation { subscribeToDigest(input: { email: "ada@example.org", timeZone: "UTC" }) { isConfirmationSent } }', { token: reader.token });
    // Its mail is written beside, with another token.
    await until(async () => (await server.database.prisma.digestSubscription.findFirstOrThrow()).confirmHash !== null);
    const before = await server.database.prisma.digestSubscription.findFirstOrThrow();
    for (const path of ['/digest/confirm', '/digest/unsubscribe', `/digest/confirm?token=${'x'.repeat(43)}`, `/digest/unsubscribe?token=${'x'.repeat(43)}`]) {
      await fetch(at(path), { headers: byBrowser() });
      await fetch(at(path), { method: 'POST', headers: byBrowser(), body: new URLSearchParams({ token: 'x'.repeat(43) }) });
    }
    expect(await server.database.prisma.digestSubscription.findFirstOrThrow()).toEqual(before);
  });

  test('an export needs its address, whoever’s cookies come along, and is not used up by a look', async () => {
    const { exportMyData } = await server.query('mutation { exportMyData { downloadUrl } }', { token: reader.token });
    const { pathname } = new URL(exportMyData.downloadUrl);
    expect((await fetch(at(pathname.replace(/[^/]+$/, 'x'.repeat(43))), { headers: byBrowser() })).status).toBe(404);
    expect((await fetch(at(pathname), { method: 'HEAD', headers: byBrowser() })).status).toBe(404);
    expect((await fetch(at(pathname), { method: 'POST', headers: byBrowser(), body: new URLSearchParams() })).status).toBeGreaterThanOrEqual(400);
    const used = await fetch(at(pathname));
    expect([used.status, used.headers.get('cross-origin-resource-policy'), used.headers.get('x-content-type-options')]).toEqual([200, 'same-origin', 'nosniff']);
    expect(JSON.stringify(await used.json())).toContain(`"${reader.username}"`);
  });

  test('a password is not guessed by a form', async () => {
    const guess = await fetch(at('/graphql'), { method: 'POST', headers: byBrowser({ 'content-type': 'text/plain' }), body: JSON.stringify({ query: `mutation { signIn(input: { username: "visitor", password: "${PASSWORD}" }) { token } }` }) });
    expect(await guess.text()).not.toContain('dp_');
  });
});
