import { rawSql, sql, type Database } from '../database/database.js';
import { badInput } from '../errors.js';
import type { ChangeKind, TasteChange } from '../recommender/change.js';
import type { Moment } from './asOf.js';

/** A row of the change log. */
interface ChangeRow {
  readonly id: string;
  readonly kind: ChangeKind;
  readonly paperId: number | null;
  readonly userId: number | null;
  readonly tagId: number | null;
  readonly authorId: number | null;
  readonly value: number | null;
  readonly previous: number | null;
}

const COLUMNS = sql`c.id::text AS id, c.kind::text AS kind, c.paper_id AS "paperId", c.user_id AS "userId",
  c.tag_id AS "tagId", c.author_id AS "authorId", c.value, c.previous`;

type SinceRow = (ChangeRow | { readonly id: null }) & { readonly snapshot: string };

/** Changes that are read at a time: this thread makes objects of so many in a few milliseconds. */
const READ_AT_ONCE = 1000;
/** Changes that are undone at a time. */
const UNDO_AT_ONCE = 1000;
/** Who lags behind further than this loads the tables sooner than it reads so many. */
const MOST_COUNTED = 100_000;
/** How long the log says what went with an account: so long servers that follow it need to know. */
const GONE_ACCOUNTS_HOURS = 2;
/** Names the setting that says up to where the log was pruned: a transaction and an instant. */
const PRUNED = 'changes_pruned';

// Ranges have two ends, also where one end says enough: of a half-open one a kept plan expects a third of the log, and so
// reads all of it in the order of the ids.
/** What the recommender learns from, in the order in which it was written. */
export class ChangeLog {
  constructor(private readonly database: Database) {}

  /**
   * The changes that are committed now and were not in a snapshot, some at a time, each time with the snapshot that has all
   * of them.
   */
  async *since(before: string): AsyncGenerator<{ readonly changes: TasteChange[]; readonly snapshot: string }> {
    let now: string | null = null;
    for (let after = '0'; ; ) {
      const rows: SinceRow[] = await this.database.rows<SinceRow>(sql`
        SELECT coalesce(${now}::text::pg_snapshot, s.now)::text AS snapshot, c.*
        FROM (SELECT pg_current_snapshot() AS now) s LEFT JOIN LATERAL (
          SELECT ${COLUMNS} FROM changes c
          WHERE c.transaction_id >= pg_snapshot_xmin(${before}::text::pg_snapshot)::text::int8
            AND c.transaction_id < pg_snapshot_xmax(coalesce(${now}::text::pg_snapshot, s.now))::text::int8
            AND NOT pg_visible_in_snapshot(c.transaction_id::text::xid8, ${before}::text::pg_snapshot)
            AND pg_visible_in_snapshot(c.transaction_id::text::xid8, coalesce(${now}::text::pg_snapshot, s.now)) AND c.id > ${after}::text::int8
          ORDER BY c.id LIMIT ${rawSql(String(READ_AT_ONCE))}
        ) c ON true
        ORDER BY c.id::int8`);
      now = rows[0]?.snapshot ?? before;
      yield { changes: rows.flatMap((row) => (row.id === null ? [] : toChange(row, row.value))), snapshot: now };
      const last = rows.at(-1)?.id ?? null;
      if (rows.length < READ_AT_ONCE || last === null) return;
      after = last;
    }
  }

  /** How many changes are committed now that were not in a snapshot, as far as they are counted. */
  async countSince(before: string): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(sql`
      SELECT count(*)::int4 AS count FROM (
        SELECT FROM changes c
        WHERE c.transaction_id >= pg_snapshot_xmin(${before}::text::pg_snapshot)::text::int8
          AND c.transaction_id < pg_snapshot_xmax(pg_current_snapshot())::text::int8
          AND NOT pg_visible_in_snapshot(c.transaction_id::text::xid8, ${before}::text::pg_snapshot)
        LIMIT ${rawSql(String(MOST_COUNTED))}) c`);
    return row?.count ?? 0;
  }

  /** What takes a snapshot back to a moment before it: the changes between, each with its previous value, the last first. */
  async *undoing(moment: Moment, snapshot: string): AsyncGenerator<TasteChange[]> {
    const after =
      'snapshot' in moment
        ? sql`c.transaction_id >= ${String(moment.oldestOpen)}::text::int8 AND c.transaction_id < pg_snapshot_xmax(${snapshot}::text::pg_snapshot)::text::int8 AND NOT pg_visible_in_snapshot(c.transaction_id::text::xid8, ${moment.snapshot}::text::pg_snapshot)`
        : sql`c.recorded_at > ${moment.instant.toISOString()}::text::timestamptz AND c.recorded_at < 'infinity'`;
    for (let below = '9223372036854775807'; ; ) {
      const rows = await this.database.rows<ChangeRow>(sql`
        SELECT ${COLUMNS} FROM changes c
        WHERE ${after} AND pg_visible_in_snapshot(c.transaction_id::text::xid8, ${snapshot}::text::pg_snapshot) AND c.id < ${below}::text::int8
        ORDER BY c.id DESC LIMIT ${UNDO_AT_ONCE}::int4`);
      if (rows.length > 0) yield rows.map((row) => toChange(row, row.previous));
      const last = rows.at(-1);
      if (rows.length < UNDO_AT_ONCE || last === undefined) return;
      below = last.id;
    }
  }

  /** Throws BAD_USER_INPUT for a moment of another installation, in the future, or before the log starts. */
  async requireReach(moment: Moment): Promise<void> {
    const [row] = await this.database.rows<{ prunedId: string | null; prunedAt: Date | null; next: string; now: Date }>(sql`
      SELECT split_part(p.value, ' ', 1) AS "prunedId", split_part(p.value, ' ', 2)::timestamptz AS "prunedAt",
        pg_snapshot_xmax(pg_current_snapshot())::text AS next, now() AS now
      FROM (SELECT 1) one LEFT JOIN settings p ON p.key = ${PRUNED}`);
    if (row === undefined) throw new Error('the database gave no snapshot');
    const { prunedId, prunedAt } = row;
    const isSnapshot = 'snapshot' in moment;
    const isPruned = isSnapshot ? prunedId !== null && moment.oldestOpen <= BigInt(prunedId) : prunedAt !== null && moment.instant <= prunedAt;
    if (isSnapshot && moment.next > BigInt(row.next)) throw badInput('asOf', 'must be the asOf of an answer of this installation', moment.snapshot);
    if (!isSnapshot && moment.instant > row.now) throw badInput('asOf', 'must not be in the future', moment.instant);
    if (isPruned) throw badInput('asOf', `must be after ${String(prunedAt?.toISOString())}, where the record of changes starts`, isSnapshot ? moment.snapshot : moment.instant);
  }

  /**
   * Deletes what is older, and notes up to where: the latest of both, as a transaction that began before another one may
   * have a larger id. Servers that have not read it for so long start from the tables. Of accounts that are gone nothing is
   * kept for longer than servers may take to read it: no moment of the past needs it (their rows have no previous value).
   */
  async prune(keepDays: number): Promise<void> {
    // With the time of writes of thousands of rows: what a pause has left is a lot.
    await this.database.bulkTransaction((reader) => reader.rows(sql`
      DELETE FROM changes c WHERE c.recorded_at < now() - make_interval(hours => ${GONE_ACCOUNTS_HOURS}::int4)
        AND c.user_id IS NOT NULL AND NOT EXISTS (SELECT FROM users u WHERE u.id = c.user_id)`));
    await this.database.bulkTransaction((reader) => reader.rows(sql`
      WITH gone AS (
        DELETE FROM changes WHERE recorded_at < now() - make_interval(days => ${keepDays}::int4) RETURNING transaction_id, recorded_at
      ), last AS (SELECT max(transaction_id) AS id, max(recorded_at) AS at FROM gone)
      INSERT INTO settings (key, value) SELECT ${PRUNED}, id || ' ' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM last WHERE id IS NOT NULL
      ON CONFLICT (key) DO UPDATE SET value = greatest(split_part(settings.value, ' ', 1)::int8, split_part(excluded.value, ' ', 1)::int8)
        || ' ' || greatest(split_part(settings.value, ' ', 2), split_part(excluded.value, ' ', 2))`));
  }
}

/** The change that a row records, with its new value, or with the previous one to undo it. */
function toChange({ kind, paperId, userId, tagId, authorId }: ChangeRow, value: number | null): TasteChange {
  const ends: Record<ChangeKind, readonly [number | null, number | null]> = {
    PAPER: [paperId, 0],
    TAG: [paperId, tagId],
    AUTHOR: [paperId, authorId],
    UPVOTE: [userId, paperId],
    DISMISSAL: [userId, paperId],
    TAG_FOLLOW: [userId, tagId],
    AUTHOR_FOLLOW: [userId, authorId],
    TAG_MUTE: [userId, tagId],
    AUTHOR_MUTE: [userId, authorId],
  };
  const [subject, object] = ends[kind];
  if (subject === null || object === null) throw new Error(`a change of kind ${kind} names no row`);
  return { kind, subject, object, value };
}
