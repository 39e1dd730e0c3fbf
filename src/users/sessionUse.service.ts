import { LRUCache } from 'lru-cache';
import { sql, type Database } from '../database/database.js';

const HOUR_MS = 3_600_000;
/** Tokens that are known to have been noted in an hour; a forgotten one costs a statement that writes nothing. */
const MOST_NOTED = 100_000;

/**
 * When sessions were used last, by the hour: a row is written once an hour at most, beside the requests, and tells no more of a
 * reader's day than it must for an old token to be found.
 */
export class SessionUseService {
  /** The hour in which a token was noted last, by its hash. */
  private readonly noted = new LRUCache<string, number>({ max: MOST_NOTED });
  private readonly writes = new Set<Promise<unknown>>();
  /** Told of what could not be written. */
  onFailure: (error: unknown) => void = () => undefined;

  constructor(private readonly database: Database) {}

  /** Notes that a token is used. Nobody waits for it, and it is no harm where it fails: the next request notes it. */
  note(tokenHash: Uint8Array, now = new Date()): void {
    const key = Buffer.from(tokenHash).toString('latin1');
    const hour = Math.floor(now.getTime() / HOUR_MS);
    if (this.noted.get(key) === hour) return;
    this.noted.set(key, hour);
    const write: Promise<unknown> = this.write(tokenHash, new Date(hour * HOUR_MS))
      .catch((error: unknown) => {
        this.noted.delete(key);
        this.onFailure(error);
      })
      .finally(() => this.writes.delete(write));
    this.writes.add(write);
  }

  /** Ends when all that was noted is written. */
  async settled(): Promise<void> {
    await Promise.all(this.writes);
  }

  // Servers do not know of each other's writes: the row decides.
  private write(tokenHash: Uint8Array, hour: Date): Promise<unknown> {
    return this.database.rows(sql`
      UPDATE sessions SET last_used_at = ${hour.toISOString()}::text::timestamptz
      WHERE token_hash = ${tokenHash} AND (last_used_at IS NULL OR last_used_at < ${hour.toISOString()}::text::timestamptz)`);
  }
}
