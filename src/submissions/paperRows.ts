import { sql, type Reader, type Sql } from '../database/database.js';
import type { PresentPaper } from './paperMerge.js';
import type { PaperRecord } from './paperRecord.js';

export interface NewPaper {
  readonly paperId: number;
  readonly record: PaperRecord;
  /** When it is listed, where nobody says. */
  readonly now: Date;
  readonly namedAuthorCount?: number;
  readonly tagCount?: number;
  readonly repoCount?: number;
}

// Rows travel as one JSON document: half the time of an array a column, whose texts the driver escapes one by one.
const COLUMNS = sql`title, arxiv_id, doi, abstract, published_at, listed_at, project_url, stated_author_count, origin_upvote_count,
  arxiv_version, withdrawn_at`;
const TYPES = sql`id int4, title text, arxiv_id text, doi text, abstract text, published_at timestamptz, listed_at timestamptz, project_url text,
  stated_author_count int4, origin_upvote_count int4, arxiv_version int4, withdrawn_at timestamptz`;

/** Inserts rows of papers, with their counters. */
export async function insertPapers(reader: Reader, papers: readonly NewPaper[]): Promise<void> {
  const rows = papers.map(({ paperId, record, now, namedAuthorCount = 0, tagCount = 0, repoCount = 0 }) => ({
    ...rowOf(paperId, { ...record, listedAt: record.listedAt ?? record.publishedAt ?? now }),
    submitted_by_id: record.submittedById,
    named_author_count: namedAuthorCount,
    tag_count: tagCount,
    repo_count: repoCount,
  }));
  await reader.rows(sql`
    INSERT INTO papers (id, ${COLUMNS}, submitted_by_id, named_author_count, tag_count, repo_count)
    SELECT id, ${COLUMNS}, submitted_by_id, named_author_count, tag_count, repo_count
    FROM ${recordset(rows, sql`${TYPES}, submitted_by_id int4, named_author_count int4, tag_count int4, repo_count int4`)}`);
}

/** Writes all merged columns of papers, which the caller holds locked. */
export async function updatePapers(reader: Reader, papers: readonly (PresentPaper & { readonly paperId: number })[]): Promise<void> {
  if (papers.length === 0) return;
  const rows = papers.map((paper) => rowOf(paper.paperId, paper));
  await reader.rows(sql`
    UPDATE papers p SET title = x.title, arxiv_id = x.arxiv_id, doi = x.doi, abstract = x.abstract, published_at = x.published_at,
      listed_at = x.listed_at, project_url = x.project_url, stated_author_count = x.stated_author_count,
      origin_upvote_count = x.origin_upvote_count, arxiv_version = x.arxiv_version, withdrawn_at = x.withdrawn_at, updated_at = now()
    FROM ${recordset(rows, TYPES)} WHERE p.id = x.id`);
}

/** `x`: rows of a JSON document. */
export function recordset(rows: readonly object[], types: Sql): Sql {
  return sql`json_to_recordset(${JSON.stringify(rows)}::text::json) AS x (${types})`;
}

function rowOf(id: number, paper: Omit<PresentPaper, 'namedAuthorCount'>): object {
  return {
    id,
    title: paper.title,
    arxiv_id: paper.arxivId,
    doi: paper.doi,
    abstract: paper.abstract,
    published_at: paper.publishedAt,
    listed_at: paper.listedAt,
    project_url: paper.projectUrl,
    stated_author_count: paper.statedAuthorCount,
    origin_upvote_count: paper.originUpvoteCount,
    arxiv_version: paper.arxivVersion,
    withdrawn_at: paper.withdrawnAt,
  };
}
