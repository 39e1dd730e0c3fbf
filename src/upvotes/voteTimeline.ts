import { sql, type Database } from '../database/database.js';
import { badInput } from '../errors.js';
import { checkedInstant } from '../inputRules.js';
import type { VoteInterval, VoteBucket } from './voteTimeline.type.js';

export const MOST_BUCKETS = 400;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LENGTHS: Readonly<Record<VoteInterval, number>> = { HOUR: HOUR_MS, DAY: DAY_MS, WEEK: 7 * DAY_MS };
/** In UTC all are equally long; weeks begin on Mondays, as the fourth day of 1970 did. */
const OFFSETS: Readonly<Record<VoteInterval, number>> = { HOUR: 0, DAY: 0, WEEK: 4 * DAY_MS };

/** Which part of a timeline is asked for, checked: the beginnings of its first and last bucket, null for those that have votes. */
export interface TimelineRange {
  readonly interval: VoteInterval;
  readonly first: Date | null;
  readonly last: Date | null;
}

/** The range between two instants; throws BAD_USER_INPUT. */
export function timelineRange(interval: VoteInterval, from: Date | null, to: Date | null): TimelineRange {
  const first = checkedBeginning('from', interval, from);
  const last = checkedBeginning('to', interval, to);
  if (first !== null && last !== null) {
    if (first > last) throw badInput('from', 'must not be after to', from);
    if (last.getTime() - first.getTime() >= MOST_BUCKETS * LENGTHS[interval]) throw badInput('from', `must be at most ${MOST_BUCKETS} intervals before to`, from);
  }
  return { interval, first, last };
}

function checkedBeginning(field: 'from' | 'to', interval: VoteInterval, instant: Date | null): Date | null {
  if (instant === null) return null;
  const [length, offset] = [LENGTHS[interval], OFFSETS[interval]];
  return new Date(Math.floor((checkedInstant(field, instant).getTime() - offset) / length) * length + offset);
}

interface CountRow {
  readonly id: number;
  readonly first: Date;
  readonly last: Date;
  /** Null for a paper without votes until the last bucket; that before `first` has all votes before it. */
  readonly startsAt: Date | null;
  readonly count: number | null;
}

// Read by upvotes_paper_id_created_at_user_id_idx alone: its ends for the first and the last vote, and every vote until the
// end of the range, which are counted. Buckets without votes are not sent.
/** How the votes for papers came in, in one statement. */
export async function readTimelines(database: Database, paperIds: readonly number[], { interval, first, last }: TimelineRange): Promise<Map<number, VoteBucket[]>> {
  const length = LENGTHS[interval];
  const rows = await database.rows<CountRow>(sql`
    SELECT x.id, r.first, r.last, v."startsAt", v.count
    FROM unnest(${[...paperIds]}::int4[]) AS x (id)
    CROSS JOIN LATERAL (SELECT min(created_at) AS first, max(created_at) AS last FROM upvotes WHERE paper_id = x.id) m
    CROSS JOIN LATERAL (
      SELECT greatest(
          coalesce(${first}::timestamptz, ${bucketOf(interval, sql`m.first`)}),
          coalesce(${last}::timestamptz, ${bucketOf(interval, sql`m.last`)}) - ${(MOST_BUCKETS - 1) * length / 1000}::float8 * interval '1 second') AS first,
        coalesce(${last}::timestamptz, ${bucketOf(interval, sql`m.last`)}) AS last) r
    LEFT JOIN LATERAL (
      SELECT greatest(${bucketOf(interval, sql`created_at`)}, r.first - interval '1 second') AS "startsAt", count(*)::int4 AS count
      FROM upvotes WHERE paper_id = x.id AND created_at < r.last + ${length / 1000}::float8 * interval '1 second' GROUP BY 1) v ON true
    WHERE coalesce(${first}::timestamptz, m.first) IS NOT NULL AND r.first <= r.last`);
  const byPaper = new Map<number, CountRow[]>();
  for (const row of rows) {
    const counts = byPaper.get(row.id);
    if (counts === undefined) byPaper.set(row.id, [row]);
    else counts.push(row);
  }
  return new Map([...byPaper].map(([id, counts]) => [id, bucketsOf(counts, length)]));
}

function bucketOf(interval: VoteInterval, instant: ReturnType<typeof sql>): ReturnType<typeof sql> {
  return sql`(date_trunc(${interval.toLowerCase()}::text, ${instant} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')`;
}

/** One bucket after the other, without gaps. */
function bucketsOf(rows: readonly CountRow[], length: number): VoteBucket[] {
  const [{ first, last }] = rows as readonly [CountRow];
  const counts = new Map(rows.map(({ startsAt, count }) => [startsAt?.getTime() ?? 0, count ?? 0]));
  let cumulative = counts.get(first.getTime() - 1000) ?? 0;
  const buckets: VoteBucket[] = [];
  for (let time = first.getTime(); time <= last.getTime(); time += length) {
    const count = counts.get(time) ?? 0;
    cumulative += count;
    buckets.push({ startsAt: new Date(time), count, cumulative });
  }
  return buckets;
}
