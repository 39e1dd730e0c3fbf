import { HttpError } from '../http/httpClient.js';
import { itemOfPaper, type ArxivPaper } from './arxivPaper.js';
import { SourceError, type Item } from '../source.js';
import { parseXml, type XmlElement } from './xml.js';

/** An entry of a feed. */
export interface AtomEntry {
  readonly item: Item;
  /** When its last version came; null where the entry does not say so in a form that can be read. */
  readonly updatedAt: Date | null;
}

export interface AtomPage {
  readonly entries: readonly AtomEntry[];
  /** How many papers match, on all pages. */
  readonly total: number;
}

/**
 * A page of the Atom API that starts at an index. The API now and then answers without entries though there are more, as
 * the same answer or, by `wereSome`, the one before says: that is a broken answer, and so is a page of another place, as
 * caches between give. Throws SourceError with what the API says of a query that it does not take.
 */
export function parseAtomPage(text: string, { start, wereSome }: { start: number; wereSome: boolean }): AtomPage {
  const feed = parseXml(text, 'feed');
  const entries = feed.children('entry');
  const error = entries.find(isError);
  if (error !== undefined) throw new SourceError(`arXiv refuses the query: ${error.textOf('summary') ?? 'it does not say why'}`);
  const stated = feed.textOf('totalResults') ?? '';
  if (!/^\d+$/.test(stated)) throw new HttpError(`a feed whose totalResults is ${JSON.stringify(stated)}`);
  const total = Number(stated);
  const from = feed.textOf('startIndex');
  if (from !== null && Number(from) !== start) throw new HttpError(`a feed from ${from} on, though it was asked for from ${start} on`);
  if (entries.length === 0 && total > start) throw new HttpError(`a feed without entries from ${start} on, though ${total} papers match`);
  if (total === 0 && wereSome) throw new HttpError('a feed that says that no papers match, though some did before');
  return { total, entries: entries.map((entry, index) => entryOf(entry, `entry ${start + index + 1}`)) };
}

/** An error is an entry of this title, which papers may have too. */
function isError(entry: XmlElement): boolean {
  return entry.textOf('title') === 'Error' && !(entry.textOf('id') ?? '').includes('/abs/');
}

function entryOf(entry: XmlElement, place: string): AtomEntry {
  const paper = paperOf(entry);
  const updatedAt = new Date(paper.updated ?? '');
  return { item: itemOfPaper(paper, place), updatedAt: Number.isNaN(updatedAt.getTime()) ? null : updatedAt };
}

function paperOf(entry: XmlElement): ArxivPaper {
  const address = entry.textOf('id');
  const terms = [entry.child('primary_category'), ...entry.children('category')].map((category) => category?.attribute('term')?.trim() ?? '');
  return {
    id: address?.replace(/^https?:\/\/[^/]+\/abs\//, '') ?? null,
    title: entry.textOf('title'),
    abstract: entry.textOf('summary'),
    authors: entry.children('author').flatMap((author) => author.textOf('name') ?? []),
    categories: terms.filter((term) => term !== ''),
    created: entry.textOf('published'),
    updated: entry.textOf('updated'),
    comment: entry.textOf('comment'),
    journalRef: entry.textOf('journal_ref'),
    doi: entry.textOf('doi'),
    license: null,
  };
}
