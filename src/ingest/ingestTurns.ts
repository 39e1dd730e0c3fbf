import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { alone, isHeld } from '../jobs/alone.js';
import { LEASE_MS } from '../jobs/lease.js';

/** Scheduled runs of a source this close to each other are of one tick: ticks are a minute apart, and clocks of servers less. */
const SAME_TICK_SECONDS = 30;
const ADVISORY_LOCK = 7270739;

/**
 * Whose turn it is: the table of runs is the queue. Of a source one run goes at a time. A run is taken by one server,
 * which says every few seconds that it is alive; after LEASE_MS of silence any server takes it. What the command line
 * runs is left to the command line, whose files and folder a server has not.
 */
export class IngestTurns {
  constructor(
    private readonly database: Database,
    private readonly leaseMs = LEASE_MS,
  ) {}

  /** Whether `take` may find a run; one cheap statement, by the index on (state, active_at). */
  async isAnyWaiting(): Promise<boolean> {
    const [row] = await this.database.rows<{ isAny: boolean }>(sql`SELECT EXISTS (SELECT ${this.waiting()}) AS "isAny"`);
    return row?.isAny === true;
  }

  /**
   * Takes the run of one of these sources whose turn it is: an abandoned one first, since it holds its source's place;
   * null where there is none. Sources that this program does not know are left to servers of another version.
   */
  take(sources: readonly string[]): Promise<number | null> {
    return this.alone(async (reader) => {
      const [row] = await reader.rows<{ id: number }>(sql`
        UPDATE ingest_runs SET state = 'RUNNING', started_at = coalesce(started_at, clock_timestamp()), active_at = clock_timestamp()
        WHERE id = (
          SELECT r.id ${this.waiting()} AND r.source = ANY (${[...sources]}::text[])
          ORDER BY r.state = 'QUEUED', r.created_at, r.id LIMIT 1 FOR UPDATE OF r SKIP LOCKED)
        RETURNING id`);
      return row?.id ?? null;
    });
  }

  /** Says that the run is alive; false where it is over or stopped. */
  async hold(runId: number): Promise<boolean> {
    const rows = await this.database.rows(sql`
      UPDATE ingest_runs SET active_at = clock_timestamp() WHERE id = ${runId} AND state = 'RUNNING' RETURNING id`);
    return rows.length > 0;
  }

  /** Lets any server go on with the run at once. */
  async giveBack(runId: number): Promise<void> {
    await this.database.rows(sql`UPDATE ingest_runs SET active_at = NULL WHERE id = ${runId} AND state = 'RUNNING'`);
  }

  /** Ends a run that nobody can go on with. */
  async fail(runId: number, error: string): Promise<void> {
    await this.database.rows(sql`
      UPDATE ingest_runs SET state = 'FAILED', error = ${error}, finished_at = clock_timestamp() WHERE id = ${runId} AND state = 'RUNNING'`);
  }

  /** Drops a run that was just made where an earlier one like it still waits or runs; gives the one that stays. */
  keepOneAlike(runId: number): Promise<number> {
    return this.keepEldest(runId, sql`${this.isToCome(sql`e`)} AND e.options = m.options`);
  }

  /** Drops a run that a tick just made where its source is busy, or another server was first; gives whether it stays. */
  async keepTick(runId: number): Promise<boolean> {
    const kept = await this.keepEldest(runId, sql`(${this.isToCome(sql`e`)} OR ${isTickBefore(sql`e`, sql`m.created_at`)})`);
    return kept === runId;
  }

  /** Whether a tick would be dropped at once. */
  async isTickTaken(source: string): Promise<boolean> {
    const rows = await this.database.rows(sql`
      SELECT 1 AS one FROM ingest_runs e
      WHERE e.source = ${source} AND (${this.isToCome(sql`e`)} OR ${isTickBefore(sql`e`, sql`now()`)}) LIMIT 1`);
    return rows.length > 0;
  }

  /** When the last scheduled run of the source that succeeded began; other runs may have asked for less. */
  async lastScheduledStart(source: string): Promise<Date | null> {
    const [row] = await this.database.rows<{ startedAt: Date }>(sql`
      SELECT started_at AS "startedAt" FROM ingest_runs
      WHERE source = ${source} AND trigger = 'SCHEDULE' AND state = 'SUCCEEDED' ORDER BY created_at DESC, id DESC LIMIT 1`);
    return row?.startedAt ?? null;
  }

  /** How many runs wait and are done, here and by other servers, by the index on (state, active_at). */
  async counts(): Promise<{ readonly waiting: number; readonly running: number }> {
    const [row] = await this.database.rows<{ waiting: number; running: number }>(sql`
      SELECT (count(*) FILTER (WHERE state = 'QUEUED'))::int4 AS waiting, (count(*) FILTER (WHERE state = 'RUNNING'))::int4 AS running
      FROM ingest_runs WHERE state IN ('QUEUED', 'RUNNING')`);
    return row ?? { waiting: 0, running: 0 };
  }

  private keepEldest(runId: number, isLike: Sql): Promise<number> {
    return this.alone(async (reader) => {
      const [elder] = await reader.rows<{ id: number }>(sql`
        SELECT e.id FROM ingest_runs m JOIN ingest_runs e ON e.source = m.source AND e.id < m.id
        WHERE m.id = ${runId} AND ${isLike} ORDER BY e.id LIMIT 1`);
      if (elder === undefined) return runId;
      // One that has been taken already stays.
      const dropped = await reader.rows(sql`DELETE FROM ingest_runs WHERE id = ${runId} AND state = 'QUEUED' RETURNING id`);
      return dropped.length > 0 ? elder.id : runId;
    });
  }

  private waiting(): Sql {
    return sql`FROM ingest_runs r
      WHERE r.state IN ('QUEUED', 'RUNNING') AND r.trigger <> 'COMMAND' AND NOT ${this.isAlive(sql`r`)}
        AND NOT EXISTS (SELECT FROM ingest_runs o WHERE o.source = r.source AND o.id <> r.id AND ${this.isAlive(sql`o`)})
        AND NOT ${isSecondOfTick(sql`r`)}`;
  }

  /** Whether somebody does it. */
  private isAlive(run: Sql): Sql {
    return sql`(${run}.state = 'RUNNING' AND ${isHeld(sql`${run}.active_at`, this.leaseMs)})`;
  }

  /** Whether it is done now, or will be. */
  private isToCome(run: Sql): Sql {
    return sql`(${run}.state IN ('QUEUED', 'RUNNING') AND (${run}.trigger <> 'COMMAND' OR ${this.isAlive(run)}) AND NOT ${isSecondOfTick(run)})`;
  }

  private alone<Result>(work: (reader: Reader) => Promise<Result>): Promise<Result> {
    return alone(this.database, ADVISORY_LOCK, work);
  }
}

function isTickBefore(run: Sql, instant: Sql): Sql {
  return sql`(${run}.trigger = 'SCHEDULE' AND ${run}.created_at > ${instant} - make_interval(secs => ${SAME_TICK_SECONDS}::float8))`;
}

/** A run of a tick that an elder run has, left by a server that ended before it could drop it: nobody will do it. */
function isSecondOfTick(run: Sql): Sql {
  return sql`(${run}.state = 'QUEUED' AND ${run}.trigger = 'SCHEDULE' AND EXISTS (
    SELECT FROM ingest_runs first WHERE first.source = ${run}.source AND first.id < ${run}.id AND ${isTickBefore(sql`first`, sql`${run}.created_at`)}))`;
}
