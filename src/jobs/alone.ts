import { sql, type Database, type Sql, type Transaction } from '../database/database.js';

// Two statements: the second one sees what was written by whoever had the lock before.
/** Decides something in a transaction that no other server decides meanwhile: the next one sees what was decided. */
export function alone<Result>(database: Database, lock: number, work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
  return database.transaction(async (transaction) => {
    await transaction.rows(sql`SELECT pg_advisory_xact_lock(${lock}::int8)::text AS locked`);
    return work(transaction);
  });
}

/** Whether somebody said within the lease that the job is alive; `activeAt` is when. */
export function isHeld(activeAt: Sql, leaseMs: number): Sql {
  return sql`coalesce(${activeAt} > clock_timestamp() - make_interval(secs => ${leaseMs / 1000}::float8), false)`;
}
