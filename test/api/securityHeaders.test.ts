import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../support/liveClients.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const OF_ALL = {
  'content-security-policy': NOTHING,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
};

let server: TestServer;
let plain: TestServer;
beforeAll(async () => {
  server = await startTestServer({ shareMilliseconds: 60_000 });
  plain = await startBeside(server, { publicUrl: 'http://papers.example', trustedProxies: ['127.0.0.1'] });
});
afterAll(async () => {
  await plain.stop();
  await server.stop();
});

const ask = (init: RequestInit = {}, path = '/graphql', { url }: TestServer = server): Promise<Response> => fetch(new URL(path, url), init);
const query = (text: string): RequestInit => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: text }) });
const headersOf = ({ headers }: Response): Record<string, string | null> => Object.fromEntries(Object.keys(OF_ALL).map((name) => [name, headers.get(name)]));

describe('each answer', () => {
  test.each<[string, () => Promise<Response>, number]>([
    ['an answer', () => ask(query('{ papers { totalCount } }')), 200],
    ['the same, shared', () => ask(query('{ papers { totalCount } }')), 200],
    ['a refusal of Apollo', () => ask(query('{ nothing }')), 400],
    ['no JSON', () => ask({ ...query(''), body: 'no JSON' }), 400],
    ['a body that is too large', () => ask({ ...query(''), body: 'x'.repeat(2_000_000) }), 413],
    ['what is not there', () => ask({}, '/nothing'), 404],
    ['a method that is not there', () => ask({ method: 'DELETE' }), 404],
    ['an event stream', () => ask(query('{ papers { totalCount } }'), '/graphql/stream'), 200],
    ['a refused stream', () => ask(query(''), '/graphql/stream'), 200],
    ['a feed', () => ask({}, '/feeds/latest.json'), 200],
    ['no feed', () => ask({}, '/feeds/nothing.json'), 404],
    ['no export', () => ask({}, '/exports/nothing'), 404],
    ['a health check', () => ask({}, '/healthz'), 200],
    ['a readiness check', () => ask({}, '/readyz'), 200],
    ['an address that cannot be read', () => ask({}, '/%'), 400],
  ])('has the headers of all: %s', async (_, send, status) => {
    const response = await send();
    expect([response.status, headersOf(response)]).toEqual([status, OF_ALL]);
    expect(response.headers.get('x-powered-by')).toBeNull();
    await response.text();
  });

  test('that is written by hand, to what is no request, has them as well', async () => {
    const { port, hostname } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.on('data', (chunk) => (received += String(chunk)));
    socket.write('NONSENSE\r\n\r\n');
    await until(() => received.includes('}'));
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    for (const [name, value] of Object.entries(OF_ALL)) expect(received.toLowerCase()).toContain(`${name}: ${value.toLowerCase()}\r\n`);
  });

  test('of a page of a digest has the policy of its own, by which its style and its form work', async () => {
    const response = await ask({}, `/digest/confirm?token=${'x'.repeat(43)}`);
    const policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    expect([response.status, headersOf(response)]).toEqual([200, { ...OF_ALL, 'content-security-policy': policy }]);
  });
});

/** As a browser reads the page: a script goes on to the first end of one. */
function scriptsOf(page: string): string[] {
  const scripts: string[] = [];
  for (let from = page.indexOf('<script'); from >= 0; ) {
    const end = page.indexOf('</script>', from);
    scripts.push(page.slice(page.indexOf('>', from) + 1, end));
    from = page.indexOf('<script', end);
  }
  return scripts;
}

describe('the explorer', () => {
  test('may run the scripts that are in its page, by their hashes, and no others; nothing in it is loaded from elsewhere', async () => {
    const response = await ask({}, '/');
    const page = await response.text();
    const policy = Object.fromEntries(response.headers.get('content-security-policy')!.split('; ').map((part) => [part.split(' ')[0]!, part.split(' ').slice(1)]));
    const scripts = scriptsOf(page);
    expect(scripts.length).toBeGreaterThan(0);
    expect(policy['script-src']).toEqual(scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`));
    expect(policy).toMatchObject({ 'default-src': ["'none'"], 'connect-src': ["'self'"], 'frame-ancestors': ["'none'"], 'base-uri': ["'none'"], 'form-action': ["'none'"] });
    const outside = page.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '<$1>');
    expect(outside.length).toBeLessThan(500_000);
    expect(outside).not.toMatch(/\b(src|href)="(?!data:)/);
    expect(outside).not.toMatch(/\bon\w+="/);
    expect(headersOf(response)).toEqual({ ...OF_ALL, 'content-security-policy': response.headers.get('content-security-policy') });
  });
});

describe('Strict-Transport-Security', () => {
  const strict = async (on: TestServer, headers: Record<string, string> = {}): Promise<string | null> => (await ask({ headers }, '/healthz', on)).headers.get('strict-transport-security');

  test('is said where readers come by https', async () => {
    expect(await strict(server)).toBe('max-age=31536000');
    expect(await strict(plain)).toBeNull();
  });

  test('is said where a trusted proxy says that they do, and nobody else', async () => {
    expect(await strict(plain, { 'x-forwarded-proto': 'https' })).toBe('max-age=31536000');
    expect(await strict(plain, { 'x-forwarded-proto': 'https, http' })).toBe('max-age=31536000');
    expect(await strict(plain, { 'x-forwarded-proto': 'http' })).toBeNull();
    const alone = await startBeside(server, { publicUrl: 'http://papers.example' });
    expect(await strict(alone, { 'x-forwarded-proto': 'https' })).toBeNull();
    await alone.stop();
  });
});
