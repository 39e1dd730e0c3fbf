import { HttpError } from '../http/httpClient.js';
import { SourceError, type Item } from '../source.js';
import { arxivIdOf, itemOfPaper, type ArxivPaper } from './arxivPaper.js';
import { parseXml, type XmlElement } from './xml.js';

/** A page of an OAI-PMH list of records. */
export interface OaiPage {
  readonly items: readonly Item[];
  /** The days of change of its records, from the first to the last; null where none has one. */
  readonly days: { readonly first: string; readonly last: string } | null;
  /** Null on the last page. */
  readonly token: { readonly value: string; readonly expiresAt: Date | null } | null;
  /** Records of the whole list, where the service says it. */
  readonly total: number | null;
}

/** The token is not known any more: the list must be asked for anew. */
export const EXPIRED = 'EXPIRED';

const NOTHING: OaiPage = { items: [], days: null, token: null, total: null };

/** A page of ListRecords in arXiv's own format; throws SourceError with the code and message of an error. */
export function parseOaiPage(text: string): OaiPage | typeof EXPIRED {
  const answer = parseXml(text, 'OAI-PMH');
  const errors = answer.children('error');
  const has = (code: string): boolean => errors.some((error) => error.attribute('code') === code);
  if (has('badResumptionToken')) return EXPIRED;
  if (has('noRecordsMatch')) return NOTHING;
  if (errors.length > 0) throw new SourceError(`the service refuses the request: ${errors.map(sayingOf).join('; ')}`);
  const list = answer.child('ListRecords');
  if (list === null) throw new HttpError('OAI-PMH without records and without an error');
  const records = list.children('record');
  const days = records.flatMap((record) => dayOf(record.child('header')) ?? []).sort();
  return {
    items: records.map((record, index) => itemOf(record, index)),
    days: days.length === 0 ? null : { first: days[0] as string, last: days.at(-1) as string },
    ...tokenOf(list.child('resumptionToken')),
  };
}

function sayingOf(error: XmlElement): string {
  return `${error.attribute('code') ?? 'an error without a code'}${error.text === null ? '' : ` (${error.text})`}`;
}

/** The protocol's attribute is expirationDate; arXiv writes expires. */
function tokenOf(element: XmlElement | null): Pick<OaiPage, 'token' | 'total'> {
  const size = element?.attribute('completeListSize') ?? '';
  const expiresAt = new Date(element?.attribute('expirationDate') ?? element?.attribute('expires') ?? '');
  const value = element?.text ?? null;
  return {
    total: /^\d+$/.test(size) ? Number(size) : null,
    token: value === null ? null : { value, expiresAt: Number.isNaN(expiresAt.getTime()) ? null : expiresAt },
  };
}

function itemOf(record: XmlElement, index: number): Item {
  const header = record.child('header');
  const id = header?.textOf('identifier')?.replace(/^oai:arXiv\.org:/i, '') ?? null;
  const place = id ?? `record ${index + 1} of a page`;
  if (header?.attribute('status') === 'deleted') return withdrawalOf(id, place, dayOf(header));
  const metadata = record.child('metadata')?.child('arXiv') ?? null;
  if (metadata !== null) return itemOfPaper(paperOf(metadata, id), place);
  return { kind: 'REJECT', place, title: null, fault: { field: 'metadata', rule: 'must have an arXiv element', received: null } };
}

function withdrawalOf(id: string | null, place: string, on: string | null): Item {
  const externalId = arxivIdOf(id);
  if (externalId !== null) return { kind: 'WITHDRAWAL', place: externalId, externalId, on };
  const fault = { field: 'identifier', rule: 'must be of the form oai:arXiv.org:2412.01234', received: id };
  return { kind: 'REJECT', place, title: null, fault };
}

/** The datestamp's day, whether the service counts days or seconds. */
function dayOf(header: XmlElement | null): string | null {
  return /^\d{4}-\d\d-\d\d/.exec(header?.textOf('datestamp') ?? '')?.[0] ?? null;
}

function paperOf(metadata: XmlElement, idOfHeader: string | null): ArxivPaper {
  return {
    id: metadata.textOf('id') ?? idOfHeader,
    title: metadata.textOf('title'),
    abstract: metadata.textOf('abstract'),
    authors: (metadata.child('authors')?.children('author') ?? []).flatMap(nameOf),
    categories: metadata.textOf('categories')?.split(' ') ?? [],
    created: metadata.textOf('created'),
    updated: metadata.textOf('updated'),
    comment: metadata.textOf('comments'),
    journalRef: metadata.textOf('journal-ref'),
    doi: metadata.textOf('doi'),
    license: metadata.textOf('license'),
  };
}

function nameOf(author: XmlElement): string[] {
  const parts = ['forenames', 'keyname', 'suffix'].flatMap((part) => author.textOf(part) ?? []);
  return parts.length === 0 ? [] : [parts.join(' ')];
}
