import { badInput } from '../errors.js';
import { checkedText } from '../inputRules.js';

const MAX_CHARACTERS = 250;
const MAX_WORDS = 20;

/** A word or a phrase that is searched for. */
export interface Term {
  /** As it was typed, without its quotes and its minus; a phrase has several words. */
  readonly text: string;
  readonly isExcluded: boolean;
  /** Whether its last word may be the beginning of one. */
  readonly isOpen: boolean;
}

/** What is searched for: papers that have all terms of one of the alternatives. */
export type SearchQuery = readonly (readonly Term[])[];

// `-"a phrase"`, whose quotes may be left open, or what stands between spaces and quotes.
const TERM = /(-*)"([^"]*)"?|[^\s"]+/gu;
const WORD = /[\p{Letter}\p{Number}]+/gu;

/** A query as one types it into a search box; throws BAD_USER_INPUT. A query without any letter or digit has no alternative. */
export function parseQuery(field: string, raw: string): SearchQuery {
  const text = checkedText(field, raw, { min: 1, max: MAX_CHARACTERS });
  const isTyping = /[\p{Letter}\p{Number}]$/u.test(raw);
  const alternatives: Term[][] = [[]];
  for (const match of text.matchAll(TERM)) {
    if (/^or$/i.test(match[0])) alternatives.push([]);
    else alternatives.at(-1)?.push(termOf(match, isTyping && match.index + match[0].length === text.length));
  }
  const query = alternatives.map((terms) => terms.filter((term) => wordsOf(term.text).length > 0)).filter((terms) => terms.length > 0);
  const words = query.flat().flatMap((term) => wordsOf(term.text));
  if (words.length > MAX_WORDS) throw badInput(field, `must have at most ${MAX_WORDS} words`, raw);
  if (query.some((terms) => terms.every((term) => term.isExcluded))) {
    throw badInput(field, 'must have a word to look for beside those to leave out, on either side of or', raw);
  }
  return query;
}

function termOf([whole, minus, phrase]: RegExpMatchArray, isLast: boolean): Term {
  if (phrase !== undefined) return { text: phrase, isExcluded: minus !== '', isOpen: false };
  const isExcluded = whole.startsWith('-');
  return { text: whole.replace(/^-+/, ''), isExcluded, isOpen: isLast && !isExcluded };
}

/** The words of a text, in lower case. */
export function wordsOf(text: string): string[] {
  return (text.match(WORD) ?? []).map((word) => word.toLowerCase());
}

/** The words that are looked for. */
export function soughtWords(query: SearchQuery): string[] {
  return [...new Set(query.flat().flatMap((term) => (term.isExcluded ? [] : wordsOf(term.text))))];
}

/** The query with other words in place of some that are looked for. */
export function withWords(query: SearchQuery, replacements: ReadonlyMap<string, string>): SearchQuery {
  return query.map((terms) => terms.map((term) => (term.isExcluded ? term : { ...term, text: replaced(term.text, replacements) })));
}

/** The same of the text that was typed. */
export function textWithWords(raw: string, replacements: ReadonlyMap<string, string>): string {
  return raw.trim().replace(TERM, (term) => (term.startsWith('-') ? term : replaced(term, replacements)));
}

function replaced(text: string, replacements: ReadonlyMap<string, string>): string {
  return text.replace(WORD, (word) => replacements.get(word.toLowerCase()) ?? word);
}
