import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { receive, sseClient, subscribed, until, wsClient } from '../support/liveClients.js';
import { seedPaper, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const VOTES = 'subscription ($paperId: ID!) { paperVotes(paperId: $paperId) { paper { upvoteCount } } }';
const COMMENTS = `subscription ($paperId: ID!) { commentAdded(paperId: $paperId) { comment { ${Array.from({ length: 60 }, (_, n) => `b${n}: bodyMarkdown`).join(' ')} } } }`;
const NOTIFICATIONS = 'subscription { notificationAdded { unreadNotificationCount } }';
const ADD = 'mutation ($paperId: ID!, $body: String!) { addComment(input: { paperId: $paperId, body: $body }) { comment { id } } }';

let server: TestServer;
let ada: Reader;
let alan: Reader;
let paper: SeededPaper;
beforeAll(async () => {
  server = await startTestServer({ comments: { editMinutes: 15, mostInWindow: 1000 } });
  [ada, alan] = [await seedReader(server), await seedReader(server)];
  paper = await seedPaper(server, { title: 'A paper', listedOn: '2026-01-01', submittedById: ada.rowId });
});
afterAll(() => server.stop());

interface RawSocket {
  readonly socket: WebSocket;
  /** Code and reason of its end. */
  readonly closed: Promise<readonly [number, string]>;
  readonly messages: any[];
  say(message: object): void;
}

/** A socket by hand: what clients of the protocol do for their users. */
async function rawSocket(on: TestServer, { protocol = 'graphql-transport-ws', params, headers }: { protocol?: string; params?: object; headers?: Record<string, string> } = {}): Promise<RawSocket> {
  const socket = new WebSocket(on.url.replace(/^http/, 'ws'), protocol, { headers });
  const messages: any[] = [];
  socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString())));
  const closed = new Promise<readonly [number, string]>((resolve) => { socket.once('close', (code, reason) => { resolve([code, String(reason)]); }); });
  await new Promise((resolve, reject) => { socket.once('open', resolve); socket.once('error', reject); });
  const say = (message: object): void => { socket.send(JSON.stringify(message)); };
  say({ type: 'connection_init', ...(params && { payload: params }) });
  return { socket, closed, messages, say };
}
const acknowledged = ({ messages }: RawSocket): Promise<void> => until(() => messages.some(({ type }) => type === 'connection_ack'));
const say = (reader: Reader, body: string): Promise<unknown> => server.query(ADD, { token: reader.token, variables: { paperId: paper.id, body } });

describe('a token', () => {
  test.each(['Bearer wrong', 'Basic x', ''])('that does not hold (%s) opens nothing', async (authorization) => {
    const socket = await rawSocket(server, { params: { authorization } });
    expect(await socket.closed).toEqual([4401, 'the bearer token is unknown, expired or revoked: sign in again']);
    expect(socket.messages).toEqual([]);
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream', authorization };
    const response = await fetch(`${server.url}/stream`, { method: 'POST', headers, body: JSON.stringify({ query: NOTIFICATIONS }) });
    expect([response.status, await response.json()]).toMatchObject([401, { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }]);
  });

  test('may also come as a header of the handshake', async () => {
    const socket = await rawSocket(server, { headers: { authorization: `Bearer ${ada.token}` } });
    await acknowledged(socket);
    socket.say({ type: 'subscribe', id: '1', payload: { query: '{ viewer { username } }' } });
    await until(() => socket.messages.length === 3);
    expect(socket.messages.slice(1)).toEqual([{ id: '1', type: 'next', payload: { data: { viewer: { username: ada.username } } } }, { id: '1', type: 'complete' }]);
    socket.socket.close();
  });

  test('that was revoked ends its streams before it is told anything more', async () => {
    const reader = await seedReader(server);
    const own = await seedPaper(server, { title: 'Own', listedOn: '2026-01-01', submittedById: reader.rowId });
    const [ws, sse] = [wsClient(server, reader.token), sseClient(server, reader.token)];
    const [byWs, bySse] = [await subscribed(server, ws, NOTIFICATIONS), await subscribed(server, sse, NOTIFICATIONS)];
    await server.query('mutation { signOut { __typename } }', { token: reader.token });
    await server.query(ADD, { token: alan.token, variables: { paperId: own.id, body: 'Secret' } });
    expect(await byWs.ended).toMatchObject({ code: 4401 });
    expect([await bySse.ended, byWs.answers, bySse.answers]).toMatchObject([null, [], [{ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }]]);
    await until(() => server.services.live.subscriberCount === 0);
    await ws.dispose();
    sse.dispose();
  });
});

describe('a connection', () => {
  test('has at most 100 operations open', async () => {
    const client = wsClient(server);
    const open = [];
    for (let n = 0; n < 100; n += 1) open.push(await subscribed(server, client, VOTES, { paperId: paper.id }));
    const refused = receive(client, VOTES, { paperId: paper.id });
    expect(await refused.ended).toEqual([{ message: 'a connection may have 100 operations open at a time', extensions: { code: 'RATE_LIMITED' } }]);
    open[0]!.stop();
    await until(() => server.services.live.subscriberCount === 99);
    await subscribed(server, client, VOTES, { paperId: paper.id });
    await client.dispose();
    await until(() => server.services.live.subscriberCount === 0);
  });

  test('that takes nothing is let go', async () => {
    const socket = await rawSocket(server);
    await acknowledged(socket);
    socket.say({ type: 'subscribe', id: '1', payload: { query: COMMENTS, variables: { paperId: paper.id } } });
    await until(() => server.services.live.subscriberCount === 1);
    socket.socket.pause();
    const body = 'x'.repeat(10_000);
    for (let n = 0; n < 60 && server.services.live.subscriberCount > 0; n += 1) await say(alan, `${n} ${body}`.slice(0, 10_000));
    await until(() => server.services.live.subscriberCount === 0);
    socket.socket.resume();
    const [code] = await socket.closed;
    // Told why, unless it took too long to take that.
    expect([1013, 1006]).toContain(code);
  });

  test('that speaks another protocol, or none, is closed', async () => {
    const socket = await rawSocket(server);
    socket.socket.send('no JSON');
    expect(await socket.closed).toEqual([4400, 'Invalid message received']);
    await expect(rawSocket(server, { protocol: 'graphql-ws' })).rejects.toThrow('Server sent no subprotocol');
  });

  test('finds its place at /graphql alone, and only while there is room', async () => {
    const small = await startBeside(server, { liveConnections: 1 });
    const refusal = async (url: string): Promise<string> => new Promise((resolve) => { new WebSocket(url, 'graphql-transport-ws').once('error', ({ message }) => { resolve(message); }); });
    expect(await refusal(server.url.replace(/^http(.*)graphql$/, 'ws$1elsewhere'))).toBe('Unexpected server response: 404');
    const first = await rawSocket(small);
    expect(await refusal(small.url.replace(/^http/, 'ws'))).toBe('Unexpected server response: 503');
    const stream = (): Promise<Response> => fetch(`${small.url}/stream`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: '{ viewer { id } }' }) });
    expect((await stream()).status).toBe(503);
    first.socket.close();
    await first.closed;
    await until(async () => (await stream()).status === 200);
    await small.stop();
  });
});

describe('by HTTP', () => {
  test('a subscription is refused, with where to go', async () => {
    expect(await server.send(VOTES, { variables: { paperId: paper.id } })).toMatchObject({ status: 400, errors: [{ message: expect.stringContaining('/graphql/stream'), extensions: { code: 'BAD_REQUEST' } }] });
  });

  test.each<[string, RequestInit, number]>([
    ['GET', { method: 'GET' }, 404],
    ['no operation', { body: '{}' }, 400],
    ['variables that are a list', { body: '{"query":"{ viewer { id } }","variables":[]}' }, 400],
    ['a form', { headers: { 'content-type': 'text/plain' }, body: '{"query":"{ viewer { id } }"}' }, 400],
    ['who takes no events', { headers: { 'content-type': 'application/json', accept: 'application/json' }, body: '{"query":"{ viewer { id } }"}' }, 406],
  ])('a stream for %s is refused', async (_, init, status) => {
    const response = await fetch(`${server.url}/stream`, { method: 'POST', headers: { 'content-type': 'application/json' }, ...init });
    expect(response.status).toBe(status);
  });
});

test('a server that stops ends the streams at once, so that their clients come again', async () => {
  const other = await startBeside(server);
  const socket = await rawSocket(other);
  await acknowledged(socket);
  socket.say({ type: 'subscribe', id: '1', payload: { query: VOTES, variables: { paperId: paper.id } } });
  await until(() => other.services.live.subscriberCount === 1);
  const sse = sseClient(other);
  const bySse = await subscribed(other, sse, VOTES, { paperId: paper.id });
  const deaf = await rawSocket(other);
  await acknowledged(deaf);
  deaf.socket.pause();
  const startedAt = Date.now();
  await other.stop();
  expect(Date.now() - startedAt).toBeLessThan(5000);
  expect([await socket.closed, String(await bySse.ended)]).toEqual([[1001, 'the server stops'], 'NetworkError: Connection closed while having active streams']);
  deaf.socket.terminate();
  sse.dispose();
});
