import { sql, type Reader, type Sql, type Transaction } from './database.js';

/** What was merged into another one, by kind: where it went stands in merged_papers and its like. */
const REDIRECTS = {
  Paper: sql`SELECT paper_id AS id FROM merged_papers WHERE old_id`,
  Author: sql`SELECT author_id AS id FROM merged_authors WHERE old_id`,
  Tag: sql`SELECT tag_id AS id FROM merged_tags WHERE old_id`,
};
export type Mergeable = keyof typeof REDIRECTS;

/** Where an object is now, as an expression: itself, or what it was merged into. */
export function currentId(type: Mergeable, id: number): Sql {
  return sql`coalesce((${REDIRECTS[type]} = ${id}), ${id})`;
}

/** The row that an object was merged into; null where it was not. */
export async function mergedInto(reader: Reader, type: Mergeable, id: number): Promise<number | null> {
  const [row] = await reader.rows<{ id: number }>(sql`${REDIRECTS[type]} = ${id}`);
  return row?.id ?? null;
}

/** By the ids that were asked for: what was merged into another one is that one. Old ids are seldom asked for, and cost two statements more. */
export async function namedThroughMerges<Row extends { readonly rowId: number }>(
  reader: Reader,
  { type, ids }: { readonly type: Mergeable; readonly ids: readonly number[] },
  byIds: (ids: readonly number[]) => Promise<readonly Row[]>,
): Promise<Map<number, Row>> {
  const found = new Map((await byIds(ids)).map((row) => [row.rowId, row]));
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length === 0) return found;
  const merged = await reader.rows<{ named: number; id: number }>(sql`
    SELECT x.named, m.id FROM unnest(${missing}::int4[]) AS x (named) CROSS JOIN LATERAL (${REDIRECTS[type]} = x.named) m`);
  if (merged.length === 0) return found;
  const kept = new Map((await byIds(merged.map(({ id }) => id))).map((row) => [row.rowId, row]));
  for (const { named, id } of merged) {
    const row = kept.get(id);
    if (row !== undefined) found.set(named, row);
  }
  return found;
}

/** What can be written about by id, and of which only what readers are shown. */
const WRITTEN = { Paper: sql`listed_papers`, Author: sql`authors` };

/** An object that is written about, by the id that it was asked for. */
interface Subject {
  readonly type: keyof typeof WRITTEN;
  readonly id: number;
}

/**
 * Writes what is said of an object, wherever it went: `write` is of `target`, the object's row, which is locked first, as
 * counters and merges lock it; of no row where it is not there. Then it is done again for the one that the object was merged
 * into, be it while the statement was waiting.
 */
export async function writeThroughMerges(reader: Reader, subject: Subject, write: Sql): Promise<void> {
  await throughMerges(reader, subject, sql`, written AS (${write}) SELECT id FROM target`);
}

/** Locks an object, wherever it went, for the statements that follow in the transaction; its id, null where it is not there. */
export async function lockThroughMerges(transaction: Transaction, subject: Subject): Promise<number | null> {
  return (await throughMerges<{ id: number }>(transaction, subject, sql` SELECT id FROM target`))?.id ?? null;
}

/** As `writeThroughMerges`, with a function that writes: what the call, an expression of `target.id`, gives; null where the object is nowhere. */
export async function callThroughMerges<Value>(reader: Reader, subject: Subject, call: Sql): Promise<Value | null> {
  return (await throughMerges<{ value: Value }>(reader, subject, sql` SELECT ${call} AS value FROM target`))?.value ?? null;
}

async function throughMerges<Row>(reader: Reader, { type, id }: Subject, rest: Sql): Promise<Row | undefined> {
  for (let at: number | null = id; at !== null; at = await mergedInto(reader, type, at)) {
    const [row] = await reader.rows<Row>(sql`WITH target AS (SELECT id FROM ${WRITTEN[type]} WHERE id = ${at} FOR NO KEY UPDATE)${rest}`);
    if (row !== undefined) return row;
  }
  return undefined;
}
