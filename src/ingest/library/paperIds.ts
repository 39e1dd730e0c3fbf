import { findArxivId } from '../files/paperName.js';
import { shown } from '../files/shape.js';
import type { PaperKey } from '../source.js';
import { arxivIdOfDoi, findDoi, type LibraryEntry, mentionedArxivId } from './libraryEntry.js';

type ReadId = { readonly key: PaperKey } | { readonly rule: string };

const UNKNOWN = 'must be an arXiv id or a DOI, such as ARXIV:2106.15928, 10.1000/182 or https://arxiv.org/abs/2106.15928';
// What only the service that gave it can tell the paper of.
const FOREIGN = /^(?:corpusid|mag|acl|pmid|pmcid|url):|^[0-9a-f]{40}$|semanticscholar\.org\//i;

/** The papers of a list of ids: one a line, or several with commas between. */
export function parseIds(text: string): LibraryEntry[] {
  return text.split(/\r?\n/).flatMap((line, index) => idsOf(line).map((id) => paperOf(id, `line ${index + 1}`)));
}

/** Whether a text is a list of ids: some of its first lines hold one of a kind that is known. */
export function looksLikeIds(text: string): boolean {
  const lines = text.split(/\r?\n/, 100);
  return lines.some((line) => idsOf(line).some((id) => 'key' in read(id) || FOREIGN.test(id)));
}

function idsOf(line: string): string[] {
  const whole = line.trim().replace(/^(\w+:)\s+/, '$1');
  const parts = whole.split(/[,;\s]+/).filter((part) => part !== '');
  // A DOI may have commas of its own: then not all parts are ids, and the whole is.
  const isOne = findDoi(whole) !== null && !parts.every((part) => 'key' in read(part));
  return isOne ? [whole] : parts;
}

function paperOf(id: string, place: string): LibraryEntry {
  const result = read(id);
  if ('key' in result) return { kind: 'PAPER', place, key: result.key, record: null, leftOut: [] };
  return { kind: 'REJECT', place, title: null, fault: { field: 'id', rule: result.rule, received: shown(id) } };
}

function read(id: string): ReadId {
  const arxivId = findArxivId(id) ?? mentionedArxivId(id);
  if (arxivId !== null) return { key: { arxivId } };
  const doi = findDoi(id);
  if (doi !== null) return { key: { doi, arxivId: arxivIdOfDoi(doi) } };
  return { rule: FOREIGN.test(id) ? 'must be an arXiv id or a DOI: papers cannot be found by an id of another service' : UNKNOWN };
}
