import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { createHttpClient } from '../../src/ingest/http/createHttpClient.js';
import { HttpError, type HttpClient, type TextRequest } from '../../src/ingest/http/httpClient.js';
import { busy, cutChunked, cutShort, drip, instead, mislabelled, reset, silent, startFakeService, type FakeService, type Misbehaviour } from '../support/fakeService.js';

const TEXT = '<note>Grüße aus Zürich, naïve café</note>';

let service: FakeService;
let client: HttpClient;

beforeEach(async () => {
  service = await startFakeService();
  client = createHttpClient({ userAgent: 'tests/1', delayScale: 0.01 });
  service.on('/note', { body: TEXT });
});
afterEach(() => service.close());

function ask(more: Partial<TextRequest<string>> = {}): Promise<string> {
  return client.ask({ url: `${service.url}/note?key=secret`, parse: ({ text }) => text, ...more });
}

test('an answer is asked for once, with who asks', async () => {
  expect(await ask()).toBe(TEXT);
  expect(service.requests.map(({ method, headers }) => [method, headers['user-agent']])).toEqual([['GET', 'tests/1']]);
});

test('a body is posted as JSON, again after a failure', async () => {
  service.spoil('/note', busy(503), 1);
  await ask({ body: { ids: [1, 2] } });
  expect(service.requests.map(({ method, headers, body }) => [method, headers['content-type'], body])).toEqual(
    Array(2).fill(['POST', 'application/json', '{"ids":[1,2]}']),
  );
});

describe('what passes by is asked for again', () => {
  const failures: [string, Misbehaviour, RegExp][] = [
    ['429', busy(429), /answered 429, after 2 attempts$/],
    ['503', busy(503, '1'), /answered 503 with Retry-After 1, after 2 attempts$/],
    ['500', busy(500), /answered 500, after 2 attempts$/],
    ['408', busy(408), /answered 408, after 2 attempts$/],
    ['a body shorter than its length', cutShort(), /could not be read: .+, after 2 attempts$/],
    ['a chunked body without its end', cutChunked(), /could not be read: .+, after 2 attempts$/],
    ['a reset connection', reset(), /could not be read: .+, after 2 attempts$/],
    ['a slow drip', drip(1, 20), /did not answer in full within 150 ms, after 2 attempts$/],
    ['silence', silent(), /did not answer in full within 150 ms, after 2 attempts$/],
    ['latin1 bytes as UTF-8', mislabelled('latin1', 'utf-8'), /answered with text that is neither UTF-8 nor .+, after 2 attempts$/],
    ['a gzip body that breaks off', instead({ headers: { 'content-encoding': 'gzip' }, body: gzipSync(TEXT).subarray(0, 20) }), /broken gzip body: unexpected end of file, after 2 attempts$/],
    ['what cannot be parsed', instead({ body: '<html>oops</html>' }), /gave a broken answer \(not a note\), after 2 attempts$/],
  ];
  const parse = ({ text }: { text: string }): string => {
    if (!text.startsWith('<note>')) throw new HttpError('not a note');
    return text;
  };

  test.each(failures)('%s', async (_name, misbehave) => {
    service.spoil('/note', misbehave, 2);
    expect(await ask({ timeoutMs: 150, parse })).toBe(TEXT);
    expect(service.requests).toHaveLength(3);
  });

  test.each(failures)('%s, in the end in vain', async (_name, misbehave, message) => {
    service.spoil('/note', misbehave);
    const error = await ask({ timeoutMs: 150, parse, attempts: 2 }).catch((thrown: unknown) => thrown as HttpError);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    expect((error as HttpError).message).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/note\?… /);
    expect(service.requests).toHaveLength(2);
  });
});

describe('what no attempt can change is not asked for again', () => {
  test.each([400, 401, 403, 404, 410])('%d', async (status) => {
    service.spoil('/note', busy(status));
    await expect(ask()).rejects.toMatchObject({ name: 'HttpError', status, message: expect.stringMatching(new RegExp(`answered ${status}$`)) });
    expect(service.requests).toHaveLength(1);
  });

  test('a Retry-After beyond the hour', async () => {
    service.spoil('/note', busy(503, '86400'));
    await expect(ask()).rejects.toThrow('answered 503 with Retry-After 86400, which is later than the 3600 s that are waited at most');
    expect(service.requests).toHaveLength(1);
  });

  test('a body beyond 64 MB, sent or unpacked', async () => {
    service.on('/large', { body: Buffer.alloc(65 * 1024 * 1024) });
    service.on('/bomb', { headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(65 * 1024 * 1024)) });
    await expect(ask({ url: `${service.url}/large` })).rejects.toThrow('answered with a body of more than 67108864 bytes');
    await expect(ask({ url: `${service.url}/bomb` })).rejects.toThrow('answered with a body of more than 67108864 bytes');
    expect(service.requests).toHaveLength(2);
  });

  test('an error of the parser that is no HttpError', async () => {
    await expect(ask({ parse: () => { throw new RangeError('bug'); } })).rejects.toThrow(RangeError);
    expect(service.requests).toHaveLength(1);
  });
});

test('accepted statuses are answers', async () => {
  service.on('/gone', { status: 404, body: 'gone', headers: { 'x-left': '7' } });
  const answer = await client.ask({ url: `${service.url}/gone`, accept: [404], parse: (whole) => whole });
  expect(answer).toMatchObject({ status: 404, text: 'gone', headers: { 'x-left': '7' } });
});

test('a redirection is followed', async () => {
  service.on('/old', { status: 302, headers: { location: '/note' } });
  expect(await ask({ url: `${service.url}/old` })).toBe(TEXT);
});

describe('the text is right whatever it is called', () => {
  test.each<[string, Misbehaviour]>([
    ['UTF-8 called latin1', mislabelled('utf8', 'iso-8859-1')],
    ['latin1 called latin1', mislabelled('latin1', 'iso-8859-1')],
    ['latin1 called so by its XML alone', instead({ body: Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${TEXT}`, 'latin1') })],
    ['packed', instead({ headers: { 'content-encoding': 'gzip' }, body: gzipSync(TEXT) })],
  ])('%s', async (_name, misbehave) => {
    service.spoil('/note', misbehave);
    expect((await ask()).replace(/^<\?.*\?>/, '')).toBe(TEXT);
    expect(service.requests).toHaveLength(1);
  });
});

describe('waits', () => {
  test('as long as Retry-After says in seconds', async () => {
    service.spoil('/note', busy(429, '20'), 1);
    await ask();
    expect(service.pausesOf('/note')[0]).toBeGreaterThanOrEqual(199);
  });

  test('until Retry-After as a date, by the clock of the service', async () => {
    const theirs = Date.parse('2001-02-03T04:05:06Z');
    const headers = { date: new Date(theirs).toUTCString(), 'retry-after': new Date(theirs + 20_000).toUTCString() };
    service.spoil('/note', instead({ status: 503, headers }), 1);
    await ask();
    expect(service.pausesOf('/note')[0]).toBeGreaterThanOrEqual(199);
    expect(service.pausesOf('/note')[0]).toBeLessThan(1000);
  });

  test('longer after each failure', async () => {
    service.spoil('/note', busy(500), 4);
    await ask();
    const [first, second, third, fourth] = service.pausesOf('/note') as [number, number, number, number];
    expect(first).toBeGreaterThanOrEqual(9);
    expect(second).toBeGreaterThanOrEqual(19);
    expect(third).toBeGreaterThanOrEqual(39);
    expect(fourth).toBeGreaterThanOrEqual(79);
  });

  test('keep everyone apart who asks the same origin', async () => {
    await Promise.all(Array.from({ length: 4 }, () => ask({ courtesyMs: 5000 })));
    expect(Math.min(...service.pausesOf('/note'))).toBeGreaterThan(45);
  });

  test('let one request at a time out, however slow it is', async () => {
    service.spoil('/note', drip(TEXT.length, 100), 1);
    await Promise.all([ask({ courtesyMs: 100 }), ask({ courtesyMs: 100 })]);
    expect(service.pausesOf('/note')[0]).toBeGreaterThan(95);
  });

  test('hold for all, once the service wants to be left alone', async () => {
    service.spoil('/note', busy(429, '20'), 1);
    const first = ask();
    while (service.requests.length === 0) await new Promise((done) => setTimeout(done, 2));
    await new Promise((done) => setTimeout(done, 20));
    await Promise.all([first, ask(), ask()]);
    expect(service.pausesOf('/note')[0]).toBeGreaterThan(195);
    expect(service.requests).toHaveLength(4);
  });
});

describe('an abort', () => {
  const reason = new Error('enough');

  test.each<[string, Misbehaviour, Partial<TextRequest<string>>]>([
    ['ends a wait between attempts', busy(503, '3000'), {}],
    ['ends an attempt', silent(), {}],
  ])('%s', async (_name, misbehave, more) => {
    service.spoil('/note', misbehave);
    const controller = new AbortController();
    setTimeout(() => { controller.abort(reason); }, 60);
    const start = performance.now();
    await expect(ask({ ...more, signal: controller.signal })).rejects.toBe(reason);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(service.requests).toHaveLength(1);
  });

  test('ends the wait for a turn, which others then have', async () => {
    service.spoil('/note', drip(TEXT.length, 300), 1);
    const controller = new AbortController();
    const first = ask({ courtesyMs: 1 });
    const second = ask({ courtesyMs: 1, signal: controller.signal });
    const third = ask({ courtesyMs: 1 });
    controller.abort(reason);
    await expect(second).rejects.toBe(reason);
    expect(await Promise.all([first, third])).toEqual([TEXT, TEXT]);
    expect(service.requests).toHaveLength(2);
  });
});
