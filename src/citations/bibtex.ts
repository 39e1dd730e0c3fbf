import { arxivAddress } from '../papers/paperAddress.js';
import { escaped, protectedTitle } from './bibtexText.js';
import { citationKeyOf } from './citationKey.js';
import type { CitedPaper } from './citation.type.js';
import { citedNameOf } from './citedName.js';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The paper as an entry of BibTeX. */
export function bibtexOf(paper: CitedPaper): string {
  const { doi, arxivId, primaryClass, publishedAt } = paper;
  const fields: readonly (readonly [string, string | null])[] = [
    ['title', braced(protectedTitle(paper.title))],
    ['author', authorsOf(paper)],
    ['year', publishedAt === null ? null : braced(String(publishedAt.getUTCFullYear()))],
    ['month', publishedAt === null ? null : (MONTHS[publishedAt.getUTCMonth()] ?? null)],
    // Not text: what prints it takes it letter by letter.
    ['doi', doi === null ? null : braced(verbatim(doi))],
    ['eprint', arxivId === null ? null : braced(arxivId)],
    ['archivePrefix', arxivId === null ? null : braced('arXiv')],
    ['primaryClass', arxivId === null || primaryClass === null ? null : braced(escaped(primaryClass))],
    ['url', urlOf(paper)],
  ];
  const lines = fields.flatMap(([name, value]) => (value === null ? [] : [`  ${name} = ${value},\n`]));
  return `@${doi === null ? 'misc' : 'article'}{${citationKeyOf(paper)},\n${lines.join('')}}\n`;
}

function authorsOf({ authors, hasOthers }: CitedPaper): string | null {
  const names = [...authors.map(nameOf), ...(hasOthers ? ['others'] : [])];
  return names.length === 0 || authors.length === 0 ? null : braced(names.join(' and '));
}

function nameOf(name: string): string {
  const parts = citedNameOf(name);
  if ('literal' in parts) return braced(escaped(parts.literal));
  const { given, particle, family, suffix } = parts;
  const last = [particle, family].filter((part) => part !== '').map(escaped).join(' ');
  return [last, escaped(suffix), escaped(given)].filter((part) => part !== '').join(', ');
}

function urlOf({ arxivId, doi, projectUrl }: CitedPaper): string | null {
  if (arxivId !== null) return braced(arxivAddress(arxivId));
  return doi !== null || projectUrl === null ? null : braced(verbatim(projectUrl));
}

/** Braces, which could end the value, go as their codes. */
function verbatim(address: string): string {
  return address.replace(/[{}]/g, encodeURIComponent);
}

function braced(text: string): string {
  return `{${text}}`;
}
