import { LRUCache } from 'lru-cache';
import { FeedPeriod } from './feed.type.js';

const DAY_MS = 86_400_000;

export interface Span {
  /** First and last day, YYYY-MM-DD. */
  readonly startsOn: string;
  readonly endsOn: string;
}

/** The period that holds a day. */
export function periodOf(day: string, period: FeedPeriod): Span {
  const time = Date.parse(`${day}T00:00:00Z`);
  const date = new Date(time);
  switch (period) {
    case FeedPeriod.DAY:
      return { startsOn: day, endsOn: day };
    case FeedPeriod.WEEK: {
      const monday = time - ((date.getUTCDay() + 6) % 7) * DAY_MS;
      return { startsOn: toDay(monday), endsOn: toDay(monday + 6 * DAY_MS) };
    }
    case FeedPeriod.MONTH: {
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      return { startsOn: toDay(Date.UTC(year, month, 1)), endsOn: toDay(Date.UTC(year, month + 1, 0)) };
    }
  }
}

/** First day of the period that holds a day. */
export function startOfPeriod(day: string | null | undefined, period: FeedPeriod): string | null {
  return day == null ? null : periodOf(day, period).startsOn;
}

/** The day that an instant falls on in a time zone, by its IANA name. */
export function dayIn(timeZone: string, instant: Date): string {
  const parts = formatOf(timeZone).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
}

/** The feed has one, and readers of digests have theirs. */
const MOST_ZONES = 500;
const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: MOST_ZONES });

/** Kept: making one takes 30 µs. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formats.set(timeZone, known);
  return known;
}

function toDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
