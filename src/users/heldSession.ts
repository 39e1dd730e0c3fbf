import { sql, type Transaction } from '../database/database.js';
import { DomainError } from '../errors.js';
import type { SessionKind } from '../generated/prisma/enums.js';
import type { Viewer } from '../graphql/context.js';
import { hashOf } from './session.service.js';

/** Who makes what opens the account, by which token. */
export interface Maker {
  readonly viewer: Viewer;
  readonly token: string | null;
}

export interface HeldSession {
  readonly kind: SessionKind;
  /** Null for never. */
  readonly expiresAt: Date | null;
}

/**
 * Holds the session of the request until the transaction ends, so that nothing is made by one that is ended meanwhile; throws
 * UNAUTHENTICATED where it was. To be called after the account is locked, as changePassword locks both.
 */
export async function holdSession(transaction: Transaction, { viewer, token }: Maker): Promise<HeldSession> {
  const [session] = await transaction.rows<HeldSession>(sql`
    SELECT s.kind::text AS kind, s.expires_at AS "expiresAt" FROM sessions s
    WHERE s.token_hash = ${hashOf(token ?? '')} AND s.user_id = ${viewer.id}::int4 AND (s.expires_at IS NULL OR s.expires_at > now()) FOR SHARE`);
  if (session === undefined) throw new DomainError('UNAUTHENTICATED', 'the token of this request ended meanwhile: sign in again');
  return session;
}
