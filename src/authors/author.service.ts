import { beginsWith, pageConditions, startOf, type Condition, type Rows, type Start } from '../database/conditions.js';
import { sql, type Database, type Reader } from '../database/database.js';
import { countRows, readCounts, readPage, readPagesByParent, type Listing, type Order, type Page, type PageOf } from '../database/lists.js';
import { namedThroughMerges } from '../database/redirects.js';
import { DomainError } from '../errors.js';
import type { PaperService, PaperWay } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import type { AuthorOrder } from './author.type.js';
import { Author } from './author.type.js';

/** Columns of authors `a` as an Author has them. */
export const AUTHOR_COLUMNS = sql`a.id AS "rowId", a.name, a.orcid, a.paper_count AS "paperCount", a.follower_count AS "followerCount"`;

const ROWS: Rows = { from: sql`authors a`, id: 'a.id' };

const ORDERS: Record<AuthorOrder, Order> = {
  // authors_paper_count_id_idx
  MOST_PAPERS: {
    name: 'authors.most-papers',
    descending: true,
    keys: [
      { column: 'a.paper_count', type: 'int4' },
      { column: 'a.id', type: 'int4' },
    ],
  },
  // authors_name_key_id_idx
  NAME: {
    name: 'authors.name',
    descending: false,
    keys: [
      { column: 'a.name_key', type: 'text' },
      { column: 'a.id', type: 'int4' },
    ],
  },
};

// paper_authors_paper_id_position_key
const BY_POSITION: Order = {
  name: 'paper.authors',
  descending: false,
  keys: [{ column: 'l.position', type: 'int4' }],
};

/** The byline of papers: authors `a` by links `l`. */
export const AUTHORS_OF_PAPER = { from: sql`paper_authors l CROSS JOIN LATERAL (SELECT * FROM authors WHERE id = l.author_id OFFSET 0) a`, parentColumn: 'l.paper_id', order: BY_POSITION };

/** An author as a byline names one. */
export interface BylineAuthor {
  readonly name: string;
  readonly orcid: string | null;
}

/** A byline whose authors are looked for; `paperId` null for a paper that is not there yet. */
export interface BylineOf {
  readonly paperId: number | null;
  readonly authors: readonly BylineAuthor[];
}

/** Authors, and who wrote which paper. */
export class AuthorService {
  constructor(
    private readonly database: Database,
    private readonly papers: PaperService,
  ) {}

  async byIds(ids: readonly number[]): Promise<Author[]> {
    return (
      await this.database.rows<Author>(sql`SELECT ${AUTHOR_COLUMNS} FROM authors a WHERE a.id = ANY (${[...ids]}::int4[])`)
    ).map(toAuthor);
  }

  /** By the ids that were asked for: authors who were merged into others are these. */
  named(ids: readonly number[]): Promise<Map<number, Author>> {
    return namedThroughMerges(this.database, { type: 'Author', ids }, (each) => this.byIds(each));
  }

  /** The author; throws NOT_FOUND. */
  async get(id: number, field = 'authorId'): Promise<Author> {
    const author = (await this.named([id])).get(id);
    if (author === undefined) throw new DomainError('NOT_FOUND', 'there is no such author', field);
    return author;
  }

  /** Where to start a page of the authors whose names begin so. */
  startOf(prefix: string | null, order: AuthorOrder): Promise<Start> {
    return startOf(this.database, ROWS, { conditions: conditionsOf(prefix), order: ORDERS[order] });
  }

  /** The authors whose names begin so, as a list. */
  listing(prefix: string | null, orderName: AuthorOrder, start: Start): Listing {
    const [conditions, order] = [conditionsOf(prefix), ORDERS[orderName]];
    return { from: ROWS.from, where: conditions.map(({ where }) => where), order, onPage: () => pageConditions(ROWS, conditions, { order, start }) };
  }

  async list(prefix: string | null, order: AuthorOrder, page: Page): Promise<PageOf<Author>> {
    return readPage<Author>(this.database, { ...this.listing(prefix, order, await this.startOf(prefix, order)), columns: AUTHOR_COLUMNS }, page);
  }

  count(prefix: string | null): Promise<number> {
    return countRows(this.database, { from: ROWS.from, where: conditionsOf(prefix).map(({ where }) => where) });
  }

  pagesByPaper(paperIds: readonly number[], page: Page): Promise<Map<number, PageOf<Author>>> {
    return readPagesByParent<Author>(this.database, { ...AUTHORS_OF_PAPER, columns: AUTHOR_COLUMNS, where: [] }, { ids: paperIds, page });
  }

  papersByAuthor(ids: readonly number[], way: PaperWay, page: Page): Promise<Map<number, PageOf<Paper>>> {
    return this.papers.pagesByParent({ table: 'paper_authors', parentColumn: 'author_id', way }, { ids, page });
  }

  /** How many authors of each paper are known by name. */
  countsByPaper(paperIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(
      this.database,
      sql`SELECT id, named_author_count AS count FROM papers WHERE id = ANY (${[...paperIds]}::int4[])`,
    );
  }

  /** Writes the bylines of papers, in place of those they had; returns the papers for which that changed anything. */
  async setBylines(reader: Reader, bylines: ReadonlyMap<number, readonly BylineAuthor[]>): Promise<Set<number>> {
    if (bylines.size === 0) return new Set();
    const present = await this.readBylines(reader, [...bylines.keys()]);
    const wanted = await this.resolve(reader, [...bylines].map(([paperId, authors]) => ({ paperId, authors })));
    const changed = new Map([...bylines.keys()].flatMap((paperId, index) => {
      const authorIds = wanted[index] ?? [];
      return authorIds.join() === (present.get(paperId) ?? []).join() ? [] : [[paperId, authorIds] as const];
    }));
    const paperIds = [...changed.keys()];
    await lockAuthors(reader, [...[...changed.values()].flat(), ...paperIds.flatMap((id) => present.get(id) ?? [])]);
    await reader.rows(sql`DELETE FROM paper_authors WHERE paper_id = ANY (${paperIds}::int4[])`);
    await this.addBylines(reader, changed);
    return new Set(paperIds);
  }

  /** Writes the bylines of papers that have none yet. */
  async addBylines(reader: Reader, bylines: ReadonlyMap<number, readonly number[]>): Promise<void> {
    const rows = [...bylines].flatMap(([paperId, authorIds]) => authorIds.map((authorId, position) => ({ paperId, authorId, position })));
    if (rows.length === 0) return;
    await reader.rows(sql`
      INSERT INTO paper_authors (paper_id, author_id, position)
      SELECT * FROM unnest(${rows.map((row) => row.paperId)}::int4[], ${rows.map((row) => row.authorId)}::int4[], ${rows.map((row) => row.position)}::int4[])`);
  }

  /**
   * Who the authors of bylines are, by rows, aligned with `bylines`; whoever is not there yet is made. An author with an
   * ORCID is who has it; one without is the author of that name in the paper's present byline, else the author of that name
   * whom no ORCID tells apart. An author whose only paper this is gets the ORCID that is now known.
   */
  async resolve(reader: Reader, bylines: readonly BylineOf[]): Promise<number[][]> {
    const flat = bylines.flatMap(({ paperId, authors }, byline) => authors.map((author) => ({ byline, paperId, ...author })));
    const ids = new Array<number | undefined>(flat.length);
    const isTold = flat.some(({ orcid }) => orcid !== null);
    if (isTold) await this.giveOrcids(reader, flat);
    if (isTold || flat.some(({ paperId }) => paperId !== null)) {
      for (const { place, id } of await this.findNear(reader, flat)) ids[place] = id;
    }
    const missing = flat.flatMap(({ name }, place) => (ids[place] === undefined ? [name] : []));
    const idOf = await this.findOrCreate(reader, [...new Set(missing)]);
    const found = bylines.map((): number[] => []);
    for (const [place, { byline, name }] of flat.entries()) found[byline]?.push(ids[place] ?? idOf.get(name) ?? 0);
    // One author twice in a byline stands there once.
    return found.map((authorIds) => [...new Set(authorIds)]);
  }

  private async readBylines(reader: Reader, paperIds: readonly number[]): Promise<Map<number, readonly number[]>> {
    const rows = await reader.rows<{ id: number; authors: number[] }>(sql`
      SELECT paper_id AS id, array_agg(author_id ORDER BY position) AS authors FROM paper_authors
      WHERE paper_id = ANY (${[...paperIds]}::int4[]) GROUP BY paper_id`);
    return new Map(rows.map((row) => [row.id, row.authors]));
  }

  // Each ORCID that nobody has: to the author of that name of that paper, if it is the only one of both; else to a new author.
  private async giveOrcids(reader: Reader, authors: readonly (BylineAuthor & { readonly paperId: number | null })[]): Promise<void> {
    const told = authors.filter(({ orcid }) => orcid !== null);
    const columns = sql`unnest(${told.map(({ paperId }) => paperId)}::int4[], ${told.map(({ name }) => name)}::text[],
      ${told.map(({ orcid }) => orcid)}::text[]) AS x (paper_id, name, orcid)`;
    await reader.rows(sql`
      UPDATE authors a SET orcid = x.orcid FROM (
        SELECT DISTINCT ON (a.id) a.id, x.orcid FROM ${columns}
        JOIN paper_authors l ON l.paper_id = x.paper_id
        JOIN authors a ON a.id = l.author_id AND a.name_key = author_name_key(x.name) AND a.orcid IS NULL AND a.paper_count = 1
        WHERE NOT EXISTS (SELECT FROM authors b WHERE b.orcid = x.orcid) AND NOT EXISTS (SELECT FROM merged_authors m WHERE m.orcid = x.orcid) ORDER BY a.id, x.orcid) x
      WHERE a.id = x.id`);
    await reader.rows(sql`
      INSERT INTO authors (name, orcid) SELECT DISTINCT ON (x.orcid) x.name, x.orcid FROM ${columns}
      WHERE NOT EXISTS (SELECT FROM authors b WHERE b.orcid = x.orcid) AND NOT EXISTS (SELECT FROM merged_authors m WHERE m.orcid = x.orcid)
      ORDER BY x.orcid, x.name ON CONFLICT (orcid) DO NOTHING`);
  }

  // By ORCID, or by name within the paper's present byline.
  private findNear(
    reader: Reader,
    authors: readonly (BylineAuthor & { readonly paperId: number | null })[],
  ): Promise<{ place: number; id: number }[]> {
    return reader.rows(sql`
      SELECT (x.place - 1)::int4 AS place, coalesce(o.id, m.author_id, n.id) AS id
      FROM unnest(${authors.map(({ paperId }) => paperId)}::int4[], ${authors.map(({ name }) => name)}::text[],
        ${authors.map(({ orcid }) => orcid)}::text[]) WITH ORDINALITY AS x (paper_id, name, orcid, place)
      LEFT JOIN authors o ON o.orcid = x.orcid
      LEFT JOIN merged_authors m ON m.orcid = x.orcid
      LEFT JOIN LATERAL (
        SELECT a.id FROM paper_authors l JOIN authors a ON a.id = l.author_id
        WHERE x.orcid IS NULL AND l.paper_id = x.paper_id AND a.name_key = author_name_key(x.name) ORDER BY l.position LIMIT 1) n ON true
      WHERE coalesce(o.id, m.author_id, n.id) IS NOT NULL`);
  }

  // Rows are made in the order of their keys, so that two writers with the same new names cannot deadlock.
  private async findOrCreate(reader: Reader, names: readonly string[]): Promise<Map<string, number>> {
    if (names.length === 0) return new Map();
    await reader.rows(sql`
      INSERT INTO authors (name)
      SELECT DISTINCT ON (author_name_key(n.name)) n.name FROM unnest(${[...names]}::text[]) WITH ORDINALITY AS n (name, place)
      WHERE NOT EXISTS (SELECT FROM authors a WHERE a.name_key = author_name_key(n.name) AND a.orcid IS NULL)
        AND NOT EXISTS (SELECT FROM merged_authors m WHERE m.name_key = author_name_key(n.name))
      ORDER BY author_name_key(n.name), n.place ON CONFLICT (name_key, coalesce(orcid, '')) DO NOTHING`);
    const rows = await reader.rows<{ name: string; id: number }>(sql`
      SELECT n AS name, a.id FROM unnest(${[...names]}::text[]) AS n JOIN authors a ON a.name_key = author_name_key(n) AND a.orcid IS NULL
      UNION ALL
      SELECT n AS name, min(m.author_id) AS id FROM unnest(${[...names]}::text[]) AS n JOIN merged_authors m ON m.name_key = author_name_key(n)
      WHERE NOT EXISTS (SELECT FROM authors a WHERE a.name_key = author_name_key(n) AND a.orcid IS NULL) GROUP BY n`);
    return new Map(rows.map((row) => [row.name, row.id]));
  }
}

// The counters of the old and the new authors change in two statements: locked in one order first, two writers that swap
// authors take turns instead of waiting for each other (1 s until the database notices).
async function lockAuthors(reader: Reader, ids: readonly number[]): Promise<void> {
  await reader.rows(sql`SELECT id FROM authors WHERE id = ANY (${[...ids]}::int4[]) ORDER BY id FOR NO KEY UPDATE`);
}

export function toAuthor(row: Author): Author {
  return Object.assign(new Author(), row);
}

function conditionsOf(prefix: string | null): Condition[] {
  if (prefix === null || prefix.trim() === '') return [];
  const where = beginsWith(sql`a.name_key`, sql`author_name_key(${prefix})`);
  return [{ where, ids: sql`SELECT a.id FROM authors a WHERE ${where}`, along: new Map([[ORDERS.NAME, where]]) }];
}
