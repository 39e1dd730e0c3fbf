import type { AuditService } from '../audit/audit.service.js';
import { sql, type Database, type Sql, type Transaction } from '../database/database.js';
import { countRows, readPage, type Order, type Page, type PageOf } from '../database/lists.js';
import { currentId, mergedInto } from '../database/redirects.js';
import { DomainError } from '../errors.js';
import type { Viewer } from '../graphql/context.js';

export interface FlaggedVoteRow {
  readonly userId: number;
  readonly paperId: number;
  readonly upvotedAt: Date;
  readonly flaggedAt: Date;
  /** How old the account was when it voted. */
  readonly accountHours: number;
  /** How many votes for the paper are flagged. */
  readonly flaggedCount: number;
}

export interface FlaggedVotesWanted {
  readonly paperId: number | null;
  readonly userId: number | null;
}

/** What a curator says of flagged votes: of these readers, or of all. */
export interface Judgement {
  readonly paperId: number;
  readonly userIds: readonly number[] | null;
  readonly moderator: Viewer;
}

const FROM = sql`upvotes v JOIN users u ON u.id = v.user_id JOIN papers p ON p.id = v.paper_id`;
const COLUMNS = sql`v.user_id AS "userId", v.paper_id AS "paperId", v.created_at AS "upvotedAt", v.flagged_at AS "flaggedAt",
  (extract(epoch FROM v.created_at - u.created_at) / 3600)::float8 AS "accountHours", p.flagged_upvote_count AS "flaggedCount"`;

// upvotes_flagged_idx; of one paper or reader upvotes_flagged_paper_id_idx and upvotes_flagged_user_id_idx.
const LATEST_FIRST: Order = {
  name: 'flagged-votes',
  descending: true,
  keys: [
    { column: 'v.flagged_at', type: 'timestamptz' },
    { column: 'v.paper_id', type: 'int4' },
    { column: 'v.user_id', type: 'int4' },
  ],
};

/** The votes that the database flagged, and what curators make of them. */
export class FlaggedVoteService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
  ) {}

  list(wanted: FlaggedVotesWanted, page: Page): Promise<PageOf<FlaggedVoteRow>> {
    return readPage<FlaggedVoteRow>(this.database, { from: FROM, columns: COLUMNS, where: conditionsOf(wanted), order: LATEST_FIRST }, page);
  }

  count(wanted: FlaggedVotesWanted): Promise<number> {
    return countRows(this.database, { from: sql`upvotes v`, where: conditionsOf(wanted) });
  }

  /** Has flagged votes count again, for good; gives how many. Throws NOT_FOUND. */
  clear(judgement: Judgement): Promise<number> {
    return this.judge(judgement, 'CLEAR_VOTES', (flagged) => sql`
      WITH cleared AS (UPDATE upvotes SET flagged_at = NULL, cleared_at = CURRENT_TIMESTAMP WHERE ${flagged} RETURNING 1)
      SELECT count(*)::int4 AS count FROM cleared`);
  }

  /** Removes flagged votes, which their readers cannot give again; gives how many. Throws NOT_FOUND. */
  confirm(judgement: Judgement): Promise<number> {
    return this.judge(judgement, 'CONFIRM_VOTES', (flagged) => sql`
      WITH gone AS (DELETE FROM upvotes WHERE ${flagged} RETURNING user_id, paper_id),
      refused AS (INSERT INTO refused_upvotes (user_id, paper_id) SELECT user_id, paper_id FROM gone ORDER BY user_id ON CONFLICT (user_id, paper_id) DO NOTHING)
      SELECT count(*)::int4 AS count FROM gone`);
  }

  // Triggers tell the counters, the trend and the recommender.
  private async judge({ paperId, userIds, moderator }: Judgement, action: 'CLEAR_VOTES' | 'CONFIRM_VOTES', write: (flagged: Sql) => Sql): Promise<number> {
    return this.database.transaction(async (transaction) => {
      const id = await lockPaper(transaction, paperId);
      const ofReaders = userIds === null ? sql`` : sql` AND user_id = ANY (${[...userIds]}::int4[])`;
      const [row] = await transaction.rows<{ count: number }>(write(sql`paper_id = ${id}::int4 AND flagged_at IS NOT NULL${ofReaders}`));
      const votes = row?.count ?? 0;
      if (votes > 0) await this.audit.record(transaction, { actorId: moderator.id, action, object: { type: 'Paper', id }, details: { votes } });
      return votes;
    });
  }
}

/** Locks the paper before its votes, as whoever votes; gives the row that it is now. */
async function lockPaper(transaction: Transaction, paperId: number): Promise<number> {
  for (let at: number | null = paperId; at !== null; at = await mergedInto(transaction, 'Paper', at)) {
    const found = await transaction.rows(sql`SELECT id FROM papers WHERE id = ${at} FOR NO KEY UPDATE`);
    if (found.length > 0) return at;
  }
  throw new DomainError('NOT_FOUND', 'there is no such paper', 'paperId');
}

function conditionsOf({ paperId, userId }: FlaggedVotesWanted): Sql[] {
  return [
    sql`v.flagged_at IS NOT NULL`,
    ...(paperId === null ? [] : [sql`v.paper_id = ${currentId('Paper', paperId)}`]),
    ...(userId === null ? [] : [sql`v.user_id = ${userId}::int4`]),
  ];
}
