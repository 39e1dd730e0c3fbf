import { AUTHOR_COLUMNS } from '../authors/author.service.js';
import type { Author } from '../authors/author.type.js';
import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { countRows, latestFirst, readCounts, readPage, readPagesByParent, whereClause, type Page, type PageOf } from '../database/lists.js';
import { AuthorshipClaim, type ClaimState } from './claim.type.js';

export type UserAuthorRow = Author & { readonly confirmedAt: Date };

const CLAIM_COLUMNS = sql`c.id AS "rowId", c.user_id AS "userId", c.author_id AS "authorId", c.resolver_id AS "resolverId", c.state::text AS state, c.note,
  c.evidence_url AS "evidenceUrl", c.created_at AS "createdAt", c.resolved_at AS "resolvedAt", c.resolution_note AS "resolutionNote",
  c.ended_at AS "endedAt", c.end_reason AS "endReason"`;

// authorship_claims_created_at_id_idx; in one state, by one reader and both, authorship_claims_state_created_at_id_idx and its like.
const LATEST_FIRST = latestFirst('claims', { createdAt: 'c.created_at', id: 'c.id' });

// authorship_claims_linked_idx
/** The authors `a` whom readers are, by confirmed claims `c`. */
export const AUTHORS_OF_USER = {
  from: sql`(SELECT * FROM authorship_claims WHERE state = 'CONFIRMED') c JOIN authors a ON a.id = c.author_id`,
  parentColumn: 'c.user_id',
  order: latestFirst('user.own-authors', { createdAt: 'c.resolved_at', id: 'c.author_id' }),
};

/** Reads who claims to be which author, and who is. */
export class ClaimService {
  constructor(private readonly database: Database) {}

  byIds(ids: readonly number[]): Promise<AuthorshipClaim[]> {
    return readClaims(this.database, sql`c.id = ANY (${[...ids]}::int4[])`);
  }

  list(state: ClaimState | null, page: Page): Promise<PageOf<AuthorshipClaim>> {
    return readPage<AuthorshipClaim>(this.database, { from: sql`authorship_claims c`, columns: CLAIM_COLUMNS, where: isIn(state), order: LATEST_FIRST }, page);
  }

  count(state: ClaimState | null): Promise<number> {
    return countRows(this.database, { from: sql`authorship_claims c`, where: isIn(state) });
  }

  pagesByUser(userIds: readonly number[], state: ClaimState | null, page: Page): Promise<Map<number, PageOf<AuthorshipClaim>>> {
    const list = { from: sql`authorship_claims c`, columns: CLAIM_COLUMNS, where: isIn(state), order: LATEST_FIRST, parentColumn: 'c.user_id' };
    return readPagesByParent<AuthorshipClaim>(this.database, list, { ids: userIds, page });
  }

  countsByUser(userIds: readonly number[], state: ClaimState | null): Promise<Map<number, number>> {
    const where = whereClause([sql`c.user_id = ANY (${[...userIds]}::int4[])`, ...isIn(state)]);
    return readCounts(this.database, sql`SELECT c.user_id AS id, count(*)::int4 AS count FROM authorship_claims c ${where} GROUP BY c.user_id`);
  }

  /** The readers who are these authors, by author. */
  async usersByAuthor(authorIds: readonly number[]): Promise<Map<number, number>> {
    // authorship_claims_confirmed_key
    const rows = await this.database.rows<{ authorId: number; userId: number }>(sql`
      SELECT author_id AS "authorId", user_id AS "userId" FROM authorship_claims WHERE state = 'CONFIRMED' AND author_id = ANY (${[...authorIds]}::int4[])`);
    return new Map(rows.map(({ authorId, userId }) => [authorId, userId]));
  }

  authorsByUser(userIds: readonly number[], page: Page): Promise<Map<number, PageOf<UserAuthorRow>>> {
    const list = { ...AUTHORS_OF_USER, columns: sql`${AUTHOR_COLUMNS}, c.resolved_at AS "confirmedAt"`, where: [] };
    return readPagesByParent<UserAuthorRow>(this.database, list, { ids: userIds, page });
  }

  authorCountsByUser(userIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT user_id AS id, count(*)::int4 AS count FROM authorship_claims WHERE state = 'CONFIRMED' AND user_id = ANY (${[...userIds]}::int4[]) GROUP BY user_id`);
  }

  /** What a reader claims of these authors, by author: what holds or is pending, else the latest. */
  async byAuthorOf(userId: number, authorIds: readonly number[]): Promise<Map<number, AuthorshipClaim>> {
    // authorship_claims_author_id_user_id_idx
    const rows = await this.database.rows<AuthorshipClaim>(sql`
      SELECT ${CLAIM_COLUMNS} FROM unnest(${[...authorIds]}::int4[]) AS x (id) CROSS JOIN LATERAL (
        SELECT * FROM authorship_claims WHERE author_id = x.id AND user_id = ${userId}
        ORDER BY state = 'CONFIRMED' DESC, state = 'PENDING' DESC, created_at DESC, id DESC LIMIT 1) c`);
    return new Map(rows.map((row) => [row.authorId, toClaim(row)]));
  }
}

/** The claims `c` of which this holds. */
export async function readClaims(reader: Reader, where: Sql): Promise<AuthorshipClaim[]> {
  return (await reader.rows<AuthorshipClaim>(sql`SELECT ${CLAIM_COLUMNS} FROM authorship_claims c WHERE ${where}`)).map(toClaim);
}

function isIn(state: ClaimState | null): Sql[] {
  return state === null ? [] : [sql`c.state = ${state}::text::claim_state`];
}

export function toClaim(row: AuthorshipClaim): AuthorshipClaim {
  return Object.assign(new AuthorshipClaim(), row);
}
