/** A name in the parts by which bibliographies sort and shorten it. */
export type CitedName =
  | { readonly given: string; readonly particle: string; readonly family: string; readonly suffix: string }
  /** Of a group, or a name that cannot be told apart. */
  | { readonly literal: string };

const SUFFIX = /^(?:Jr\.?|Sr\.?|II|III|IV)$/;
const GROUP = /\b(?:collaboration|consortium|group|team|project|committee|university|institute|initiative|foundation|network|lab|labs|inc|ltd)\b|,|\band\b|&/i;
const BEGINS_IN_LOWER_CASE = /^\p{Ll}/u;

/**
 * The parts of a name as bylines have it, given names first: the family name is the last word, the words in lower case right
 * before it are its particle (van, de la), and Jr. and the like behind it are a suffix. A name of one word, of a group, or
 * with a comma stays whole.
 */
export function citedNameOf(name: string): CitedName {
  const words = name.split(/\s+/).filter((word) => word !== '');
  const whole = { literal: words.join(' ') };
  if (GROUP.test(name)) return whole;
  const suffix = words.length > 2 && SUFFIX.test(words.at(-1) ?? '') ? (words.pop() ?? '') : '';
  const family = words.pop() ?? '';
  const particle: string[] = [];
  while (BEGINS_IN_LOWER_CASE.test(words.at(-1) ?? '')) particle.unshift(words.pop() ?? '');
  return words.length === 0 ? whole : { given: words.join(' '), particle: particle.join(' '), family, suffix };
}

/** By what the name is sorted. */
export function familyOf(name: CitedName): string {
  return 'literal' in name ? name.literal : name.family;
}
