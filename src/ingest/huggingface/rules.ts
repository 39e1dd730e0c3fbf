import { z } from 'zod';
import { findRepoAddress } from '../../repos/repoAddress.js';
import { slugOf } from '../../tags/slug.js';
import type { Rule } from './fieldReader.js';

/** Of the names of tags in the database. */
const MAX_TAG_CHARACTERS = 80;
const MAX_URL_CHARACTERS = 2000;

/** Text on one line; JSON can hold a NUL and lone surrogates, PostgreSQL cannot. */
export function text(max: number): Rule<string> {
  return {
    rule: `must be well-formed text of 1 to ${max} characters`,
    schema: z
      .string()
      .transform((value) => value.replace(/\s+/g, ' ').trim())
      .refine((value) => value !== '' && Array.from(value).length <= max && !value.includes('\0') && value.isWellFormed()),
  };
}

/** The calendar day of an instant, in UTC, which is the time of the service's feeds. */
export function dayUntil(now: Date): Rule<string> {
  const today = dayOf(now);
  return {
    rule: 'must be an instant such as 2025-01-03T08:30:00.000Z between 1900-01-01 and today',
    schema: z.iso
      .datetime({ offset: true })
      .transform((value) => dayOf(new Date(value)))
      .refine((day) => day >= '1900-01-01' && day <= today),
  };
}

export function dayOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

export const arxivId: Rule<string> = {
  rule: 'must be an arXiv id such as 2412.01234',
  schema: z.string().regex(/^\d{4}\.\d{4,5}$/),
};

export const count: Rule<number> = {
  rule: 'must be a whole number from 0 to 1000000000',
  schema: z.int().min(0).max(1e9),
};

export const truth: Rule<boolean> = { rule: 'must be true or false', schema: z.boolean() };

export const url: Rule<string> = {
  rule: `must be an http or https URL of at most ${MAX_URL_CHARACTERS} characters`,
  schema: z
    .string()
    .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))
    .transform((value) => new URL(value).href)
    .refine((value) => value.length <= MAX_URL_CHARACTERS),
};

export const repoUrl: Rule<string> = {
  rule: 'must be the address of a repository such as https://github.com/owner/name',
  schema: z.string().refine((value) => findRepoAddress(value) !== null),
};

export const tagName: Rule<string> = {
  rule: `must be text of at most ${MAX_TAG_CHARACTERS} characters with a Latin letter or a digit`,
  schema: text(MAX_TAG_CHARACTERS).schema.refine((value) => slugOf(value) !== ''),
};

export const fields: Rule<Readonly<Record<string, unknown>>> = {
  rule: 'must be an object',
  schema: z.record(z.string(), z.unknown()),
};
