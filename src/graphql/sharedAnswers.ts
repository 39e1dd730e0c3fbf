import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

interface Answer {
  readonly headers: ReturnType<FastifyReply['getHeaders']>;
  readonly body: string;
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
  constructor(milliseconds: number, private readonly documentOf: (body: object) => string | null = textOf) {
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
      const known = await answers.get(key);
      if (known === undefined || known === null) return make(answers, { key, reply, handle: () => handler(request, reply) });
      reply.headers(known.headers);
      return known.body;
    };
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
  readonly reply: FastifyReply;
  readonly handle: () => Promise<unknown>;
}

async function make(answers: LRUCache<string, Shared>, { key, reply, handle }: Asked): Promise<unknown> {
  const start = performance.now();
  const own = new Set(Object.keys(reply.getHeaders()));
  const body = handle();
  const shared = body.then((text) => (isWhole(text, reply) ? { headers: headersOf(reply, own), body: text } : null), () => null);
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

/** Without those that are its caller's own, such as what its origin may do, and those of its budget: what is shared costs nobody anything but the first. */
function headersOf(reply: FastifyReply, own: ReadonlySet<string>): Answer['headers'] {
  return Object.fromEntries(Object.entries(reply.getHeaders()).filter(([name]) => !own.has(name) && !name.startsWith('ratelimit-'))) as Answer['headers'];
}

/** The document that a body has; null for none. */
export function textOf(body: object): string | null {
  return 'query' in body && typeof body.query === 'string' ? body.query : null;
}
