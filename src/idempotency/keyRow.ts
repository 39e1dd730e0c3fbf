import { sql, type Sql } from '../database/database.js';
import type { KeyedUse } from '../graphql/idempotencyKey.js';

/** After so long without a word, whoever held a key is believed to be gone. */
export const HELD_SECONDS = 15;

/** The row of a key. */
export function isAt({ viewerId, key }: KeyedUse): Sql {
  return sql`user_id = ${viewerId}::int4 AND key = ${key}`;
}

/** Until when a holder is believed who speaks now. */
export function fromNow(): Sql {
  return sql`clock_timestamp() + make_interval(secs => ${HELD_SECONDS}::float8)`;
}
