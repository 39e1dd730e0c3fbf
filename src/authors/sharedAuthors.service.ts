import { rawSql, sql, type Database } from '../database/database.js';
import { readCounts, readPagesByParent, type Order, type Page, type PageOf } from '../database/lists.js';
import { PAPER_COLUMNS } from '../papers/paper.service.js';
import { isListedId } from '../papers/paper.visibility.js';
import type { Paper } from '../papers/paper.type.js';

export type SharedAuthorsRow = Paper & { readonly sharedAuthorCount: number; readonly sharedAuthorIds: readonly number[] };

/** A byline of 3,000 names and an author of 5,000 papers cost as much as these: 5,000 links a paper. */
export const MOST_AUTHORS = 50;
export const MOST_PAPERS_OF_AUTHOR = 100;
export const MOST_SHARED_AUTHORS = 10;

const MOST_SHARED_FIRST: Order = {
  name: 'paper.same-authors',
  descending: true,
  keys: [
    { column: 's.count', type: 'int4' },
    { column: 'p.listed_at', type: 'timestamptz' },
    { column: 'p.id', type: 'int4' },
  ],
};

// The byline by paper_authors_paper_id_position_key, the papers of each author by paper_authors_author_id_paper_id_idx, the
// latest first.
/** The papers that share authors with the paper `parent`, one row a shared author. */
const LINKS = sql`(SELECT author_id, position FROM paper_authors WHERE paper_id = parent.id ORDER BY position LIMIT ${rawSql(String(MOST_AUTHORS))}) byline
  CROSS JOIN LATERAL (
    SELECT l.paper_id FROM paper_authors l WHERE l.author_id = byline.author_id ORDER BY l.paper_id DESC LIMIT ${rawSql(String(MOST_PAPERS_OF_AUTHOR))}) link
  WHERE link.paper_id <> parent.id AND ${isListedId(sql`link.paper_id`)}`;

/** Papers that share authors. */
export class SharedAuthorsService {
  constructor(private readonly database: Database) {}

  pages(paperIds: readonly number[], page: Page): Promise<Map<number, PageOf<SharedAuthorsRow>>> {
    const list = {
      columns: sql`${PAPER_COLUMNS}, s.count AS "sharedAuthorCount", s.authors AS "sharedAuthorIds"`,
      from: sql`(SELECT parent.id AS parent_id, link.paper_id, count(*)::int4 AS count,
          (array_agg(byline.author_id ORDER BY byline.position))[1:${rawSql(String(MOST_SHARED_AUTHORS))}] AS authors
        FROM ${LINKS} GROUP BY link.paper_id) s JOIN listed_papers p ON p.id = s.paper_id`,
      where: [],
      order: MOST_SHARED_FIRST,
      parentColumn: 's.parent_id',
    };
    return readPagesByParent<SharedAuthorsRow>(this.database, list, { ids: paperIds, page });
  }

  counts(paperIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT parent.id, (SELECT count(DISTINCT link.paper_id)::int4 FROM ${LINKS}) AS count FROM unnest(${[...paperIds]}::int4[]) AS parent (id)`);
  }
}
