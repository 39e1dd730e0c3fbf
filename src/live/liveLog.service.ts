import { rawSql, sql, type Database, type Sql } from '../database/database.js';
import { tagIdsNamed } from '../tags/tag.service.js';

/** What somebody subscribes to: nothing else is read. */
export interface Watched {
  /** Papers whose votes are watched, and papers whose discussions are. */
  readonly voted: readonly number[];
  readonly discussed: readonly number[];
  /** Readers who watch their notifications. */
  readonly notified: readonly number[];
  /** The first day of the feed whose new papers are watched; null where none are. */
  readonly listedFrom: string | null;
}

/** Something new. */
export type LiveRow =
  | { readonly kind: 'VOTE'; readonly topicId: number }
  | { readonly kind: 'COMMENT' | 'NOTIFICATION'; readonly topicId: number; readonly rowId: number }
  | { readonly kind: 'PAPER'; readonly rowId: number; readonly listedOn: string; readonly tagIds: readonly number[] };

type Row = { readonly snapshot: string; readonly log: number; readonly id: string } & (LiveRow | { readonly kind: null });

const READ_AT_ONCE = 1000;

/** The change log, as far as it tells of votes and new papers, and the live log, which tells of comments and notifications. */
export class LiveLog {
  constructor(private readonly database: Database) {}

  /** What is committed now, as a snapshot of PostgreSQL. */
  async now(): Promise<string> {
    const [row] = await this.database.rows<{ snapshot: string }>(sql`SELECT s.now::text AS snapshot FROM (SELECT pg_current_snapshot() AS now) s`);
    if (row === undefined) throw new Error('the database gave no snapshot');
    return row.snapshot;
  }

  // changes_transaction_id_id_idx, live_events_transaction_id_id_idx. See ChangeLog.since for why ranges have two ends.
  /**
   * What was committed since a snapshot, in the order in which it was written, some at a time, each time with the snapshot that
   * has all of it. Transactions do not commit in the order of their ids, so that what commits late is told late, and told.
   */
  async *since(before: string, watched: Watched): AsyncGenerator<{ readonly rows: readonly LiveRow[]; readonly snapshot: string }> {
    let now: string | null = null;
    let [log, after] = [1, '0'];
    for (;;) {
      const until: Sql = sql`coalesce(${now}::text::pg_snapshot, s.now)`;
      const rows: Row[] = await this.database.rows<Row>(sql`
        SELECT ${until}::text AS snapshot, e.* FROM (SELECT pg_current_snapshot() AS now) s LEFT JOIN LATERAL (
          SELECT * FROM (${changes(watched, isBetween(before, until))} UNION ALL ${liveEvents(watched, isBetween(before, until))}) l
          WHERE (l.log, l.id::int8) > (${log}::int4, ${after}::text::int8) ORDER BY l.log, l.id::int8 LIMIT ${rawSql(String(READ_AT_ONCE))}
        ) e ON true ORDER BY e.log, e.id::int8`);
      now = rows[0]?.snapshot ?? before;
      yield { rows: rows.flatMap((row) => (row.kind === null ? [] : [row])), snapshot: now };
      const last = rows.at(-1);
      if (rows.length < READ_AT_ONCE || last === undefined) return;
      [log, after] = [last.log, last.id];
    }
  }

  /** Deletes what is older: every server has read it, or starts anew. */
  async prune(keepMinutes: number): Promise<void> {
    await this.database.bulkTransaction((reader) => reader.rows(sql`DELETE FROM live_events WHERE recorded_at < now() - make_interval(mins => ${keepMinutes}::int4)`));
  }

  /** The ids of the tags of these names, as far as there are any. */
  async tagIds(slugs: readonly string[]): Promise<number[]> {
    return (await this.database.rows<{ id: number }>(tagIdsNamed(slugs))).map(({ id }) => id);
  }
}

/** Rows `c` that were committed between two snapshots. */
function isBetween(before: string, until: Sql): Sql {
  return sql`c.transaction_id >= pg_snapshot_xmin(${before}::text::pg_snapshot)::text::int8
    AND c.transaction_id < pg_snapshot_xmax(${until})::text::int8
    AND NOT pg_visible_in_snapshot(c.transaction_id::text::xid8, ${before}::text::pg_snapshot)
    AND pg_visible_in_snapshot(c.transaction_id::text::xid8, ${until})`;
}

function changes({ voted, listedFrom }: Watched, condition: Sql): Sql {
  return sql`SELECT 1 AS log, c.id::text AS id, CASE c.kind WHEN 'UPVOTE' THEN 'VOTE' ELSE 'PAPER' END AS kind, c.paper_id AS "topicId", c.paper_id AS "rowId",
      p.listed_on::text AS "listedOn", ARRAY (SELECT x.tag_id FROM paper_tags x WHERE x.paper_id = p.id) AS "tagIds"
    FROM changes c LEFT JOIN listed_papers p ON p.id = c.paper_id AND c.kind = 'PAPER' AND ${listedFrom}::text IS NOT NULL
    WHERE ${condition} AND (c.kind = 'UPVOTE' AND (c.value IS NULL OR c.previous IS NULL) AND c.paper_id = ANY (${[...voted]}::int4[])
      OR c.kind = 'PAPER' AND c.previous IS NULL AND p.listed_on >= ${listedFrom}::text::date)`;
}

function liveEvents({ discussed, notified }: Watched, condition: Sql): Sql {
  return sql`SELECT 2, c.id::text, c.kind::text, c.topic_id, c.row_id, NULL, NULL
    FROM live_events c
    WHERE ${condition} AND (c.kind = 'COMMENT' AND c.topic_id = ANY (${[...discussed]}::int4[])
      OR c.kind = 'NOTIFICATION' AND c.topic_id = ANY (${[...notified]}::int4[]))`;
}
