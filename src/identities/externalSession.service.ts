import { LRUCache } from 'lru-cache';
import { sql, type Database, type Transaction } from '../database/database.js';
import type { Account, Viewer } from '../graphql/context.js';
import { ALL_SCOPES, hashOf, type SessionService } from '../users/session.service.js';
import type { UserService } from '../users/user.service.js';
import { usernamesFor } from './externalUsername.js';
import { looksLikeJwt, type ProvenToken, type ProviderTokens } from './providerTokens.js';
import { isRefused, lockSubject, seen, today, type Identity } from './subjects.js';

/** Each name is free when it is looked at; somebody may take it in the moment before it is written. */
const NAME_ATTEMPTS = 3;
/** Tokens that are known to be refused, which they stay: sent again, they cost no statement but the look-up of any token. */
const MOST_REFUSED = 10_000;

export interface ExternalSessionParts {
  readonly sessions: Pick<SessionService, 'findViewer'>;
  readonly users: Pick<UserService, 'makeWithoutPassword'>;
  /** Null where no provider is configured. */
  readonly tokens: ProviderTokens | null;
}

/**
 * Who a bearer token stands for, be it this server's or a provider's. A provider's token is verified when it comes first, and then is a
 * row of `sessions` as any other: the database's own answers, budgets and subscriptions know it by its hash, on every server.
 */
export class ExternalSessionService {
  /** Of requests that bring the same new token at once, one has it verified. */
  private readonly opening = new Map<string, Promise<Viewer | null>>();
  private readonly refused = new LRUCache<string, true>({ max: MOST_REFUSED });

  constructor(
    private readonly database: Database,
    private readonly parts: ExternalSessionParts,
  ) {}

  /** Null for a token that is unknown, expired or revoked. Throws UnavailableError where the provider would have to be asked, and cannot. */
  async findViewer(token: string): Promise<Viewer | null> {
    const viewer = await this.parts.sessions.findViewer(token);
    const { tokens } = this.parts;
    if (viewer !== null || tokens === null || !looksLikeJwt(token)) return viewer;
    const opening = this.opening.get(token) ?? this.open(tokens, token).finally(() => this.opening.delete(token));
    this.opening.set(token, opening);
    return opening;
  }

  private async open(tokens: ProviderTokens, token: string): Promise<Viewer | null> {
    const proven = await tokens.prove(token);
    if (proven === null) return null;
    const key = Buffer.from(proven.signedHash).toString('base64');
    if (this.refused.has(key)) return null;
    try {
      return await this.database.transaction((transaction) => this.remember(transaction, token, proven));
    } catch (error) {
      if (!(error instanceof RefusedToken)) throw error;
      this.refused.set(key, true);
      return null;
    }
  }

  private async remember(transaction: Transaction, token: string, proven: ProvenToken): Promise<Viewer> {
    const { signedHash, expiresAt } = proven;
    const identity = (await seen(transaction, proven)) ?? (await this.make(transaction, proven));
    if (identity.isRefused) throw new RefusedToken();
    const opened = await transaction.rows(sql`
      INSERT INTO sessions (user_id, kind, token_hash, expires_at, identity_id, signed_hash)
      SELECT ${identity.userId}::int4, 'EXTERNAL', ${hashOf(token)}, x.expires_at, ${identity.id}::int4, ${signedHash}
      FROM (SELECT ${expiresAt.toISOString()}::text::timestamptz AS expires_at) x WHERE x.expires_at > now()
      ON CONFLICT (token_hash) DO UPDATE SET expires_at = excluded.expires_at RETURNING id`);
    // By the database's clock, by which all ask whether a session holds, it has expired.
    if (opened.length === 0) throw new RefusedToken();
    // Readers with a password have theirs swept when they sign in, which others never do.
    await transaction.rows(sql`DELETE FROM sessions WHERE user_id = ${identity.userId}::int4 AND expires_at < now()`);
    // Last: a session of the token that was being ended meanwhile has been waited for.
    if (await isRefused(transaction, proven)) throw new RefusedToken();
    const [account] = await transaction.rows<Account>(sql`SELECT id, username, role::text AS role FROM users WHERE id = ${identity.userId}::int4`);
    if (account === undefined) throw new RefusedToken();
    return { ...account, scopes: ALL_SCOPES };
  }

  /** An account for a subject that has none: a new one, whoever has its name or its address already. */
  private async make(transaction: Transaction, proven: ProvenToken): Promise<Identity> {
    const { issuer, subject } = proven;
    await lockSubject(transaction, proven);
    const made = await seen(transaction, proven);
    if (made !== null) return made;
    // The account that it was of may have been deleted: its tokens must not bring it back.
    if (await isRefused(transaction, proven)) throw new RefusedToken();
    for (let attempt = 1; attempt <= NAME_ATTEMPTS; attempt += 1) {
      const userId = await this.parts.users.makeWithoutPassword(transaction, usernamesFor(proven.name));
      if (userId === null) continue;
      const [identity] = await transaction.rows<{ id: number }>(sql`
        INSERT INTO external_identities (user_id, issuer, subject, last_seen_on) VALUES (${userId}::int4, ${issuer}, ${subject}, ${today()}::text::date) RETURNING id`);
      if (identity !== undefined) return { id: identity.id, userId, isRefused: false };
    }
    throw new Error('no username was free');
  }
}

/** It has expired, its session was ended, or all of its reader's were after it was issued. */
class RefusedToken extends Error {}
