import { LRUCache } from 'lru-cache';
import { rawSql, sql, type Database } from '../database/database.js';
import { badInput } from '../errors.js';
import { checkedInstant } from '../inputRules.js';

const MINUTE_MS = 60_000;
/** A reader's visit is written at most so often, whatever they request. */
const WRITE_EVERY_MS = 5 * MINUTE_MS;
/** Half an hour, and what the last request may have come after the last write. */
const VISIT_ENDS_AFTER = `interval '35 minutes'`;
/** Tokens that are known to have been noticed of late; a forgotten one costs a statement that writes nothing. */
const MOST_NOTICED = 20_000;

/** SQL for what was there by a visit's start: of the visit `v` that is written, or of one that begins just now. */
function seenUntil(now: string): string {
  return `CASE WHEN v.last_seen_at < ${now} - ${VISIT_ENDS_AFTER} THEN greatest(v.last_seen_at, v.seen_until) ELSE v.seen_until END`;
}

const SEEN_UNTIL_NOW = rawSql(seenUntil('excluded.last_seen_at'));

/** SQL for whether a paper `p` came since the last visit of a viewer, by id: one look at their visit a statement. */
export function isNewTo(viewer: string): string {
  return `coalesce(p.created_at > (SELECT ${seenUntil('now()')} FROM feed_visits v WHERE v.user_id = ${viewer}), false)`;
}

/** When readers were at the feed. */
export class VisitService {
  /** When a token was noticed last, by its hash. */
  private readonly noticed = new LRUCache<string, number>({ max: MOST_NOTICED });
  private readonly writes = new Set<Promise<void>>();
  /** Told of visits that could not be written. */
  onFailure: (error: unknown) => void = () => undefined;

  constructor(private readonly database: Database) {}

  /**
   * Notes that whom a token stands for is at the feed. Nobody waits for it, and it is no harm where it fails: then something
   * seen is new once more.
   */
  notice(tokenHash: Uint8Array | null, now = new Date()): void {
    if (tokenHash === null) return;
    const key = Buffer.from(tokenHash).toString('latin1');
    const before = this.noticed.get(key);
    if (before !== undefined && now.getTime() - before < WRITE_EVERY_MS) return;
    this.noticed.set(key, now.getTime());
    const write: Promise<void> = this.write(tokenHash, now)
      .catch((error: unknown) => {
        this.noticed.delete(key);
        this.onFailure(error);
      })
      .finally(() => this.writes.delete(write));
    this.writes.add(write);
  }

  /** Ends when all that was noticed is written. */
  async settled(): Promise<void> {
    await Promise.all(this.writes);
  }

  /** Nothing that came by then is new to the reader any more; gives up to when. Throws BAD_USER_INPUT. */
  async markSeen(userId: number, until: Date | null, now: Date): Promise<Date> {
    if (until !== null && checkedInstant('seenUntil', until) > now) throw badInput('seenUntil', 'must not be in the future', until);
    const [row] = await this.database.rows<{ seenUntil: Date }>(sql`
      INSERT INTO feed_visits AS v (user_id, last_seen_at, seen_until)
      VALUES (${userId}, ${now.toISOString()}::text::timestamptz, ${(until ?? now).toISOString()}::text::timestamptz)
      ON CONFLICT (user_id) DO UPDATE SET last_seen_at = greatest(v.last_seen_at, excluded.last_seen_at),
        seen_until = greatest(${SEEN_UNTIL_NOW}, excluded.seen_until)
      RETURNING v.seen_until AS "seenUntil"`);
    if (row === undefined) throw new Error('a visit was not written');
    return row.seenUntil;
  }

  // Servers and tokens do not know of each other's writes: the row decides.
  private async write(tokenHash: Uint8Array, now: Date): Promise<void> {
    await this.database.rows(sql`
      INSERT INTO feed_visits AS v (user_id, last_seen_at)
      SELECT s.user_id, ${now.toISOString()}::text::timestamptz FROM sessions s
      WHERE s.token_hash = ${tokenHash} AND coalesce(s.expires_at > ${now.toISOString()}::text::timestamptz, true) AND 'READ' = ANY (s.scopes)
      ON CONFLICT (user_id) DO UPDATE SET last_seen_at = excluded.last_seen_at,
        seen_until = ${SEEN_UNTIL_NOW}
      WHERE v.last_seen_at < excluded.last_seen_at - interval '5 minutes'`);
  }
}
