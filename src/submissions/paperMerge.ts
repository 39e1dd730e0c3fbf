import type { PaperRecord } from './paperRecord.js';

/** Fields of a paper that sources compete for, as GraphQL names them, with their columns. */
export const MERGED_FIELDS = {
  title: 'title',
  arxivId: 'arxivId',
  doi: 'doi',
  abstract: 'abstract',
  publishedAt: 'publishedAt',
  listedAt: 'listedAt',
  projectUrl: 'projectUrl',
  authorCount: 'statedAuthorCount',
  originUpvoteCount: 'originUpvoteCount',
  arxivVersion: 'arxivVersion',
  withdrawnAt: 'withdrawnAt',
  authors: 'authors',
} as const satisfies Record<string, keyof PaperRecord>;

export type MergedField = keyof typeof MERGED_FIELDS;
export type MergedColumn = Exclude<(typeof MERGED_FIELDS)[MergedField], 'authors'>;

const FIELDS = Object.keys(MERGED_FIELDS) as MergedField[];

/** A paper as it is, as far as sources compete for it. */
export type PresentPaper = { readonly [Column in MergedColumn]: PaperRecord[Column] } & {
  readonly listedAt: Date;
  /** Length of its byline. */
  readonly namedAuthorCount: number;
};

/** How much the word of each source counts, from 1 to 9. */
export type Ranks = ReadonlyMap<string, number>;

/** A reader who submits a paper, as a source. */
export const SUBMISSION = 'submission';
/** A reader or curator who edits one. */
export const EDIT = 'edit';
/** What was submitted gives way to the places where papers are published; what was edited to nobody. */
const OWN_RANKS: Ranks = new Map([[SUBMISSION, 4], [EDIT, 10]]);

export interface Merge {
  /** Columns whose value changes; a byline is replaced where `takesAuthors`. */
  readonly columns: { readonly [Column in MergedColumn]?: PaperRecord[Column] };
  readonly takesAuthors: boolean;
  /** Fields whose value is this source's from now on, whether it changed or not. */
  readonly owned: readonly MergedField[];
}

export interface MergeContext {
  readonly source: string;
  /** Whose each field is. */
  readonly owners: ReadonlyMap<string, string>;
  readonly ranks: Ranks;
  /** Whether the record only tells something more of the paper: then it corrects nothing that its source has said. */
  readonly isPart?: boolean;
}

/**
 * What a source's record changes of a paper. An unknown value is filled; a source
 * corrects itself; the word of a higher rank counts more; of two of one rank the longer value stays. The day of listing is
 * the earliest that any source says.
 */
export function mergeOf(
  paper: PresentPaper,
  record: PaperRecord,
  { source, owners, ranks, isPart = false }: MergeContext,
): Merge {
  const columns: Record<string, unknown> = {};
  const owned: MergedField[] = [];
  let takesAuthors = false;
  for (const field of FIELDS) {
    const owner = owners.get(field);
    const isOwn = owner === source && !isPart;
    if (isPart && owner === source) continue;
    if (field === 'authors') {
      const length = record.authors.length;
      const isTaken = length > 0 && ((paper.namedAuthorCount === 0 && owner !== EDIT) || isOwn || outranks(source, { owner, ranks, surplus: length - paper.namedAuthorCount }));
      takesAuthors = isTaken;
      if (isTaken) owned.push(field);
      continue;
    }
    const [present, said] = [paper[MERGED_FIELDS[field]], record[MERGED_FIELDS[field]]];
    if (isTaken(field, { present, said, isOwn, owner })) {
      owned.push(field);
      if (said?.valueOf() !== present?.valueOf()) columns[MERGED_FIELDS[field]] = said;
    }
  }
  return { columns: columns, takesAuthors, owned };

  function isTaken(
    field: MergedField,
    { present, said, isOwn, owner }: { present: unknown; said: unknown; isOwn: boolean; owner: string | undefined },
  ): boolean {
    // A paper that its source no longer calls withdrawn is back.
    if (said === null) return field === 'withdrawnAt' && isOwn && present !== null;
    // A day that nobody said gives way to any that somebody says.
    if (field === 'listedAt') return owner === undefined || (said as Date) < (present as Date) || (isOwn && said === present);
    // What was emptied here stays empty.
    if ((present === null && owner !== EDIT) || isOwn) return true;
    return outranks(source, { owner, ranks, surplus: lengthOf(said) - lengthOf(present) });
  }
}

function outranks(source: string, { owner, ranks, surplus }: { readonly owner: string | undefined; readonly ranks: Ranks; readonly surplus: number }): boolean {
  // A source that is not known (any more) has no say.
  const rankOf = (name: string): number => OWN_RANKS.get(name) ?? ranks.get(name) ?? 0;
  const [own, other] = [rankOf(source), owner === undefined ? 0 : rankOf(owner)];
  return own > other || (own === other && surplus > 0);
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0;
}
