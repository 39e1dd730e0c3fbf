import { randomBytes } from 'node:crypto';
import { RESERVED_USERNAMES } from '../users/reservedUsernames.js';

/** A username of 39 characters has room for a suffix. */
const MOST_CHARACTERS = 32;
const NAMELESS = 'reader';
const MOST_NUMBERED = 9;

/**
 * Usernames for who comes from a provider, the best first, the last one hardly ever taken. Of an address what stands before the
 * @: usernames are public.
 */
export function usernamesFor(name: string | null): string[] {
  const base = fitting(name ?? '');
  const numbered = Array.from({ length: MOST_NUMBERED - 1 }, (_, place) => `${base}-${place + 2}`);
  const unique = `${base}-${randomBytes(3).toString('hex')}`;
  if (base === NAMELESS) return [unique];
  return [...(RESERVED_USERNAMES.has(base) ? [] : [base]), ...numbered, unique];
}

/** A name made to fit the rule of usernames: 2 to 39 of a-z, 0-9, hyphen and underscore, at first a letter or digit. */
function fitting(name: string): string {
  const plain = name
    .slice(0, 1000)
    .replace(/@.*$/su, '')
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, MOST_CHARACTERS)
    .replace(/[-_]+$/, '');
  return plain.length < 2 ? NAMELESS : plain;
}
