import type { FastifyBaseLogger } from 'fastify';
import type { ClientAddresses } from './clientAddress.js';
import type { Viewer } from './context.js';
import type { Operations } from './operations.js';
import { tokenOf } from './requestContext.js';

/** What both ways of streaming need. */
export interface LiveOptions {
  readonly operations: Operations;
  readonly seats: Seats;
  readonly addresses: ClientAddresses;
  readonly findViewer: (token: string) => Promise<Viewer | null>;
  readonly log: FastifyBaseLogger;
}

/** Clients are asked whether they are there, and their proxies kept awake. */
export const KEEP_ALIVE_MS = 12_000;
/** A token that ends while nothing happens is noticed within this time; each event looks anyway. */
export const TOKEN_CHECK_MS = 60_000;
/** What may wait to be taken by a client; beyond it the client is let go. */
export const MOST_BUFFERED_BYTES = 1024 * 1024;

/** Connections that stay open, of both ways. */
export class Seats {
  private taken = 0;

  constructor(private readonly most: number) {}

  /** Takes a seat; false where none is left. */
  take(): boolean {
    if (this.taken >= this.most) return false;
    this.taken += 1;
    return true;
  }

  get count(): number {
    return this.taken;
  }

  leave(): void {
    this.taken -= 1;
  }
}

/** Whether an authorization, if any, stands for somebody. */
export async function isKnown(authorization: string | undefined, { findViewer }: Pick<LiveOptions, 'findViewer'>): Promise<boolean> {
  const token = tokenOf(authorization);
  return authorization === undefined || (token !== null && (await findViewer(token)) !== null);
}
