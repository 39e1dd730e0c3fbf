import { sql, type Transaction } from '../database/database.js';
import type { ProvenToken } from './providerTokens.js';

/** The row that says who a subject is here. */
export interface Identity {
  readonly id: number;
  readonly userId: number;
  /** Its user signed out everywhere after the token was issued. */
  readonly isRefused: boolean;
}

/** Guards that a subject gets one account, whichever servers its first tokens come to. */
const SUBJECTS_LOCK = 4_270_451;

/** To be called before an identity is made: of two who would make the same, the second finds that of the first. */
export async function lockSubject(transaction: Transaction, { issuer, subject }: ProvenToken): Promise<void> {
  await transaction.rows(sql`SELECT pg_advisory_xact_lock(${SUBJECTS_LOCK}::int4, hashtext(${`${issuer} ${subject}`}))::text AS locked`);
}

/** Notes that the subject was there, and holds its row until the transaction ends; null where it is nobody yet. */
export async function seen(transaction: Transaction, { issuer, subject, issuedAt }: ProvenToken): Promise<Identity | null> {
  const [identity] = await transaction.rows<Identity>(sql`
    UPDATE external_identities SET last_seen_on = ${today()}::text::date WHERE issuer = ${issuer} AND subject = ${subject}
    RETURNING id, user_id AS "userId", coalesce(refused_before > ${issuedAt.toISOString()}::text::timestamptz, false) AS "isRefused"`);
  return identity ?? null;
}

/** Whether a session of the token was ended. */
export async function isRefused(transaction: Transaction, { signedHash }: ProvenToken): Promise<boolean> {
  const [row] = await transaction.rows<{ isRefused: boolean }>(sql`SELECT EXISTS (SELECT FROM refused_tokens WHERE signed_hash = ${signedHash}) AS "isRefused"`);
  return row?.isRefused === true;
}

/** The day in UTC. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
