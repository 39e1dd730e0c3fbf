import { rawSql, sql, type Database, type Sql } from '../database/database.js';
import { countRows, latestFirst, readPage, type Page, type PageOf } from '../database/lists.js';
import { DomainError } from '../errors.js';
import type { NotificationKind } from '../generated/prisma/enums.js';
import { MOST_COUNTED, Notification, type NotificationFilter } from './notification.type.js';

const COLUMNS = sql`n.id AS "rowId", n.kind::text AS kind, n.actor_id AS "actorId", n.paper_id AS "paperId", n.comment_id AS "commentId", n.author_id AS "authorId",
  n.created_at AS "createdAt", n.read_at IS NOT NULL AS "isRead"`;

const LATEST_FIRST = latestFirst('viewer.notifications', { createdAt: 'n.created_at', id: 'n.id' });

/** What readers are told of. Triggers write it, in the transaction of what it tells of. */
export class NotificationService {
  constructor(private readonly database: Database) {}

  /** Those of the user among them that are not withdrawn. */
  async byIds(userId: number, ids: readonly number[]): Promise<Notification[]> {
    const rows = await this.database.rows<Notification>(sql`
      SELECT ${COLUMNS} FROM notifications n WHERE n.id = ANY (${[...ids]}::int4[]) AND n.user_id = ${userId} AND NOT n.is_withdrawn`);
    return rows.map(toNotification);
  }

  // notifications_listed_idx, …_listed_by_kind_idx, …_unread_idx, …_unread_by_kind_idx. What was read has no index of its own:
  // a page of it walks past what was not.
  list(userId: number, filter: NotificationFilter, page: Page): Promise<PageOf<Notification>> {
    return readPage<Notification>(this.database, { columns: COLUMNS, from: sql`notifications n`, where: conditionsOf(userId, filter), order: LATEST_FIRST }, page);
  }

  count(userId: number, filter: NotificationFilter): Promise<number> {
    return countRows(this.database, { from: sql`notifications n`, where: conditionsOf(userId, filter) });
  }

  /** How many are not read, up to MOST_COUNTED. */
  async countUnread(userId: number): Promise<number> {
    const unread = sql`SELECT FROM notifications n WHERE ${unreadOf(userId)} LIMIT ${rawSql(String(MOST_COUNTED))}`;
    const [row] = await this.database.rows<{ count: number }>(sql`SELECT count(*)::int4 AS count FROM (${unread}) x`);
    return row?.count ?? 0;
  }

  /** Marks those of the user among them; what is marked already keeps its time. */
  async markRead(userId: number, ids: readonly number[]): Promise<void> {
    await this.database.rows(sql`UPDATE notifications n SET read_at = now() WHERE n.id = ANY (${[...ids]}::int4[]) AND ${unreadOf(userId)}`);
  }

  /** Marks one and all that are older; throws NOT_FOUND where the user has none with this id. */
  async markReadUpTo(userId: number, id: number): Promise<void> {
    const [last] = await this.database.rows<{ id: number }>(sql`
      WITH last AS (SELECT created_at, id FROM notifications WHERE id = ${id} AND user_id = ${userId}),
      marked AS (
        UPDATE notifications n SET read_at = now() FROM last WHERE ${unreadOf(userId)} AND (n.created_at, n.id) <= (last.created_at, last.id))
      SELECT id FROM last`);
    if (last === undefined) throw new DomainError('NOT_FOUND', 'the viewer has no such notification', 'upTo');
  }

  /** Deletes what is older, by notifications_created_at_idx. */
  async prune(keepDays: number): Promise<void> {
    await this.database.bulkTransaction((reader) => reader.rows(sql`DELETE FROM notifications WHERE created_at < now() - make_interval(days => ${keepDays}::int4)`));
  }
}

function conditionsOf(userId: number, { isUnread, kind }: NotificationFilter): Sql[] {
  const conditions = [isUnread === true ? unreadOf(userId) : sql`n.user_id = ${userId} AND NOT n.is_withdrawn`];
  if (isUnread === false) conditions.push(sql`n.read_at IS NOT NULL`);
  if (kind != null) conditions.push(isKind(kind));
  return conditions;
}

function unreadOf(userId: number): Sql {
  return sql`n.user_id = ${userId} AND NOT n.is_withdrawn AND n.read_at IS NULL`;
}

function isKind(kind: NotificationKind): Sql {
  return sql`n.kind = ${kind}::text::notification_kind`;
}

export function toNotification(row: Notification): Notification {
  return Object.assign(new Notification(), row);
}

