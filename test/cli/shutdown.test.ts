import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { atomFeed } from '../ingest/arxivFeeds.js';
import { startFakeService, type FakeService } from '../support/fakeService.js';
import { until } from '../support/liveClients.js';
import { run, type RunningProcess } from '../support/process.js';

// The compiled server, ended by a signal as a supervisor ends it. Its mutation under way is a submission that waits for its source.

const LISTED = 'subscription { paperListed(period: DAY) { __typename } }';
let folder: string;
let arxiv: FakeService;
let release: () => void;
const started: RunningProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-shutdown-'));
  arxiv = await startFakeService();
});
afterEach(() => Promise.all(started.splice(0).map((server) => server.kill('SIGKILL'))));
afterAll(async () => {
  await arxiv.close();
  await rm(folder, { recursive: true, force: true });
});

interface Started {
  readonly server: RunningProcess;
  readonly url: URL;
  ask(query: string, token?: string): Promise<any>;
  signIn(): Promise<string>;
}

async function start(environment: Record<string, string> = {}): Promise<Started> {
  const server = run(['dist/main.js'], {
    PORT: '0', HOST: '127.0.0.1', DATA_DIR: folder, DEMO_PASSWORD: 'a-chosen-password', LOG_LEVEL: 'warn', INGEST_ARXIV_URL: `${arxiv.url}/query`, ...environment,
  });
  started.push(server);
  const url = new URL((await server.waitFor(/GraphQL +(\S+)/))[1]!);
  const ask = async (query: string, token?: string): Promise<any> => JSON.parse((await post(url, query, { token })).text).data;
  return { server, url, ask, signIn: async () => (await ask('mutation { signIn(input: { username: "demo", password: "a-chosen-password" }) { token } }')).signIn.token };
}

interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** By node:http, whose connections can be watched. */
function post(url: URL, query: string, { token, agent }: { readonly token?: string | undefined; readonly agent?: Agent } = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const asked = request(url, { method: 'POST', headers, ...(agent && { agent }) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('end', () => { resolve({ status: response.statusCode, headers: response.headers, text }); }).on('error', reject);
    });
    asked.on('error', reject).end(JSON.stringify({ query }));
  });
}

/** The next question to arXiv is answered when the test says so. */
function holdArxiv(id: string): void {
  arxiv.on('/query', { body: atomFeed([{ id, title: `On ${id}`, summary: 'A summary.' }], 1) });
  arxiv.spoil('/query', (response, { body }) => { release = () => { response.writeHead(200, { 'content-type': 'text/xml' }).end(body); }; }, 1);
}

const submission = (id: string): string => `mutation { submitPaper(input: { arxivId: "${id}" }) { isNew paper { arxivId } } }`;

/** A client that speaks the protocol by hand, with a subscription that is open. */
async function subscribe({ url }: Started, token?: string): Promise<{ socket: WebSocket; messages: any[]; closed: Promise<readonly [number, string]>; say(message: object): void }> {
  const socket = new WebSocket(url.href.replace(/^http/, 'ws'), 'graphql-transport-ws');
  const messages: any[] = [];
  socket.on('message', (text) => messages.push(JSON.parse((text as Buffer).toString())));
  const closed = once(socket, 'close').then(([code, reason]) => [code as number, String(reason)] as const);
  await once(socket, 'open');
  const say = (message: object): void => { socket.send(JSON.stringify(message)); };
  say({ type: 'connection_init', ...(token !== undefined && { payload: { authorization: `Bearer ${token}` } }) });
  await until(() => messages.some(({ type }) => type === 'connection_ack'));
  say({ type: 'subscribe', id: 'listed', payload: { query: LISTED } });
  say({ type: 'subscribe', id: 'known', payload: { query: '{ __typename }' } });
  await until(() => messages.some(({ id, type }) => id === 'known' && type === 'complete'));
  return { socket, messages, closed, say };
}

/** What comes by a connection on which a test writes what it likes. */
async function raw(url: URL, text: string): Promise<{ socket: Socket; received(): string; closed: Promise<unknown> }> {
  const socket = connect(Number(url.port), url.hostname);
  let received = '';
  socket.on('data', (chunk) => (received += String(chunk))).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return { socket, received: () => received, closed: once(socket, 'close') };
}

const STREAM = `POST /graphql/stream HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${JSON.stringify({ query: LISTED }).length}\r\n\r\n${JSON.stringify({ query: LISTED })}`;
const READY = 'GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a signal to stop', () => {
  test('lets what is under way be answered, tells streams to come again, and takes nobody new', async () => {
    const { server, url, ask, signIn } = await start();
    const token = await signIn();
    holdArxiv('2603.10001');
    const agent = new Agent({ keepAlive: true });
    const mutation = post(url, submission('2603.10001'), { token, agent });
    const listener = await subscribe({ server, url, ask, signIn });
    const stream = await raw(url, STREAM);
    const idle = await raw(url, READY);
    await until(() => arxiv.requestsOf('/query').length === 1 && stream.received().includes(':\n\n') && idle.received().includes('ready'));

    server.child.kill('SIGTERM');
    expect(await listener.closed).toEqual([1001, 'the server stops']);
    await Promise.all([stream.closed, idle.closed]);
    // Not completed: a client that is told so would not come again.
    expect(stream.received()).not.toContain('event: complete');
    await expect(post(url, '{ __typename }')).rejects.toThrow('ECONNREFUSED');
    expect(server.child.exitCode).toBeNull();

    release();
    const { status, headers, text } = await mutation;
    expect([status, headers.connection, JSON.parse(text)]).toEqual([200, 'close', { data: { submitPaper: { isNew: true, paper: { arxivId: '2603.10001' } } } }]);
    expect([await server.ended(), server.output()]).toEqual([0, expect.not.stringContaining('connections were cut')]);
    agent.destroy();

    const again = await start();
    expect(await again.ask('{ paper(arxivId: "2603.10001") { title } }')).toEqual({ paper: { title: 'On 2603.10001' } });
  });

  test('lets what was asked over a WebSocket be answered before it closes, and takes nothing more there', async () => {
    const running = await start();
    const listener = await subscribe(running, await running.signIn());
    holdArxiv('2603.10002');
    const asked = arxiv.requestsOf('/query').length;
    listener.say({ type: 'subscribe', id: 'submit', payload: { query: 'mutation { submitPaper(input: { arxivId: "2603.10002" }) { isNew } }' } });
    await until(() => arxiv.requestsOf('/query').length === asked + 1);
    running.server.child.kill('SIGTERM');
    await running.server.waitFor(/SIGTERM/);
    let refused = 0;
    await until(() => {
      refused += 1;
      listener.say({ type: 'subscribe', id: `late-${refused}`, payload: { query: '{ __typename }' } });
      return listener.messages.some(({ type }) => type === 'error');
    });
    expect(listener.messages.find(({ type }) => type === 'error').payload).toEqual([{ message: 'the server stops: connect again', extensions: { code: 'UNAVAILABLE', retryAfter: 1 } }]);
    release();
    expect(await listener.closed).toEqual([1001, 'the server stops']);
    expect(listener.messages.find(({ id, type }) => id === 'submit' && type === 'next').payload).toEqual({ data: { submitPaper: { isNew: true } } });
    expect(await running.server.ended()).toBe(0);
  });

  test('answers a connection that is kept alive as long as something is under way on it, and says that it closes', async () => {
    const { server, url, signIn } = await start();
    const token = await signIn();
    holdArxiv('2603.10003');
    const asked = arxiv.requestsOf('/query').length;
    const body = JSON.stringify({ query: 'mutation { submitPaper(input: { arxivId: "2603.10003" }) { isNew } }' });
    const head = `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const busy = await raw(url, head + body);
    await until(() => arxiv.requestsOf('/query').length === asked + 1);
    server.child.kill('SIGTERM');
    await server.waitFor(/SIGTERM/);
    // Sent before the client knows; what it asks after the answer that says so is not answered.
    busy.socket.write(READY);
    release();
    await busy.closed;
    expect(busy.received().match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 200']);
    expect(busy.received()).toContain('Connection: close');
    expect(await server.ended()).toBe(0);
  });

  test('does not wait longer than SHUTDOWN_SECONDS for a request that does not end, nor for clients that read nothing', async () => {
    const running = await start({ SHUTDOWN_SECONDS: '1' });
    const half = await raw(running.url, 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"query"');
    const deaf = await subscribe(running);
    deaf.socket.pause();
    // Takes nothing of answers that fill what the system keeps for it.
    const large = JSON.stringify({ query: `{ ${Array.from({ length: 40 }, (_, n) => `a${n}: papers(first: 43) { nodes { abstract title authors(first: 5) { nodes { name } } } }`).join(' ')} }` });
    const unread = await raw(running.url, '');
    unread.socket.pause();
    for (let n = 0; n < 12; n += 1) unread.socket.write(`POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${large.length}\r\n\r\n${large}`);
    await until(async () => (await running.ask('{ papers { totalCount } }')).papers.totalCount > 0);
    const from = Date.now();
    running.server.child.kill('SIGTERM');
    expect(await running.server.ended()).toBe(0);
    // A second, and two for the database to close.
    expect(Date.now() - from).toBeLessThan(8000);
    expect(Date.now() - from).toBeGreaterThanOrEqual(900);
    expect(running.server.output()).toContain('connections were cut');
    half.socket.destroy();
    unread.socket.destroy();
    deaf.socket.terminate();
  });

  test('of a second time ends it at once', async () => {
    const { server, url, signIn } = await start({ SHUTDOWN_SECONDS: '60' });
    const token = await signIn();
    holdArxiv('2603.10004');
    const asked = arxiv.requestsOf('/query').length;
    const mutation = post(url, submission('2603.10004'), { token });
    await until(() => arxiv.requestsOf('/query').length === asked + 1);
    server.child.kill('SIGTERM');
    await server.waitFor(/SIGTERM/);
    server.child.kill('SIGTERM');
    await expect(mutation).rejects.toThrow();
    expect(await server.ended()).toBe(1);
    release();
  });
});
