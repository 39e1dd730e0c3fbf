import { joinSql, rawSql, sql, type Database, type Sql } from '../database/database.js';
import { countRows, readPage, type Page, type PageOf } from '../database/lists.js';
import { badInput } from '../errors.js';
import { once } from '../graphql/lazy.js';
import { checkedInstant } from '../inputRules.js';
import { PAPER_COLUMNS } from '../papers/paper.service.js';
import { PaperOrder, type Paper } from '../papers/paper.type.js';
import { feedConditions, feedListing, type FeedRange } from './feed.listing.js';
import type { Feed, FeedOrder, FeedPeriod } from './feed.type.js';
import { dayIn, periodOf, startOfPeriod } from './period.js';
import { isNewTo } from './visit.service.js';

/** Of a period of more papers, those of the highest trending score are put in a reader's order: 5,000 of 50,000 take 47 ms. */
export const MOST_RANKED = 5000;
/** The setting by which the database gives a paper its day. */
const TIME_ZONE = 'time_zone';

/** Which feed is asked for, and when. */
export interface FeedQuery {
  readonly date: string | null;
  readonly period: FeedPeriod;
  readonly orderBy: FeedOrder;
  readonly asOf: Date | null;
  readonly now: Date;
}

/** A paper of a feed, with what its edge says. */
export interface FeedRow extends Paper {
  readonly isNew: boolean;
  readonly upvoteCountThen: number;
}

/** The daily, weekly and monthly feeds. */
export class FeedService {
  constructor(
    private readonly database: Database,
    /** By its IANA name. */
    private readonly timeZone: string,
  ) {}

  /** Has papers that come from here on listed on the day of this server's time zone; throws for a zone that the database does not know. */
  async keepTimeZone(): Promise<void> {
    await this.database.rows(sql`
      INSERT INTO settings (key, value) SELECT ${TIME_ZONE}, z.name FROM (SELECT ${this.timeZone}::text AS name) z
      WHERE now() AT TIME ZONE z.name IS NOT NULL
      ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE settings.value <> excluded.value`);
  }

  /**
   * The feed of the period that holds `date`, or of the latest one up to today that has papers; of today where none has.
   * Throws BAD_USER_INPUT for an `asOf` in the future.
   */
  async find({ date, period, orderBy, asOf, now }: FeedQuery): Promise<Feed> {
    if (asOf !== null && checkedInstant('asOf', asOf) > now) throw badInput('asOf', 'must not be in the future', asOf);
    const today = dayIn(this.timeZone, asOf ?? now);
    const day = date ?? (await this.latestDay(today, asOf)) ?? today;
    const { startsOn, endsOn } = periodOf(day, period);
    const neighbours = once(() => this.neighboursOf({ startsOn, endsOn, asOf }));
    return {
      period,
      startsOn,
      endsOn,
      isCurrent: startsOn <= today && today <= endsOn,
      previous: async () => startOfPeriod((await neighbours())?.previous, period),
      next: async () => startOfPeriod((await neighbours())?.next, period),
      orderBy,
      asOf,
    };
  }

  /** One page of the feed, in an order that is not a reader's. */
  page(feed: FeedRange, { order, page, viewerId }: { readonly order: PaperOrder; readonly page: Page; readonly viewerId: number | null }): Promise<PageOf<FeedRow>> {
    return readPage<FeedRow>(this.database, { ...feedListing(feed, order, idOf(viewerId)), columns: columnsFor(feed, viewerId) }, page);
  }

  /** These papers, in any order. */
  async byIds(ids: readonly number[], feed: FeedRange, viewerId: number | null): Promise<Map<number, FeedRow>> {
    const { from } = feedListing(feed, PaperOrder.NEWEST, null);
    const rows = await this.database.rows<FeedRow>(sql`SELECT ${columnsFor(feed, viewerId)} FROM ${from} WHERE p.id = ANY (${[...ids]}::int4[])`);
    return new Map(rows.map((row) => [row.rowId, row]));
  }

  /** The papers to put in a reader's order. */
  async idsOf(feed: FeedRange, viewerId: number | null): Promise<number[]> {
    const rows = await this.database.rows<{ ids: number[] }>(sql`
      SELECT ARRAY (SELECT p.id FROM listed_papers p WHERE ${joinSql(feedConditions(feed, idOf(viewerId)), ' AND ')}
        ORDER BY p.trending_score DESC, p.id DESC LIMIT ${rawSql(String(MOST_RANKED))}) AS ids`);
    return rows[0]?.ids ?? [];
  }

  count(feed: FeedRange, viewerId: number | null): Promise<number> {
    return countRows(this.database, { from: sql`listed_papers p`, where: feedConditions(feed, idOf(viewerId)) });
  }

  /** The nearest days before and after these that have papers. */
  private async neighboursOf({ startsOn, endsOn, asOf }: FeedRange): Promise<{ previous: string | null; next: string | null } | undefined> {
    const [row] = await this.database.rows<{ previous: string | null; next: string | null }>(sql`
      SELECT (SELECT ${asDay(sql`max(listed_on)`)} FROM listed_papers WHERE listed_on < ${startsOn}::text::date${isListedBy(asOf)}) AS previous,
        (SELECT ${asDay(sql`min(listed_on)`)} FROM listed_papers WHERE listed_on > ${endsOn}::text::date${isListedBy(asOf)}) AS next`);
    return row;
  }

  private async latestDay(today: string, asOf: Date | null): Promise<string | null> {
    const [row] = await this.database.rows<{ day: string | null }>(sql`
      SELECT ${asDay(sql`max(listed_on)`)} AS day FROM listed_papers WHERE listed_on <= ${today}::text::date${isListedBy(asOf)}`);
    return row?.day ?? null;
  }
}

// The days bound what is looked at: after the one that follows in UTC, nothing was listed by then in any time zone.
function isListedBy(asOf: Date | null): Sql {
  if (asOf === null) return sql``;
  const instant = sql`${asOf.toISOString()}::text::timestamptz`;
  return sql` AND listed_at <= ${instant} AND listed_on <= (${instant} AT TIME ZONE 'UTC')::date + 1`;
}

function idOf(viewerId: number | null): Sql | null {
  return viewerId === null ? null : sql`${viewerId}::int4`;
}

function columnsFor({ asOf }: FeedRange, viewerId: number | null): Sql {
  const isNew = viewerId === null ? sql`false` : rawSql(isNewTo(String(viewerId)));
  return sql`${PAPER_COLUMNS}, ${isNew} AS "isNew", ${asOf === null ? sql`p.upvote_count` : sql`v.upvotes`} AS "upvoteCountThen"`;
}

function asDay(day: Sql): Sql {
  return sql`to_char(${day}, 'YYYY-MM-DD')`;
}
