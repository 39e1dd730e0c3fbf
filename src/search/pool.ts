import { pageConditions, type Start } from '../database/conditions.js';
import { joinSql, rawSql, sql, type Sql } from '../database/database.js';
import { PAPER_ORDERS, PAPER_ROWS, type PaperCondition } from '../papers/paper.listing.js';
import { MOST_POOLED, MOST_WALKED, RANKED } from './limits.js';

/** What passes the words and the filter, as far as it is looked at. */
export interface Pool {
  /** The ids, as a statement. */
  readonly ids: Sql;
  /** The same, of the best by trend alone: as many as are ranked. */
  readonly best: Sql;
  /** Whether `ids` are all. */
  readonly isWhole: boolean;
}

export interface Pooled {
  /** The words' condition is the last one. */
  readonly conditions: readonly PaperCondition[];
  /** Of the words, up to more than MOST_POOLED. */
  readonly matchCount: number;
  /** The condition that passes few papers, if one does. */
  readonly start: Start;
}

/** How the papers that are found are read: from a condition that passes few, from the words, or along the trend. */
export function poolOf({ conditions, matchCount, start }: Pooled): Pool {
  const order = PAPER_ORDERS.TRENDING;
  const words = conditions.length - 1;
  const orderBy = rawSql(order.keys.map(({ column }) => `${column} DESC`).join(', '));
  if (start === null && matchCount > MOST_POOLED) {
    const where = pageConditions(PAPER_ROWS, conditions, { order, start: null });
    // By papers_trending_score_id_idx, whose row in this place bounds it where the filter passes few of what the words pass.
    const last = sql`coalesce((SELECT p.trending_score FROM listed_papers p ORDER BY ${orderBy} OFFSET ${rawSql(String(MOST_WALKED))} LIMIT 1), '-Infinity')`;
    const walked = sql`SELECT p.id FROM listed_papers p WHERE p.trending_score >= ${last} AND ${joinSql(where, ' AND ')}
      ORDER BY ${orderBy} LIMIT ${rawSql(String(RANKED))}`;
    return { ids: walked, best: walked, isWhole: false };
  }
  const first = start ?? words;
  const where = pageConditions(PAPER_ROWS, conditions, { order, start: first });
  const isWordsAlone = conditions.length === 1;
  const ids = isWordsAlone ? (conditions[0]?.ids as Sql) : sql`SELECT p.id FROM listed_papers p WHERE ${joinSql(where, ' AND ')}`;
  const isFew = isWordsAlone && matchCount <= RANKED;
  const best = sql`SELECT p.id FROM listed_papers p WHERE ${joinSql(where, ' AND ')} ORDER BY ${orderBy} LIMIT ${rawSql(String(RANKED))}`;
  return { ids, best: isFew ? ids : best, isWhole: true };
}
