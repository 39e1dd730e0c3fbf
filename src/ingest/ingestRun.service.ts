import { sql, type Database, type Sql } from '../database/database.js';
import { countRows, readCounts, readPage, readPagesByParent, type Page, type PageOf } from '../database/lists.js';
import { DomainError } from '../errors.js';
import type { IngestState } from '../generated/prisma/enums.js';
import { REJECTS_OF_RUN, RUN_COLUMNS, RUN_ORDER, toIngestRun, type IngestRunRow } from './ingestRun.listing.js';
import type { IngestReject, IngestRun } from './ingestRun.type.js';

/** Which runs to list; null for all. */
export interface RunFilter {
  readonly source: string | null;
  readonly state: IngestState | null;
}

/** The runs of imports as they stand in their table. */
export class IngestRunService {
  constructor(private readonly database: Database) {}

  async byIds(ids: readonly number[]): Promise<IngestRun[]> {
    const rows = await this.database.rows<IngestRunRow>(sql`SELECT ${RUN_COLUMNS} FROM ingest_runs r WHERE r.id = ANY (${[...ids]}::int4[])`);
    return rows.map(toIngestRun);
  }

  /** Throws NOT_FOUND. */
  async get(id: number): Promise<IngestRun> {
    const [run] = await this.byIds([id]);
    if (run === undefined) throw new DomainError('NOT_FOUND', 'there is no such run', 'runId');
    return run;
  }

  list(filter: RunFilter, page: Page): Promise<PageOf<IngestRunRow>> {
    return readPage<IngestRunRow>(this.database, { columns: RUN_COLUMNS, from: sql`ingest_runs r`, where: conditionsOf(filter), order: RUN_ORDER }, page);
  }

  count(filter: RunFilter): Promise<number> {
    return countRows(this.database, { from: sql`ingest_runs r`, where: conditionsOf(filter) });
  }

  /** The latest run of each source that has one. */
  async latestBySource(sources: readonly string[]): Promise<IngestRun[]> {
    const rows = await this.database.rows<IngestRunRow>(sql`
      SELECT r.* FROM unnest(${[...sources]}::text[]) AS s (name)
      CROSS JOIN LATERAL (
        SELECT ${RUN_COLUMNS} FROM ingest_runs r WHERE r.source = s.name ORDER BY r.created_at DESC, r.id DESC LIMIT 1) AS r`);
    return rows.map(toIngestRun);
  }

  rejectsByRun(runIds: readonly number[], page: Page): Promise<Map<number, PageOf<IngestReject>>> {
    return readPagesByParent<IngestReject>(this.database, { ...REJECTS_OF_RUN, where: [] }, { ids: runIds, page });
  }

  rejectCountsByRun(runIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT run_id AS id, count(*)::int4 AS count FROM ingest_rejects WHERE run_id = ANY (${[...runIds]}::int4[]) GROUP BY run_id`);
  }

  /** Stops a run that waits or is under way, wherever; one that is over stays as it is. Throws NOT_FOUND. */
  async stop(id: number): Promise<IngestRun> {
    await this.database.rows(sql`
      UPDATE ingest_runs SET state = 'STOPPED', finished_at = clock_timestamp() WHERE id = ${id} AND state IN ('QUEUED', 'RUNNING')`);
    return this.get(id);
  }
}

function conditionsOf({ source, state }: RunFilter): Sql[] {
  return [
    ...(source === null ? [] : [sql`r.source = ${source}`]),
    ...(state === null ? [] : [sql`r.state = ${state}::text::ingest_state`]),
  ];
}
