import { badInput } from '../errors.js';

const MAX_SLUG_CHARACTERS = 80;

/** A name in the form of a slug: `Chain-of-Thought (CoT)` → `chain-of-thought-cot`; empty where no letter is Latin. */
export function slugOf(name: string): string {
  const words = name.normalize('NFKD').replace(/\p{Mark}/gu, '').toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join('-').slice(0, MAX_SLUG_CHARACTERS).replace(/-$/, '');
}

/** A slug as given; throws BAD_USER_INPUT. */
export function checkedSlug(field: string, slug: string): string {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug) || slug.length > MAX_SLUG_CHARACTERS) {
    throw badInput(field, 'must be lower-case letters and digits in groups joined by hyphens, at most 80 characters', slug);
  }
  return slug;
}
