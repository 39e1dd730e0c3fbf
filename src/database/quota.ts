import { rawSql, sql, type Reader } from './database.js';

const DAY_SECONDS = 86_400;

/** What is counted: rows of a table with a `created_at`, by an index on `(column, created_at)`. */
export interface DailyQuota {
  readonly table: string;
  /** Says whose row it is. */
  readonly column: string;
  /** So many in 24 hours. */
  readonly most: number;
}

/** In how many seconds somebody has room for another row of today's, 1 at least; null where there is room now. */
export async function secondsToRoom(reader: Reader, { table, column, most }: DailyQuota, ownerId: number): Promise<number | null> {
  // When the oldest of the last so many was made, where there are so many.
  const [row] = await reader.rows<{ seconds: number }>(sql`
    SELECT greatest(1, ceil(${DAY_SECONDS}::float8 - extract(epoch FROM now() - created_at)))::int4 AS seconds FROM ${rawSql(table)}
    WHERE ${rawSql(column)} = ${ownerId} AND created_at > now() - interval '1 day' ORDER BY created_at DESC OFFSET ${most - 1}::int4 LIMIT 1`);
  return row?.seconds ?? null;
}
