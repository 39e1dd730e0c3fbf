import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { parseExposition, valueOf } from '../support/exposition.js';
import { receive, sseClient, until, wsClient } from '../support/liveClients.js';
import { seedPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

// A server that has room for two, whose work waits until a test lets it go on.

const ASK = '{ papers(first: 1) { totalCount nodes { title } } }';
/** More than Node lets wait by itself (511). */
const MANY = 800;
const BUSY = { message: 'the server is busy: come again in 1 s', extensions: { code: 'UNAVAILABLE', retryAfter: 1 } };
let server: TestServer;
const held: (() => void)[] = [];
let isHolding = false;

beforeAll(async () => {
  server = await startTestServer({ concurrentRequests: 2, telemetry: { logRequests: false, slowRequestMs: 0, slowStatementMs: 0, tracing: null, metrics: { port: 0, token: null } } });
  await seedPaper(server, { title: 'A paper', listedOn: '2026-01-01' });
  const { database } = server;
  const rows = database.rows.bind(database);
  database.rows = async (...given) => {
    if (isHolding) await new Promise<void>((resolve) => { held.push(resolve); });
    return rows(...given);
  };
});
afterAll(() => server.stop());
afterEach(async () => {
  letGo();
  await until(() => server.app.gate.underWay === 0);
});

function letGo(): void {
  isHolding = false;
  for (const go of held.splice(0)) go();
}

/** Fills the two places with requests that wait for their database. */
async function occupy(): Promise<Promise<unknown>[]> {
  isHolding = true;
  const inside = [server.query(ASK), server.query(ASK)];
  await until(() => server.app.gate.underWay === 2 && held.length >= 2);
  return inside;
}

/** Keeps the line behind them full until it is stopped: who has waited too long comes again. */
function crowd(): () => Promise<unknown> {
  let isOver = false;
  const comers = Array.from({ length: 16 }, async () => { while (!isOver) await server.send(ASK); });
  return () => {
    isOver = true;
    return Promise.all(comers);
  };
}

const post = (headers: Record<string, string> = {}, path = ''): Promise<Response> =>
  fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query: ASK }) });

describe('a server that is full', () => {
  test('refuses with 503, a code and when to come again, and answers who is inside', async () => {
    const { shed } = server.app.gate;
    const inside = await occupy();
    const refused = await post();
    expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('content-type'), await refused.json()]).toEqual([503, '1', 'application/json; charset=utf-8', { errors: [BUSY] }]);
    const asGraphQL = await post({ accept: 'application/graphql-response+json' });
    expect([asGraphQL.status, asGraphQL.headers.get('content-type'), await asGraphQL.json()]).toEqual([503, 'application/graphql-response+json; charset=utf-8', { errors: [BUSY] }]);
    const feed = await fetch(new URL('/feeds/latest.atom', server.url));
    expect([feed.status, feed.headers.get('retry-after'), await feed.json()]).toEqual([503, '1', { errors: [BUSY] }]);
    expect(server.app.gate.shed - shed).toBe(3);
    const metrics = parseExposition(await (await fetch(server.app.metricsAddress()!)).text());
    expect([valueOf(metrics, 'graphql_operations_shed_total'), valueOf(metrics, 'graphql_operations_under_way', { state: 'executed' })]).toEqual([server.app.gate.shed, 2]);
    letGo();
    await Promise.all(inside);
    expect((await post()).status).toBe(200);
  });

  test('and has a line that is full refuses at once, before it has read a body, in the same words', async () => {
    const inside = await occupy();
    const stop = crowd();
    const atTheDoor = async (head: string): Promise<string> => {
      const { port, hostname } = new URL(server.url);
      const socket = connect(Number(port), hostname);
      let received = '';
      socket.on('data', (chunk) => (received += String(chunk)));
      // The rest of the body never comes: who would read it first could not answer.
      socket.write(`${head}\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{`);
      await Promise.race([until(() => received.endsWith('}')), new Promise((resolve) => { setTimeout(resolve, 1000).unref(); })]);
      socket.destroy();
      return received;
    };
    for (const path of ['/graphql', '/graphql/stream', '/digest/confirm']) {
      let received: string;
      // Between one who leaves the line and one who comes there is a place for a moment: who gets it waits there for its turn, or
      // is told at once that a form of its length is none.
      do received = await atTheDoor(`POST ${path} HTTP/1.1`); while (received === '' || received.startsWith('HTTP/1.1 413'));
      expect([path, received]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 503 [\s\S]*retry-after: 1\r\n/)]);
      expect(JSON.parse(received.slice(received.indexOf('\r\n\r\n')))).toEqual({ errors: [BUSY] });
    }
    letGo();
    await Promise.all([...inside, stop()]);
  });

  test('refuses operations over WebSockets that are open, and keeps them open', async () => {
    const client = wsClient(server);
    const ask = async (): Promise<any> => {
      const received = receive(client, ASK);
      return { error: await received.ended, answers: received.answers };
    };
    expect((await ask()).answers).toHaveLength(1);
    const inside = await occupy();
    expect(await ask()).toEqual({ error: [BUSY], answers: [] });
    letGo();
    await Promise.all(inside);
    expect((await ask()).answers).toHaveLength(1);
    await client.dispose();
  });

  test('counts operations over WebSockets and event streams among those under way, and not subscriptions that are open', async () => {
    const [ws, sse] = [wsClient(server), sseClient(server)];
    const open = receive(ws, 'subscription { paperListed(period: DAY) { __typename } }');
    await until(() => server.services.live.subscriberCount === 1 && server.app.gate.underWay === 0);
    isHolding = true;
    const asked = [receive(ws, ASK), receive(sse, ASK)];
    await until(() => server.app.gate.underWay === 2);
    letGo();
    for (const { ended, answers } of asked) expect([await ended, answers.length]).toEqual([null, 1]);
    open.stop();
    await ws.dispose();
    sse.dispose();
  });

  test('says that it lives and that it is ready: another would have to bear its load', async () => {
    const inside = await occupy();
    isHolding = false;
    expect(await Promise.all(['/healthz', '/readyz', '/'].map(async (path) => (await fetch(new URL(path, server.url))).status))).toEqual([200, 200, 200]);
    // A handshake is no operation.
    const socket = new WebSocket(server.url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    await new Promise((resolve) => { socket.once('open', resolve); });
    socket.terminate();
    letGo();
    await Promise.all(inside);
  });
});

test('requests that get the answer of another take no place', async () => {
  const sharing = await startTestServer({ concurrentRequests: 1, shareMilliseconds: 60_000 });
  const answers = await Promise.all(Array.from({ length: 50 }, () => sharing.send(ASK)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(sharing.app.gate.shed).toBe(0);
  await sharing.stop();
});

test('many who come at once are all taken: who finds no place tries again after a second', async () => {
  const most = process.platform === 'linux' ? Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')) : 0;
  if (most < MANY) {
    process.stderr.write('skipped: this system lets fewer connections wait to be taken\n');
    return;
  }
  const { port, hostname } = new URL(server.url);
  let connected = 0;
  // Begun in one turn of the event loop: the server, which shares it, takes none meanwhile.
  const sockets = Array.from({ length: MANY }, () => connect(Number(port), hostname).once('connect', () => (connected += 1)).on('error', () => undefined));
  await Promise.race([until(() => connected === MANY), new Promise((resolve) => { setTimeout(resolve, 900); })]);
  for (const socket of sockets) socket.destroy();
  expect(connected).toBe(MANY);
});
