import { DOCUMENTED_CODES } from '../codes.js';
import type { TestServer } from '../../support/testServer.js';

export interface Reply {
  readonly status: number;
  readonly body: { readonly data?: any; readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[] };
}

let sent = 0;

/** How many bodies were sent by this file of tests. */
export function sentBodies(): number {
  return sent;
}

/** Sends a body as it is. */
export async function send(server: TestServer, body: string, token: string | null): Promise<Reply> {
  sent += 1;
  const response = await fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) }, body });
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) as Reply['body'] };
  } catch {
    return { status: response.status, body: { errors: [{ message: `no JSON: ${text.slice(0, 200)}` }] } };
  }
}

/**
 * What is wrong with how the server answered: null where it gave data, or errors that a client can act on. An answer that is
 * partly null has an error for each; whatever happened, no error is the server's own.
 */
export function complaint({ status, body: { data, errors } }: Reply): string | null {
  if (status >= 500) return `status ${status}: ${JSON.stringify(errors)}`;
  if (errors === undefined) return status === 200 && data !== undefined ? null : `status ${status} without errors`;
  if (errors.length === 0) return 'an empty list of errors';
  const unclear = errors.find(({ message, extensions }) => !DOCUMENTED_CODES.has(String(extensions?.['code'])) || message.length < 5 || /\bat .*[jt]s:\d|node_modules|postgres|prisma|Cannot read prop/i.test(message));
  return unclear === undefined ? null : `status ${status}: ${JSON.stringify(unclear)}`;
}
