import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHttpClient } from '../../src/ingest/http/createHttpClient.js';
import type { HttpClient } from '../../src/ingest/http/httpClient.js';
import { busy, cutChunked, cutShort, drip, reset, startFakeService, type FakeService, type Misbehaviour } from '../support/fakeService.js';

const FILE = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));

let service: FakeService;
let client: HttpClient;

beforeEach(async () => {
  service = await startFakeService();
  client = createHttpClient({ userAgent: 'tests/1', delayScale: 0.01, stallMs: 200 });
});
afterEach(() => service.close());

async function read(): Promise<{ totalBytes: number | null; bytes: Buffer }> {
  const { totalBytes, body } = await client.stream({ url: `${service.url}/dump.gz` });
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return { totalBytes, bytes: Buffer.concat(chunks) };
}

function serveDump(headers: Record<string, string> = { etag: '"one"' }, takesRanges = true): void {
  service.on('/dump.gz', { headers: { 'content-type': 'application/gzip', ...headers }, body: FILE, takesRanges });
}

test('a file comes whole, with its length, packed as it is', async () => {
  serveDump({ 'content-encoding': 'gzip' });
  const { totalBytes, bytes } = await read();
  expect(totalBytes).toBe(FILE.length);
  expect(bytes.equals(FILE)).toBe(true);
  expect(service.requests[0]!.headers['accept-encoding']).toBe('identity');
});

test.each<[string, Misbehaviour]>([
  ['a cut', cutShort(100_000)],
  ['a chunked cut', cutChunked()],
  ['a stall', drip(0, 0)],
])('after %s it goes on where it was', async (_name, misbehave) => {
  serveDump();
  service.spoil('/dump.gz', misbehave, 3);
  const { bytes } = await read();
  expect(bytes.equals(FILE)).toBe(true);
  const ranges = service.requests.map(({ headers }) => [headers.range, headers['if-range']]);
  expect(ranges[0]).toEqual([undefined, undefined]);
  expect(ranges.at(-1)).toEqual([expect.stringMatching(/^bytes=\d+-$/), '"one"']);
});

test('a refusal or a reset before the first byte is tried again', async () => {
  serveDump();
  service.spoil('/dump.gz', busy(503), 1);
  service.spoil('/dump.gz', reset(), 1);
  expect((await read()).bytes.equals(FILE)).toBe(true);
  expect(service.requests).toHaveLength(3);
});

test.each([
  { where: 'the service does not send parts', headers: { etag: '"one"' }, takesRanges: false, how: /and cannot be gone on with: it has changed, or the service does not send parts$/ },
  { where: 'nothing names the state of the file', headers: {}, takesRanges: true, how: /and cannot be gone on with, since it has neither ETag nor Last-Modified$/ },
  { where: 'a weak tag does', headers: { etag: 'W/"one"' }, takesRanges: true, how: /neither ETag nor Last-Modified$/ },
])('a cut is an error where $where', async ({ headers, takesRanges, how }) => {
  serveDump(headers, takesRanges);
  service.spoil('/dump.gz', cutShort(100_000), 1);
  const error: unknown = await read().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'HttpError', message: expect.stringMatching(how) });
  expect(error).toMatchObject({ message: expect.stringMatching(/^GET \S+\/dump\.gz broke off after \d+ of 300000 bytes \(.+\), /) });
});

test('a service that sends smaller parts than asked for is asked for the rest', async () => {
  service.on('/dump.gz', ({ headers: { range } }) => {
    const from = Number(/\d+/.exec(range ?? '')?.[0] ?? 0);
    const [status, end] = range === undefined ? [200, FILE.length] : [206, Math.min(from + 120_000, FILE.length)];
    return { status, headers: { etag: '"one"', 'content-range': `bytes ${from}-${end - 1}/${FILE.length}` }, body: FILE.subarray(from, end) };
  });
  service.spoil('/dump.gz', cutShort(100_000), 1);
  expect((await read()).bytes.equals(FILE)).toBe(true);
  expect(service.requests.length).toBeGreaterThan(2);
});

test('a file that has changed meanwhile is not sewn together', async () => {
  let version = 0;
  service.on('/dump.gz', () => ({ headers: { etag: `"${++version}"` }, body: FILE, takesRanges: true }));
  service.spoil('/dump.gz', cutShort(100_000), 1);
  await expect(read()).rejects.toThrow('it has changed');
});

test('a service that always breaks off is given up', async () => {
  serveDump();
  service.spoil('/dump.gz', cutShort(10));
  await expect(read()).rejects.toThrow(/bytes \(.+\), 6 times in a row$/);
  expect(service.requests).toHaveLength(6);
});

test('a reader that has had enough ends the connection', async () => {
  serveDump();
  service.spoil('/dump.gz', drip(1000, 5), 1);
  const { body } = await client.stream({ url: `${service.url}/dump.gz`, courtesyMs: 1 });
  for await (const chunk of body) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  expect((await read()).bytes.equals(FILE)).toBe(true);
});

test('an abort ends it with its reason', async () => {
  serveDump();
  service.spoil('/dump.gz', drip(0, 0), 1);
  const controller = new AbortController();
  const { body } = await client.stream({ url: `${service.url}/dump.gz`, signal: controller.signal });
  const reason = new Error('enough');
  setTimeout(() => { controller.abort(reason); }, 20);
  await expect((async () => { for await (const chunk of body) expect(chunk.length).toBeGreaterThan(0); })()).rejects.toBe(reason);
});
