import { sql, type Reader } from './database.js';

/** What was merged into another one, by kind: where it went stands in merged_papers and its like. */
const REDIRECTS = {
  Paper: sql`SELECT paper_id AS id FROM merged_papers WHERE old_id`,
  Author: sql`SELECT author_id AS id FROM merged_authors WHERE old_id`,
  Tag: sql`SELECT tag_id AS id FROM merged_tags WHERE old_id`,
};
export type Mergeable = keyof typeof REDIRECTS;

/** The row that an object was merged into; null where it was not. */
export async function mergedInto(reader: Reader, type: Mergeable, id: number): Promise<number | null> {
  const [row] = await reader.rows<{ id: number }>(sql`${REDIRECTS[type]} = ${id}`);
  return row?.id ?? null;
}

/**
 * Writes what is said of an object, wherever it went: `write` tells whether the object was there, and is done again for the
 * one that it was merged into, be it while the write was waiting.
 */
export async function writeThroughMerges(reader: Reader, { type, id }: { readonly type: Mergeable; readonly id: number }, write: (id: number) => Promise<boolean>): Promise<void> {
  for (let at: number | null = id; at !== null && !(await write(at)); at = await mergedInto(reader, type, at));
}
