import { sql, type Database, type Reader, type Sql, type Transaction } from '../database/database.js';
import { countRows, readCounts, readPage, readPagesByParent, type Listing, type Order, type Page, type PageOf } from '../database/lists.js';
import { DomainError } from '../errors.js';
import type { PaperService, PaperWay } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import type { RepoOrder } from './repo.type.js';
import { Repo } from './repo.type.js';
import { repoKey, type RepoAddress } from './repoAddress.js';

export type PaperRepoRow = Repo & { readonly isOfficial: boolean };

/** A repo as somebody other than its host tells of it. */
export interface SeenRepo {
  readonly address: RepoAddress;
  /** A figure once seen: it raises the one that is kept. */
  readonly stars?: number | null | undefined;
  readonly language?: string | null | undefined;
}

/** What a repo's own host says of it; null where it only says that nothing has changed, or that there is no such repo. */
export interface RefreshedRepo {
  readonly address: RepoAddress;
  readonly facts: {
    readonly stars: number;
    readonly language: string | null;
    readonly license: string | null;
    readonly isArchived: boolean;
    readonly etag: string | null;
  } | null;
}

export interface StaleQuestion {
  readonly host: string;
  readonly before: Date;
  readonly afterRowId: number;
  readonly limit: number;
}

/** A link to write; what is left out stays as it is. */
export interface RepoLink extends SeenRepo {
  readonly paperId: number;
  readonly isOfficial?: boolean | null | undefined;
}

const COLUMNS = sql`r.id AS "rowId", r.host, r.owner, r.name, 'https://' || r.host || '/' || r.owner || '/' || r.name AS url,
  r.stars, r.language, r.license, r.is_archived AS "isArchived", r.refreshed_at AS "refreshedAt", r.paper_count AS "paperCount"`;

const ORDERS: Record<RepoOrder, Order> = {
  // repos_known_stars_id_idx; of a host, repos_host_known_stars_id_idx
  STARS: {
    name: 'repos.stars',
    descending: true,
    keys: [
      { column: 'coalesce(r.stars, -1)', type: 'int4' },
      { column: 'r.id', type: 'int4' },
    ],
  },
  // repos_paper_count_id_idx; of a host, repos_host_paper_count_id_idx
  MOST_PAPERS: {
    name: 'repos.most-papers',
    descending: true,
    keys: [
      { column: 'r.paper_count', type: 'int4' },
      { column: 'r.id', type: 'int4' },
    ],
  },
};

// Official ones first, then by stars; a paper has few, so they are sorted when read.
const OF_PAPER: Order = {
  name: 'paper.repos',
  descending: true,
  keys: [
    { column: 'l.is_official::int4', type: 'int4' },
    { column: 'coalesce(r.stars, -1)', type: 'int4' },
    { column: 'r.id', type: 'int4' },
  ],
};

/** The repos `r` of papers, by links `l`. */
export const REPOS_OF_PAPER = { from: sql`paper_repos l CROSS JOIN LATERAL (SELECT * FROM repos WHERE id = l.repo_id OFFSET 0) r`, parentColumn: 'l.paper_id', order: OF_PAPER };

/** Code repositories, and which paper links which. */
export class RepoService {
  constructor(
    private readonly database: Database,
    private readonly papers: PaperService,
  ) {}

  async byIds(ids: readonly number[]): Promise<Repo[]> {
    return (await this.database.rows<Repo>(sql`SELECT ${COLUMNS} FROM repos r WHERE r.id = ANY (${[...ids]}::int4[])`)).map(toRepo);
  }

  async byKeys(keys: readonly string[]): Promise<Repo[]> {
    return (await this.database.rows<Repo>(sql`SELECT ${COLUMNS} FROM repos r WHERE r.key = ANY (${[...keys]}::text[])`)).map(toRepo);
  }

  /** The repos of a host, as a list. */
  listing(host: string | null, order: RepoOrder): Listing {
    return { ...listOf(host), order: ORDERS[order] };
  }

  list(host: string | null, order: RepoOrder, page: Page): Promise<PageOf<Repo>> {
    return readPage<Repo>(this.database, { ...this.listing(host, order), columns: COLUMNS }, page);
  }

  count(host: string | null): Promise<number> {
    return countRows(this.database, listOf(host));
  }

  pagesByPaper(paperIds: readonly number[], page: Page): Promise<Map<number, PageOf<PaperRepoRow>>> {
    const list = { ...REPOS_OF_PAPER, columns: sql`${COLUMNS}, l.is_official AS "isOfficial"`, where: [] };
    return readPagesByParent<PaperRepoRow>(this.database, list, { ids: paperIds, page });
  }

  papersByRepo(ids: readonly number[], way: PaperWay, page: Page): Promise<Map<number, PageOf<Paper>>> {
    return this.papers.pagesByParent({ table: 'paper_repos', parentColumn: 'repo_id', way }, { ids, page });
  }

  countsByPaper(paperIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`SELECT id, repo_count AS count FROM papers WHERE id = ANY (${[...paperIds]}::int4[])`);
  }

  /** Links repos to papers, making their rows where there are none; returns the papers for which that changed anything. */
  async link(reader: Reader, links: readonly RepoLink[]): Promise<Set<number>> {
    if (links.length === 0) return new Set();
    const { ids, changed } = await this.resolve(reader, links);
    const placed = links.map((link) => ({ ...link, repoId: ids.get(repoKey(link.address)) ?? 0 }));
    const columns = sql`unnest(${placed.map((link) => link.paperId)}::int4[], ${placed.map((link) => link.repoId)}::int4[],
      ${placed.map((link) => link.isOfficial ?? null)}::boolean[]) AS x (paper_id, repo_id, is_official)`;
    const linked = await reader.rows<{ id: number }>(sql`
      INSERT INTO paper_repos AS l (paper_id, repo_id, is_official)
      SELECT x.paper_id, x.repo_id, coalesce(bool_or(x.is_official), false)
      FROM ${columns} GROUP BY x.paper_id, x.repo_id ORDER BY x.paper_id, x.repo_id
      ON CONFLICT (paper_id, repo_id) DO NOTHING
      RETURNING paper_id AS id`);
    const marked = await reader.rows<{ id: number }>(sql`
      UPDATE paper_repos AS l SET is_official = x.is_official FROM ${columns}
      WHERE l.paper_id = x.paper_id AND l.repo_id = x.repo_id AND l.is_official <> x.is_official
      RETURNING l.paper_id AS id`);
    const touched = links.filter((link) => changed.has(repoKey(link.address))).map((link) => link.paperId);
    return new Set([...touched, ...linked.map((row) => row.id), ...marked.map((row) => row.id)]);
  }

  /** The rows of repos by key, made where there are none; `changed` has the keys of those that are new or know more now. */
  async resolve(reader: Reader, repos: readonly SeenRepo[]): Promise<{ ids: Map<string, number>; changed: Set<string> }> {
    if (repos.length === 0) return { ids: new Map(), changed: new Set() };
    const changed = await this.writeRepos(reader, repos);
    const keys = [...new Set(repos.map(({ address }) => repoKey(address)))];
    const rows = await reader.rows<{ key: string; id: number }>(sql`SELECT key, id FROM repos WHERE key = ANY (${keys}::text[])`);
    return { ids: new Map(rows.map(({ key, id }) => [key, id])), changed };
  }

  /** What hosts say of repos, which is known better than what others have seen; returns the keys of those that changed. */
  async refresh(reader: Reader, refreshed: readonly RefreshedRepo[], now: Date): Promise<Set<string>> {
    if (refreshed.length === 0) return new Set();
    const rows = refreshed.map(({ address, facts }) => ({ key: repoKey(address), ...facts }));
    const document = sql`json_to_recordset(${JSON.stringify(rows)}::text::json)
      AS x (key text, stars int4, language text, license text, "isArchived" boolean, etag text)`;
    const changed = await reader.rows<{ key: string }>(sql`
      SELECT r.key FROM ${document} JOIN repos r ON r.key = x.key
      WHERE x.stars IS NOT NULL AND (r.stars, r.language, r.license, r.is_archived) IS DISTINCT FROM (x.stars, x.language, x.license, x."isArchived")`);
    await reader.rows(sql`
      UPDATE repos r SET refreshed_at = ${now}::timestamptz,
        stars = coalesce(x.stars, r.stars),
        language = CASE WHEN x.stars IS NULL THEN r.language ELSE x.language END,
        license = CASE WHEN x.stars IS NULL THEN r.license ELSE x.license END,
        is_archived = CASE WHEN x.stars IS NULL THEN r.is_archived ELSE x."isArchived" END,
        etag = CASE WHEN x.stars IS NULL THEN r.etag ELSE x.etag END
      FROM ${document} WHERE r.key = x.key`);
    return new Set(changed.map(({ key }) => key));
  }

  /** Repos of a host that were not refreshed since `before`, in the order of their rows after `afterRowId`. */
  async stale({ host, before, afterRowId, limit }: StaleQuestion): Promise<{ rowId: number; address: RepoAddress; etag: string | null }[]> {
    const rows = await this.database.rows<RepoAddress & { rowId: number; etag: string | null }>(sql`
      SELECT id AS "rowId", host, owner, name, etag FROM repos
      WHERE host = ${host} AND id > ${afterRowId}::int4 AND (refreshed_at IS NULL OR refreshed_at < ${before}::timestamptz)
      ORDER BY id LIMIT ${limit}::int4`);
    return rows.map(({ rowId, etag, ...address }) => ({ rowId, address, etag }));
  }

  /** Links one repo in a transaction of its own; returns it. */
  async linkOne(link: RepoLink, edit: (write: (transaction: Transaction) => Promise<boolean>) => Promise<unknown> = (write) => this.database.transaction(write)): Promise<Repo> {
    await edit(async (transaction) => (await this.link(transaction, [link])).size > 0);
    const [repo] = await this.byKeys([repoKey(link.address)]);
    if (repo === undefined) throw new Error(`repo ${repoKey(link.address)} vanished while it was being linked`);
    return repo;
  }

  /** Unlinks a repo, and tells whether it was linked. */
  async unlink(paperId: number, repoId: number, reader: Reader = this.database): Promise<boolean> {
    const rows = await reader.rows(sql`DELETE FROM paper_repos WHERE paper_id = ${paperId} AND repo_id = ${repoId} RETURNING repo_id`);
    return rows.length > 0;
  }

  /** The repo; throws NOT_FOUND. */
  async get(id: number, field: string): Promise<Repo> {
    const [repo] = await this.byIds([id]);
    if (repo === undefined) throw new DomainError('NOT_FOUND', 'there is no such repo', field);
    return repo;
  }

  // Papers of one repo tell different figures, by when they were seen: the largest is kept, so that the order of the papers
  // does not matter. What the host itself has said stays (`refreshed_at`).
  private async writeRepos(reader: Reader, repos: readonly SeenRepo[]): Promise<Set<string>> {
    const rows = await reader.rows<{ key: string }>(sql`
      INSERT INTO repos AS r (host, owner, name, stars, language)
      SELECT DISTINCT ON (lower(x.host || '/' || x.owner || '/' || x.name)) x.*
      FROM unnest(${repos.map(({ address }) => address.host)}::text[], ${repos.map(({ address }) => address.owner)}::text[],
        ${repos.map(({ address }) => address.name)}::text[], ${repos.map(({ stars }) => stars ?? null)}::int4[],
        ${repos.map(({ language }) => language ?? null)}::text[]) AS x (host, owner, name, stars, language)
      ORDER BY lower(x.host || '/' || x.owner || '/' || x.name), x.stars DESC NULLS LAST, x.language
      ON CONFLICT (key) DO UPDATE SET stars = greatest(r.stars, excluded.stars), language = coalesce(r.language, excluded.language)
      WHERE r.refreshed_at IS NULL AND (excluded.stars > coalesce(r.stars, -1) OR (r.language IS NULL AND excluded.language IS NOT NULL))
      RETURNING key`);
    return new Set(rows.map((row) => row.key));
  }
}

export function toRepo(row: Repo): Repo {
  return Object.assign(new Repo(), row);
}

function listOf(host: string | null): { from: Sql; where: Sql[] } {
  return { from: sql`repos r`, where: host === null ? [] : [sql`r.host = ${host.toLowerCase()}`] };
}
