import type { FastifyBaseLogger, FastifyInstance, FastifyReply } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { UnavailableError } from '../errors.js';
import { StreamEnd } from './eventQueue.js';
import type { Gate } from './gate.js';
import { KEEP_ALIVE_MS, MOST_BUFFERED_BYTES, TOKEN_CHECK_MS, isKnown, type LiveOptions } from './liveOptions.js';
import { isStream, type AnswerStream, type Operation } from './operations.js';
import type { RequestErrors } from './requestErrors.js';
import { REQUEST_ID } from './requestId.js';
import './requestRecord.js';

const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' };
const CODES: Readonly<Record<number, string>> = { 401: 'UNAUTHENTICATED', 503: 'RATE_LIMITED' };

interface EventStreamOptions extends LiveOptions {
  readonly errorHandler: RequestErrors;
  readonly gate: Pick<Gate, 'atTheDoor'>;
}

/**
 * GraphQL over server-sent events at /graphql/stream, in distinct connections mode: a request is an operation, and its answer the
 * stream. See https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
 */
export function serveEventStreams(app: FastifyInstance, options: EventStreamOptions): void {
  const { operations, seats, addresses, log, errorHandler, gate } = options;
  const open = new Set<() => void>();
  let isClosing = false;
  // POST alone: what a page of another origin can send unasked starts nothing here.
  app.post('/graphql/stream', { errorHandler, onRequest: gate.atTheDoor }, async (request, reply) => {
    const operation = operationOf(request.body);
    if (operation === null) return refuse(reply, 400, 'the body must be JSON with the text of an operation in query');
    if (!/text\/event-stream|\*\/\*/.test(request.headers.accept ?? '*/*')) return refuse(reply, 406, 'this answers text/event-stream');
    if (isClosing || !seats.take()) return refuse(reply.header('retry-after', '5'), 503, 'the server has no room for another stream');
    // Before anything is waited for: of a client that has gone by then, nobody would tell.
    reply.raw.once('close', () => { seats.leave(); });
    if (!(await isKnown(request.headers.authorization, options))) return refuse(reply, 401, new StreamEnd('TOKEN_ENDED').message);
    const caller = { authorization: request.headers.authorization, address: () => addresses.of(request.raw), transport: 'event-stream', span: request.span } as const;
    const outcome = await operations.run(operation, caller, request.id);
    reply.hijack();
    // With those that say what its origin may do.
    reply.raw.writeHead(200, { ...reply.getHeaders(), ...HEADERS, [REQUEST_ID]: request.id } as OutgoingHttpHeaders);
    let isComplete = true;
    if (isStream(outcome)) isComplete = await sendAll(reply.raw, outcome, { open, isClosing: () => isClosing, isKnown: () => isKnown(request.headers.authorization, options), log });
    else next(reply.raw, outcome);
    reply.raw.end(isComplete ? event('complete', '') : '');
    return reply;
  });
  app.addHook('preClose', () => {
    isClosing = true;
    for (const end of [...open]) end();
    return Promise.resolve();
  });
}

interface Sending {
  /** What ends each stream of the server. */
  readonly open: Set<() => void>;
  /** Whether the server has ended them, and ends what opens late. */
  readonly isClosing: () => boolean;
  readonly isKnown: () => Promise<boolean>;
  readonly log: FastifyBaseLogger;
}

/** Sends until the stream, the client or the server ends it; false for the server, after which a client comes again. */
async function sendAll(response: ServerResponse, stream: AnswerStream, { open, isClosing, isKnown: isStillKnown, log }: Sending): Promise<boolean> {
  let isStopped = false;
  const end = (): void => void stream.return();
  const stop = (): void => {
    isStopped = true;
    end();
  };
  const endToken = (): void => {
    next(response, tokenEnded());
    end();
  };
  const timers = [
    setInterval(() => { response.write(':\n\n'); }, KEEP_ALIVE_MS).unref(),
    setInterval(() => { isStillKnown().then((known) => { if (!known) endToken(); }, (error: unknown) => { if (!(error instanceof UnavailableError)) log.warn({ err: error }, 'a token was not looked up'); }); }, TOKEN_CHECK_MS).unref(),
  ];
  open.add(stop);
  response.once('close', end);
  if (response.destroyed) end();
  if (isClosing()) stop();
  // The answer's head alone would wait for the first event.
  response.write(':\n\n');
  try {
    for await (const answer of stream) {
      next(response, answer);
      if (response.writableLength > MOST_BUFFERED_BYTES) throw new StreamEnd('TOO_SLOW');
    }
  } catch (error) {
    if (error instanceof StreamEnd && error.reason === 'TOKEN_ENDED') next(response, tokenEnded());
    // It takes nothing, and so could not be told why.
    else response.destroy();
    if (!(error instanceof StreamEnd || error instanceof UnavailableError)) log.error({ err: error }, 'a stream failed');
  } finally {
    end();
    for (const timer of timers) clearInterval(timer);
    open.delete(stop);
  }
  return !isStopped;
}

function next(response: ServerResponse, answer: FormattedExecutionResult): void {
  response.write(event('next', ` ${JSON.stringify(answer)}`));
}

function event(name: 'next' | 'complete', data: string): string {
  return `event: ${name}\ndata:${data}\n\n`;
}

function tokenEnded(): FormattedExecutionResult {
  return { errors: [{ message: new StreamEnd('TOKEN_ENDED').message, extensions: { code: 'UNAUTHENTICATED' } }] };
}

function operationOf(body: unknown): Operation | null {
  if (typeof body !== 'object' || body === null || !('query' in body) || typeof body.query !== 'string') return null;
  const { operationName, variables, extensions } = body as { operationName?: unknown; variables?: unknown; extensions?: unknown };
  const isSound = (operationName == null || typeof operationName === 'string') && [variables, extensions].every((part) => part == null || (typeof part === 'object' && !Array.isArray(part)));
  return isSound ? (body as Operation) : null;
}

function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ errors: [{ message, extensions: { code: CODES[status] ?? 'BAD_REQUEST' } }] });
}
