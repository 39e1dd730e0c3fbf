import { sql, type Sql } from '../database/database.js';
import type { Listing, Order } from '../database/lists.js';
import { notUnwantedBy } from '../mutes/unwanted.js';
import { isListedOn } from '../papers/paper.filter.js';
import { PAPER_ORDERS, PAPER_ROWS, listingOf } from '../papers/paper.listing.js';
import type { PaperOrder } from '../papers/paper.type.js';
import type { Feed } from './feed.type.js';
import type { Span } from './period.js';

/** Which papers a feed has. */
export type FeedRange = Span & Pick<Feed, 'asOf'>;

/** The papers `p` of a feed in a plain order, as a list: those that the viewer, an expression, wants to be shown; all without one. */
export function feedListing(range: FeedRange, order: PaperOrder, viewer: Sql | null): Listing {
  if (range.asOf === null) return listingOf([isListedOn(daysOf(range)), ...wantedBy(viewer).map((where) => ({ where, probe: where }))], order);
  return { from: sql`${PAPER_ROWS.from} CROSS JOIN LATERAL (${votesThen(range.asOf)}) v`, where: feedConditions(range, viewer), order: orderThen(order, range.asOf) };
}

/** What papers `p` of a feed meet: by papers_listed_on_trending_score_id_idx and its like. */
export function feedConditions(range: FeedRange, viewer: Sql | null): Sql[] {
  const { where } = isListedOn(daysOf(range));
  // Fenced off: a kept plan would read all that was listed by then.
  const then = range.asOf === null ? [] : [sql`(SELECT p.listed_at <= ${range.asOf.toISOString()}::text::timestamptz)`];
  return [where, ...then, ...wantedBy(viewer)];
}

/** Also in a feed of the past: what the viewer does not want now is not shown, whatever they wanted then. */
function wantedBy(viewer: Sql | null): Sql[] {
  return viewer === null ? [] : [notUnwantedBy(viewer)];
}

function daysOf({ startsOn: from, endsOn: to }: Span): { from: string; to: string } {
  return { from, to };
}

/**
 * The votes of a paper `p` at an instant: those that are there and were then, by upvotes_paper_id_created_at_user_id_idx,
 * and those that were then and went since, by changes_paper_id_recorded_at_idx. A feed costs what its papers have of both.
 * Of these the trend counts those that are not flagged now, whenever that was found: by upvotes_flagged_paper_id_idx.
 * OFFSET 0 has them counted once, wherever they are used.
 */
export function votesThen(asOf: Date): Sql {
  const instant = sql`${asOf.toISOString()}::text::timestamptz`;
  return sql`SELECT (
      (SELECT count(*) FROM upvotes u WHERE u.paper_id = p.id AND u.created_at <= ${instant})
      + (SELECT count(*) FROM changes c WHERE c.paper_id = p.id AND c.since IS NOT NULL AND c.recorded_at > ${instant} AND c.since <= ${instant})
    )::int4 AS upvotes,
    CASE WHEN p.flagged_upvote_count = 0 THEN 0
      ELSE (SELECT count(*)::int4 FROM upvotes u WHERE u.paper_id = p.id AND u.flagged_at IS NOT NULL AND u.created_at <= ${instant}) END AS flagged OFFSET 0`;
}

// Of a period the papers are read by their day: by papers_listed_at_id_idx beside it, a page after a cursor would read all that
// was listed since, 12,000 of 20,000 papers; an expression has no index.
/** Cursors name the instant: a place among the votes of one is none among those of another. */
function orderThen(name: PaperOrder, asOf: Date): Order {
  const order = PAPER_ORDERS[name];
  const [first, ...rest] = order.keys;
  const columns: Record<PaperOrder, string> = { TRENDING: 'trending_score(v.upvotes - v.flagged, p.listed_at)', TOP: 'v.upvotes', NEWEST: "(p.listed_at + interval '0')" };
  return { ...order, name: `${order.name} ${asOf.toISOString()}`, keys: first === undefined ? rest : [{ ...first, column: columns[name] }, ...rest] };
}
