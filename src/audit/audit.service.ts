import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { countRows, latestFirst, readPage, type Page, type PageOf } from '../database/lists.js';
import type { AuditAction } from '../generated/prisma/enums.js';
import type { NodeType } from '../graphql/globalId.js';

/** What somebody did to an object that is not theirs alone. */
export interface AuditNote {
  readonly actorId: number;
  readonly action: AuditAction;
  readonly object: { readonly type: NodeType; readonly id: number };
  /** What else there is to say: values that JSON has, and nothing that names a person but by the row. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface AuditFilter {
  readonly action?: AuditAction | null;
  readonly actorId?: number | null;
  readonly since?: Date | null;
}

export interface AuditRow {
  readonly rowId: number;
  readonly at: Date;
  readonly actorId: number | null;
  readonly action: AuditAction;
  readonly objectType: NodeType;
  readonly objectRowId: number;
  readonly details: Record<string, unknown>;
}

const COLUMNS = sql`e.id AS "rowId", e.at, e.actor_id AS "actorId", e.action::text AS action, e.object_type AS "objectType", e.object_id AS "objectRowId", e.details`;

// audit_entries_at_id_idx; of one actor or action, audit_entries_actor_id_at_id_idx and audit_entries_action_at_id_idx.
const LATEST_FIRST = latestFirst('audit', { createdAt: 'e.at', id: 'e.id' });

/** The record of what moderators did: it is written once, and read by admins. */
export class AuditService {
  constructor(private readonly database: Database) {}

  /** Notes what was done, in the transaction that does it: there is no deed without its entry. */
  async record(transaction: Reader, note: AuditNote): Promise<void> {
    await this.recordAll(transaction, [note]);
  }

  /** The same of many deeds, in their order. */
  async recordAll(transaction: Reader, notes: readonly AuditNote[]): Promise<void> {
    if (notes.length === 0) return;
    await transaction.rows(sql`
      INSERT INTO audit_entries (actor_id, action, object_type, object_id, details)
      SELECT x.actor_id, x.action::audit_action, x.object_type, x.object_id, x.details::jsonb
      FROM unnest(${notes.map(({ actorId }) => actorId)}::int4[], ${notes.map(({ action }) => action)}::text[], ${notes.map(({ object }) => object.type)}::text[],
        ${notes.map(({ object }) => object.id)}::int4[], ${notes.map(({ details = {} }) => JSON.stringify(details))}::text[])
        WITH ORDINALITY AS x (actor_id, action, object_type, object_id, details, place)
      ORDER BY x.place RETURNING id`);
  }

  list(filter: AuditFilter, page: Page): Promise<PageOf<AuditRow>> {
    return readPage<AuditRow>(this.database, { from: sql`audit_entries e`, columns: COLUMNS, where: conditionsOf(filter), order: LATEST_FIRST }, page);
  }

  count(filter: AuditFilter): Promise<number> {
    return countRows(this.database, { from: sql`audit_entries e`, where: conditionsOf(filter) });
  }
}

function conditionsOf({ action, actorId, since }: AuditFilter): Sql[] {
  return [
    ...(action == null ? [] : [sql`e.action = ${action}::text::audit_action`]),
    ...(actorId == null ? [] : [sql`e.actor_id = ${actorId}::int4`]),
    ...(since == null ? [] : [sql`e.at >= ${since.toISOString()}::text::timestamptz`]),
  ];
}
