import { createHash } from 'node:crypto';
import { sql, type Reader } from '../database/database.js';
import { MERGED_FIELDS, type MergedField, type PresentPaper } from './paperMerge.js';
import type { PaperRecord } from './paperRecord.js';
import { recordset } from './paperRows.js';

/** Where a paper comes from, as it stands. */
export interface OriginRow {
  readonly source: string;
  readonly fields: readonly string[];
}

/** What a source says of a paper, to be written. */
export interface Origin {
  readonly externalId: string;
  readonly paperId: number;
  readonly fields: readonly MergedField[];
  readonly facts: PaperRecord['facts'];
  readonly digest: Buffer;
}

/** A record in 32 bytes: the same for what says the same. */
export function digestOf(record: PaperRecord): Buffer {
  return createHash('sha256').update(JSON.stringify(record)).digest();
}

/** The fields that a new paper has from the record. */
export function claimOf(record: PaperRecord): MergedField[] {
  return (Object.keys(MERGED_FIELDS) as MergedField[]).filter((field) => {
    const value = record[MERGED_FIELDS[field]];
    return Array.isArray(value) ? value.length > 0 : value !== null;
  });
}

/** Which source each field is from. */
export function ownersOf(origins: readonly OriginRow[]): Map<string, string> {
  return new Map(origins.flatMap(({ source, fields }) => fields.map((field) => [field, source] as const)));
}

/** Papers with their origins, locked until the transaction ends. */
export async function readPresent(
  reader: Reader,
  ids: readonly number[],
): Promise<Map<number, { readonly paper: PresentPaper; readonly origins: readonly OriginRow[] }>> {
  const papers = await reader.rows<PresentPaper & { readonly id: number }>(sql`
    SELECT id, title, arxiv_id AS "arxivId", doi, abstract, published_at AS "publishedAt", listed_at AS "listedAt", project_url AS "projectUrl",
      stated_author_count AS "statedAuthorCount", origin_upvote_count AS "originUpvoteCount", arxiv_version AS "arxivVersion",
      withdrawn_at AS "withdrawnAt", named_author_count AS "namedAuthorCount"
    FROM papers WHERE id = ANY (${[...ids]}::int4[]) ORDER BY id FOR NO KEY UPDATE`);
  const rows = await reader.rows<OriginRow & { readonly paperId: number }>(
    sql`SELECT paper_id AS "paperId", source, fields FROM paper_origins WHERE paper_id = ANY (${[...ids]}::int4[])`,
  );
  const origins = new Map<number, OriginRow[]>(ids.map((id) => [id, []]));
  for (const row of rows) origins.get(row.paperId)?.push(row);
  return new Map(papers.map(({ id, ...paper }) => [id, { paper, origins: origins.get(id) ?? [] }]));
}

/** Writes what a source says of papers, in place of what it said before. */
export async function writeOrigins(reader: Reader, { source, now }: { readonly source: string; readonly now: Date }, origins: readonly Origin[]): Promise<void> {
  if (origins.length === 0) return;
  const rows = origins.map(({ externalId, paperId, fields, facts, digest }) => ({ external_id: externalId, paper_id: paperId, fields, facts, digest: digest.toString('hex') }));
  await reader.rows(sql`
    INSERT INTO paper_origins (source, external_id, paper_id, fields, facts, digest, first_seen_at, changed_at)
    SELECT ${source}, external_id, paper_id, fields, facts, decode(digest, 'hex'), ${now}::timestamptz, ${now}::timestamptz
    FROM ${recordset(rows, sql`external_id text, paper_id int4, fields text[], facts jsonb, digest text`)}
    ON CONFLICT (source, external_id) DO UPDATE
      SET paper_id = excluded.paper_id, fields = excluded.fields, facts = excluded.facts, digest = excluded.digest, changed_at = excluded.changed_at`);
}

/** Takes fields from all other sources of their papers. */
export async function giveFields(
  reader: Reader,
  source: string,
  given: readonly { readonly paperId: number; readonly fields: readonly string[] }[],
): Promise<void> {
  const rows = given.filter(({ fields }) => fields.length > 0).map(({ paperId, fields }) => ({ paper_id: paperId, fields }));
  if (rows.length === 0) return;
  await reader.rows(sql`
    UPDATE paper_origins o SET fields = ARRAY (SELECT f FROM unnest(o.fields) AS f WHERE f <> ALL (x.fields))
    FROM ${recordset(rows, sql`paper_id int4, fields text[]`)}
    WHERE o.paper_id = x.paper_id AND o.source <> ${source} AND o.fields && x.fields`);
}

/** Makes fields of a paper those of a source that has no name for the paper: of a hand. */
export async function claimFields(
  reader: Reader,
  { source, paperId, fields, now }: { readonly source: string; readonly paperId: number; readonly fields: readonly string[]; readonly now: Date },
): Promise<void> {
  await reader.rows(sql`
    INSERT INTO paper_origins AS o (source, external_id, paper_id, fields, digest, first_seen_at, changed_at)
    VALUES (${source}, ${`paper:${paperId}`}, ${paperId}, ${[...fields]}::text[], sha256(''), ${now}::timestamptz, ${now}::timestamptz)
    ON CONFLICT (source, external_id) DO UPDATE
      SET fields = ARRAY (SELECT DISTINCT f FROM unnest(o.fields || excluded.fields) AS f ORDER BY f), changed_at = excluded.changed_at`);
  await giveFields(reader, source, [{ paperId, fields }]);
}
