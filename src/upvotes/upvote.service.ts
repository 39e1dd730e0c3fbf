import { isAuthorOf } from '../claims/authorship.js';
import { rawSql, sql, type Database, type Reader } from '../database/database.js';
import { latestFirst, readPagesByParent, readPresent, type Page, type PageOf } from '../database/lists.js';
import { callThroughMerges, writeThroughMerges } from '../database/redirects.js';
import { PAPER_COLUMNS } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import { USER_COLUMNS } from '../users/user.service.js';
import type { User } from '../users/user.type.js';
import { UNLIMITED, requireCast, type VoteLimits } from './voteLimits.js';
import { readTimelines, type TimelineRange } from './voteTimeline.js';
import type { VoteBucket } from './voteTimeline.type.js';

/** An upvote given elsewhere, or long ago. */
export interface PastUpvote {
  readonly userId: number;
  readonly paperId: number;
  readonly at: Date;
}

export type UpvoterRow = User & { readonly upvotedAt: Date; readonly isByAuthor: boolean };
export type UpvotedPaperRow = Paper & { readonly upvotedAt: Date };

/** The upvotes `v` of papers, with their readers `u`. */
export const VOTERS_OF_PAPER = {
  from: sql`upvotes v JOIN users u ON u.id = v.user_id`,
  parentColumn: 'v.paper_id',
  order: latestFirst('paper.upvotes', { createdAt: 'v.created_at', id: 'v.user_id' }),
};

/** Whether an upvote `v` is by an author of its paper. */
export const IS_BY_AUTHOR = isAuthorOf({ user: 'v.user_id', paper: 'v.paper_id' });

/** The upvotes `v` of readers, with their papers `p`. */
export const PAPERS_OF_VOTER = {
  from: sql`upvotes v JOIN listed_papers p ON p.id = v.paper_id`,
  parentColumn: 'v.user_id',
  order: latestFirst('user.upvotes', { createdAt: 'v.created_at', id: 'v.paper_id' }),
};

// Lists are read by upvotes_paper_id_created_at_user_id_idx and its mirror image for users.
/** Who upvoted what. */
export class UpvoteService {
  constructor(
    private readonly database: Database,
    private readonly limits: VoteLimits = UNLIMITED,
  ) {}

  /**
   * Upvotes a paper; upvoting it again changes nothing and counts towards no limit, nor does a paper that does not exist or is
   * hidden. Throws RATE_LIMITED, and CONFLICT where a curator removed the vote for good.
   */
  async add(userId: number, paperId: number): Promise<void> {
    requireCast(await this.cast(userId, paperId), this.limits);
  }

  /** The same on the way of something else: it counts towards the limits, and what they do not allow is left out. */
  async addWhereAllowed(userId: number, paperId: number): Promise<void> {
    await this.cast(userId, paperId);
  }

  // Triggers keep the counters and end a dismissal, and the limits are looked at by the function that writes, so that one
  // statement is the whole vote. The paper is locked first, as its counter will be: a vote that comes while the paper is merged
  // into another one waits, finds it gone, and goes there.
  private async cast(userId: number, paperId: number): Promise<number> {
    const { perMinute, perDay } = this.limits;
    return (await callThroughMerges<number>(this.database, { type: 'Paper', id: paperId }, sql`cast_upvote(${userId}::int4, target.id, ${perMinute}::int4, ${perDay}::int4)`)) ?? 0;
  }

  /** Upvotes of the past, many at once and without a limit, but for those that a curator removed for good; returns those that were not there, as `userId paperId`. */
  async addAll(reader: Reader, upvotes: readonly PastUpvote[]): Promise<Set<string>> {
    if (upvotes.length === 0) return new Set();
    const rows = await reader.rows<{ userId: number; paperId: number }>(sql`
      INSERT INTO upvotes (user_id, paper_id, created_at)
      SELECT DISTINCT ON (paper_id, user_id) user_id, paper_id, created_at
      FROM unnest(${upvotes.map(({ userId }) => userId)}::int4[], ${upvotes.map(({ paperId }) => paperId)}::int4[],
        ${upvotes.map(({ at }) => at)}::timestamptz[]) AS x (user_id, paper_id, created_at)
      ORDER BY paper_id, user_id, created_at ON CONFLICT (user_id, paper_id) DO NOTHING
      RETURNING user_id AS "userId", paper_id AS "paperId"`);
    return new Set(rows.map(({ userId, paperId }) => `${userId} ${paperId}`));
  }

  // The paper is locked before its upvote, as a dismissal that comes at once does: in the other order, each could wait
  // for the other.
  /** Takes an upvote back; taking back what is not there changes nothing. */
  async remove(userId: number, paperId: number): Promise<void> {
    await writeThroughMerges(this.database, { type: 'Paper', id: paperId }, sql`
      DELETE FROM upvotes WHERE user_id = ${userId} AND paper_id = (SELECT id FROM target)`);
  }

  /** Which of these papers the user upvoted. */
  async upvotedAmong(userId: number, paperIds: readonly number[]): Promise<Map<number, boolean>> {
    return readPresent(this.database, paperIds, (id) => sql`SELECT FROM upvotes WHERE user_id = ${userId} AND paper_id = ${id}`);
  }

  votersByPaper(paperIds: readonly number[], page: Page): Promise<Map<number, PageOf<UpvoterRow>>> {
    const list = { ...VOTERS_OF_PAPER, columns: sql`${USER_COLUMNS}, v.created_at AS "upvotedAt", ${rawSql(IS_BY_AUTHOR)} AS "isByAuthor"`, where: [] };
    return readPagesByParent<UpvoterRow>(this.database, list, { ids: paperIds, page });
  }

  /** How the upvotes of papers came in. */
  timelines(paperIds: readonly number[], range: TimelineRange): Promise<Map<number, VoteBucket[]>> {
    return readTimelines(this.database, paperIds, range);
  }

  papersByVoter(userIds: readonly number[], page: Page): Promise<Map<number, PageOf<UpvotedPaperRow>>> {
    const list = { ...PAPERS_OF_VOTER, columns: sql`${PAPER_COLUMNS}, v.created_at AS "upvotedAt"`, where: [] };
    return readPagesByParent<UpvotedPaperRow>(this.database, list, { ids: userIds, page });
  }
}
