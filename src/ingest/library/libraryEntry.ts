import { findRepoAddress } from '../../repos/repoAddress.js';
import type { RawAuthor } from '../../submissions/paperRecord.js';
import { abstractOf } from '../files/abstract.js';
import { findArxivId, titleName } from '../files/paperName.js';
import { shown } from '../files/shape.js';
import { tagsOf } from '../files/tagNames.js';
import type { Fault, PaperKey, SourceRecord } from '../source.js';

/** A paper of a reader's library, or why an entry is none. */
export type LibraryEntry =
  | {
      readonly kind: 'PAPER';
      /** `entry smith2020`, or `line 12` where entries have no names. */
      readonly place: string;
      readonly key: PaperKey;
      /** All that the library says of it; null where that is no more than its id. */
      readonly record: SourceRecord | null;
      readonly leftOut: readonly Fault[];
    }
  | { readonly kind: 'REJECT'; readonly place: string; readonly title: string | null; readonly fault: Fault };

/** What an entry says, whatever its format. */
export interface StatedPaper {
  readonly title: string;
  readonly authors: readonly RawAuthor[];
  /** A day, a month, a year, or what else stands for one. */
  readonly date: string | null;
  readonly doi: string | null;
  readonly abstract: string | null;
  readonly url: string | null;
  readonly keywords: readonly string[];
  /** Texts in which an arXiv id can stand, the likeliest one first; a text that is an id alone counts too where `isArxiv`. */
  readonly arxivTexts: readonly { readonly text: string | null; readonly isArxiv: boolean }[];
}

/** An arXiv DOI says no more than the id within (DataCite's prefix of arXiv). */
const ARXIV_DOI = /^10\.48550\/arxiv\.(.+)$/i;
const ARXIV_MENTION = /(?:arxiv\s*:\s*|arxiv\.org\/(?:abs|pdf|html)\/|10\.48550\/arxiv\.)((?:\d{4}\.\d{4,5}|[a-z-]{2,20}(?:\.[A-Z]{2})?\/\d{7})(?:v\d{1,3})?)(?![\d.]*\d)/i;
// The journal field of CoRR papers at DBLP: volume = {abs/2401.00001}.
const CORR_VOLUME = /^abs\/(.+)$/;
const DOI = /^10\.\d{4,9}\/\S+$/;
// Pages of publishers have addresses like those of repositories; these hosts have repositories alone.
const CODE_HOSTS = new Set(['github.com', 'gitlab.com', 'codeberg.org', 'bitbucket.org']);

/** The entry of a library for what it says of a paper. */
export function entryOf(place: string, stated: StatedPaper): LibraryEntry {
  const title = stated.title.replace(/\s+/g, ' ').trim();
  if (title === '') return { kind: 'REJECT', place, title: null, fault: { field: 'title', rule: 'must be there', received: shown(stated.title) } };
  const leftOut: Fault[] = [];
  const arxivId = arxivIdOf(stated);
  const doi = doiOf(stated.doi, leftOut);
  const day = dayOf(stated.date, leftOut);
  const firstAuthor = stated.authors[0]?.name ?? null;
  const externalId = arxivId ?? (doi === null ? titleName(title, firstAuthor ?? '') : `doi:${doi}`.slice(0, 300));
  const isRepo = stated.url !== null && CODE_HOSTS.has(findRepoAddress(stated.url)?.host ?? '');
  const record: SourceRecord = {
    externalId,
    title,
    arxivId,
    doi,
    abstract: abstractOf(stated.abstract, leftOut),
    publishedOn: day,
    authors: stated.authors,
    namedTags: tagsOf(stated.keywords, 'KEYWORD', leftOut),
    repos: isRepo ? [{ url: stated.url }] : [],
  };
  return { kind: 'PAPER', place, key: { arxivId, doi, title, firstAuthor }, record, leftOut };
}

/** The id of an arXiv paper that a text mentions, or null. */
export function mentionedArxivId(text: string | null): string | null {
  return findArxivId(ARXIV_MENTION.exec(text ?? '')?.[1]);
}

/** A DOI without its resolver, in lower case since case does not matter in it; null where the text is none. */
export function findDoi(text: string): string | null {
  const doi = text.trim().replace(/^(https?:\/\/)?(dx\.|www\.)?doi\.org\//i, '').replace(/^doi:\s*/i, '').toLowerCase();
  return DOI.test(doi) ? doi : null;
}

/** The arXiv id within a DOI that arXiv has given, or null. */
export function arxivIdOfDoi(doi: string): string | null {
  return findArxivId(ARXIV_DOI.exec(doi)?.[1]);
}

function arxivIdOf({ doi, arxivTexts }: StatedPaper): string | null {
  for (const { text, isArxiv } of arxivTexts) {
    const id = mentionedArxivId(text) ?? (isArxiv ? findArxivId(CORR_VOLUME.exec(text ?? '')?.[1] ?? text) : null);
    if (id !== null) return id;
  }
  return mentionedArxivId(doi);
}

function doiOf(text: string | null, leftOut: Fault[]): string | null {
  if (text === null || text.trim() === '') return null;
  const doi = findDoi(text);
  if (doi === null) leftOut.push({ field: 'doi', rule: 'must be a DOI such as 10.1000/182', received: shown(text) });
  return doi === null || arxivIdOfDoi(doi) !== null ? null : doi;
}

/** The first day of what is known: 2020 → 2020-01-01, 2020-03 → 2020-03-01. */
function dayOf(date: string | null, leftOut: Fault[]): string | null {
  if (date === null || date.trim() === '') return null;
  const [, year, month = '1', day = '1'] = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?!\d)/.exec(date.trim()) ?? [];
  if (year !== undefined) return [year, month.padStart(2, '0'), day.padStart(2, '0')].join('-');
  leftOut.push({ field: 'year', rule: 'must begin with a year', received: shown(date) });
  return null;
}
