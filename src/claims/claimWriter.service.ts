import type { AuditService } from '../audit/audit.service.js';
import { sql, type Database, type Reader, type Transaction } from '../database/database.js';
import { secondsToRoom } from '../database/quota.js';
import { lockThroughMerges } from '../database/redirects.js';
import { DomainError, RateLimitError } from '../errors.js';
import { hasRole, type Viewer } from '../graphql/context.js';
import { toGlobalId } from '../graphql/globalId.js';
import { readClaims } from './claim.service.js';
import { CLAIMS_A_DAY, ClaimResolution, MOST_AUTHORS, MOST_PENDING, type AuthorshipClaim } from './claim.type.js';

export interface NewClaim {
  readonly userId: number;
  readonly authorId: number;
  readonly note: string;
  readonly evidenceUrl: string | null;
}

export interface ClaimDecision {
  readonly claimId: number;
  readonly resolution: ClaimResolution;
  readonly note: string | null;
  readonly moderator: Viewer;
}

export interface Unlinking {
  readonly authorId: number;
  readonly reason: string;
  readonly viewer: Viewer;
}

const ANOTHER_CONFIRMED = 'The claim of another reader was confirmed.';

/**
 * Who is which author: readers claim it, curators decide. A confirmed claim is the link, so that a link has always its
 * claim. Whoever writes a claim locks its reader, then its author, as merges of authors do, and the claim last.
 */
export class ClaimWriter {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
  ) {}

  /**
   * Claims an author, unless the reader has a pending or confirmed claim on it. Throws NOT_FOUND, CONFLICT where the author is
   * another reader's or too many claims are pending, and RATE_LIMITED.
   */
  add({ userId, authorId, note, evidenceUrl }: NewClaim): Promise<{ claim: AuthorshipClaim; isNew: boolean }> {
    return this.database.transaction(async (transaction) => {
      await lockReader(transaction, userId);
      const id = await lockAuthor(transaction, authorId);
      const [confirmed] = await readClaims(transaction, sql`c.author_id = ${id} AND c.state = 'CONFIRMED'`);
      if (confirmed?.userId === userId) return { claim: confirmed, isNew: false };
      const [pending] = await readClaims(transaction, sql`c.user_id = ${userId} AND c.author_id = ${id} AND c.state = 'PENDING'`);
      if (pending !== undefined) return { claim: pending, isNew: false };
      if (confirmed !== undefined) throw new DomainError('CONFLICT', 'the author is linked to another reader: a curator can undo it', 'authorId');
      await requireQuota(transaction, userId);
      const [row] = await transaction.rows<{ id: number }>(sql`
        INSERT INTO authorship_claims (user_id, author_id, note, evidence_url) VALUES (${userId}::int4, ${id}::int4, ${note}, ${evidenceUrl}::text) RETURNING id`);
      return { claim: await get(transaction, row?.id ?? 0), isNew: true };
    });
  }

  /**
   * Takes a pending claim of the user's back; taking it back again changes nothing. Throws NOT_FOUND, also for another's, and
   * CONFLICT where it was decided.
   */
  withdraw(userId: number, claimId: number): Promise<AuthorshipClaim> {
    return this.database.transaction(async (transaction) => {
      const claim = await lockClaim(transaction, claimId);
      if (claim?.userId !== userId) throw noSuchClaim();
      if (claim.state === 'WITHDRAWN') return claim;
      if (claim.state !== 'PENDING') throw ended(claim, 'claimId');
      await transaction.rows(sql`UPDATE authorship_claims SET state = 'WITHDRAWN', resolved_at = now() WHERE id = ${claimId} RETURNING id`);
      return get(transaction, claimId);
    });
  }

  /**
   * Decides a claim; deciding it again in the same way changes nothing. Confirming links the author to the reader and rejects
   * what others claim of the author. Throws NOT_FOUND, FORBIDDEN for the moderator's own claim, and CONFLICT where it was decided in
   * another way, the author is another reader's, or the reader is too many authors.
   */
  resolve({ claimId, resolution, note, moderator }: ClaimDecision): Promise<AuthorshipClaim> {
    return this.database.transaction(async (transaction) => {
      const claim = await lockClaim(transaction, claimId);
      if (claim === null) throw noSuchClaim();
      if (claim.userId === moderator.id) throw new DomainError('FORBIDDEN', 'nobody decides a claim of their own', 'claimId');
      if (claim.state === (resolution as string)) return claim;
      if (claim.state !== 'PENDING') throw ended(claim, 'resolution');
      if (resolution === ClaimResolution.CONFIRMED) await this.confirm(transaction, claim, moderator);
      await transaction.rows(sql`
        UPDATE authorship_claims SET state = ${resolution}::text::claim_state, resolved_at = now(), resolver_id = ${moderator.id}::int4, resolution_note = ${note}::text
        WHERE id = ${claimId} RETURNING id`);
      const details = { resolution, authorId: toGlobalId('Author', claim.authorId), ...(note !== null && { note }) };
      await this.audit.record(transaction, { actorId: moderator.id, action: 'RESOLVE_CLAIM', object: { type: 'AuthorshipClaim', id: claimId }, details });
      return get(transaction, claimId);
    });
  }

  /**
   * Undoes the link of an author to a reader, by the reader or a curator; without a link there is nothing to undo. Gives the
   * author's row. Throws NOT_FOUND, and FORBIDDEN for a reader to whom the author is not linked.
   */
  unlink({ authorId, reason, viewer }: Unlinking): Promise<number> {
    return this.database.transaction(async (transaction) => {
      const id = await lockAuthor(transaction, authorId);
      const [claim] = await readClaims(transaction, sql`c.author_id = ${id} AND c.state = 'CONFIRMED'`);
      if (claim === undefined) return id;
      const isOwn = claim.userId === viewer.id;
      if (!isOwn && !hasRole(viewer, 'CURATOR')) throw new DomainError('FORBIDDEN', `this needs the role CURATOR or the link to the author, the viewer has ${viewer.role}`, 'authorId');
      await transaction.rows(sql`UPDATE authorship_claims SET state = 'ENDED', ended_at = now(), end_reason = ${reason} WHERE id = ${claim.rowId} RETURNING id`);
      if (isOwn) return id;
      const details = { reason, claimId: toGlobalId('AuthorshipClaim', claim.rowId) };
      await this.audit.record(transaction, { actorId: viewer.id, action: 'UNLINK_AUTHOR', object: { type: 'Author', id }, details });
      return id;
    });
  }

  // A claim of the moderator's own is rejected too, and no curator did that: it has no resolver.
  private async confirm(transaction: Transaction, { rowId, userId, authorId }: AuthorshipClaim, moderator: Viewer): Promise<void> {
    const [holder] = await transaction.rows<{ username: string }>(sql`
      SELECT u.username FROM authorship_claims c JOIN users u ON u.id = c.user_id WHERE c.author_id = ${authorId} AND c.state = 'CONFIRMED'`);
    if (holder !== undefined) throw new DomainError('CONFLICT', `the author is linked to @${holder.username}: unlink the author first`, 'claimId');
    const [own] = await transaction.rows<{ count: number }>(sql`SELECT count(*)::int4 AS count FROM authorship_claims WHERE user_id = ${userId} AND state = 'CONFIRMED'`);
    if ((own?.count ?? 0) >= MOST_AUTHORS) throw new DomainError('CONFLICT', `the reader is ${MOST_AUTHORS} authors already: unlink or merge some first`, 'claimId');
    const others = await transaction.rows<{ id: number }>(sql`
      UPDATE authorship_claims SET state = 'REJECTED', resolved_at = now(), resolver_id = nullif(${moderator.id}::int4, user_id), resolution_note = ${ANOTHER_CONFIRMED}
      WHERE author_id = ${authorId} AND state = 'PENDING' AND id <> ${rowId} AND user_id <> ${userId} RETURNING id`);
    await this.audit.recordAll(transaction, others.map(({ id }) => id).sort((a, b) => a - b).map((id) => ({
      actorId: moderator.id,
      action: 'RESOLVE_CLAIM',
      object: { type: 'AuthorshipClaim', id },
      details: { resolution: 'REJECTED', authorId: toGlobalId('Author', authorId), confirmedId: toGlobalId('AuthorshipClaim', rowId) },
    })));
  }
}

/** One reader's claims take turns, so that each sees the count and the pending ones of those before. */
async function lockReader(transaction: Transaction, userId: number): Promise<void> {
  await transaction.rows(sql`SELECT id FROM users WHERE id = ${userId} FOR NO KEY UPDATE`);
}

/** Locks an author, also one who was merged into another; gives the row. Throws NOT_FOUND. */
async function lockAuthor(transaction: Transaction, authorId: number): Promise<number> {
  const id = await lockThroughMerges(transaction, { type: 'Author', id: authorId });
  if (id === null) throw new DomainError('NOT_FOUND', 'there is no such author', 'authorId');
  return id;
}

/** Locks a claim behind its reader and its author; null where there is none, or none any more. */
async function lockClaim(transaction: Transaction, claimId: number): Promise<AuthorshipClaim | null> {
  const [claim] = await readClaims(transaction, sql`c.id = ${claimId}`);
  if (claim === undefined) return null;
  await lockReader(transaction, claim.userId);
  await lockAuthor(transaction, claim.authorId);
  const rows = await transaction.rows(sql`SELECT id FROM authorship_claims WHERE id = ${claimId} FOR NO KEY UPDATE`);
  return rows.length === 0 ? null : get(transaction, claimId);
}

async function requireQuota(transaction: Transaction, userId: number): Promise<void> {
  const [pending] = await transaction.rows<{ count: number }>(sql`SELECT count(*)::int4 AS count FROM authorship_claims WHERE user_id = ${userId} AND state = 'PENDING'`);
  if ((pending?.count ?? 0) >= MOST_PENDING) throw new DomainError('CONFLICT', `a reader has at most ${MOST_PENDING} pending claims: withdraw one first`, 'authorId');
  // authorship_claims_user_id_created_at_id_idx
  const seconds = await secondsToRoom(transaction, { table: 'authorship_claims', column: 'user_id', most: CLAIMS_A_DAY }, userId);
  if (seconds !== null) throw new RateLimitError(`a reader may claim ${CLAIMS_A_DAY} times in 24 hours: the next claim is possible in ${seconds} seconds`, seconds);
}

async function get(reader: Reader, id: number): Promise<AuthorshipClaim> {
  const [claim] = await readClaims(reader, sql`c.id = ${id}`);
  if (claim === undefined) throw new Error(`claim ${id} vanished`);
  return claim;
}

function noSuchClaim(): DomainError {
  return new DomainError('NOT_FOUND', 'there is no such claim', 'claimId');
}

function ended({ state }: AuthorshipClaim, field: string): DomainError {
  return new DomainError('CONFLICT', `the claim has ended as ${state}`, field);
}
