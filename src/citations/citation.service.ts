import { sql, type Database } from '../database/database.js';
import type { Paper } from '../papers/paper.type.js';
import { bibtexOf } from './bibtex.js';
import { CitationFormat, type CitedPaper } from './citation.type.js';
import { cslJsonOf } from './cslJson.js';

/** What a citation says beside what a paper says of itself. */
export interface CitedByline {
  readonly authors: readonly string[];
  readonly primaryClass: string | null;
}

/** Who is named of a byline; `others` stands for the rest. Some have 3,000 names, and no style prints a hundred. */
export const MOST_CITED_AUTHORS = 100;
const NOBODY: CitedByline = { authors: [], primaryClass: null };
/** DataCite's prefix of the DOIs that arXiv gives, which say no more than the id. */
const ARXIV_DOI = '10.48550/arxiv.';

/** How papers are cited. */
export class CitationService {
  constructor(private readonly database: Database) {}

  // By paper_authors_paper_id_position_key as far as the names go, and paper_tags_paper_id_weight_tag_id_idx.
  /** The bylines of papers, and their first classes at arXiv, in one statement. */
  async bylines(paperIds: readonly number[]): Promise<Map<number, CitedByline>> {
    const rows = await this.database.rows<CitedByline & { readonly id: number }>(sql`
      SELECT x.id,
        ARRAY (SELECT a.name FROM paper_authors l JOIN authors a ON a.id = l.author_id
          WHERE l.paper_id = x.id ORDER BY l.position LIMIT ${MOST_CITED_AUTHORS}::int4) AS authors,
        (SELECT t.name FROM paper_tags l JOIN tags t ON t.id = l.tag_id
          WHERE l.paper_id = x.id AND t.kind = 'ARXIV_CATEGORY' ORDER BY l.weight DESC, l.tag_id LIMIT 1) AS "primaryClass"
      FROM unnest(${[...paperIds]}::int4[]) AS x (id)`);
    return new Map(rows.map((row) => [row.id, row]));
  }
}

/** The citation of a paper whose byline was read. */
export function citationOf(paper: Paper, { authors, primaryClass }: CitedByline = NOBODY, format: CitationFormat): string {
  const cited: CitedPaper = {
    rowId: paper.rowId,
    title: paper.title,
    arxivId: paper.arxivId,
    doi: paper.doi === null || paper.doi.startsWith(ARXIV_DOI) ? null : paper.doi,
    publishedAt: paper.publishedAt,
    projectUrl: paper.projectUrl,
    authors,
    hasOthers: (paper.authorCount ?? 0) > authors.length,
    primaryClass,
  };
  return format === CitationFormat.BIBTEX ? bibtexOf(cited) : cslJsonOf(cited);
}
