import { LRUCache } from 'lru-cache';
import { rawSql, sql, type Reader, type Sql } from './database.js';
import type { Order } from './lists.js';

// A page of a filtered list is read in one of two ways: from the rows that pass the rarest condition, sorted; or along the
// index of the order, testing row by row until the page is full. The first costs as much as there are such rows, the second
// as many rows as lie between those that pass. PostgreSQL would choose by averages, by which a tag of three papers is like
// one of a third of all: of 200,000 papers the page of a rare tag took 1.1 s and 800,000 blocks, now 0.6 ms and 480. So the
// number decides here, and each way is written such that there is one plan for it, also for a statement that is kept.

/** A condition on the rows of a list. */
export interface Condition {
  readonly where: Sql;
  /** The same where its index must not be used; `where` behind a fence when left out. */
  readonly probe?: Sql;
  /** The ids of the rows that pass, by an index; left out where there is none. */
  readonly ids?: Sql;
  /** How many pass, or an expression for it; an estimate by the planner's statistics when left out. */
  readonly count?: Sql | number;
  /** What the estimate is of; the list's rows that meet `where` when left out. */
  readonly estimated?: { readonly from: Sql; readonly where: Sql };
  /** What takes the place of `where` along an order whose index it is, or implies, a range of. */
  readonly along?: ReadonlyMap<Order, Sql>;
}

/** A list's rows: `from` names them, `id` is their key, such as `p.id`. */
export interface Rows {
  readonly from: Sql;
  readonly id: string;
}

/** Which condition to start from; null for along the order. */
export type Start = number | null;

/** So many are sorted in 3.7 ms; along the order of 200,000 papers a page of them takes 2.3 ms, of a million five times that. */
export const FEW = 2000;

/** Whether there are too many rows to start from them. */
export function isFrequent(count: number): boolean {
  return count > FEW;
}

/** Where to start a page: one short statement for each condition that is not along the order, all at once. */
export async function startOf(reader: Reader, rows: Rows, { conditions, order }: { readonly conditions: readonly Condition[]; readonly order: Order }): Promise<Start> {
  const counts = await Promise.all(
    conditions.map(async (condition) => {
      if (condition.ids === undefined || condition.along?.has(order) === true) return Infinity;
      if (typeof condition.count === 'number') return condition.count;
      return condition.count === undefined ? estimate(reader, rows, condition) : read(reader, condition.count);
    }),
  );
  const least = Math.min(...counts);
  return isFrequent(least) ? null : counts.indexOf(least);
}

/** The conditions of a page. */
export function pageConditions({ id }: Rows, conditions: readonly Condition[], { order, start }: { readonly order: Order; readonly start: Start }): Sql[] {
  return conditions.map(({ where, probe, ids, along }, place) => {
    if (place === start && ids !== undefined) return sql`${rawSql(id)} = ANY (ARRAY (${ids}))`;
    const range = start === null ? along?.get(order) : undefined;
    return range ?? probe ?? sql`(SELECT ${where})`;
  });
}

/** Texts that begin with this one, in a column that compares by code points: a range, which a kept plan reads by the index, unlike LIKE. */
export function beginsWith(column: Sql, start: Sql): Sql {
  return sql`${column} >= ${start} AND ${column} < ${start} || U&'\\+10FFFF'`;
}

async function read(reader: Reader, count: Sql): Promise<number> {
  const [row] = await reader.rows<{ count: number | null }>(sql`SELECT (${count})::float8 AS count`);
  return row?.count ?? 0;
}

/** Estimates follow statistics, which PostgreSQL gathers at its leisure: those of a minute ago are as good. */
const ESTIMATES = { max: 5000, ttl: 60_000 };
const estimates = new WeakMap<Reader, LRUCache<string, number>>();

/** Remembered for a while: the next page of a search asks for the same. */
async function estimate(reader: Reader, rows: Rows, condition: Condition): Promise<number> {
  const known = estimates.get(reader) ?? new LRUCache<string, number>(ESTIMATES);
  estimates.set(reader, known);
  const { from, where } = condition.estimated ?? { from: rows.from, where: condition.where };
  const key = JSON.stringify([from.text, where.text, where.values]);
  const count = known.get(key);
  if (count !== undefined) return count;
  const made = await planned(reader, { from, where });
  // Not at each use, which would put off its end.
  known.set(key, made);
  return made;
}

// What EXPLAIN says is the estimate for these very values: planned each time it is run.
async function planned(reader: Reader, { from, where }: { readonly from: Sql; readonly where: Sql }): Promise<number> {
  const [row] = await reader.rows<{ 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[] }>(
    sql`EXPLAIN (FORMAT JSON) SELECT FROM ${from} WHERE ${where}`,
  );
  return row?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0;
}
