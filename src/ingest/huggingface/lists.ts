import { z } from 'zod';
import { SourceError } from '../source.js';
import { dayOf } from './rules.js';

const DAY_MS = 86_400_000;

const day = z.iso.date('must be a day in the form YYYY-MM-DD');

/** What the service can be asked for. */
export const huggingFaceOptions = z
  .strictObject({
    date: day.optional().describe('The feed of one day, YYYY-MM-DD'),
    week: z
      .string()
      .regex(/^\d{4}-W\d\d$/, 'must be a week in the form YYYY-Www')
      .optional()
      .describe('The feed of one week, YYYY-Www'),
    month: z
      .string()
      .regex(/^\d{4}-\d\d$/, 'must be a month in the form YYYY-MM')
      .optional()
      .describe('The feed of one month, YYYY-MM'),
    submitter: z
      .string()
      .regex(/^[\w.-]{1,100}$/, 'must be the name of a user')
      .optional()
      .describe('Only what this user submitted'),
    ids: z
      .string()
      .regex(/^\s*\d{4}\.\d{4,5}\s*(,\s*\d{4}\.\d{4,5}\s*)*$/, 'must be arXiv ids such as 2412.01234, separated by commas')
      .optional()
      .describe('These papers alone: arXiv ids, separated by commas'),
    until: day.optional().describe('With a start: the last day, YYYY-MM-DD, instead of today'),
  })
  .refine(
    ({ date, week, month, ids }) => [date, week, month, ids].filter((choice) => choice !== undefined).length <= 1,
    'of date, week, month and ids at most one can be given',
  )
  .refine(({ ids, submitter }) => ids === undefined || submitter === undefined, 'ids and submitter cannot be given together');

export type HuggingFaceOptions = z.infer<typeof huggingFaceOptions>;

/** The ids that are asked for one by one, each once; null where feeds are asked for. */
export function idsOf({ ids }: HuggingFaceOptions): readonly string[] | null {
  return ids === undefined ? null : [...new Set(ids.split(',').map((id) => id.trim()))];
}

/**
 * The feeds that are read one after the other, as the parameters that ask for them: one, or with a start that of each day
 * from then. A period that is asked for by name is read whole, whatever the start.
 */
export function listsOf(options: HuggingFaceOptions, { since, now }: { since: Date | null; now: Date }): readonly string[] {
  const { date, week, month, submitter, until } = options;
  const list = (period: Readonly<Record<string, string | undefined>>): string => {
    const parameters = Object.entries({ ...period, submitter }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
    return new URLSearchParams(parameters).toString();
  };
  if (since === null || date !== undefined || week !== undefined || month !== undefined) {
    if (until !== undefined) throw new SourceError(`until needs a start and no date, week or month, received ${JSON.stringify(until)}`);
    return [list({ date, week, month })];
  }
  const last = until ?? dayOf(now);
  if (last < dayOf(since)) throw new SourceError(`until must not be before the start ${dayOf(since)}, received ${JSON.stringify(last)}`);
  return daysOf(since, last).map((each) => list({ date: each }));
}

function daysOf(first: Date, last: string): string[] {
  const days: string[] = [];
  for (let ms = first.getTime(); dayOf(new Date(ms)) <= last; ms += DAY_MS) days.push(dayOf(new Date(ms)));
  return days;
}
