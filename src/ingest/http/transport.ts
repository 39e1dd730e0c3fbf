import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Agent, interceptors, request, type Dispatcher } from 'undici';
import { FailedAttempt } from './attempts.js';
import { retryAfterMs } from './retryAfter.js';

const MAX_REDIRECTIONS = 5;
/** What one answer may hold at most, packed or unpacked; the largest pages of the services have a few megabytes. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** The longest that a service may ask to be left alone; a run that is told to wait for longer had better end. */
const MAX_WAIT_MS = 3_600_000;
/** Statuses of 4xx that pass by: a request that came too slowly, and one too many. */
const PASSING = [408, 429];

/** An answer whose body is still to be read. */
export interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Dispatcher.ResponseData['body'];
}

export interface Sending {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as a POST of JSON. */
  readonly json?: unknown;
  /** Statuses that are answers rather than failures, besides 2xx. */
  readonly accept: readonly number[];
  readonly signal: AbortSignal | undefined;
  /** Longest time without a byte, before the answer or within it. */
  readonly silenceMs: number;
}

/** Connections that are kept for the next request, and followed where they are sent on to. */
export function createDispatcher(): Dispatcher {
  return new Agent({ connectTimeout: 20_000 }).compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTIONS }));
}

/** Sends once; throws FailedAttempt where the status says that this is no answer, and what undici throws otherwise. */
export async function send(dispatcher: Dispatcher, sending: Sending): Promise<Answer> {
  const { statusCode: status, headers: received, body } = await request(sending.url, {
    dispatcher,
    headers: { ...(sending.json === undefined ? {} : { 'content-type': 'application/json' }), ...sending.headers },
    ...(sending.json === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(sending.json) }),
    signal: sending.signal,
    headersTimeout: sending.silenceMs,
    bodyTimeout: sending.silenceMs,
  });
  const headers = Object.fromEntries(Object.entries(received).map(([name, value]) => [name, String(value)]));
  if ((status >= 200 && status < 300) || sending.accept.includes(status)) return { status, headers, body };
  // Reading what little there is lets the connection serve the next attempt; its end does not matter.
  await body.dump().catch(() => undefined);
  throw refusal(status, headers);
}

function refusal(status: number, headers: Answer['headers']): FailedAttempt {
  const retryAfter = headers['retry-after'];
  const said = `answered ${status}${retryAfter === undefined ? '' : ` with Retry-After ${retryAfter}`}`;
  const waitMs = retryAfterMs(headers);
  if (status < 500 && !PASSING.includes(status)) return new FailedAttempt(said, status, { isLasting: true });
  if (waitMs <= MAX_WAIT_MS) return new FailedAttempt(said, status, { waitMs });
  return new FailedAttempt(`${said}, which is later than the ${MAX_WAIT_MS / 1000} s that are waited at most`, status, { isLasting: true });
}

/** The whole body, unpacked; throws FailedAttempt where it is too large or not what it is declared to be. */
export async function wholeBody({ status, headers, body }: Answer): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw tooLarge(status);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const packing = headers['content-encoding'] ?? 'identity';
  if (packing === 'identity' || size === 0) return bytes;
  if (packing !== 'gzip') throw new FailedAttempt(`answered in the encoding ${packing}, which was not asked for`, status);
  return unpacked(bytes, status);
}

async function unpacked(bytes: Uint8Array, status: number): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (cause) {
    if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(status);
    throw new FailedAttempt(`answered with a broken gzip body: ${reasonOf(cause)}`, status, { cause });
  }
}

function tooLarge(status: number): FailedAttempt {
  return new FailedAttempt(`answered with a body of more than ${MAX_BODY_BYTES} bytes`, status, { isLasting: true });
}

/** What stopped an exchange, in a few words. */
export function reasonOf(error: unknown): string {
  const { message = '', errors = [] } = error as { message?: string; errors?: unknown[] };
  // The error of a host with several addresses has a message in each of its parts only.
  if (message === '' && errors.length > 0) return reasonOf(errors[0]);
  return message === '' ? (codeOf(error) ?? 'unknown') : message;
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
