import { joinSql, rawSql, sql, type Sql } from '../database/database.js';

/** A place in the feed: the time at which a paper appeared, and the paper. */
export interface FeedPlace {
  readonly at: string;
  readonly paperId: string;
}

/** What one round of a page reads: of what the viewer follows, what came after a place, as of an instant. */
export interface Round {
  readonly viewerId: number;
  readonly asOf: string;
  readonly after: FeedPlace | null;
  /** So many of each list. */
  readonly limit: number;
  /** Whether papers with followed tags and authors are too many to start from them. */
  readonly areSubjectsFrequent: boolean;
}

/** Those followed last; each has two lists to merge. */
const MOST_PEOPLE = 500;
/** Papers that a round looks at in the order of their listing, where many have followed tags and authors. */
const WALK = 2000;

/** The readers whom the viewer follows, as `people`. */
export function people(viewerId: number): Sql {
  return sql`people AS MATERIALIZED (
    SELECT followed_id AS id FROM user_follows WHERE user_id = ${viewerId} ORDER BY created_at DESC, followed_id DESC LIMIT ${rawSql(String(MOST_PEOPLE))})`;
}

/** Papers with tags or authors that the viewer follows. */
export function subjectPapers(viewerId: number): Sql {
  return sql`SELECT x.paper_id FROM tag_follows f JOIN paper_tags x ON x.tag_id = f.tag_id WHERE f.user_id = ${viewerId}
    UNION SELECT x.paper_id FROM author_follows f JOIN paper_authors x ON x.author_id = f.author_id WHERE f.user_id = ${viewerId}`;
}

// The most that one list adds is what the page takes, so the rows down to where the first list was cut are whole: the page
// is among them, but for papers that an earlier page had for another reason. Where those leave too few, the next round goes
// on from there.
/** One round: rows of papers `p` with the time at which they appeared, and where the round ends, null for the end of the feed. */
export function roundStatement(round: Round, columns: Sql, isWanted: Sql): Sql {
  const { viewerId, after, limit } = round;
  const most = rawSql(String(2 * limit));
  const isUnseen = after === null ? sql`true` : sql`NOT ${hasAppeared(round, after)}`;
  return sql`
    WITH ${people(viewerId)},
    events AS MATERIALIZED (${joinSql([upvotes(round), submissions(round), round.areSubjectsFrequent ? walkedSubjects(round) : fewSubjects(round)], ' UNION ALL ')}),
    cut AS (SELECT at, paper_id FROM events WHERE is_end ORDER BY at DESC, paper_id DESC LIMIT 1),
    whole AS MATERIALIZED (
      SELECT paper_id, max(at) AS at FROM events e WHERE is_paper AND NOT EXISTS (SELECT FROM cut WHERE (e.at, e.paper_id) < (cut.at, cut.paper_id))
      GROUP BY paper_id ORDER BY 2 DESC, 1 DESC LIMIT ${most}),
    ending AS (
      (SELECT at, paper_id FROM whole WHERE (SELECT count(*) FROM whole) = ${most} ORDER BY at, paper_id LIMIT 1)
      UNION ALL SELECT at, paper_id FROM cut ORDER BY at DESC, paper_id DESC LIMIT 1),
    page AS (
      SELECT ${columns}, e.at AS "appearedAt", ${instantText(sql`e.at`)} AS "$at" FROM whole e JOIN listed_papers p ON p.id = e.paper_id
      WHERE ${isWanted} AND ${isUnseen} ORDER BY e.at DESC, e.paper_id DESC LIMIT ${rawSql(String(limit))})
    SELECT page.*, ${instantText(sql`ending.at`)} AS "$endAt", ending.paper_id AS "$endId"
    FROM (SELECT) one LEFT JOIN ending ON true LEFT JOIN page ON true ORDER BY page."appearedAt" DESC, page."rowId" DESC`;
}

/** The instant in the form of cursors. */
export function instantText(instant: Sql): Sql {
  return sql`to_char(${instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** Rows `at`, `paper_id`, whether the row is a paper of the feed, and whether its list goes on behind it. */
function eventsOf(list: Sql, limit: number): Sql {
  return sql`SELECT x.at, x.paper_id, true AS is_paper, row_number() OVER () = ${rawSql(String(limit))} AS is_end FROM (${list} LIMIT ${rawSql(String(limit))}) x`;
}

// upvotes_user_id_created_at_paper_id_idx
function upvotes({ asOf, after, limit }: Round): Sql {
  return sql`SELECT e.* FROM people f CROSS JOIN LATERAL (${eventsOf(sql`
    SELECT v.created_at AS at, v.paper_id FROM upvotes v
    WHERE v.user_id = f.id AND v.created_at <= ${asOf}::text::timestamptz AND ${isAfter(sql`v.created_at, v.paper_id`, after)} ORDER BY v.created_at DESC, v.paper_id DESC`, limit)}) e`;
}

// papers_submitted_by_id_listed_at_id_idx
function submissions({ after, limit }: Round): Sql {
  return sql`SELECT e.* FROM people f CROSS JOIN LATERAL (${eventsOf(sql`
    SELECT p.listed_at AS at, p.id AS paper_id FROM listed_papers p
    WHERE p.submitted_by_id = f.id AND ${isAfter(sql`p.listed_at, p.id`, after)} ORDER BY p.listed_at DESC, p.id DESC`, limit)}) e`;
}

// See conditions.ts: from the papers, which are 2,000 at most.
function fewSubjects({ viewerId, after, limit }: Round): Sql {
  return eventsOf(sql`
    SELECT p.listed_at AS at, p.id AS paper_id FROM listed_papers p
    WHERE p.id = ANY (ARRAY (${subjectPapers(viewerId)})) AND ${isAfter(sql`p.listed_at, p.id`, after)} ORDER BY p.listed_at DESC, p.id DESC`, limit);
}

// Along papers_listed_at_id_idx, and no further than WALK: where the walk ends, the round does.
function walkedSubjects({ viewerId, after, limit }: Round): Sql {
  const walk = sql`SELECT p.listed_at AS at, p.id AS paper_id FROM listed_papers p WHERE ${isAfter(sql`p.listed_at, p.id`, after)} ORDER BY p.listed_at DESC, p.id DESC`;
  return sql`${eventsOf(sql`SELECT w.at, w.paper_id FROM (${walk} LIMIT ${rawSql(String(WALK))}) w WHERE ${isOfSubject(viewerId, sql`w.paper_id`)}`, limit)}
    UNION ALL SELECT w.at, w.paper_id, false, true FROM (${walk} OFFSET ${rawSql(String(WALK - 1))} LIMIT 1) w`;
}

/** Whether the paper stood before this place already, for any reason: each is looked up by its key. */
function hasAppeared({ viewerId, asOf }: Round, after: FeedPlace): Sql {
  return sql`(
    (NOT ${isAfter(sql`p.listed_at, p.id`, after)} AND (${isOfSubject(viewerId, sql`p.id`)} OR EXISTS (SELECT FROM people f WHERE f.id = p.submitted_by_id)))
    OR EXISTS (SELECT FROM people f WHERE EXISTS (
      SELECT FROM upvotes v WHERE v.user_id = f.id AND v.paper_id = p.id AND v.created_at <= ${asOf}::text::timestamptz AND NOT ${isAfter(sql`v.created_at, v.paper_id`, after)} OFFSET 0)))`;
}

function isOfSubject(viewerId: number, paperId: Sql): Sql {
  return sql`(EXISTS (SELECT FROM paper_tags x JOIN tag_follows f ON f.tag_id = x.tag_id WHERE x.paper_id = ${paperId} AND f.user_id = ${viewerId} OFFSET 0)
    OR EXISTS (SELECT FROM paper_authors x JOIN author_follows f ON f.author_id = x.author_id WHERE x.paper_id = ${paperId} AND f.user_id = ${viewerId} OFFSET 0))`;
}

function isAfter(key: Sql, after: FeedPlace | null): Sql {
  return after === null ? sql`true` : sql`((${key}) < (${after.at}::text::timestamptz, ${after.paperId}::text::int4))`;
}
