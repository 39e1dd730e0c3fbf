import { joinSql, rawSql, sql, type Transaction } from '../database/database.js';
import { familyNameOf } from '../submissions/paperMatching.js';
import type { Merge } from './mergeLinks.js';

/** Columns of papers that are filled in where the kept one has none, by the field that they are in GraphQL. */
const FILLED = {
  arxivId: 'arxiv_id',
  doi: 'doi',
  abstract: 'abstract',
  publishedAt: 'published_at',
  projectUrl: 'project_url',
  authorCount: 'stated_author_count',
  originUpvoteCount: 'origin_upvote_count',
  submittedBy: 'submitted_by_id',
} as const;

/**
 * The kept byline stays, and those whom it lacks come behind it: whom it names by another spelling stands there already, as
 * far as family names tell.
 */
export async function moveByline(transaction: Transaction, { keepId, duplicateId }: Merge): Promise<void> {
  const rows = await transaction.rows<{ paperId: number; authorId: number; name: string; position: number }>(sql`
    SELECT l.paper_id AS "paperId", l.author_id AS "authorId", a.name, l.position FROM paper_authors l JOIN authors a ON a.id = l.author_id
    WHERE l.paper_id IN (${keepId}, ${duplicateId}) ORDER BY l.paper_id, l.position`);
  const kept = rows.filter(({ paperId }) => paperId === keepId);
  const [families, ids] = [new Set(kept.map(({ name }) => familyNameOf(name))), new Set(kept.map(({ authorId }) => authorId))];
  const added = rows.filter(({ paperId, authorId, name }) => paperId === duplicateId && !ids.has(authorId) && !families.has(familyNameOf(name)));
  const next = Math.max(-1, ...kept.map(({ position }) => position)) + 1;
  await transaction.rows(sql`
    WITH added AS (
      INSERT INTO paper_authors (paper_id, author_id, position)
      SELECT ${keepId}::int4, x.author_id, ${next}::int4 + x.place - 1
      FROM unnest(${added.map(({ authorId }) => authorId)}::int4[]) WITH ORDINALITY AS x (author_id, place) RETURNING 1)
    SELECT count(*)::int4 AS count FROM added`);
}

/** Of two open reports by one reader the one on the kept paper stays. */
export async function moveReports(transaction: Transaction, { keepId, duplicateId }: Merge): Promise<void> {
  await transaction.rows(sql`
    WITH moved AS (
      UPDATE reports r SET paper_id = ${keepId}::int4 WHERE r.paper_id = ${duplicateId} AND NOT (r.state = 'OPEN' AND EXISTS (
        SELECT FROM reports k WHERE k.reporter_id = r.reporter_id AND k.paper_id = ${keepId} AND k.state = 'OPEN')) RETURNING 1)
    SELECT count(*)::int4 AS count FROM moved`);
}

/**
 * Fills in what the kept paper does not say, the earlier day of listing, and notes the duplicate's names that it does not get.
 * Returns the fields that it got.
 */
export async function keepPaperFacts(transaction: Transaction, { keepId, duplicateId }: Merge): Promise<string[]> {
  // Unique names must leave the one before the other gets them.
  const fields = Object.entries(FILLED);
  const [facts] = await transaction.rows<{ taken: Record<string, unknown>; arxivId: string | null; doi: string | null }>(sql`
    SELECT jsonb_strip_nulls(jsonb_build_object(${joinSql(fields.map(([field, column]) => sql`${field}::text, CASE WHEN k.${rawSql(column)} IS NULL THEN to_jsonb(d.${rawSql(column)}) END`))})) AS taken,
      CASE WHEN k.arxiv_id IS NOT NULL THEN d.arxiv_id END AS "arxivId", CASE WHEN k.doi IS NOT NULL THEN d.doi END AS doi
    FROM papers k, papers d WHERE k.id = ${keepId} AND d.id = ${duplicateId}`);
  await transaction.rows(sql`
    UPDATE papers SET arxiv_id = NULL, doi = NULL WHERE id = ${duplicateId} RETURNING id`);
  const named = ['arxiv_id', 'doi'];
  const others = Object.values(FILLED).filter((column) => !named.includes(column));
  await transaction.rows(sql`
    UPDATE papers k SET ${joinSql(others.map((column) => rawSql(`${column} = coalesce(k.${column}, d.${column})`)))},
      arxiv_version = CASE WHEN k.arxiv_id IS NULL THEN d.arxiv_version ELSE k.arxiv_version END,
      arxiv_id = coalesce(k.arxiv_id, ${(facts?.taken['arxivId'] ?? null) as string | null}::text), doi = coalesce(k.doi, ${(facts?.taken['doi'] ?? null) as string | null}::text),
      listed_at = least(k.listed_at, d.listed_at), updated_at = now()
    FROM papers d WHERE k.id = ${keepId} AND d.id = ${duplicateId} RETURNING k.id`);
  await transaction.rows(sql`
    INSERT INTO merged_papers (old_id, paper_id, arxiv_id, doi)
    VALUES (${duplicateId}::int4, ${keepId}::int4, ${facts?.arxivId ?? null}::text, ${facts?.doi ?? null}::text) RETURNING old_id`);
  const taken = Object.keys(facts?.taken ?? {});
  return taken.includes('arxivId') ? [...taken, 'arxivVersion'] : taken;
}

/**
 * The duplicate's sources now speak of the kept paper; theirs are the fields that it got. What they say next is news, even
 * in the words of before: it was said of another paper.
 */
export async function moveOrigins(transaction: Transaction, { keepId, duplicateId }: Merge, given: readonly string[]): Promise<void> {
  await transaction.rows(sql`
    WITH moved AS (
      UPDATE paper_origins SET paper_id = ${keepId}::int4, digest = sha256(''),
        fields = ARRAY (SELECT f FROM unnest(fields) AS f WHERE f = ANY (${[...given]}::text[]))
      WHERE paper_id = ${duplicateId} RETURNING 1)
    SELECT count(*)::int4 AS count FROM moved`);
}
