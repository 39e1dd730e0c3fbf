import { checkedArxivId } from '../../inputRules.js';
import type { RawTag } from '../../submissions/paperRecord.js';
import type { Fault, Item, SourceRecord } from '../source.js';

/** A paper as either of arXiv's services tells it; white space is collapsed, null is what it does not say. */
export interface ArxivPaper {
  /** With or without its version. */
  readonly id: string | null;
  readonly title: string | null;
  readonly abstract: string | null;
  readonly authors: readonly string[];
  /** The primary one first. */
  readonly categories: readonly string[];
  /** Of the first version: an instant or a day. */
  readonly created: string | null;
  /** Of the last version: an instant or a day. */
  readonly updated: string | null;
  readonly comment: string | null;
  readonly journalRef: string | null;
  readonly doi: string | null;
  readonly license: string | null;
}

/** An arXiv category, old or new: hep-th, cs.LG, cond-mat.mes-hall. Classes of MSC and ACM begin otherwise. */
const CATEGORY = /^[a-z]+(-[a-z]+)*(\.[A-Za-z]{2,}(-[a-z]+)*)?$/;
const PRIMARY_WEIGHT = 1;
const OTHER_WEIGHT = 0.5;

/** What authors and arXiv's staff write when they withdraw a paper; being withdrawn from a journal is another matter. */
const WITHDRAWN =
  /\bthis (?:paper|article|submission|manuscript|preprint|work) (?:has been|have been|is|was) (?:\w+ly )?withdrawn\b(?! from (?!arxiv))/i;
const WITHDRAWN_COMMENT = /^(?:(?:paper|article|submission|manuscript) )?(?:has been )?withdrawn\b(?! from (?!arxiv))/i;

/** The paper as an item; a REJECT where it has no id or title, by which it could be known. */
export function itemOfPaper(paper: ArxivPaper, place: string): Item {
  const reject = (field: string, rule: string, received: unknown): Item => ({
    kind: 'REJECT',
    place,
    title: paper.title,
    fault: { field, rule, received },
  });
  const arxivId = arxivIdOf(paper.id);
  if (arxivId === null) return reject('id', 'must be an arXiv id such as 2412.01234 or hep-th/9901001', paper.id);
  if (paper.title === null) return reject('title', 'must not be empty', paper.title);
  const leftOut: Fault[] = [];
  const record = recordOf(paper, { arxivId, title: paper.title, leftOut });
  return { kind: 'PAPER', place: arxivId, record, ...(leftOut.length === 0 ? {} : { leftOut }) };
}

function recordOf(paper: ArxivPaper, { arxivId, title, leftOut }: { arxivId: string; title: string; leftOut: Fault[] }): SourceRecord {
  const createdOn = dayOf('created', paper.created, leftOut);
  const updatedOn = dayOf('updated', paper.updated, leftOut);
  const version = /v(\d{1,3})$/.exec(paper.id ?? '')?.[1];
  return {
    externalId: arxivId,
    arxivId,
    arxivVersion: version === undefined ? null : Number(version),
    title,
    abstract: paper.abstract,
    publishedOn: createdOn,
    authors: paper.authors,
    namedTags: tagsOf(paper.categories),
    // The field may hold several, one for each part that has appeared elsewhere.
    doi: paper.doi?.split(' ')[0] ?? null,
    withdrawnOn: isWithdrawn(paper) ? (updatedOn ?? createdOn) : null,
    facts: factsOf({ comment: paper.comment, journalRef: paper.journalRef, license: paper.license, updatedOn }),
  };
}

/** An arXiv id without its version; null where it is none. */
export function arxivIdOf(id: string | null): string | null {
  try {
    return id === null ? null : checkedArxivId('id', id);
  } catch {
    return null;
  }
}

function tagsOf(categories: readonly string[]): RawTag[] {
  const names = [...new Set(categories.filter((name) => CATEGORY.test(name)))];
  return names.map((name) => ({ name, kind: 'ARXIV_CATEGORY', weight: name === categories[0] ? PRIMARY_WEIGHT : OTHER_WEIGHT }));
}

function isWithdrawn({ comment, abstract }: ArxivPaper): boolean {
  return WITHDRAWN_COMMENT.test(comment ?? '') || WITHDRAWN.test(comment ?? '') || WITHDRAWN.test(abstract ?? '');
}

function factsOf(facts: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).filter((entry): entry is [string, string] => entry[1] !== null));
}

function dayOf(field: string, value: string | null, leftOut: Fault[]): string | null {
  if (value === null) return null;
  const day = /^\d{4}-\d\d-\d\d(?=$|T)/.exec(value)?.[0];
  if (day === undefined) leftOut.push({ field, rule: 'must begin with a day in the form YYYY-MM-DD', received: value });
  return day ?? null;
}
