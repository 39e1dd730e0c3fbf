import { sql, type Transaction } from '../database/database.js';
import { DomainError } from '../errors.js';
import type { Merge } from './mergeLinks.js';

/**
 * The kept author keeps its reader, or gets the duplicate's; of two claims that say the same the one on the kept author stays,
 * and what is confirmed is pending no more. Throws CONFLICT where the two are linked to two readers.
 */
export async function moveClaims(transaction: Transaction, { keepId, duplicateId }: Merge): Promise<void> {
  const linked = await transaction.rows<{ userId: number; username: string }>(sql`
    SELECT c.user_id AS "userId", u.username FROM authorship_claims c JOIN users u ON u.id = c.user_id
    WHERE c.author_id IN (${keepId}, ${duplicateId}) AND c.state = 'CONFIRMED' ORDER BY c.author_id = ${duplicateId}`);
  const [kept, other] = linked;
  if (kept !== undefined && other !== undefined && kept.userId !== other.userId) {
    throw new DomainError('CONFLICT', `the authors are linked to two readers, @${kept.username} and @${other.username}: unlink one of them first`, 'duplicateId');
  }
  await transaction.rows(sql`
    WITH gone AS (
      DELETE FROM authorship_claims c WHERE c.author_id IN (${keepId}, ${duplicateId}) AND (
        c.state = 'PENDING' AND c.user_id = ${kept?.userId ?? null}::int4
        OR c.author_id = ${duplicateId} AND c.state IN ('PENDING', 'CONFIRMED') AND EXISTS (
          SELECT FROM authorship_claims k WHERE k.author_id = ${keepId} AND k.user_id = c.user_id AND k.state = c.state)) RETURNING 1)
    SELECT count(*)::int4 AS count FROM gone`);
  await transaction.rows(sql`
    WITH moved AS (UPDATE authorship_claims SET author_id = ${keepId}::int4 WHERE author_id = ${duplicateId} RETURNING 1)
    SELECT count(*)::int4 AS count FROM moved`);
}
