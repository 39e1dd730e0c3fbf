import { pageConditions, type Condition, type Rows, type Start } from '../database/conditions.js';
import { joinSql, rawSql, sql, type Sql } from '../database/database.js';
import { directionOf, rangeConditions, type Listing, type Order, type Page } from '../database/lists.js';
import type { PaperOrder } from './paper.type.js';

/** A condition on papers `p`. */
export interface PaperCondition extends Condition {
  /** The days of the feed, YYYY-MM-DD, on which the papers were listed. */
  readonly days?: { readonly from: string; readonly to: string };
}

/** A list of papers `p`, before its page is read. */
export type PaperListing = Required<Listing>;

export const PAPER_ROWS: Rows = { from: sql`listed_papers p`, id: 'p.id' };

/** Orders of papers `p`, each with its index: papers_<column>_id_idx. */
export const PAPER_ORDERS: Record<PaperOrder, Order> = {
  TRENDING: orderBy('trending', 'p.trending_score', 'float8'),
  TOP: orderBy('top', 'p.upvote_count', 'int4'),
  NEWEST: orderBy('newest', 'p.listed_at', 'timestamptz'),
};

const DAY_MS = 86_400_000;
/** A page of so many days reads at most 21 rows of each; the papers of more days are frequent along the orders. */
const MOST_DAYS = 100;

/** The papers that pass all conditions, in an order; `start` as startOf found it. */
export function listingOf(conditions: readonly PaperCondition[], orderName: PaperOrder, start: Start = null): PaperListing {
  const order = PAPER_ORDERS[orderName];
  const days = start === null && order !== PAPER_ORDERS.NEWEST ? conditions.find((condition) => condition.days !== undefined && isShort(condition.days)) : undefined;
  const onPage = pageConditions(PAPER_ROWS, conditions.filter((condition) => condition !== days), { order, start });
  return {
    from: PAPER_ROWS.from,
    where: conditions.map(({ where }) => where),
    order,
    onPage: days?.days === undefined ? () => onPage : byDay(days.days, { order, where: onPage }),
  };
}

function isShort({ from, to }: { readonly from: string; readonly to: string }): boolean {
  return Date.parse(to) - Date.parse(from) < MOST_DAYS * DAY_MS;
}

// papers_listed_on_upvote_count_id_idx and its like for trending_score have each day in these orders: the first rows of
// each day have the first rows of all. Along the whole order, a month of two years ago took 340 ms of 200,000 papers, now 1.6 ms.
function byDay(days: { readonly from: string; readonly to: string }, { order, where }: Pick<Listing, 'order' | 'where'>): (page: Page) => Sql[] {
  return (page) => {
    const conditions = [sql`p.listed_on = day.day`, ...where, ...rangeConditions(order, page)];
    const orderBy = order.keys.map(({ column }) => `${column} ${directionOf(order, page)}`).join(', ');
    return [sql`p.id = ANY (ARRAY (SELECT first.id
      FROM (SELECT ${days.from}::text::date + n AS day FROM generate_series(0, ${days.to}::text::date - ${days.from}::text::date) n) day
      CROSS JOIN LATERAL (SELECT p.id FROM listed_papers p WHERE ${joinSql(conditions, ' AND ')} ORDER BY ${rawSql(orderBy)} LIMIT ${rawSql(String(page.limit + 1))}) first))`];
  };
}

function orderBy(name: string, column: string, type: 'float8' | 'int4' | 'timestamptz'): Order {
  return {
    name: `papers.${name}`,
    descending: true,
    keys: [
      { column, type },
      { column: 'p.id', type: 'int4' },
    ],
  };
}
