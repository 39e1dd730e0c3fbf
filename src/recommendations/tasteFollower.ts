import { sql, type Database, type Transaction } from '../database/database.js';
import type { ChangeKind } from '../generated/prisma/enums.js';
import { TasteMatrix } from '../recommender/tasteMatrix.js';

const HOUR_MS = 3_600_000;
// The log is kept for a day; who has not read it for half of that starts from the tables again.
const KEEP_LOG_HOURS = 24;
const RELOAD_AFTER_MS = (KEEP_LOG_HOURS / 2) * HOUR_MS;

interface ChangeRow {
  readonly id: string;
  readonly transactionId: string;
  readonly kind: ChangeKind;
  readonly paperId: number | null;
  readonly userId: number | null;
  readonly tagId: number | null;
  readonly value: number | null;
}

/**
 * Keeps a TasteMatrix equal to what is committed, in every server process: `current` first reads the changes that were
 * committed since the last call, so that an answer that starts after a vote's answer contains the vote, wherever it
 * was given.
 *
 * Transactions do not commit in the order in which they draw ids, so "everything after the last id seen" would lose
 * the late ones. Each read therefore starts at the oldest transaction that was still running at the read before
 * (`pg_snapshot_xmin`), and skips what it has applied already.
 */
export class TasteFollower {
  private matrix = new TasteMatrix();
  /** The oldest transaction that the last read may have missed; null before the first load. */
  private oldestOpen: string | null = null;
  private applied = new Map<string, bigint>();
  private readAt = 0;
  private running: Promise<void> = Promise.resolve();
  private queued: Promise<TasteMatrix> | null = null;

  constructor(private readonly database: Database) {}

  /** The matrix with everything that is committed by now. Callers that come while a read runs share the next one. */
  current(): Promise<TasteMatrix> {
    this.queued ??= this.running.then(async () => {
      this.queued = null;
      const read = this.read();
      this.running = read.catch(() => undefined);
      await read;
      return this.matrix;
    });
    return this.queued;
  }

  /** Deletes what every running server has read, or will not read any more. */
  async prune(): Promise<void> {
    await this.database.rows(sql`DELETE FROM changes WHERE recorded_at < now() - make_interval(hours => ${KEEP_LOG_HOURS}::int4)`);
  }

  private async read(): Promise<void> {
    const startedAt = Date.now();
    if (this.oldestOpen === null || startedAt - this.readAt > RELOAD_AFTER_MS) await this.load();
    else await this.catchUp(this.oldestOpen);
    this.readAt = startedAt;
  }

  // One snapshot for all the tables, which also says where the log continues.
  private async load(): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const oldestOpen = await snapshotXmin(transaction);
      const known = await transaction.rows<{ id: string; transactionId: string }>(
        sql`SELECT id::text AS id, transaction_id::text AS "transactionId" FROM changes WHERE transaction_id >= ${oldestOpen}::text::int8`,
      );
      const matrix = new TasteMatrix();
      for (const row of await transaction.rows<{ id: number; listed: number }>(
        sql`SELECT id, extract(epoch FROM listed_at)::float8 AS listed FROM papers ORDER BY id`,
      )) {
        matrix.setPaper(row.id, row.listed);
      }
      for (const row of await transaction.rows<{ paper: number; tag: number; weight: number }>(
        sql`SELECT paper_id AS paper, tag_id AS tag, weight FROM paper_tags ORDER BY paper_id, tag_id`,
      )) {
        matrix.setTag(row.paper, row.tag, row.weight);
      }
      for (const row of await transaction.rows<{ reader: number; paper: number }>(
        sql`SELECT user_id AS reader, paper_id AS paper FROM upvotes ORDER BY user_id, paper_id`,
      )) {
        matrix.setUpvote(row.reader, row.paper, true);
      }
      this.matrix = matrix;
      this.oldestOpen = oldestOpen;
      // The tables have these already: applied again later, an old one could undo a newer one.
      this.applied = new Map(known.map((row) => [row.id, BigInt(row.transactionId)]));
    }, { isolationLevel: 'RepeatableRead' });
  }

  // One statement, hence one snapshot: its rows, and the oldest transaction that it does not see the end of.
  private async catchUp(oldestOpen: string): Promise<void> {
    const rows = await this.database.rows<(ChangeRow | { readonly id: null }) & { readonly oldestOpen: string }>(sql`
      SELECT pg_snapshot_xmin(s.snapshot)::text AS "oldestOpen", c.id::text AS id, c.transaction_id::text AS "transactionId",
        c.kind::text AS kind, c.paper_id AS "paperId", c.user_id AS "userId", c.tag_id AS "tagId", c.value
      FROM (SELECT pg_current_snapshot() AS snapshot) s
      LEFT JOIN changes c ON c.transaction_id >= ${oldestOpen}::text::int8
      ORDER BY c.id`);
    for (const row of rows) {
      if (row.id === null || this.applied.has(row.id)) continue;
      apply(this.matrix, row);
      this.applied.set(row.id, BigInt(row.transactionId));
    }
    this.oldestOpen = rows[0]?.oldestOpen ?? oldestOpen;
    const oldest = BigInt(this.oldestOpen);
    for (const [id, transactionId] of this.applied) if (transactionId < oldest) this.applied.delete(id);
  }
}

async function snapshotXmin(transaction: Transaction): Promise<string> {
  const [row] = await transaction.rows<{ xmin: string }>(sql`SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin`);
  if (row === undefined) throw new Error('the database gave no snapshot');
  return row.xmin;
}

function apply(matrix: TasteMatrix, change: ChangeRow): void {
  if (change.paperId === null) return;
  switch (change.kind) {
    case 'PAPER':
      matrix.setPaper(change.paperId, change.value);
      break;
    case 'TAG':
      if (change.tagId !== null) matrix.setTag(change.paperId, change.tagId, change.value);
      break;
    case 'UPVOTE':
      if (change.userId !== null) matrix.setUpvote(change.userId, change.paperId, change.value !== null);
      break;
    case 'AUTHOR':
    case 'DISMISSAL':
    case 'TAG_FOLLOW':
    case 'AUTHOR_FOLLOW':
      break;
  }
}
