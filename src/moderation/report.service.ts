import type { AuditService } from '../audit/audit.service.js';
import { rawSql, sql, type Database, type Reader, type Sql, type Transaction } from '../database/database.js';
import { countRows, latestFirst, readPage, type Page, type PageOf } from '../database/lists.js';
import { secondsToRoom } from '../database/quota.js';
import { DomainError, RateLimitError } from '../errors.js';
import type { Viewer } from '../graphql/context.js';
import { Report, type ReportReason, type ReportResolution, type ReportState } from './report.type.js';

/** What is reported: a row, by the column of reports that names it. */
export interface Reported {
  readonly column: 'paper_id' | 'comment_id' | 'user_id';
  readonly rowId: number;
}

export interface NewReport extends Reported {
  readonly reporterId: number;
  readonly reason: ReportReason;
  readonly note: string | null;
}

export interface Resolution {
  readonly reportId: number;
  readonly resolution: ReportResolution;
  readonly note: string | null;
  readonly moderator: Viewer;
}

const REPORT_COLUMNS = sql`r.id AS "rowId", r.reporter_id AS "reporterId", r.resolver_id AS "resolverId", r.paper_id AS "paperId", r.comment_id AS "commentId",
  r.user_id AS "userId", r.reason::text AS reason, r.note, r.created_at AS "createdAt", r.state::text AS state, r.resolved_at AS "resolvedAt",
  r.resolution_note AS "resolutionNote"`;

// reports_created_at_id_idx; in one state, reports_state_created_at_id_idx
const LATEST_FIRST = latestFirst('reports', { createdAt: 'r.created_at', id: 'r.id' });

/** So many reports a reader may make in 24 hours: enough for a bad day of the feed, too few to bury curators. */
const REPORTS_A_DAY = 20;

/** What readers report. */
export class ReportService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
  ) {}

  byIds(ids: readonly number[]): Promise<Report[]> {
    return read(this.database, sql`r.id = ANY (${[...ids]}::int4[])`);
  }

  list(state: ReportState | null, page: Page): Promise<PageOf<Report>> {
    return readPage<Report>(this.database, { from: sql`reports r`, columns: REPORT_COLUMNS, where: isIn(state), order: LATEST_FIRST }, page);
  }

  count(state: ReportState | null): Promise<number> {
    return countRows(this.database, { from: sql`reports r`, where: isIn(state) });
  }

  /** Reports an object, unless the reader has an open report of it. Throws RATE_LIMITED. */
  async add({ reporterId, column, rowId, reason, note }: NewReport): Promise<{ report: Report; isNew: boolean }> {
    return this.database.transaction(async (transaction) => {
      // One reader's reports take turns, so that each sees the count and the open ones of those before.
      await transaction.rows(sql`SELECT id FROM users WHERE id = ${reporterId} FOR NO KEY UPDATE`);
      const [open] = await read(transaction, sql`r.reporter_id = ${reporterId} AND r.${rawSql(column)} = ${rowId} AND r.state = 'OPEN'`);
      if (open !== undefined) return { report: open, isNew: false };
      await requireQuota(transaction, reporterId);
      const [row] = await transaction.rows<{ id: number }>(sql`
        INSERT INTO reports (reporter_id, ${rawSql(column)}, reason, note)
        VALUES (${reporterId}::int4, ${rowId}::int4, ${reason}::text::report_reason, ${note}::text) RETURNING id`);
      return { report: await get(transaction, row?.id ?? 0), isNew: true };
    });
  }

  /** Ends a report; ending it again in the same way changes nothing. Throws NOT_FOUND, and CONFLICT where it ended in another way. */
  async resolve({ reportId, resolution, note, moderator }: Resolution): Promise<Report> {
    return this.database.transaction(async (transaction) => {
      const [report] = await transaction.rows<{ state: ReportState }>(sql`SELECT state::text AS state FROM reports WHERE id = ${reportId} FOR NO KEY UPDATE`);
      if (report === undefined) throw new DomainError('NOT_FOUND', 'there is no such report', 'reportId');
      if (report.state === (resolution as string)) return get(transaction, reportId);
      if (report.state !== 'OPEN') throw new DomainError('CONFLICT', `the report has ended as ${report.state}`, 'resolution');
      await transaction.rows(sql`
        UPDATE reports SET state = ${resolution}::text::report_state, resolved_at = now(), resolver_id = ${moderator.id}::int4, resolution_note = ${note}::text
        WHERE id = ${reportId} RETURNING id`);
      await this.audit.record(transaction, {
        actorId: moderator.id, action: 'RESOLVE_REPORT', object: { type: 'Report', id: reportId }, details: { resolution, ...(note !== null && { note }) },
      });
      return get(transaction, reportId);
    });
  }
}

async function requireQuota(transaction: Transaction, reporterId: number): Promise<void> {
  // reports_reporter_id_created_at_idx
  const seconds = await secondsToRoom(transaction, { table: 'reports', column: 'reporter_id', most: REPORTS_A_DAY }, reporterId);
  if (seconds !== null) throw new RateLimitError(`a reader may report ${REPORTS_A_DAY} times in 24 hours: the next report is possible in ${seconds} seconds`, seconds);
}

async function get(reader: Reader, id: number): Promise<Report> {
  const [report] = await read(reader, sql`r.id = ${id}`);
  if (report === undefined) throw new Error(`report ${id} vanished`);
  return report;
}

async function read(reader: Reader, where: Sql): Promise<Report[]> {
  return (await reader.rows<Report>(sql`SELECT ${REPORT_COLUMNS} FROM reports r WHERE ${where}`)).map(toReport);
}

function isIn(state: ReportState | null): Sql[] {
  return state === null ? [] : [sql`r.state = ${state}::text::report_state`];
}

export function toReport(row: Report): Report {
  return Object.assign(new Report(), row);
}
