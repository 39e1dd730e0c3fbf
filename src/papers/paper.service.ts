import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { countRows, readCounts, readPage, readPagesByParent, type Listing, type Order, type Page, type PageOf, type Parents } from '../database/lists.js';
import { DomainError } from '../errors.js';
import { hasRole, type Viewer } from '../graphql/context.js';
import { paperConditions } from './paper.filter.js';
import type { PaperOrder} from './paper.type.js';
import { Paper, type PaperFilter } from './paper.type.js';

/** Columns of papers `p` as a Paper has them: all but the abstract, which is longer than the rest together. */
export const PAPER_COLUMNS = sql`p.id AS "rowId", p.submitted_by_id AS "submittedById", p.arxiv_id AS "arxivId", p.title,
  p.published_at AS "publishedAt", p.listed_at AS "listedAt", p.project_url AS "projectUrl",
  nullif(greatest(p.stated_author_count, p.named_author_count), 0) AS "authorCount", p.upvote_count AS "upvoteCount",
  p.origin_upvote_count AS "originUpvoteCount", p.trending_score AS "trendingScore", p.updated_at AS "updatedAt"`;

/** Orders of papers `p`, each with its index: papers_<column>_id_idx. */
export const PAPER_ORDERS: Record<PaperOrder, Order> = {
  TRENDING: orderBy('trending', 'p.trending_score', 'float8'),
  TOP: orderBy('top', 'p.upvote_count', 'int4'),
  NEWEST: orderBy('newest', 'p.listed_at', 'timestamptz'),
};

/** Papers of a list that joins them to something else: `from` names papers as `p`. */
export interface LinkedPapers {
  readonly from: Sql;
  /** Joins the list to its parent, such as `l.tag_id`. */
  readonly parentColumn: string;
  readonly order: PaperOrder;
}

export function listingOf(where: readonly Sql[], order: PaperOrder): Listing {
  return { from: sql`papers p`, where, order: PAPER_ORDERS[order] };
}

/** The lists of papers `p` that belong to something else. */
export const PAPERS_OF_TAG = { from: sql`paper_tags l JOIN papers p ON p.id = l.paper_id`, parentColumn: 'l.tag_id' };
export const PAPERS_OF_SUBMITTER = { from: sql`papers p`, parentColumn: 'p.submitted_by_id' };

/** Papers. */
export class PaperService {
  constructor(private readonly database: Database) {}

  async byIds(ids: readonly number[], reader: Reader = this.database): Promise<Paper[]> {
    return toPapers(await reader.rows<Paper>(sql`SELECT ${PAPER_COLUMNS} FROM papers p WHERE p.id = ANY (${[...ids]}::int4[])`));
  }

  async byArxivIds(arxivIds: readonly string[]): Promise<Paper[]> {
    return toPapers(
      await this.database.rows<Paper>(sql`SELECT ${PAPER_COLUMNS} FROM papers p WHERE p.arxiv_id = ANY (${[...arxivIds]}::text[])`),
    );
  }

  async abstracts(ids: readonly number[]): Promise<Map<number, string | null>> {
    const rows = await this.database.rows<{ id: number; abstract: string | null }>(
      sql`SELECT id, abstract FROM papers WHERE id = ANY (${[...ids]}::int4[])`,
    );
    return new Map(rows.map((row) => [row.id, row.abstract]));
  }

  /** The papers that pass the filter, as a list; throws BAD_USER_INPUT. */
  listing(filter: PaperFilter, order: PaperOrder): Listing {
    return listingOf(paperConditions(filter), order);
  }

  /** One page of the papers that pass the filter; throws BAD_USER_INPUT. */
  list(filter: PaperFilter, order: PaperOrder, page: Page): Promise<PageOf<Paper>> {
    return readPage<Paper>(this.database, { ...this.listing(filter, order), columns: PAPER_COLUMNS }, page);
  }

  count(filter: PaperFilter): Promise<number> {
    return this.countWhere(paperConditions(filter));
  }

  /** The same for conditions on papers `p`. */
  listWhere(where: readonly Sql[], order: PaperOrder, page: Page): Promise<PageOf<Paper>> {
    return readPage<Paper>(this.database, { ...listingOf(where, order), columns: PAPER_COLUMNS }, page);
  }

  countWhere(where: readonly Sql[]): Promise<number> {
    return countRows(this.database, { from: sql`papers p`, where });
  }

  pagesByTag(ids: readonly number[], order: PaperOrder, page: Page): Promise<Map<number, PageOf<Paper>>> {
    return this.pagesByParent({ ...PAPERS_OF_TAG, order }, { ids, page });
  }

  pagesBySubmitter(ids: readonly number[], order: PaperOrder, page: Page): Promise<Map<number, PageOf<Paper>>> {
    return this.pagesByParent({ ...PAPERS_OF_SUBMITTER, order }, { ids, page });
  }

  /** One page of papers for each parent; for the domains that link papers to something else. */
  pagesByParent({ order, ...links }: LinkedPapers, parents: Parents): Promise<Map<number, PageOf<Paper>>> {
    return readPagesByParent<Paper>(
      this.database,
      { ...links, columns: PAPER_COLUMNS, where: [], order: PAPER_ORDERS[order] },
      parents,
    );
  }

  countsBySubmitter(userIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT submitted_by_id AS id, count(*)::int4 AS count FROM papers
      WHERE submitted_by_id = ANY (${[...userIds]}::int4[]) GROUP BY submitted_by_id`);
  }

  /** The paper; throws NOT_FOUND. */
  async get(id: number, field = 'paperId'): Promise<Paper> {
    const [paper] = await this.byIds([id]);
    if (paper === undefined) throw new DomainError('NOT_FOUND', 'there is no such paper', field);
    return paper;
  }

  /** The paper, which the viewer may edit: submitted by them, or any for a curator; throws NOT_FOUND or FORBIDDEN. */
  async getEditable(id: number, viewer: Viewer): Promise<Paper> {
    const paper = await this.get(id);
    if (paper.submittedById !== viewer.id && !hasRole(viewer, 'CURATOR')) {
      throw new DomainError('FORBIDDEN', 'only the submitter of a paper or a curator may edit it', 'paperId');
    }
    return paper;
  }
}

export function toPapers(rows: readonly Paper[]): Paper[] {
  return rows.map(toPaper);
}

export function toPaper(row: Paper): Paper {
  return Object.assign(new Paper(), row);
}

function orderBy(name: string, column: string, type: 'float8' | 'int4' | 'timestamptz'): Order {
  return {
    name: `papers.${name}`,
    descending: true,
    keys: [
      { column, type },
      { column: 'p.id', type: 'int4' },
    ],
  };
}
