import { sql, type Database, type Sql } from '../database/database.js';
import { countRows, type Page, type PageOf } from '../database/lists.js';
import { once } from '../graphql/lazy.js';
import { FeedPeriod, type Feed } from './feed.type.js';
import { endOf, isListed, startOf } from './paper.filter.js';
import { listingOf, type PaperListing } from './paper.listing.js';
import type { PaperService } from './paper.service.js';
import type { Paper, PaperOrder } from './paper.type.js';

const DAY_MS = 86_400_000;

/** The daily, weekly and monthly feeds. */
export class FeedService {
  constructor(
    private readonly database: Database,
    private readonly papers: PaperService,
  ) {}

  /** The feed of the period that holds `date`, or of the latest one that has papers; of today where none has. */
  async find(date: string | null, period: FeedPeriod, orderBy: PaperOrder): Promise<Feed> {
    const day = date ?? (await this.latestDay()) ?? toDay(Date.now());
    const { startsOn, endsOn } = periodOf(day, period);
    const neighbours = once(() => this.neighboursOf(startsOn, endsOn));
    return {
      period,
      startsOn,
      endsOn,
      previous: async () => startOfPeriod((await neighbours())?.previous, period),
      next: async () => startOfPeriod((await neighbours())?.next, period),
      orderBy,
    };
  }

  /** The nearest days before and after these that have papers. */
  private async neighboursOf(startsOn: string, endsOn: string): Promise<{ previous: string | null; next: string | null } | undefined> {
    const [row] = await this.database.rows<{ previous: string | null; next: string | null }>(sql`
      SELECT (SELECT ${asDay(sql`max(listed_at)`)} FROM listed_papers WHERE listed_at < ${startOf(startsOn)}) AS previous,
        (SELECT ${asDay(sql`min(listed_at)`)} FROM listed_papers WHERE listed_at >= ${endOf(endsOn)}) AS next`);
    return row;
  }

  /** The feed's papers, as a list. */
  listing(feed: Pick<Feed, 'startsOn' | 'endsOn' | 'orderBy'>): PaperListing {
    const { startsOn: from, endsOn: to, orderBy } = feed;
    return listingOf([isListed({ from, to })], orderBy);
  }

  papersOf(feed: Feed, page: Page): Promise<PageOf<Paper>> {
    return this.papers.page(this.listing(feed), page);
  }

  countOf(feed: Feed): Promise<number> {
    return countRows(this.database, this.listing(feed));
  }

  private async latestDay(): Promise<string | null> {
    const [row] = await this.database.rows<{ day: string | null }>(sql`SELECT ${asDay(sql`max(listed_at)`)} AS day FROM listed_papers`);
    return row?.day ?? null;
  }
}

/** First and last day of the period that holds a day, all as YYYY-MM-DD. */
export function periodOf(day: string, period: FeedPeriod): { startsOn: string; endsOn: string } {
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

function startOfPeriod(day: string | null | undefined, period: FeedPeriod): string | null {
  return day == null ? null : periodOf(day, period).startsOn;
}

function asDay(instant: Sql): Sql {
  return sql`to_char(${instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD')`;
}

function toDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
