import { badInput } from '../errors.js';
import type { FoundPaper } from './paperLookup.js';
import { MERGED_FIELDS, type MergedField } from './paperMerge.js';
import type { PaperRecord } from './paperRecord.js';

/** A record of a reader, who may leave the title to the lookup. */
export type SubmittedRecord = Omit<PaperRecord, 'title'> & { readonly title: string | null };

export interface Filled {
  readonly record: PaperRecord;
  /** Names of the fields that were left out and are known now, in GraphQL's terms. */
  readonly filledIn: readonly (MergedField | 'tags')[];
}

/** What a reader submits, with what they left out as a lookup has it. Throws BAD_USER_INPUT where nobody knows the title. */
export function filledIn(submitted: SubmittedRecord, found: FoundPaper | null): Filled {
  const known = found?.named.record;
  if (submitted.title === null && known === undefined) {
    throw badInput('title', 'must be given: arXiv does not tell it now', null);
  }
  const fields: (MergedField | 'tags')[] = [];
  const filled: Record<string, unknown> = {};
  for (const [field, column] of Object.entries(MERGED_FIELDS) as [MergedField, keyof PaperRecord][]) {
    // The day of listing is that of the submission.
    if (field === 'listedAt' || known === undefined || !isLeftOut(submitted[column]) || isLeftOut(known[column])) continue;
    filled[column] = known[column];
    fields.push(field);
  }
  const given = new Set(submitted.tags.map(({ slug }) => slug));
  const tags = (known?.tags ?? []).filter(({ slug }) => !given.has(slug));
  if (tags.length > 0) fields.push('tags');
  return { record: { ...submitted, ...filled, tags: [...submitted.tags, ...tags] } as PaperRecord, filledIn: fields };
}

function isLeftOut(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}
