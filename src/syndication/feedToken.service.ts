import { sql, type Database } from '../database/database.js';
import { isUniqueViolation } from '../database/sqlErrors.js';
import { countRows, latestFirst, readPage, type Page, type PageOf } from '../database/lists.js';
import { DomainError } from '../errors.js';
import { checkedText } from '../inputRules.js';
import { holdSession, type Maker } from '../users/heldSession.js';
import { hashOf, newToken } from '../users/session.service.js';
import { FeedToken } from './feedToken.type.js';

export const MOST_FEED_TOKENS = 20;

const COLUMNS = sql`f.id AS "rowId", f.name, f.created_at AS "createdAt", to_char(f.last_used_on, 'YYYY-MM-DD') AS "lastUsedOn"`;
// feed_tokens_user_id_created_at_id_idx
const LATEST_FIRST = latestFirst('feed-tokens', { createdAt: 'f.created_at', id: 'f.id' });

/** Addresses at which feed readers find the recommendations of a reader: 256 random bits each, stored as SHA-256. */
export class FeedTokenService {
  constructor(private readonly database: Database) {}

  /** Makes a token, which is told once; throws BAD_USER_INPUT, FORBIDDEN, and CONFLICT for a name that is taken or one too many. */
  async create(maker: Maker, givenName: string): Promise<{ token: string; feedToken: FeedToken }> {
    const name = checkedText('name', givenName, { min: 1, max: 80 });
    const token = newToken('dpf_');
    try {
      return { token, feedToken: toFeedToken(await this.insert(maker, name, token)) };
    } catch (error) {
      if (isUniqueViolation(error)) throw new DomainError('CONFLICT', `name must be unlike those of the viewer's other feed tokens, received ${JSON.stringify(name)}`, 'name');
      throw error;
    }
  }

  // The account is locked, so that of two requests at once the second counts the token of the first.
  private insert(maker: Maker, name: string, token: string): Promise<FeedToken> {
    const userId = maker.viewer.id;
    return this.database.transaction(async (transaction) => {
      await transaction.rows(sql`SELECT id FROM users WHERE id = ${userId} FOR NO KEY UPDATE`);
      const { kind, expiresAt } = await holdSession(transaction, maker);
      if (kind === 'API_TOKEN' && expiresAt !== null) throw new DomainError('FORBIDDEN', `a feed token does not expire, and the API token of this request does, at ${expiresAt.toISOString()}: sign in, or use one that lasts`);
      const [row] = await transaction.rows<FeedToken>(sql`
        INSERT INTO feed_tokens AS f (user_id, name, token_hash)
        SELECT ${userId}::int4, ${name}, ${hashOf(token)} WHERE (SELECT count(*) FROM feed_tokens WHERE user_id = ${userId}) < ${MOST_FEED_TOKENS}
        RETURNING ${COLUMNS}`);
      if (row === undefined) throw new DomainError('CONFLICT', `a reader has at most ${MOST_FEED_TOKENS} feed tokens: revoke one first`);
      return row;
    });
  }

  /** Ends a token of the user's at once; one that is not there, or another's, changes nothing. */
  async revoke(userId: number, id: number): Promise<void> {
    await this.database.rows(sql`DELETE FROM feed_tokens WHERE id = ${id} AND user_id = ${userId}`);
  }

  // A day is written once: a feed is asked for every few minutes.
  /** Whose recommendations a token stands for, and that it was used; null for one that is unknown or revoked. */
  async use(token: string, now: Date): Promise<{ readonly id: number; readonly userId: number; readonly username: string } | null> {
    const [row] = await this.database.rows<{ id: number; userId: number; username: string }>(sql`
      WITH found AS (SELECT id, user_id, last_used_on FROM feed_tokens WHERE token_hash = ${hashOf(token)}),
        used AS (
          UPDATE feed_tokens f SET last_used_on = ${dayOf(now)}::text::date FROM found
          WHERE f.id = found.id AND found.last_used_on IS DISTINCT FROM ${dayOf(now)}::text::date)
      SELECT found.id, u.id AS "userId", u.username FROM found JOIN users u ON u.id = found.user_id`);
    return row ?? null;
  }

  async list(userId: number, page: Page): Promise<PageOf<FeedToken>> {
    return readPage<FeedToken>(this.database, { columns: COLUMNS, from: sql`feed_tokens f`, where: [sql`f.user_id = ${userId}`], order: LATEST_FIRST }, page);
  }

  count(userId: number): Promise<number> {
    return countRows(this.database, { from: sql`feed_tokens f`, where: [sql`f.user_id = ${userId}`] });
  }

  /** Of these, the user's own. */
  async ownByIds(userId: number, ids: readonly number[]): Promise<FeedToken[]> {
    const rows = await this.database.rows<FeedToken>(sql`SELECT ${COLUMNS} FROM feed_tokens f WHERE f.id = ANY (${[...ids]}::int4[]) AND f.user_id = ${userId}`);
    return rows.map(toFeedToken);
  }
}

export function toFeedToken(row: FeedToken): FeedToken {
  return Object.assign(new FeedToken(), row);
}

function dayOf(now: Date): string {
  return now.toISOString().slice(0, 10);
}
