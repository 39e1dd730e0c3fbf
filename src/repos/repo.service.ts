import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { countRows, readCounts, readPage, readPagesByParent, type Listing, type Order, type Page, type PageOf } from '../database/lists.js';
import { DomainError } from '../errors.js';
import type { PaperService, PaperWay } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import type { RepoOrder } from './repo.type.js';
import { Repo } from './repo.type.js';
import { repoKey, type RepoAddress } from './repoAddress.js';

export type PaperRepoRow = Repo & { readonly isOfficial: boolean };

/** A link to write; what is left out stays as it is. */
export interface RepoLink {
  readonly paperId: number;
  readonly address: RepoAddress;
  readonly isOfficial?: boolean | null | undefined;
  /** A figure once seen: it raises the one that is kept. */
  readonly stars?: number | null | undefined;
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
    const changedRepos = await this.writeRepos(reader, links);
    const linked = await reader.rows<{ id: number }>(sql`
      INSERT INTO paper_repos AS l (paper_id, repo_id, is_official)
      SELECT x.paper_id, r.id, coalesce(bool_or(x.is_official), false)
      FROM unnest(${links.map((link) => link.paperId)}::int4[], ${links.map((link) => repoKey(link.address))}::text[],
        ${links.map((link) => link.isOfficial ?? null)}::boolean[]) AS x (paper_id, key, is_official)
      JOIN repos r ON r.key = x.key GROUP BY x.paper_id, r.id ORDER BY x.paper_id, r.id
      ON CONFLICT (paper_id, repo_id) DO NOTHING
      RETURNING paper_id AS id`);
    const marked = await reader.rows<{ id: number }>(sql`
      UPDATE paper_repos AS l SET is_official = x.is_official
      FROM unnest(${links.map((link) => link.paperId)}::int4[], ${links.map((link) => repoKey(link.address))}::text[],
        ${links.map((link) => link.isOfficial ?? null)}::boolean[]) AS x (paper_id, key, is_official)
      JOIN repos r ON r.key = x.key
      WHERE l.paper_id = x.paper_id AND l.repo_id = r.id AND l.is_official <> x.is_official
      RETURNING l.paper_id AS id`);
    const touched = links.filter((link) => changedRepos.has(repoKey(link.address))).map((link) => link.paperId);
    return new Set([...touched, ...linked.map((row) => row.id), ...marked.map((row) => row.id)]);
  }

  /** Links one repo in a transaction of its own; returns it. */
  async linkOne(link: RepoLink): Promise<Repo> {
    await this.database.transaction((transaction) => this.link(transaction, [link]));
    const [repo] = await this.byKeys([repoKey(link.address)]);
    if (repo === undefined) throw new Error(`repo ${repoKey(link.address)} vanished while it was being linked`);
    return repo;
  }

  /** Unlinks a repo; unlinking one that is not linked changes nothing. */
  async unlink(paperId: number, repoId: number): Promise<void> {
    await this.database.rows(sql`DELETE FROM paper_repos WHERE paper_id = ${paperId} AND repo_id = ${repoId}`);
  }

  /** The repo; throws NOT_FOUND. */
  async get(id: number, field: string): Promise<Repo> {
    const [repo] = await this.byIds([id]);
    if (repo === undefined) throw new DomainError('NOT_FOUND', 'there is no such repo', field);
    return repo;
  }

  // The keys of the rows that are new or have more stars. Papers of one repo tell different figures, by when they were
  // seen: the largest is kept, so that the order of the papers does not matter.
  private async writeRepos(reader: Reader, links: readonly RepoLink[]): Promise<Set<string>> {
    const rows = await reader.rows<{ key: string }>(sql`
      INSERT INTO repos AS r (host, owner, name, stars)
      SELECT DISTINCT ON (lower(x.host || '/' || x.owner || '/' || x.name)) x.*
      FROM unnest(${links.map((link) => link.address.host)}::text[], ${links.map((link) => link.address.owner)}::text[],
        ${links.map((link) => link.address.name)}::text[], ${links.map((link) => link.stars ?? null)}::int4[])
        AS x (host, owner, name, stars)
      ORDER BY lower(x.host || '/' || x.owner || '/' || x.name), x.stars DESC NULLS LAST
      ON CONFLICT (key) DO UPDATE SET stars = excluded.stars WHERE excluded.stars > coalesce(r.stars, -1)
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
