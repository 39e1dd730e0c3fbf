import { arxivIdOf } from './arxivId.js';
import { badInput } from './errors.js';

/** A text without the white space around it, whose length is within bounds; throws BAD_USER_INPUT. */
export function checkedText(field: string, value: string, bounds: { min: number; max: number }): string {
  const text = value.trim();
  const length = Array.from(text).length;
  if (length < bounds.min || length > bounds.max) {
    throw badInput(field, `must have ${bounds.min} to ${bounds.max} characters`, value);
  }
  // PostgreSQL's text has no NUL, and a lone surrogate is not a character.
  if (text.includes('\0') || !text.isWellFormed()) throw badInput(field, 'must be well-formed text without NUL', value);
  return text;
}

/** An http or https address in its normal form; throws BAD_USER_INPUT. */
export function checkedUrl(field: string, value: URL | string): string {
  const url = URL.canParse(String(value)) ? new URL(String(value)) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.href.length > 2000) {
    throw badInput(field, 'must be an http or https URL of at most 2000 characters', String(value));
  }
  return url.href;
}

/** A list within its length; throws BAD_USER_INPUT. */
export function checkedList<Item>(field: string, items: readonly Item[], max: number): readonly Item[] {
  if (items.length > max) throw badInput(field, `must have at most ${max} items`, items.length);
  return items;
}

/** An arXiv id without its version, of any spelling; see arxivIdOf. Throws BAD_USER_INPUT. */
export function checkedArxivId(field: string, value: string): string {
  const id = arxivIdOf(value);
  if (id === null) throw badInput(field, 'must be an arXiv id such as 2412.01234 or hep-th/9901001', value);
  return id;
}

const DOI = /^10\.\d{4,9}\/[^\s\p{Cc}]+$/u;
const MAX_DOI_CHARACTERS = 300;

/** A DOI in lower case, without its resolver or scheme; throws BAD_USER_INPUT. */
export function checkedDoi(field: string, value: string): string {
  const doi = value.trim().replace(/^(https?:\/\/(dx\.)?doi\.org\/|doi:\s*)/i, '').toLowerCase();
  if (!DOI.test(doi) || Array.from(doi).length > MAX_DOI_CHARACTERS || !doi.isWellFormed()) {
    throw badInput(field, 'must be a DOI such as 10.48550/arxiv.2412.01234, of at most 300 characters', value);
  }
  return doi;
}

/** An ORCID without its resolver, whose check digit is right (ISO 7064 MOD 11-2); throws BAD_USER_INPUT. */
export function checkedOrcid(field: string, value: string): string {
  const orcid = value.trim().replace(/^https?:\/\/orcid\.org\//i, '').toUpperCase();
  const digits = orcid.replaceAll('-', '');
  const sum = Array.from(digits.slice(0, 15)).reduce((total, digit) => (total + Number(digit)) * 2, 0);
  const check = (12 - (sum % 11)) % 11;
  const isRight = /^(\d{4}-){3}\d{3}[\dX]$/.test(orcid) && digits.at(15) === (check === 10 ? 'X' : String(check));
  if (!isRight) throw badInput(field, 'must have an ORCID such as 0000-0002-1825-0097', value);
  return orcid;
}

/** A calendar day between 1900 and 2999, which is what feeds can span; throws BAD_USER_INPUT. */
export function checkedCalendarDay(field: string, day: string): string {
  if (day < '1900-01-01' || day > '2999-12-31') throw badInput(field, 'must be between 1900-01-01 and 2999-12-31', day);
  return day;
}

/**
 * Whether the platform knows a time zone of this name. Offsets such as +05:30 are none: they know no summer time, and
 * JavaScript and PostgreSQL take their sign differently.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const EARLIEST = new Date('1900-01-01T00:00:00Z');
const LATEST = new Date('2999-12-31T23:59:59.999Z');

/** An instant of these days, in UTC: PostgreSQL has no year 0, which dates of JavaScript have; throws BAD_USER_INPUT. */
export function checkedInstant(field: string, instant: Date): Date {
  if (instant < EARLIEST || instant > LATEST) throw badInput(field, 'must be between 1900-01-01 and 2999-12-31', instant);
  return instant;
}
