import type { AuthorService, BylineAuthor } from '../authors/author.service.js';
import { rawSql, sql, type Database, type Transaction } from '../database/database.js';
import { isUniqueViolation } from '../database/sqlErrors.js';
import { DomainError } from '../errors.js';
import type { Viewer } from '../graphql/context.js';
import type { PaperService } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import { EDIT, SUBMISSION } from './paperMerge.js';
import type { TagService } from '../tags/tag.service.js';
import type { UpvoteService } from '../upvotes/upvote.service.js';
import { filledIn, type Filled, type SubmittedRecord } from './fillIn.js';
import type { FoundPaper, PaperLookup } from './paperLookup.js';
import { claimFields, digestOf, giveFields, writeOrigins } from './paperOrigins.js';
import type { PaperWriter } from './paperWriter.service.js';

/** The edits of updatePaper: what is undefined stays. */
export interface PaperEdits {
  readonly title?: string | undefined;
  readonly abstract?: string | null | undefined;
  readonly publishedAt?: Date | null | undefined;
  readonly projectUrl?: string | null | undefined;
  readonly authors?: readonly BylineAuthor[] | undefined;
}

/** What became of a submission. */
export interface Submitted {
  readonly paper: Paper;
  readonly isNew: boolean;
  /** Fields that were left out and filled in. */
  readonly filledIn: string[];
}

interface ToInsert extends Filled {
  readonly found: FoundPaper | null;
  readonly submitterId: number;
}

/** What readers submit and edit. */
export class SubmissionService {
  constructor(
    private readonly database: Database,
    private readonly services: {
      readonly tags: TagService;
      readonly papers: PaperService;
      readonly authors: AuthorService;
      readonly lookup: PaperLookup;
      readonly writer: PaperWriter;
      readonly upvotes: UpvoteService;
    },
  ) {}

  /**
   * Adds the paper, unless there is one with its arXiv id, and fills in from arXiv what the submitter left out. A
   * submission of a paper that is there counts as an upvote: of the first submitter the paper itself tells. Throws
   * NOT_FOUND for an unknown tag, BAD_USER_INPUT where nobody knows the title, CONFLICT for a paper that is hidden.
   */
  async submit(submitted: SubmittedRecord, submitter: Viewer): Promise<Submitted> {
    const existing = await this.findByArxivId(submitted.arxivId, submitter);
    if (existing !== null) return this.upvoted(existing, submitter);
    // Not to make somebody wait for arXiv who is to be refused.
    await this.services.tags.requireAll(submitted.tags.map(({ slug }) => slug));
    const told = submitted.arxivId === null ? null : await this.services.lookup.find(submitted.arxivId);
    const sameDoi = await this.findByDoi(told?.named.record.doi ?? null, submitter);
    if (sameDoi !== null && sameDoi.arxivId === null) return this.upvoted(sameDoi, submitter);
    // A DOI that another arXiv paper has stays there.
    const found = sameDoi === null || told === null ? told : { ...told, named: { ...told.named, record: { ...told.named.record, doi: null } } };
    const filled = filledIn(submitted, found);
    try {
      const paperId = await this.database.transaction((transaction) => this.insert(transaction, { ...filled, found, submitterId: submitter.id }));
      return { paper: await this.services.papers.get(paperId), isNew: true, filledIn: [...filled.filledIn] };
    } catch (error) {
      // Somebody submitted the same paper in the meantime.
      const winner = isUniqueViolation(error) ? await this.findByArxivId(submitted.arxivId, submitter) : null;
      if (winner === null) throw error;
      return this.upvoted(winner, submitter);
    }
  }

  /** Changes a paper that the editor may edit, in one transaction. */
  async update(paper: Pick<Paper, 'rowId' | 'submittedById'>, edits: PaperEdits, editor: Viewer): Promise<Paper> {
    const paperId = paper.rowId;
    const { authors, ...columns } = edits;
    const data = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
    const write = async (transaction: Transaction): Promise<boolean> => {
      await lockPapers(transaction, [paperId]);
      const before: Readonly<Record<string, unknown>> = await transaction.prisma.paper.findUniqueOrThrow({ where: { id: paperId } });
      await transaction.prisma.paper.update({ where: { id: paperId }, data });
      const bylines = await this.services.authors.setBylines(transaction, new Map(authors === undefined ? [] : [[paperId, authors]]));
      const fields = [...Object.keys(data), ...(authors === undefined ? [] : ['authors'])];
      await claimFields(transaction, { source: EDIT, paperId, fields, now: new Date() });
      return bylines.size > 0 || Object.entries(data).some(([column, value]) => value?.valueOf() !== before[column]?.valueOf());
    };
    const details = { fields: Object.keys(edits).filter((field) => edits[field as keyof PaperEdits] !== undefined) };
    await this.services.papers.edit(paper, { editor, details }, write);
    return this.services.papers.get(paperId, 'paperId', editor);
  }

  // What was filled in is arXiv's, as if it had been imported and the submitter had been heard before.
  private async insert(transaction: Transaction, { record, filledIn: fields, found, submitterId }: ToInsert): Promise<number> {
    const now = new Date();
    // On the feed of now, whenever it was published.
    const listed = { ...record, listedAt: now, submittedById: submitterId };
    const named = { externalId: null, record: listed, digest: digestOf(listed) };
    const [paperId = 0] = await this.services.writer.insert(transaction, { source: SUBMISSION, ranks: new Map(), now }, [named]);
    if (found !== null) {
      const { externalId, digest, record: { facts } } = found.named;
      const own = fields.filter((field) => field !== 'tags');
      await writeOrigins(transaction, { source: found.source, now }, [{ externalId, paperId, fields: own, facts, digest }]);
      await giveFields(transaction, found.source, [{ paperId, fields: own }]);
    }
    return paperId;
  }

  /** A paper that was there: whoever submits it again says what an upvote says, which fails no submission. */
  private async upvoted({ rowId }: Paper, submitter: Viewer): Promise<Submitted> {
    await this.services.upvotes.addWhereAllowed(submitter.id, rowId);
    return { paper: await this.services.papers.get(rowId, 'arxivId', submitter), isNew: false, filledIn: [] };
  }

  private async findByDoi(doi: string | null, viewer: Viewer): Promise<Paper | null> {
    if (doi === null) return null;
    const paper = (await this.services.papers.namedByDoi([doi], viewer)).get(doi);
    if (paper === undefined) await this.requireNotHidden('doi', doi);
    return paper ?? null;
  }

  private async findByArxivId(arxivId: string | null, viewer: Viewer): Promise<Paper | null> {
    if (arxivId === null) return null;
    const paper = (await this.services.papers.namedByArxivId([arxivId], viewer)).get(arxivId);
    if (paper === undefined) await this.requireNotHidden('arxiv_id', arxivId);
    return paper ?? null;
  }

  // What is hidden is not submitted again by the same name, nor by that of a duplicate that was merged into it.
  private async requireNotHidden(column: 'arxiv_id' | 'doi', name: string): Promise<void> {
    const named = rawSql(column);
    const rows = await this.database.rows(sql`SELECT FROM papers p WHERE p.hidden_at IS NOT NULL
      AND (p.${named} = ${name} OR p.id IN (SELECT m.paper_id FROM merged_papers m WHERE m.${named} = ${name}))`);
    if (rows.length > 0) throw new DomainError('CONFLICT', 'a curator has hidden this paper', 'arxivId');
  }
}

// A byline is replaced by deleting and inserting: two writers of one paper must take turns.
async function lockPapers(transaction: Transaction, ids: readonly number[]): Promise<void> {
  await transaction.rows(sql`SELECT id FROM papers WHERE id = ANY (${[...ids]}::int4[]) ORDER BY id FOR NO KEY UPDATE`);
}
