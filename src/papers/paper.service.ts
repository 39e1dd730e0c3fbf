import { isFrequent, startOf, type Start } from '../database/conditions.js';
import type { AuditService } from '../audit/audit.service.js';
import { rawSql, sql, type Database, type Sql, type Transaction } from '../database/database.js';
import { countRows, readCounts, readPage, readPagesByParent, type Page, type PageOf, type Parents } from '../database/lists.js';
import { namedThroughMerges } from '../database/redirects.js';
import { DomainError } from '../errors.js';
import { hasRole, type Viewer } from '../graphql/context.js';
import { paperConditions } from './paper.filter.js';
import { PAPER_ORDERS, PAPER_ROWS, listingOf, type PaperListing } from './paper.listing.js';
import { isVisibleTo } from './paper.visibility.js';
import type { PaperOrder } from './paper.type.js';
import { Paper, type PaperFilter } from './paper.type.js';

/** Columns of papers `p` as a Paper has them: all but the abstract, which is longer than the rest together. */
export const PAPER_COLUMNS = sql`p.id AS "rowId", p.submitted_by_id AS "submittedById", p.arxiv_id AS "arxivId",
  p.arxiv_version AS "arxivVersion", p.doi, p.withdrawn_at AS "withdrawnAt", p.title, p.published_at AS "publishedAt", p.listed_at AS "listedAt", to_char(p.listed_on, 'YYYY-MM-DD') AS "listedOn", p.project_url AS "projectUrl",
  nullif(greatest(p.stated_author_count, p.named_author_count), 0) AS "authorCount", p.upvote_count AS "upvoteCount", p.comment_count AS "commentCount",
  p.origin_upvote_count AS "originUpvoteCount", p.trending_score AS "trendingScore", p.updated_at AS "updatedAt",
  p.hidden_at IS NOT NULL AS "isHidden", p.flagged_upvote_count AS "flaggedCount"`;

/** Papers of a list that links them to something else. */
export interface LinkedPapers {
  /** Has papers as `paper_id`. */
  readonly table: 'paper_tags' | 'paper_authors' | 'paper_repos';
  /** Joins the list to its parent. */
  readonly parentColumn: 'tag_id' | 'author_id' | 'repo_id';
  readonly way: PaperWay;
}

/** How lists of a parent's papers are read: in an order, and whether along its index, as those of a parent with many papers. */
export interface PaperWay {
  readonly order: PaperOrder;
  readonly ofMany: boolean;
}

/** Who edits a paper, and what of it. */
export interface PaperEdit {
  readonly editor: Viewer;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The papers `p` that readers submitted. */
export const PAPERS_OF_SUBMITTER = { from: sql`listed_papers p`, parentColumn: 'p.submitted_by_id' };

/** Papers. */
export class PaperService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
  ) {}

  /** Those that the viewer may see: hidden ones are for their submitters and curators. */
  byIds(ids: readonly number[], viewer: Viewer | null = null): Promise<Paper[]> {
    return this.visible(sql`p.id = ANY (${[...ids]}::int4[])`, viewer);
  }

  /** The same by the ids that were asked for: papers that were merged into others are these. */
  named(ids: readonly number[], viewer: Viewer | null = null): Promise<Map<number, Paper>> {
    return namedThroughMerges(this.database, { type: 'Paper', ids }, (each) => this.byIds(each, viewer));
  }

  async namedByArxivId(arxivIds: readonly string[], viewer: Viewer | null = null): Promise<Map<string, Paper>> {
    const papers = await this.visible(sql`p.arxiv_id = ANY (${[...arxivIds]}::text[])`, viewer);
    return this.withMerged(new Map(papers.map((paper) => [paper.arxivId ?? '', paper])), { names: arxivIds, column: sql`m.arxiv_id` }, viewer);
  }

  async namedByDoi(dois: readonly string[], viewer: Viewer | null = null): Promise<Map<string, Paper>> {
    const papers = await this.visible(sql`p.doi = ANY (${[...dois]}::text[])`, viewer);
    return this.withMerged(new Map(papers.map((paper) => [paper.doi ?? '', paper])), { names: dois, column: sql`m.doi` }, viewer);
  }

  // Old names are seldom asked for: a second statement only where the first one missed some.
  private async withMerged(
    found: Map<string, Paper>,
    { names, column }: { readonly names: readonly string[]; readonly column: Sql },
    viewer: Viewer | null,
  ): Promise<Map<string, Paper>> {
    const missing = names.filter((name) => !found.has(name));
    if (missing.length === 0) return found;
    const rows = await this.database.rows<Paper & { readonly named: string }>(sql`
      SELECT ${column} AS named, ${PAPER_COLUMNS} FROM merged_papers m JOIN papers p ON p.id = m.paper_id
      WHERE ${column} = ANY (${missing}::text[]) AND ${isVisibleTo(viewer)}`);
    for (const { named, ...paper } of rows) found.set(named, toPaper(paper as unknown as Paper));
    return found;
  }

  private async visible(named: Sql, viewer: Viewer | null): Promise<Paper[]> {
    return toPapers(await this.database.rows<Paper>(sql`SELECT ${PAPER_COLUMNS} FROM papers p WHERE ${named} AND ${isVisibleTo(viewer)}`));
  }

  async abstracts(ids: readonly number[]): Promise<Map<number, string | null>> {
    const rows = await this.database.rows<{ id: number; abstract: string | null }>(
      sql`SELECT id, abstract FROM papers WHERE id = ANY (${[...ids]}::int4[])`,
    );
    return new Map(rows.map((row) => [row.id, row.abstract]));
  }

  /** Where to start a page of the papers that pass the filter; throws BAD_USER_INPUT. */
  startOf(filter: PaperFilter, order: PaperOrder): Promise<Start> {
    return startOf(this.database, PAPER_ROWS, { conditions: paperConditions(filter), order: PAPER_ORDERS[order] });
  }

  /** The papers that pass the filter, as a list; throws BAD_USER_INPUT. */
  listing(filter: PaperFilter, order: PaperOrder, start: Start): PaperListing {
    return listingOf(paperConditions(filter), order, start);
  }

  /** One page of the papers that pass the filter; throws BAD_USER_INPUT. */
  async list(filter: PaperFilter, order: PaperOrder, page: Page): Promise<PageOf<Paper>> {
    return this.page(this.listing(filter, order, await this.startOf(filter, order)), page);
  }

  count(filter: PaperFilter): Promise<number> {
    return countRows(this.database, { from: PAPER_ROWS.from, where: paperConditions(filter).map(({ where }) => where) });
  }

  page(listing: PaperListing, page: Page): Promise<PageOf<Paper>> {
    return readPage<Paper>(this.database, { ...listing, columns: PAPER_COLUMNS }, page);
  }

  pagesByTag(ids: readonly number[], way: PaperWay, page: Page): Promise<Map<number, PageOf<Paper>>> {
    return this.pagesByParent({ table: 'paper_tags', parentColumn: 'tag_id', way }, { ids, page });
  }

  pagesBySubmitter(ids: readonly number[], order: PaperOrder, page: Page): Promise<Map<number, PageOf<Paper>>> {
    const list = { ...PAPERS_OF_SUBMITTER, columns: PAPER_COLUMNS, where: [], order: PAPER_ORDERS[order] };
    return readPagesByParent<Paper>(this.database, list, { ids, page });
  }

  /** One page of papers for each parent; for the domains that link papers to something else. */
  pagesByParent({ table, parentColumn, way: { order, ofMany } }: LinkedPapers, parents: Parents): Promise<Map<number, PageOf<Paper>>> {
    const [links, parent] = [rawSql(table), rawSql(parentColumn)];
    // See conditions.ts; `parent` is the row that the list is of.
    const from = ofMany
      ? sql`listed_papers p CROSS JOIN LATERAL (SELECT x.${parent} FROM ${links} x WHERE x.paper_id = p.id AND x.${parent} = parent.id OFFSET 0) l`
      : sql`${links} l JOIN listed_papers p ON p.id = l.paper_id`;
    const list = { from, columns: PAPER_COLUMNS, where: [], order: PAPER_ORDERS[order], parentColumn: `l.${parentColumn}` };
    return readPagesByParent<Paper>(this.database, list, parents);
  }

  countsBySubmitter(userIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT submitted_by_id AS id, count(*)::int4 AS count FROM listed_papers
      WHERE submitted_by_id = ANY (${[...userIds]}::int4[]) GROUP BY submitted_by_id`);
  }

  /** The paper; throws NOT_FOUND, also for a hidden one that the viewer may not see. */
  async get(id: number, field = 'paperId', viewer: Viewer | null = null): Promise<Paper> {
    const paper = (await this.named([id], viewer)).get(id);
    if (paper === undefined) throw new DomainError('NOT_FOUND', 'there is no such paper', field);
    return paper;
  }

  /** The paper, which the viewer may edit: submitted by them, or any for a curator; throws NOT_FOUND or FORBIDDEN. */
  async getEditable(id: number, viewer: Viewer): Promise<Paper> {
    const paper = await this.get(id, 'paperId', viewer);
    if (paper.submittedById !== viewer.id && !hasRole(viewer, 'CURATOR')) {
      throw new DomainError('FORBIDDEN', 'only the submitter of a paper or a curator may edit it', 'paperId');
    }
    return paper;
  }

  /** Edits a paper in one transaction, and notes it where it is another's. `write` tells whether it changed anything. */
  async edit({ rowId, submittedById }: Pick<Paper, 'rowId' | 'submittedById'>, { editor, details }: PaperEdit, write: (transaction: Transaction) => Promise<boolean>): Promise<void> {
    await this.database.transaction(async (transaction) => {
      if (!(await write(transaction)) || submittedById === editor.id) return;
      await this.audit.record(transaction, { actorId: editor.id, action: 'EDIT', object: { type: 'Paper', id: rowId }, details });
    });
  }
}

/** How the papers of a parent that has so many are read. */
export function wayOf(order: PaperOrder, paperCount: number): PaperWay {
  return { order, ofMany: isFrequent(paperCount) };
}

export function toPapers(rows: readonly Paper[]): Paper[] {
  return rows.map(toPaper);
}

export function toPaper(row: Paper): Paper {
  return Object.assign(new Paper(), row);
}
