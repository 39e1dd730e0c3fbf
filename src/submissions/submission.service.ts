import type { AuthorService } from '../authors/author.service.js';
import { isConflict, isUniqueViolation, sql, type Database, type Transaction } from '../database/database.js';
import { DomainError } from '../errors.js';
import type { PaperService } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import type { PaperTagService } from '../papers/paperTag.service.js';
import type { RepoService } from '../repos/repo.service.js';
import type { PaperRecord } from './paperRecord.js';

/** What writing a record did. */
export interface Written {
  readonly paperId: number;
  readonly outcome: 'added' | 'changed' | 'unchanged';
}

/** Fields of a paper's own row that a record may change. */
type PaperColumns = Pick<
  PaperRecord,
  'title' | 'arxivId' | 'abstract' | 'publishedAt' | 'projectUrl' | 'statedAuthorCount' | 'originUpvoteCount' | 'submittedById'
> & { readonly listedAt: Date };

type ExistingPaper = PaperColumns & { readonly id: number; readonly titleKey: string };

/** The edits of updatePaper: what is undefined stays. */
export interface PaperEdits {
  readonly title?: string | undefined;
  readonly abstract?: string | null | undefined;
  readonly publishedAt?: Date | null | undefined;
  readonly projectUrl?: string | null | undefined;
  readonly authors?: readonly string[] | undefined;
}

/** Any number that nothing else locks. */
const WRITERS_LOCK = 7_270_737;

/** Writes whole papers: the row with its byline, tags and repos. */
export class SubmissionService {
  constructor(
    private readonly database: Database,
    private readonly services: {
      readonly papers: PaperService;
      readonly paperTags: PaperTagService;
      readonly authors: AuthorService;
      readonly repos: RepoService;
    },
  ) {}

  /** Adds the paper, unless there is one with its arXiv id; throws NOT_FOUND for an unknown tag. */
  async submit(record: PaperRecord): Promise<{ paper: Paper; isNew: boolean }> {
    const existing = await this.findByArxivId(record.arxivId);
    if (existing !== null) return { paper: existing, isNew: false };
    try {
      const [written] = await this.database.transaction((transaction) => this.insertAll(transaction, [record]));
      return { paper: await this.services.papers.get(written?.paperId ?? 0), isNew: true };
    } catch (error) {
      // Somebody submitted the same paper in the meantime.
      const winner = isUniqueViolation(error) ? await this.findByArxivId(record.arxivId) : null;
      if (winner === null) throw error;
      return { paper: winner, isNew: false };
    }
  }

  /** Changes a paper in one transaction. */
  async update(paperId: number, edits: PaperEdits): Promise<Paper> {
    const { authors, ...columns } = edits;
    await this.database.transaction(async (transaction) => {
      await lockPapers(transaction, [paperId]);
      const data = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
      await transaction.prisma.paper.update({ where: { id: paperId }, data });
      if (authors !== undefined) await this.services.authors.setBylines(transaction, new Map([[paperId, authors]]));
    });
    return this.services.papers.get(paperId);
  }

  /**
   * Adds records or brings the papers they match up to date, in one transaction; aligned with `records`. A record
   * matches by arXiv id, or by title where one of the two sides has no arXiv id. Throws NOT_FOUND for an unknown tag.
   */
  writeAll(records: readonly PaperRecord[]): Promise<Written[]> {
    return this.database.transaction(async (transaction) => {
      // Papers without arXiv id have no key that could keep two writers from adding one twice: they take turns.
      await transaction.rows(sql`SELECT pg_advisory_xact_lock(${WRITERS_LOCK}::int8)::text AS locked`);
      const matches = await this.matchAll(transaction, records);
      const added = records.filter((_, index) => matches[index] === null);
      const known = records.flatMap((record, index) => {
        const paper = matches[index] ?? null;
        return paper === null ? [] : [{ record, paper }];
      });
      const written = new Map<PaperRecord, Written>();
      const inserted = await this.insertAll(transaction, added);
      added.forEach((record, index) => written.set(record, inserted[index] as Written));
      for (const [record, result] of await this.mergeAll(transaction, known)) written.set(record, result);
      return records.map((record) => written.get(record) as Written);
    }, { isRepeatable: isLostRace });
  }

  private async findByArxivId(arxivId: string | null): Promise<Paper | null> {
    if (arxivId === null) return null;
    const [paper] = await this.services.papers.byArxivIds([arxivId]);
    return paper ?? null;
  }

  private async matchAll(transaction: Transaction, records: readonly PaperRecord[]): Promise<(ExistingPaper | null)[]> {
    const keys = await transaction.rows<{ key: string }>(
      sql`SELECT title_key(title) AS key FROM unnest(${records.map((record) => record.title)}::text[]) WITH ORDINALITY AS x (title, place) ORDER BY place`,
    );
    const arxivIds = records.flatMap((record) => record.arxivId ?? []);
    const papers: ExistingPaper[] = await transaction.prisma.paper.findMany({
      where: { OR: [{ arxivId: { in: arxivIds } }, { titleKey: { in: keys.map((row) => row.key) } }] },
      orderBy: { id: 'asc' },
    });
    const byArxivId = new Map(papers.map((paper) => [paper.arxivId, paper]));
    const byTitle = new Map(papers.map((paper) => [paper.titleKey, paper]));
    return records.map((record, index) => {
      const sameId = record.arxivId === null ? undefined : byArxivId.get(record.arxivId);
      if (sameId !== undefined) return sameId;
      const sameTitle = byTitle.get(keys[index]?.key ?? '');
      const isOther = sameTitle?.arxivId != null && record.arxivId !== null;
      return isOther ? null : (sameTitle ?? null);
    });
  }

  private async insertAll(transaction: Transaction, records: readonly PaperRecord[]): Promise<Written[]> {
    if (records.length === 0) return [];
    const ids = await transaction.rows<{ id: number }>(
      sql`SELECT nextval(pg_get_serial_sequence('papers', 'id'))::int4 AS id FROM generate_series(1, ${records.length}::int4)`,
    );
    const placed = records.map((record, index) => ({ record, paperId: ids[index]?.id ?? 0 }));
    const now = new Date();
    await transaction.prisma.paper.createMany({
      data: placed.map(({ record, paperId }) => ({ id: paperId, ...columnsOf(record), listedAt: record.listedAt ?? now })),
    });
    await this.writeLinks(transaction, placed);
    return placed.map(({ paperId }) => ({ paperId, outcome: 'added' as const }));
  }

  private async mergeAll(
    transaction: Transaction,
    known: readonly { readonly record: PaperRecord; readonly paper: ExistingPaper }[],
  ): Promise<Map<PaperRecord, Written>> {
    await lockPapers(
      transaction,
      known.map(({ paper }) => paper.id),
    );
    const changed = await this.writeLinks(
      transaction,
      known.map(({ record, paper }) => ({ record, paperId: paper.id })),
    );
    for (const { record, paper } of known) {
      const data = differences(paper, record);
      if (Object.keys(data).length === 0) continue;
      await transaction.prisma.paper.update({ where: { id: paper.id }, data });
      changed.add(paper.id);
    }
    return new Map(
      known.map(({ record, paper }) => [record, { paperId: paper.id, outcome: changed.has(paper.id) ? 'changed' : 'unchanged' }]),
    );
  }

  /** Writes bylines, tags and repos; returns the papers for which that changed anything. */
  private async writeLinks(
    transaction: Transaction,
    placed: readonly { readonly record: PaperRecord; readonly paperId: number }[],
  ): Promise<Set<number>> {
    const { authors, paperTags, repos } = this.services;
    const bylines = placed.filter(({ record }) => record.authors.length > 0).map(({ record, paperId }) => [paperId, record.authors] as const);
    const tagIds = await this.tagIdsBySlug(transaction, placed.flatMap(({ record }) => record.tags.map((tag) => tag.slug)));
    const tagWeights = placed.flatMap(({ record, paperId }) =>
      record.tags.map(({ slug, weight }) => ({ paperId, tagId: tagIds.get(slug) ?? 0, weight })),
    );
    const links = placed.flatMap(({ record, paperId }) => record.repos.map((repo) => ({ paperId, ...repo })));
    const changes = [
      await authors.setBylines(transaction, new Map(bylines)),
      await paperTags.set(tagWeights, transaction),
      await repos.link(transaction, links),
    ];
    return new Set(changes.flatMap((papers) => [...papers]));
  }

  private async tagIdsBySlug(transaction: Transaction, slugs: readonly string[]): Promise<Map<string, number>> {
    const wanted = [...new Set(slugs)];
    if (wanted.length === 0) return new Map();
    const rows = await transaction.rows<{ slug: string; id: number }>(sql`SELECT slug, id FROM tags WHERE slug = ANY (${wanted}::text[])`);
    const ids = new Map(rows.map((row) => [row.slug, row.id]));
    const unknown = wanted.find((slug) => !ids.has(slug));
    if (unknown !== undefined) throw new DomainError('NOT_FOUND', `there is no tag ${JSON.stringify(unknown)}`, 'tags');
    return ids;
  }
}

// Somebody wrote the same paper, author or repo in the meantime: at the next attempt it is found.
function isLostRace(error: unknown): boolean {
  return isConflict(error) || isUniqueViolation(error);
}

// A byline is replaced by deleting and inserting: two writers of one paper must take turns.
async function lockPapers(transaction: Transaction, ids: readonly number[]): Promise<void> {
  await transaction.rows(sql`SELECT id FROM papers WHERE id = ANY (${[...ids]}::int4[]) ORDER BY id FOR NO KEY UPDATE`);
}

function columnsOf(record: PaperRecord): Omit<PaperColumns, 'listedAt'> {
  const { title, arxivId, abstract, publishedAt, projectUrl, statedAuthorCount, originUpvoteCount, submittedById } = record;
  return { title, arxivId, abstract, publishedAt, projectUrl, statedAuthorCount, originUpvoteCount, submittedById };
}

// What the record knows and the paper has not, or has otherwise. A paper stays with its first submitter, and on the day
// on which it was first listed.
function differences(paper: ExistingPaper, record: PaperRecord): Partial<PaperColumns> {
  const { submittedById, ...columns } = columnsOf(record);
  const changes = Object.entries(columns).filter(
    ([name, value]) => value !== null && value.valueOf() !== paper[name as keyof PaperColumns]?.valueOf(),
  );
  if (record.listedAt !== null && record.listedAt < paper.listedAt) changes.push(['listedAt', record.listedAt]);
  return Object.fromEntries(changes);
}
