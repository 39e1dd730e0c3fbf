import { citedNameOf, familyOf } from './citedName.js';
import type { CitedPaper } from './citation.type.js';

// Words that many titles begin with.
const SKIPPED = new Set(['a', 'an', 'the', 'on', 'of', 'in', 'for', 'to', 'and', 'with', 'from', 'by', 'at', 'as', 'is', 'are', 'do', 'does', 'can', 'how', 'what', 'why', 'when', 'towards', 'toward', 'via']);
// Letters that no accent can be taken from.
const SPELT: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ł: 'l', þ: 'th', ı: 'i' };
const MOST_CHARACTERS = 40;

/**
 * What the paper is cited by: first author, year and first telling word of the title, such as vaswani2017attention, in lower
 * case ASCII. It follows from the paper alone, so that it stays the same whatever else is listed. Where one of the three is
 * not known or has no letter of ASCII, the paper's arXiv id or DOI, or its number here, ends the key.
 */
export function citationKeyOf(paper: CitedPaper): string {
  const [first] = paper.authors;
  const author = first === undefined ? '' : asciiOf(familyOf(citedNameOf(first)));
  const year = paper.publishedAt === null ? '' : String(paper.publishedAt.getUTCFullYear());
  const word = paper.title.split(/[\s\-–—:/]+/).map(asciiOf).find((each) => each !== '' && !SKIPPED.has(each)) ?? '';
  const key = `${author}${year}${word}`;
  return author !== '' && year !== '' && word !== '' ? key : [key === '' ? 'paper' : key, idOf(paper)].join('-');
}

function idOf({ arxivId, doi, rowId }: CitedPaper): string {
  return (arxivId ?? doi ?? String(rowId)).replace(/[^A-Za-z0-9.-]+/g, '-');
}

function asciiOf(text: string): string {
  const spelt = text.toLowerCase().replace(/[ßæœøđðłþı]/g, (letter) => SPELT[letter] ?? '');
  return spelt.normalize('NFKD').replace(/[^a-z0-9]/g, '').slice(0, MOST_CHARACTERS);
}
