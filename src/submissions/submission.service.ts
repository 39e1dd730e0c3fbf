import type { AuthorService, BylineAuthor } from '../authors/author.service.js';
import { isUniqueViolation, sql, type Database, type Transaction } from '../database/database.js';
import type { PaperService } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import { EDIT, SUBMISSION } from './paperMerge.js';
import { claimFields, digestOf } from './paperOrigins.js';
import type { PaperRecord } from './paperRecord.js';
import type { PaperWriter } from './paperWriter.service.js';

/** The edits of updatePaper: what is undefined stays. */
export interface PaperEdits {
  readonly title?: string | undefined;
  readonly abstract?: string | null | undefined;
  readonly publishedAt?: Date | null | undefined;
  readonly projectUrl?: string | null | undefined;
  readonly authors?: readonly BylineAuthor[] | undefined;
}

/** What readers submit and edit. */
export class SubmissionService {
  constructor(
    private readonly database: Database,
    private readonly services: {
      readonly papers: PaperService;
      readonly authors: AuthorService;
      readonly writer: PaperWriter;
    },
  ) {}

  /** Adds the paper, unless there is one with its arXiv id; throws NOT_FOUND for an unknown tag. */
  async submit(record: PaperRecord): Promise<{ paper: Paper; isNew: boolean }> {
    const existing = await this.findByArxivId(record.arxivId);
    if (existing !== null) return { paper: existing, isNew: false };
    const now = new Date();
    // On the feed of now, whenever it was published.
    const listed = { ...record, listedAt: record.listedAt ?? now };
    const named = { externalId: null, record: listed, digest: digestOf(listed) };
    try {
      const [paperId] = await this.database.transaction((transaction) =>
        this.services.writer.insert(transaction, { source: SUBMISSION, ranks: new Map(), now }, [named]),
      );
      return { paper: await this.services.papers.get(paperId ?? 0), isNew: true };
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
      const fields = [...Object.keys(data), ...(authors === undefined ? [] : ['authors'])];
      await claimFields(transaction, { source: EDIT, paperId, fields, now: new Date() });
    });
    return this.services.papers.get(paperId);
  }

  private async findByArxivId(arxivId: string | null): Promise<Paper | null> {
    if (arxivId === null) return null;
    const [paper] = await this.services.papers.byArxivIds([arxivId]);
    return paper ?? null;
  }
}

// A byline is replaced by deleting and inserting: two writers of one paper must take turns.
async function lockPapers(transaction: Transaction, ids: readonly number[]): Promise<void> {
  await transaction.rows(sql`SELECT id FROM papers WHERE id = ANY (${[...ids]}::int4[]) ORDER BY id FOR NO KEY UPDATE`);
}
