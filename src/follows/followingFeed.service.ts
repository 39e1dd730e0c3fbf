import { isFrequent } from '../database/conditions.js';
import { sql, type Database } from '../database/database.js';
import { countRows, decodeCursor, encodeCursor, type Order, type Page, type PageOf } from '../database/lists.js';
import { notUnwantedBy } from '../mutes/unwanted.js';
import { PAPER_COLUMNS } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import { instantText, people, roundStatement, subjectPapers, type FeedPlace, type Round } from './followingFeed.sql.js';
import type { FollowingReason } from './followingFeed.type.js';

export type FollowingRow = Paper & { readonly appearedAt: Date };
export type FollowingReasonRow = FollowingReason & { readonly paperId: number };

/** A page, whose end may lie behind its last row. */
export type FollowingPage = PageOf<FollowingRow> & { readonly endCursor: string | null };

// The first key is the instant as of which all pages behind a first one are read: upvotes that come meanwhile, which bring
// a paper to the start, leave it where it was to whoever is on the way.
const NEWEST_FIRST: Pick<Order, 'name' | 'keys'> = {
  name: 'following',
  keys: [
    { column: 'as_of', type: 'timestamptz' },
    { column: 'at', type: 'timestamptz' },
    { column: 'paper_id', type: 'int4' },
  ],
};

/** One is enough for nearly all pages. */
const MOST_ROUNDS = 10;
/** A round takes four times as much of each list as the one before, which found too little, and of none more than this. */
const MOST_OF_LIST = 200;

interface RoundRow {
  readonly $at: string;
  readonly $endAt: string | null;
  readonly $endId: number | null;
  readonly rowId: number | null;
}

/** The papers that come from what a reader follows. */
export class FollowingFeedService {
  constructor(private readonly database: Database) {}

  // A round reads each list by its index; a page that is not full after the last one goes on by its endCursor.
  async page(viewerId: number, { limit, after }: Pick<Page, 'limit' | 'after'>): Promise<FollowingPage> {
    const place = after === null ? null : decodeCursor(NEWEST_FIRST, after, 'after');
    const { now, subjectCount } = await this.start(viewerId);
    const asOf = place?.[0] ?? now;
    const found: { readonly row: FollowingRow; readonly cursor: string }[] = [];
    let from: FeedPlace | null = place === null ? null : { at: place[1] ?? '', paperId: place[2] ?? '' };
    for (let round = 0; round < MOST_ROUNDS && found.length <= limit; round += 1) {
      const size = Math.max(limit + 1, Math.min(MOST_OF_LIST, (limit + 1) * 4 ** round));
      const { rows, end } = await this.round({ viewerId, asOf, after: from, limit: size, areSubjectsFrequent: isFrequent(subjectCount) });
      for (const { $at, ...row } of rows) found.push({ row: row as unknown as FollowingRow, cursor: encodeCursor(NEWEST_FIRST, [asOf, $at, String(row.rowId)]) });
      from = end;
      if (end === null) break;
    }
    const shown = found.slice(0, limit);
    const isCut = found.length > limit;
    const goesOnAt = isCut || from === null ? null : encodeCursor(NEWEST_FIRST, [asOf, from.at, from.paperId]);
    return {
      rows: shown.map(({ row }) => row),
      cursors: shown.map(({ cursor }) => cursor),
      hasNextPage: isCut || from !== null,
      hasPreviousPage: after !== null,
      endCursor: goesOnAt ?? shown.at(-1)?.cursor ?? null,
    };
  }

  // Reads all that it counts.
  count(viewerId: number): Promise<number> {
    const ids = sql`WITH ${people(viewerId)} ${subjectPapers(viewerId)}
      UNION SELECT p.id FROM people f JOIN listed_papers p ON p.submitted_by_id = f.id UNION SELECT v.paper_id FROM people f JOIN upvotes v ON v.user_id = f.id`;
    return countRows(this.database, { from: sql`listed_papers p`, where: [sql`p.id = ANY (ARRAY (${ids}))`, notUnwantedBy(sql`${viewerId}::int4`)] });
  }

  /** Why papers are in the feed, the latest reason first: at most ten of a kind. */
  async reasonsByPaper(viewerId: number, paperIds: readonly number[]): Promise<Map<number, FollowingReasonRow[]>> {
    const rows = await this.database.rows<FollowingReasonRow>(sql`
      WITH ${people(viewerId)}
      SELECT p.id AS "paperId", r.kind, r.at, r."subjectId"
      FROM listed_papers p CROSS JOIN LATERAL (
        (SELECT 'FOLLOWED_TAG' AS kind, 1 AS place, p.listed_at AS at, x.tag_id AS "subjectId" FROM paper_tags x
          WHERE x.paper_id = p.id AND EXISTS (SELECT FROM tag_follows f WHERE f.user_id = ${viewerId} AND f.tag_id = x.tag_id OFFSET 0) ORDER BY x.weight DESC, x.tag_id LIMIT 10)
        UNION ALL (SELECT 'FOLLOWED_AUTHOR', 2, p.listed_at, x.author_id FROM paper_authors x
          WHERE x.paper_id = p.id AND EXISTS (SELECT FROM author_follows f WHERE f.user_id = ${viewerId} AND f.author_id = x.author_id OFFSET 0) ORDER BY x.position LIMIT 10)
        UNION ALL SELECT 'SUBMITTED', 3, p.listed_at, f.id FROM people f WHERE f.id = p.submitted_by_id
        UNION ALL (SELECT 'UPVOTED', 4, v.created_at, f.id FROM people f
          CROSS JOIN LATERAL (SELECT created_at FROM upvotes WHERE user_id = f.id AND paper_id = p.id OFFSET 0) v ORDER BY v.created_at DESC, f.id DESC LIMIT 10)
      ) r WHERE p.id = ANY (${[...paperIds]}::int4[]) ORDER BY p.id, r.at DESC, r.place`);
    const reasons = new Map<number, FollowingReasonRow[]>(paperIds.map((id) => [id, []]));
    for (const row of rows) reasons.get(row.paperId)?.push(row);
    return reasons;
  }

  private async round(round: Round): Promise<{ rows: (RoundRow & { rowId: number })[]; end: FeedPlace | null }> {
    const rows = await this.database.rows<RoundRow>(roundStatement(round, PAPER_COLUMNS, notUnwantedBy(sql`${round.viewerId}::int4`)));
    const { $endAt = null, $endId = null } = rows[0] ?? {};
    const end = $endAt === null || $endId === null ? null : { at: $endAt, paperId: String($endId) };
    return { rows: rows.filter((row): row is RoundRow & { rowId: number } => row.rowId !== null), end };
  }

  /** Now, with the millisecond to which an upvote's time may have been rounded up; and how many papers followed tags and authors have. */
  private async start(viewerId: number): Promise<{ now: string; subjectCount: number }> {
    const [row] = await this.database.rows<{ now: string; subjectCount: number }>(sql`
      SELECT ${instantText(sql`(now() + interval '1 ms')`)} AS now,
        (coalesce((SELECT sum(t.paper_count) FROM tag_follows f JOIN tags t ON t.id = f.tag_id WHERE f.user_id = ${viewerId}), 0)
          + coalesce((SELECT sum(a.paper_count) FROM author_follows f JOIN authors a ON a.id = f.author_id WHERE f.user_id = ${viewerId}), 0))::float8 AS "subjectCount"`);
    if (row === undefined) throw new Error('a statement that always has a row gave none');
    return row;
  }
}
