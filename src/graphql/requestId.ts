import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ClientAddresses } from './clientAddress.js';

/** The header by which proxies name a request, and by which its client is told the name. */
export const REQUEST_ID = 'x-request-id';

// It stands in logs and headers: nothing that ends a line or a value, and no more than a trace's id or a load balancer's needs.
const SOUND = /^[A-Za-z0-9._:=+/-]{1,100}$/;

/**
 * The name of a request in logs, traces and its answer: that which a trusted proxy gave it, so that one name leads through the
 * logs of both, or a new one. Of others no name is taken: two requests with one name would be one in the logs.
 */
export function requestIdOf(request: IncomingMessage, addresses: ClientAddresses): string {
  const given = request.headers[REQUEST_ID];
  return typeof given === 'string' && SOUND.test(given) && addresses.isByProxy(request) ? given : randomUUID();
}
