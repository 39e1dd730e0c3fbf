import { sql } from '../database/database.js';
import { latestFirst, type Order } from '../database/lists.js';
import { IngestRun, type IngestProgress } from './ingestRun.type.js';

/** Columns of ingest_runs `r` as an IngestRunRow has them. */
export const RUN_COLUMNS = sql`r.id AS "rowId", r.source, r.options, r.trigger::text AS trigger, r.requested_by_id AS "requestedById",
  r.state::text AS state, r.created_at AS "createdAt", r.started_at AS "startedAt", r.active_at AS "activeAt", r.finished_at AS "finishedAt",
  r.done, r.total, r.added_count AS "addedCount", r.changed_count AS "changedCount", r.unchanged_count AS "unchangedCount",
  r.rejected_count AS "rejectedCount", r.error`;

/** The latest first; by source along ingest_runs_source_created_at_id_idx, else along ingest_runs_created_at_id_idx. */
export const RUN_ORDER = latestFirst('ingestRuns', { createdAt: 'r.created_at', id: 'r.id' });

/** The rejects `j` of runs, in the order in which they came. */
export const REJECTS_OF_RUN = {
  columns: sql`j.place, j.title, j.field, j.rule, j.received, j.is_whole AS "isWhole"`,
  from: sql`ingest_rejects j`,
  parentColumn: 'j.run_id',
  order: { name: 'ingestRun.rejects', descending: false, keys: [{ column: 'j.id', type: 'int4' }] } satisfies Order,
};

/** A run as the database has it. */
export type IngestRunRow = Omit<IngestRun, 'id' | 'nodeType' | 'options' | 'progress'> & {
  readonly options: Readonly<Record<string, unknown>>;
  readonly activeAt: Date | null;
  readonly done: number;
  readonly total: number | null;
};

export function toIngestRun({ options, activeAt, done, total, ...row }: IngestRunRow): IngestRun {
  return Object.assign(new IngestRun(), {
    ...row,
    options: Object.entries(options).map(([name, value]) => ({ name, value: typeof value === 'string' ? value : JSON.stringify(value) })),
    progress: progressOf({ ...row, activeAt, done, total }),
  });
}

function progressOf({ state, startedAt, activeAt, finishedAt, done, total }: Omit<IngestRunRow, 'options'>): IngestProgress {
  const until = finishedAt ?? activeAt;
  const seconds = startedAt === null || until === null ? 0 : (until.getTime() - startedAt.getTime()) / 1000;
  const ratePerSecond = seconds > 0 && done > 0 ? done / seconds : null;
  const isMeasured = state === 'RUNNING' && total !== null && ratePerSecond !== null;
  return { done, total, ratePerSecond, secondsLeft: isMeasured ? Math.max(0, total - done) / ratePerSecond : null };
}
