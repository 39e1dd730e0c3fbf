import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { ClientAddresses } from './clientAddress.js';

/** The origins whose pages may ask, beside the server's own: `https://app.example`, or any. */
export type Origins = readonly string[] | '*';

/** What a page of another origin may read of an answer beside its body. */
const EXPOSED = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after', 'x-request-id'];
/** As long as browsers keep what they were told: Chromium two hours, others a day. */
const MAX_AGE_SECONDS = 7200;

/** Lets pages of these origins ask what is added to this part of the server; without any, browsers refuse by themselves. */
export function allowOrigins(part: FastifyInstance, origins: Origins): void {
  if (origins.length === 0) return;
  part.register(cors, {
    // A list also of one: a text would be told to all origins, those that are not allowed too.
    origin: origins === '*' ? '*' : [...origins],
    methods: ['GET', 'POST'],
    exposedHeaders: EXPOSED,
    maxAge: MAX_AGE_SECONDS,
    // Nothing here goes by cookies; clients that send them to whom they know still expect to be allowed to.
    credentials: origins !== '*',
  });
}

export interface OriginsOptions {
  readonly origins: Origins;
  /** The server's address as readers reach it. */
  readonly publicUrl: string;
  readonly addresses: ClientAddresses;
}

/** Whether a handshake is by a page that may ask, or by no page: browsers do not ask before they open a WebSocket. */
export function mayConnect(request: IncomingMessage, { origins, publicUrl, addresses }: OriginsOptions): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || origins === '*' || origins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const own = [host, addresses.told(request, 'x-forwarded-host'), new URL(publicUrl).host];
  return own.includes(new URL(origin).host);
}
