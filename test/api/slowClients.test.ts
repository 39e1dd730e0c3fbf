import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../support/liveClients.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

// What is sent by hand, since no client sends it.

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ requestSeconds: 2 });
});
afterAll(() => server.stop());

interface Wire {
  readonly socket: Socket;
  received(): string;
  isClosed(): boolean;
}

function open(text = ''): Wire {
  const { port, hostname } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let received = '';
  let isClosed = false;
  socket.on('data', (chunk) => (received += String(chunk))).on('error', () => undefined).on('close', () => { isClosed = true; });
  socket.write(text);
  return { socket, received: () => received, isClosed: () => isClosed };
}

const BODY = JSON.stringify({ query: '{ __typename }' });
const head = (...lines: string[]): string => ['POST /graphql HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...lines].map((line) => `${line}\r\n`).join('');
const statuses = ({ received }: Wire): string[] => received().match(/HTTP\/1\.1 \d+ /g)?.map((line) => line.slice(9, 12)) ?? [];
const codesOf = ({ received }: Wire): unknown => JSON.parse(received().slice(received().lastIndexOf('\r\n\r\n'))).errors.map(({ extensions }: any) => extensions.code);

/** Sends a piece at a time until the server ends it. */
function drip(wire: Wire, piece: string, everyMs = 200): void {
  const timer = setInterval(() => wire.socket.write(piece), everyMs);
  wire.socket.once('close', () => { clearInterval(timer); });
}

async function expectRefusal(text: string, status: string): Promise<void> {
  const wire = open(text);
  await until(wire.isClosed);
  expect([statuses(wire), codesOf(wire)]).toEqual([[status], ['BAD_REQUEST']]);
}

describe('a client that takes its time', () => {
  test('to send its headers, or its body, is cut off with 408, and the others are served meanwhile', async () => {
    const wires = Array.from({ length: 60 }, (_, n) => {
      const inHead = n % 2 === 0;
      const wire = open(inHead ? 'POST /graphql HTTP/1.1\r\nHost: x\r\n' : `${head('Content-Length: 100000')}\r\n{`);
      drip(wire, inHead ? 'X-Slow: yes\r\n' : ' ');
      return wire;
    });
    let served = 0;
    await until(async () => {
      expect((await server.send('{ __typename }')).status).toBe(200);
      served += 1;
      return wires.every(({ isClosed }) => isClosed());
    });
    expect(served).toBeGreaterThan(1);
    for (const wire of wires) expect([statuses(wire), codesOf(wire)]).toEqual([['408'], ['BAD_REQUEST']]);
  });

  test('between requests keeps its connection', async () => {
    const wire = open(`${head(`Content-Length: ${BODY.length}`)}\r\n${BODY}`);
    await until(() => statuses(wire).length === 1);
    // Longer than a request may take.
    await new Promise((resolve) => { setTimeout(resolve, 3500); });
    wire.socket.write(`${head(`Content-Length: ${BODY.length}`)}\r\n${BODY}`);
    await until(() => statuses(wire).length === 2);
    expect(statuses(wire)).toEqual(['200', '200']);
    wire.socket.destroy();
  });

  test('to send nothing at all is let go', async () => {
    const wire = open();
    await until(wire.isClosed);
    expect(statuses(wire)).toEqual(['408']);
  });
});

describe('a request that is not as it says', () => {
  test('with less of a body than it has is refused, and its connection ends: what follows is no request', async () => {
    const wire = open(`${head(`Content-Length: ${BODY.length - 3}`)}\r\n${BODY}`);
    await until(wire.isClosed);
    expect(statuses(wire)).toEqual(['400']);
    expect(codesOf(wire)).toEqual(['BAD_REQUEST']);
  });

  test('with more of a body than comes is cut off', () => expectRefusal(`${head(`Content-Length: ${BODY.length + 3}`)}\r\n${BODY}`, '408'));
  test('with a length that is none', () => expectRefusal(`${head('Content-Length: many')}\r\n${BODY}`, '400'));
  test('with two lengths', () => expectRefusal(`${head('Content-Length: 5', 'Content-Length: 6')}\r\n${BODY}`, '400'));
  test('with a length and chunks, as smuggled ones have', () => expectRefusal(`${head('Content-Length: 5', 'Transfer-Encoding: chunked')}\r\n${BODY}`, '400'));
  test('with a length that is negative', () => expectRefusal(`${head('Content-Length: -1')}\r\n${BODY}`, '400'));
  test('with too many headers', () => expectRefusal(`${head(...Array.from({ length: 2000 }, (_, n) => `X-${n}: a header`))}\r\n`, '431'));
  test('with an address that is too long', () => expectRefusal(`GET /graphql?query=${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, '431'));
  test('of another protocol', () => expectRefusal('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', '400'));

  test('without a host is refused', async () => {
    const wire = open('GET /healthz HTTP/1.1\r\n\r\n');
    await until(wire.isClosed);
    expect(statuses(wire)).toEqual(['400']);
  });

  test('with chunks that are none is refused', async () => {
    const wire = open(`${head('Transfer-Encoding: chunked')}\r\nnonsense\r\n`);
    await until(wire.isClosed);
    expect(statuses(wire)).toEqual(['400']);
  });

  test('with chunks that are right is answered', async () => {
    const wire = open(`${head('Transfer-Encoding: chunked', 'Connection: close')}\r\n${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`);
    await until(wire.isClosed);
    expect([statuses(wire), wire.received()]).toEqual([['200'], expect.stringContaining('{"data":{"__typename":"Query"}}')]);
  });

  test.each(['a b', '[', 'x:y:z', '/', '<script>', 'x@y'])('with a host that is none is no fault of the server: %s', async (host) => {
    const wire = open(`POST /graphql HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`);
    await until(wire.isClosed);
    expect(statuses(wire)).toEqual(['200']);
  });
});
