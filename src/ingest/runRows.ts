import { sql, type Database, type Reader } from '../database/database.js';
import type { IngestTrigger } from '../generated/prisma/enums.js';
import type { BatchOutcome } from './batchOutcome.js';
import type { Reject } from './itemChecks.js';
import type { Json } from './source.js';

/** A run as its execution reads it. */
export interface ClaimedRun {
  readonly id: number;
  readonly source: string;
  readonly options: Readonly<Record<string, Json>>;
  readonly checkpoint: Json;
  readonly done: number;
  readonly startedAt: Date;
}

/** A run that was asked for. */
export interface NewRun {
  readonly source: string;
  readonly options: Readonly<Record<string, Json>>;
  readonly trigger: IngestTrigger;
  readonly requestedById: number | null;
}

/** How far a batch brought a run. */
export interface Advance {
  readonly checkpoint: Json;
  readonly done: number;
  readonly total: number | null;
}

export interface ClaimOptions {
  readonly takesOver: boolean;
  readonly revives?: boolean;
}

/** The run is not this execution's any more: it was stopped, or another one has taken it over. */
export class RunLostError extends Error {
  override readonly name = 'RunLostError';
}

/** An execution that has not been heard of for so long is taken to be dead. */
export const SILENT_SECONDS = 60;

/** The rows of runs, as their executions write them. `executor` names an execution: whoever takes a run over ends the last. */
export class RunRows {
  constructor(private readonly database: Database) {}

  async create({ source, options, trigger, requestedById }: NewRun): Promise<number> {
    const [run] = await this.database.rows<{ id: number }>(sql`
      INSERT INTO ingest_runs (source, options, trigger, requested_by_id)
      VALUES (${source}, ${JSON.stringify(options)}::text::jsonb, ${trigger}::text::ingest_trigger, ${requestedById}::int4) RETURNING id`);
    return run?.id ?? 0;
  }

  /** The last run that was asked the same, where it is not over or can go on; null where there is none. */
  async findUnfinished({ source, options }: Pick<NewRun, 'source' | 'options'>): Promise<number | null> {
    const [run] = await this.database.rows<{ id: number; isOver: boolean }>(sql`
      SELECT id, state = 'SUCCEEDED' AS "isOver" FROM ingest_runs
      WHERE source = ${source} AND options = ${JSON.stringify(options)}::text::jsonb ORDER BY created_at DESC, id DESC LIMIT 1`);
    return run === undefined || run.isOver ? null : run.id;
  }

  /**
   * Makes the run this execution's; null where it is over, or (unless `takesOver`) another one's that is alive. `revives` goes
   * on with one that has failed or was stopped.
   */
  async claim(id: number, executor: string, { takesOver, revives = false }: ClaimOptions): Promise<ClaimedRun | null> {
    const [run] = await this.database.rows<ClaimedRun>(sql`
      UPDATE ingest_runs SET state = 'RUNNING', executor = ${executor}, started_at = coalesce(started_at, now()), active_at = now(),
        finished_at = NULL, error = NULL
      WHERE id = ${id}::int4 AND (state = 'QUEUED' OR (${revives}::boolean AND state IN ('FAILED', 'STOPPED'))
        OR (state = 'RUNNING' AND (${takesOver}::boolean OR active_at < now() - make_interval(secs => ${SILENT_SECONDS}::int4))))
      RETURNING id, source, options, checkpoint, done, started_at AS "startedAt"`);
    return run ?? null;
  }

  /** Says that the execution is alive; false where the run is not its any more. */
  async beat(id: number, executor: string): Promise<boolean> {
    const rows = await this.database.rows(sql`
      UPDATE ingest_runs SET active_at = now() WHERE id = ${id}::int4 AND executor = ${executor} AND state = 'RUNNING' RETURNING id`);
    return rows.length > 0;
  }

  /** Notes what a batch did and where to go on, in the batch's transaction; throws RunLostError. */
  async advance(reader: Reader, { id, executor }: { readonly id: number; readonly executor: string }, { step, outcome }: { readonly step: Advance; readonly outcome: BatchOutcome }): Promise<void> {
    const { added, changed, unchanged, rejects } = outcome;
    const rows = await reader.rows(sql`
      UPDATE ingest_runs SET checkpoint = ${JSON.stringify(step.checkpoint)}::text::jsonb, done = ${step.done}::float8,
        total = coalesce(${step.total}::float8, total), active_at = now(), added_count = added_count + ${added}::int4,
        changed_count = changed_count + ${changed}::int4, unchanged_count = unchanged_count + ${unchanged}::int4,
        rejected_count = rejected_count + ${rejects.filter(({ isWhole }) => isWhole).length}::int4
      WHERE id = ${id}::int4 AND executor = ${executor} AND state = 'RUNNING' RETURNING id`);
    if (rows.length === 0) throw new RunLostError(`run ${id} was stopped, or goes on elsewhere`);
    if (rejects.length === 0) return;
    const document = JSON.stringify(rejects.map(({ isWhole, ...reject }) => ({ ...tellable(reject), is_whole: isWhole })));
    await reader.rows(sql`
      INSERT INTO ingest_rejects (run_id, place, title, field, rule, received, is_whole)
      SELECT ${id}::int4, place, title, field, rule, received, is_whole
      FROM json_to_recordset(${document}::text::json) AS x (place text, title text, field text, rule text, received text, is_whole boolean)`);
  }

  /** Ends the run; `error` says why it failed. */
  async finish(id: number, executor: string, error: string | null): Promise<void> {
    const told = error === null ? null : wellFormed(error);
    await this.database.rows(sql`
      UPDATE ingest_runs SET state = (CASE WHEN ${told}::text IS NULL THEN 'SUCCEEDED' ELSE 'FAILED' END)::ingest_state, error = ${told}::text,
        finished_at = now(), active_at = now()
      WHERE id = ${id}::int4 AND executor = ${executor} AND state = 'RUNNING'`);
  }

  /** Deletes runs that ended so long ago, with what they rejected; the last scheduled one of a source says where its schedule is. */
  async prune(days: number): Promise<void> {
    await this.database.rows(sql`DELETE FROM ingest_runs r WHERE finished_at < now() - make_interval(days => ${days}::int4)
        AND NOT (state = 'SUCCEEDED' AND trigger = 'SCHEDULE' AND NOT EXISTS (
          SELECT FROM ingest_runs l WHERE l.source = r.source AND l.state = 'SUCCEEDED' AND l.trigger = 'SCHEDULE'
            AND (l.created_at, l.id) > (r.created_at, r.id)))`);
  }

  /** A thousand rejects of a run at a time, in the order in which they came, after one of them. */
  async rejectsAfter(id: number, afterRowId: number): Promise<(Reject & { readonly rowId: number })[]> {
    return this.database.rows(sql`
      SELECT id AS "rowId", place, title, field, rule, received, is_whole AS "isWhole" FROM ingest_rejects
      WHERE run_id = ${id}::int4 AND id > ${afterRowId}::int4 ORDER BY id LIMIT 1000`);
  }

  /** What the runs of a row say of themselves. */
  async get(id: number): Promise<RunSummary | null> {
    const [run] = await this.database.rows<RunSummary>(sql`
      SELECT state::text AS state, added_count AS added, changed_count AS changed, unchanged_count AS unchanged, rejected_count AS rejected, error,
        (SELECT count(*) FROM ingest_rejects WHERE run_id = r.id)::int4 AS "rejectRows"
      FROM ingest_runs r WHERE id = ${id}::int4`);
    return run ?? null;
  }
}

// What is told of broken records comes from them: PostgreSQL's text has no NUL and no lone surrogate.
function tellable<Fields extends Readonly<Record<string, string | null>>>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value === null ? null : wellFormed(value)])) as Fields;
}

function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD').replaceAll('\\u0000', '\\ufffd');
}

export interface RunSummary {
  readonly state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'STOPPED';
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly error: string | null;
  /** Rows of rejects: whole records, and parts of records. */
  readonly rejectRows: number;
}
