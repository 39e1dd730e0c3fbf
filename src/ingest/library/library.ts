import { SourceError } from '../source.js';
import { parseBibtex, parseBibtexInTurns } from './bibtex.js';
import { parseCslJson } from './cslJson.js';
import type { LibraryEntry } from './libraryEntry.js';
import { looksLikeIds, parseIds } from './paperIds.js';

export const LIBRARY_FORMATS = ['bibtex', 'csl-json', 'ids'] as const;
export type LibraryFormat = (typeof LIBRARY_FORMATS)[number];

const PARSERS = { bibtex: parseBibtex, 'csl-json': parseCslJson, ids: parseIds } as const;

/** The format that a library is in, by its content; throws SourceError where it is in none. */
export function libraryFormatOf(text: string): LibraryFormat {
  if (/^\s*[[{]/.test(text)) return 'csl-json';
  if (/^[ \t]*@[ \t]*\w+[ \t]*[{(]/m.test(text)) return 'bibtex';
  if (looksLikeIds(text)) return 'ids';
  throw new SourceError(`the library must be BibTeX, CSL-JSON or a list of ids, received ${JSON.stringify(text.slice(0, 40))}`);
}

/**
 * The entries of a reader's library, broken ones with what is wrong. Throws SourceError for what is no library of that
 * format. BibTeX takes more than a second a megabyte, in which nothing else runs.
 */
export function parseLibrary(text: string, format: LibraryFormat): LibraryEntry[] {
  return checked(PARSERS[format](withoutMark(text)), format);
}

/** The same, letting others work in between. */
export async function parseLibraryInTurns(text: string, format: LibraryFormat): Promise<LibraryEntry[]> {
  return format === 'bibtex' ? checked(await parseBibtexInTurns(withoutMark(text)), format) : parseLibrary(text, format);
}

function checked(entries: LibraryEntry[], format: LibraryFormat): LibraryEntry[] {
  if (entries.length === 0 && format === 'bibtex') throw new SourceError('the library must have an entry of BibTeX, received none');
  return entries;
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}
