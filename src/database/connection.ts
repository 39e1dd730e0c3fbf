import type { Socket } from 'node:net';
import pg from 'pg';
import { UnansweredError } from './failure.js';

/** How much longer than a statement may take its answer is waited for: the database tells of what it stopped. */
const GRACE_MS = 2_000;

/**
 * A connection that can be given up amid a statement. PostgreSQL stops statements that take too long, and cannot where it is
 * stopped itself or the network swallows its answers: then whoever waits would wait for ever.
 */
export class Connection extends pg.Client {
  /** How long an answer may take. */
  limitMs = Infinity;
  private askedAt: number | null = null;

  constructor(config: pg.ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...given: unknown[]) => unknown;
    this.query = ((...given: unknown[]) => {
      this.askedAt ??= performance.now();
      return query(...given);
    }) as typeof this.query;
    this.on('drain', () => { this.askedAt = null; });
    // Whoever waits for an answer is told. Without a listener, a connection that is cut between two statements of a transaction
    // would end the process.
    this.on('error', () => undefined);
  }

  get isAsked(): boolean {
    return this.askedAt !== null;
  }

  /** Gives it up where it has waited too long for an answer. */
  check(now = performance.now()): void {
    if (this.askedAt !== null && now - this.askedAt > this.limitMs + GRACE_MS) this.giveUp();
  }

  /** Fails what waits for an answer, and ends the connection without asking the other side. */
  giveUp(): void {
    const { stream } = (this as unknown as { readonly connection: { readonly stream: Socket } }).connection;
    stream.destroy(new UnansweredError('the database gave no answer in time'));
  }
}
