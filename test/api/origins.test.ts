import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { ConfigError, readConfig } from '../../src/config.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const APP = 'https://app.example';
const OTHER = 'http://other.example:8080';
const EVIL = 'https://evil.example';
const ASK = JSON.stringify({ query: '{ papers { totalCount } }' });
let closed: TestServer;
let listed: TestServer;
let open: TestServer;
beforeAll(async () => {
  closed = await startTestServer();
  listed = await startBeside(closed, { origins: [APP, OTHER], shareMilliseconds: 60_000, costs: { maxCost: 50_000, anonymousBudget: 1000, userBudget: 0 }, trustedProxies: ['127.0.0.1'] });
  open = await startBeside(closed, { origins: '*' });
});
afterAll(async () => {
  await Promise.all([listed.stop(), open.stop()]);
  await closed.stop();
});

const post = ({ url }: TestServer, origin: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', origin, ...headers }, body: ASK });
const preflight = ({ url }: TestServer, origin: string, path = ''): Promise<Response> =>
  fetch(`${url}${path}`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,authorization' } });
const allowed = ({ headers }: Response): (string | null)[] => [headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials'), headers.get('vary')];

describe('a page of another origin', () => {
  test('may ask and read where its origin is listed', async () => {
    for (const origin of [APP, OTHER]) {
      const response = await post(listed, origin);
      expect([response.status, ...allowed(response)]).toEqual([200, origin, 'true', 'Origin']);
      expect(response.headers.get('access-control-expose-headers')).toBe('ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, x-request-id');
    }
  });

  test('is told so before it asks, also of event streams', async () => {
    for (const path of ['', '/stream']) {
      const response = await preflight(listed, APP, path);
      expect([response.status, ...allowed(response)]).toEqual([204, APP, 'true', expect.stringContaining('Origin')]);
      expect(['methods', 'headers'].map((name) => response.headers.get(`access-control-allow-${name}`))).toEqual(['GET, POST', 'content-type,authorization']);
      expect(response.headers.get('access-control-max-age')).toBe('7200');
    }
    const stream = await fetch(`${listed.url}/stream`, { method: 'POST', headers: { 'content-type': 'application/json', origin: APP }, body: ASK });
    expect(allowed(stream).slice(0, 2)).toEqual([APP, 'true']);
    await stream.text();
  });

  test.each([EVIL, 'null', `${APP}.evil.example`, 'https://app.example:444', 'http://app.example'])('that is not listed is allowed nothing: %s', async (origin) => {
    expect(allowed(await post(listed, origin)).slice(0, 1)).toEqual([null]);
    expect(allowed(await preflight(listed, origin)).slice(0, 1)).toEqual([null]);
    for (const response of [await post(closed, origin), await preflight(closed, origin)]) {
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  test('gets an answer that another origin has caused with what its own may do', async () => {
    const origins = [APP, OTHER, EVIL, APP];
    const answers = await Promise.all(origins.map((origin) => post(listed, origin)));
    expect(answers.map((answer) => allowed(answer)[0])).toEqual([APP, OTHER, null, APP]);
  });

  test('reads refusals too', async () => {
    const response = await fetch(listed.url, { method: 'POST', headers: { 'content-type': 'application/json', origin: APP }, body: 'no JSON' });
    expect([response.status, ...allowed(response).slice(0, 1)]).toEqual([400, APP]);
  });

  test('may ask from anywhere where all may, without credentials', async () => {
    for (const response of [await post(open, EVIL), await preflight(open, EVIL)]) expect(allowed(response).slice(0, 2)).toEqual(['*', null]);
  });

  test('is not allowed what is beside GraphQL', async () => {
    for (const path of ['/', '/feeds/latest.json', '/healthz', '/digest/confirm']) {
      expect(allowed(await fetch(new URL(path, listed.url), { headers: { origin: APP } }))[0]).toBeNull();
    }
  });
});

describe('a WebSocket', () => {
  const connect = ({ url }: TestServer, headers: Record<string, string>): Promise<string> => new Promise((resolve) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws', { headers });
    socket.once('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.once('error', ({ message }) => { resolve(message); });
  });
  const FORBIDDEN = 'Unexpected server response: 403';

  test('opens for who is no page, for pages of the server itself and of listed origins', async () => {
    expect(await connect(closed, {})).toBe('open');
    expect(await connect(closed, { origin: new URL(closed.url).origin })).toBe('open');
    // As readers reach it: a proxy may call it by another name.
    expect(await connect(closed, { origin: 'https://papers.example' })).toBe('open');
    expect(await connect(listed, { origin: APP })).toBe('open');
    expect(await connect(open, { origin: EVIL })).toBe('open');
  });

  test.each([EVIL, 'null', 'file://', 'garbage', 'https://papers.example.evil.example'])('does not open for a page of %s', async (origin) => {
    expect(await connect(closed, { origin })).toBe(FORBIDDEN);
    expect(await connect(listed, { origin })).toBe(FORBIDDEN);
  });

  test('goes by the host that a trusted proxy names, and by no other', async () => {
    const headers = { origin: EVIL, 'x-forwarded-host': 'evil.example' };
    expect(await connect(closed, headers)).toBe(FORBIDDEN);
    expect(await connect(listed, headers)).toBe('open');
  });
});

describe('CORS_ORIGINS', () => {
  test('is a list of origins, or all', () => {
    expect(readConfig({}).origins).toEqual([]);
    expect(readConfig({ CORS_ORIGINS: ' https://app.example, http://localhost:5173 ' }).origins).toEqual([APP, 'http://localhost:5173']);
    expect(readConfig({ CORS_ORIGINS: '*' }).origins).toBe('*');
  });

  test.each(['app.example', 'https://app.example/', 'https://app.example/path', 'https://*.example', '*,https://app.example', 'null', 'ftp://app.example', 'https://APP.example', 'https://user@app.example'])('is not %s', (text) => {
    expect(() => readConfig({ CORS_ORIGINS: `https://fine.example,${text}` })).toThrow(ConfigError);
    expect(() => readConfig({ CORS_ORIGINS: `https://fine.example,${text}` })).toThrow(/CORS_ORIGINS: must be \* or origins such as https:\/\/app\.example, without a path, received "/);
  });
});
