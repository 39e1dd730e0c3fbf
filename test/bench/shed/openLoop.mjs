// Sends requests at a fixed rate whether or not those before were answered, as the public does: a server that falls behind gets
// no rest. Times count from the moment at which a request was due. A job comes as a message, { url, requests, rate, seconds,
// connections }, and the figures go back. So many connections are open before the first request, as a proxy keeps them; more are
// opened where all are waited on.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setPriority } from 'node:os';
import { quantile } from '../recommender/figures.mjs';

const TICK_MS = 5;
const WARM_SECONDS = 1;
/** What was not answered by then is lost: nobody waits for it any more. */
const PATIENCE_MS = 10_000;
const MOST_CONNECTIONS = 4000;
const AT_ONCE = 50;
const HEAD_END = Buffer.from('\r\n\r\n');

// Who sends late measures himself. Only some users may come first.
try {
  setPriority(-10);
} catch {
  // Then `late` tells.
}

process.on('disconnect', () => process.exit());
process.on('message', (job) => {
  run(job).then((figures) => process.send({ figures }), (error) => process.send({ failure: error.message }));
});

/** Rates a second by what became of the requests that were due in the time that counts. */
export async function run({ url, requests, rate, seconds, connections }) {
  const { hostname, port } = new URL(url);
  const texts = requests.map((request) => textOf(request, hostname));
  const pool = { idle: [], open: new Set(), at: { host: hostname, port: Number(port) } };
  await open(pool, connections);
  const seen = { sent: 0, late: [], ms: [], shed: 0, failed: 0, lost: 0, waiting: new Set() };
  const from = performance.now();
  const counted = (due) => due >= from + 1000 * WARM_SECONDS;
  const until = from + 1000 * (WARM_SECONDS + seconds);
  for (let next = 0; performance.now() < until; await passing(TICK_MS)) {
    for (let due = from + (1000 * next) / rate; due <= Math.min(performance.now(), until); next += 1, due = from + (1000 * next) / rate) {
      send(pool, { text: texts[next % texts.length], due, isCounted: counted(due), seen });
    }
  }
  for (const end = performance.now() + PATIENCE_MS; seen.waiting.size > 0 && performance.now() < end; ) await passing(20);
  for (const one of seen.waiting) settle(one, { lost: 1 });
  for (const socket of pool.open) socket.destroy();
  const { sent, late, ms, shed, failed, lost } = seen;
  const perSecond = (count) => count / seconds;
  return { rate, offered: perSecond(sent), answered: perSecond(ms.length), shed: perSecond(shed), failed: perSecond(failed), lost: perSecond(lost), p50: quantile(ms, 0.5), p99: quantile(ms, 0.99), late: quantile(late, 0.99) };
}

function textOf({ method, path, headers, body }, host) {
  const lines = Object.entries({ ...headers, host, 'content-length': Buffer.byteLength(body) }).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** On a connection that is free, on a new one where none is; where there are too many, the request is lost. */
function send(pool, one) {
  const { seen, due, isCounted } = one;
  if (isCounted) {
    seen.sent += 1;
    seen.late.push(performance.now() - due);
  }
  seen.waiting.add(one);
  const socket = pool.idle.pop() ?? (pool.open.size < MOST_CONNECTIONS ? opened(pool) : null);
  if (socket === null) {
    settle(one, { lost: 1 });
    return;
  }
  socket.one = one;
  socket.write(one.text);
}

/** Opens connections that nothing was asked on yet, a few at a time. */
async function open(pool, count) {
  while (pool.open.size < count) {
    const sockets = Array.from({ length: Math.min(AT_ONCE, count - pool.open.size) }, () => opened(pool));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    pool.idle.push(...sockets);
  }
}

function opened(pool) {
  const socket = connect(pool.at);
  socket.setNoDelay(true);
  pool.open.add(socket);
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const answer = wholeAnswer(received);
    if (answer === null) return;
    received = Buffer.alloc(0);
    const { one } = socket;
    socket.one = null;
    settle(one, answer);
    if (answer.isLast) socket.destroy();
    else pool.idle.push(socket);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    pool.open.delete(socket);
    const place = pool.idle.indexOf(socket);
    if (place >= 0) pool.idle.splice(place, 1);
    if (socket.one !== null && socket.one !== undefined) settle(socket.one, { lost: 1 });
  });
  return socket;
}

/** Null while parts of it are missing. */
function wholeAnswer(bytes) {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return null;
  const head = bytes.toString('latin1', 0, end).toLowerCase();
  const length = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? NaN);
  if (bytes.length < end + HEAD_END.length + length) return null;
  const status = Number(head.slice(9, 12));
  // GraphQL fails with status 200.
  const isFailed = status !== 503 && (status !== 200 || bytes.includes('"errors":['));
  return { shed: status === 503 ? 1 : 0, failed: isFailed ? 1 : 0, isLast: head.includes('\r\nconnection: close') };
}

function settle(one, { shed = 0, failed = 0, lost = 0 }) {
  const { seen, due, isCounted } = one;
  if (!seen.waiting.delete(one) || !isCounted) return;
  seen.shed += shed;
  seen.failed += failed;
  seen.lost += lost;
  if (shed + failed + lost === 0) seen.ms.push(performance.now() - due);
}

function passing(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
