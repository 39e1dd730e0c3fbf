import { arxivAddress, doiAddress } from '../papers/paperAddress.js';
import { citationKeyOf } from './citationKey.js';
import type { CitedPaper } from './citation.type.js';
import { citedNameOf } from './citedName.js';

/** The paper as a file of CSL-JSON that has it alone. */
export function cslJsonOf(paper: CitedPaper): string {
  const { title, arxivId, doi, publishedAt, authors, hasOthers, projectUrl } = paper;
  const url = arxivId !== null ? arxivAddress(arxivId) : doi !== null ? doiAddress(doi) : projectUrl;
  const item = {
    id: citationKeyOf(paper),
    type: doi === null ? 'article' : 'article-journal',
    title,
    // As processors read it, others are an author of this name.
    ...(authors.length > 0 && { author: [...authors.map(nameOf), ...(hasOthers ? [{ literal: 'others' }] : [])] }),
    ...(publishedAt !== null && { issued: { 'date-parts': [[publishedAt.getUTCFullYear(), publishedAt.getUTCMonth() + 1, publishedAt.getUTCDate()]] } }),
    ...(arxivId !== null && { number: `arXiv:${arxivId}`, ...(doi === null && { publisher: 'arXiv' }) }),
    ...(doi !== null && { DOI: doi }),
    ...(url !== null && { URL: url }),
  };
  return JSON.stringify([item]);
}

function nameOf(name: string): Readonly<Record<string, string>> {
  const parts = citedNameOf(name);
  if ('literal' in parts) return parts;
  const { given, particle, family, suffix } = parts;
  return { given, ...(particle !== '' && { 'non-dropping-particle': particle }), family, ...(suffix !== '' && { suffix }) };
}
