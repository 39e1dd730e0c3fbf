import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { SharedSeries } from '../telemetry/metrics.js';
import { OperationRecord } from '../telemetry/operation.js';
import type { Telemetry } from '../telemetry/telemetry.js';
import { REQUEST_ID } from './requestId.js';
import './requestRecord.js';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

interface Answer {
  readonly headers: ReturnType<FastifyReply['getHeaders']>;
  readonly body: string;
  /** The operation that caused it. */
  readonly cause: Pick<OperationRecord, 'type' | 'name'> | null;
  /** Where it is counted that others get it. */
  readonly series: SharedSeries | null;
}

/** An answer that is made or on its way; null for one that is not to be shared. */
type Shared = Promise<Answer | null>;

const MOST_ANSWERS = 1000;
const MOST_CHARACTERS = 32_000_000;

/**
 * What anonymous readers ask alike is answered once: who asks while the answer is on its way waits for it, and for
 * `milliseconds` after it was asked for it is given again, unless something was written meanwhile. A thousand readers who
 * come at once, or when an answer has just expired, cause one execution.
 */
export class SharedAnswers {
  private readonly answers: LRUCache<string, Shared> | null;

  /** `documentOf` finds the text of a document that a body names in place of having it. */
  constructor(
    milliseconds: number,
    private readonly documentOf: (body: object) => string | null = textOf,
    private readonly telemetry: Pick<Telemetry, 'sharing' | 'settings'> | null = null,
  ) {
    this.answers = milliseconds === 0 ? null : new LRUCache({ max: MOST_ANSWERS, maxSize: MOST_CHARACTERS, ttl: milliseconds });
  }

  /** Forgets all answers, those on their way too: what starts from here on reads anew. */
  forget(): void {
    this.answers?.clear();
  }

  /** A handler that asks `handler` only for what is not shared. */
  around(handler: Handler): Handler {
    const { answers } = this;
    if (answers === null) return handler;
    return async (request, reply) => {
      const key = this.keyOf(request);
      if (key === null) return handler(request, reply);
      const startedAt = performance.now();
      const known = await answers.get(key);
      if (known === undefined || known === null) return make(answers, { key, request, reply, handle: () => handler(request, reply), telemetry: this.telemetry });
      this.tell(known, request, startedAt);
      reply.headers(known.headers);
      return known.body;
    };
  }

  /** That a request was given an answer which was there. */
  private tell({ cause, series }: Answer, request: FastifyRequest, startedAt: number): void {
    if (series !== null) {
      series.count.value += 1;
      series.seconds.observe((performance.now() - startedAt) / 1000);
    }
    if (cause !== null && (request.span !== null || this.telemetry?.settings.logRequests === true)) request.operation = OperationRecord.shared(request.id, cause);
  }

  /** What answers depend on; null for a request whose answer is its own: by a reader, with a mutation, or on its caller's budget. */
  private keyOf({ method, url, headers, body }: FastifyRequest): string | null {
    if (method !== 'POST' || headers.authorization !== undefined || headers['content-type']?.startsWith('application/json') !== true) return null;
    const document = typeof body !== 'object' || body === null ? null : this.documentOf(body);
    // No document has a mutation without the word.
    return document === null || /\b(mutation|rateLimit)\b/.test(document) ? null : JSON.stringify([url, headers.accept ?? '', body]);
  }
}

interface Asked {
  readonly key: string;
  readonly request: FastifyRequest;
  readonly telemetry: Pick<Telemetry, 'sharing'> | null;
  readonly reply: FastifyReply;
  readonly handle: () => Promise<unknown>;
}

async function make(answers: LRUCache<string, Shared>, { key, request, reply, handle, telemetry }: Asked): Promise<unknown> {
  const start = performance.now();
  const own = new Set(Object.keys(reply.getHeaders()));
  const body = handle();
  const shared = body.then((text) => (isWhole(text, reply) ? { headers: headersOf(reply, own), body: text, ...causeOf(request, telemetry) } : null), () => null);
  answers.set(key, shared, { start, size: key.length });
  const answer = await shared;
  // Unless it was forgotten meanwhile: then it may tell what is no longer so.
  if (answers.peek(key) === shared) {
    if (answer === null) answers.delete(key);
    // Another promise: the cache looks at the size only of a value that it does not have.
    else answers.set(key, Promise.resolve(answer), { start, size: key.length + answer.body.length });
  }
  return body;
}

/** Answers with errors start with these, and may be of the moment. */
function isWhole(text: unknown, reply: FastifyReply): text is string {
  return typeof text === 'string' && reply.statusCode === 200 && text.startsWith('{"data":');
}

function causeOf({ operation }: FastifyRequest, telemetry: Asked['telemetry']): Pick<Answer, 'cause' | 'series'> {
  // Not the record itself: it holds on to a span.
  const cause = operation == null ? null : { type: operation.type, name: operation.name };
  return { cause, series: cause === null ? null : (telemetry?.sharing(cause) ?? null) };
}

/**
 * Without those that are its caller's own, such as what its origin may do and its name, and those of its budget: what is shared costs
 * nobody anything but the first.
 */
function headersOf(reply: FastifyReply, own: ReadonlySet<string>): Answer['headers'] {
  return Object.fromEntries(Object.entries(reply.getHeaders()).filter(([name]) => !own.has(name) && !name.startsWith('ratelimit-') && name !== REQUEST_ID)) as Answer['headers'];
}

/** The document that a body has; null for none. */
export function textOf(body: object): string | null {
  return 'query' in body && typeof body.query === 'string' ? body.query : null;
}
