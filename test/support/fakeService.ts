import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** When its head had come, in milliseconds of `performance.now()`. */
  readonly at: number;
}

/** What a well-behaved service would answer. */
export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Uint8Array | object;
  /** Parts are sent where they are asked for with `Range`, and `If-Range` names the answer's ETag. */
  readonly takesRanges?: boolean;
}

export type Handler = (request: SeenRequest) => FakeAnswer;

/** Spoils an answer: writes what it likes of it. */
export type Misbehaviour = (response: ServerResponse, answer: FakeAnswer) => void;

/**
 * A service on a local port, whose answers and misbehaviours a test writes down:
 *
 *     const service = await startFakeService();
 *     service.on('/api', ({ query }) => ({ body: pageOf(query.get('start')) }));
 *     service.spoil('/api', busy(503, '2'), 2);   // the next two requests get 503, those after them the page
 *     … createHttpClient({ userAgent: 'test', delayScale: 0.001 }).ask({ url: `${service.url}/api?start=0`, … })
 *     expect(service.requestsOf('/api')).toHaveLength(3);
 *     await service.close();
 */
export class FakeService {
  readonly requests: SeenRequest[] = [];
  private readonly handlers = new Map<string, Handler>();
  private readonly spoilers = new Map<string, { misbehave: Misbehaviour; left: number }[]>();
  private readonly server = createServer((message, response) => void this.serve(message, response));
  private port = 0;

  /** Address without a slash at its end. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Answers requests for a path, which stands without its query; a later call replaces an earlier one. */
  on(path: string, answer: Handler | FakeAnswer): void {
    this.handlers.set(path, typeof answer === 'function' ? answer : () => answer);
  }

  /** Spoils the answers to the next requests for a path, after those that were spoilt before. */
  spoil(path: string, misbehave: Misbehaviour, times = Infinity): void {
    this.spoilers.set(path, [...(this.spoilers.get(path) ?? []), { misbehave, left: times }]);
  }

  requestsOf(path: string): SeenRequest[] {
    return this.requests.filter((request) => request.path === path);
  }

  /** Milliseconds between the requests for a path. */
  pausesOf(path: string): number[] {
    const times = this.requestsOf(path).map(({ at }) => at);
    return times.slice(1).map((at, index) => at - times[index]!);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now();
    const { pathname: path, searchParams: query } = new URL(message.url ?? '/', this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const request: SeenRequest = { method: message.method ?? '', path, query, headers: message.headers, body, at };
    this.requests.push(request);
    const spoiler = this.spoilers.get(path)?.find(({ left }) => left > 0);
    const answer = this.handlers.get(path)?.(request) ?? { status: 404, body: `nothing at ${path}` };
    if (spoiler === undefined) {
      sendAnswer(response, partOf(answer, request));
      return;
    }
    spoiler.left -= 1;
    spoiler.misbehave(response, partOf(answer, request));
  }
}

export async function startFakeService(): Promise<FakeService> {
  const service = new FakeService();
  await service.start();
  return service;
}

/** Refuses, with `Retry-After` where one is given. */
export function busy(status: number, retryAfter?: string): Misbehaviour {
  return (response) => {
    sendAnswer(response, { status, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter }, body: 'busy' });
  };
}

/** Answers something else: an HTML page with status 200, JSON that breaks off, the page before. */
export function instead(answer: FakeAnswer): Misbehaviour {
  return (response) => {
    sendAnswer(response, answer);
  };
}

/** Breaks off after so many bytes (half of them when left out), though the head told the length of all. */
export function cutShort(bytes?: number): Misbehaviour {
  return (response, answer) => {
    const body = bytesOf(answer);
    writeHead(response, answer, { 'content-length': String(body.length) });
    response.write(body.subarray(0, bytes ?? body.length >> 1), () => response.destroy());
  };
}

/** Breaks off after half of a chunked body, before the chunk that ends it. */
export function cutChunked(): Misbehaviour {
  return (response, answer) => {
    const body = bytesOf(answer);
    writeHead(response, answer, { 'transfer-encoding': 'chunked' });
    response.write(body.subarray(0, body.length >> 1), () => response.destroy());
  };
}

/** Sends a few bytes at a time, with pauses; with 0 bytes at a time, nothing after half of the body. */
export function drip(bytesAtOnce: number, everyMs: number): Misbehaviour {
  return (response, answer) => {
    const body = bytesOf(answer);
    writeHead(response, answer, { 'content-length': String(body.length) });
    if (bytesAtOnce === 0) {
      response.write(body.subarray(0, body.length >> 1));
      return;
    }
    let sent = 0;
    const timer = setInterval(() => {
      response.write(body.subarray(sent, (sent += bytesAtOnce)));
      if (sent < body.length) return;
      clearInterval(timer);
      response.end();
    }, everyMs);
    response.on('close', () => {
      clearInterval(timer);
    });
  };
}

/** Sends the text in one character set under the name of another. */
export function mislabelled(bytesAre: 'latin1' | 'utf8', label: string): Misbehaviour {
  return (response, answer) => {
    const type = (answer.headers?.['content-type'] ?? 'text/xml').replace(/;.*/, '');
    const body = Buffer.from(bytesOf(answer).toString('utf8'), bytesAre);
    sendAnswer(response, { ...answer, headers: { ...answer.headers, 'content-type': `${type}; charset=${label}` }, body });
  };
}

/** Ends the connection without an answer. */
export function reset(): Misbehaviour {
  return (response) => {
    response.socket?.resetAndDestroy();
  };
}

/** Never answers. */
export function silent(): Misbehaviour {
  return () => undefined;
}

/** Tokens that stand for where a reader is, until they expire. */
export class Tokens<Place> {
  private readonly places = new Map<string, Place>();
  private issued = 0;

  issue(place: Place): string {
    const token = `token-${++this.issued}`;
    this.places.set(token, place);
    return token;
  }

  /** Undefined for one that has expired or never was. */
  placeOf(token: string): Place | undefined {
    return this.places.get(token);
  }

  /** From now on none of those that were issued is known. */
  expire(): void {
    this.places.clear();
  }
}

function partOf(answer: FakeAnswer, { headers }: SeenRequest): FakeAnswer {
  const from = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
  const isSame = headers['if-range'] === undefined || headers['if-range'] === answer.headers?.etag;
  if (answer.takesRanges !== true || from === undefined || !isSame) return answer;
  const body = bytesOf(answer);
  const range = `bytes ${from}-${body.length - 1}/${body.length}`;
  return { status: 206, headers: { ...answer.headers, 'content-range': range }, body: body.subarray(Number(from)) };
}

function sendAnswer(response: ServerResponse, answer: FakeAnswer): void {
  const body = bytesOf(answer);
  writeHead(response, answer, { 'content-length': String(body.length) });
  response.end(body);
}

function writeHead(response: ServerResponse, { status = 200, headers = {}, body }: FakeAnswer, framing: Record<string, string>): void {
  const isJson = typeof body === 'object' && !(body instanceof Uint8Array);
  response.writeHead(status, { 'content-type': isJson ? 'application/json' : 'text/xml', ...headers, ...framing });
}

function bytesOf({ body = '' }: FakeAnswer): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
}
