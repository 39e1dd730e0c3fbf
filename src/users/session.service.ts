import { randomBytes } from 'node:crypto';
import { sql, type Database, type Sql } from '../database/database.js';
import { countRows, latestFirst, readPage, type Page, type PageOf } from '../database/lists.js';
import { Scope } from '../generated/prisma/enums.js';
import type { Account, Viewer } from '../graphql/context.js';
import { sha256 } from '../sha256.js';
import { Session } from './session.type.js';
import { wrongPassword, type Credentials, type UserService } from './user.service.js';

export interface NewSession {
  readonly token: string;
  readonly expiresAt: Date;
  readonly viewer: Viewer;
}

/** Which sessions to end beside the one of the token. */
export interface Ended {
  /** Those opened by signing in. */
  readonly everywhere: boolean;
  readonly apiTokens: boolean;
}

const DAY_MS = 86_400_000;
/** What who signs in may do. */
export const ALL_SCOPES = Object.values(Scope);
// sessions_user_id_created_at_id_idx
const LATEST_FIRST = latestFirst('sessions', { createdAt: 's.created_at', id: 's.id' });
const HOLDS = sql`(s.expires_at IS NULL OR s.expires_at > now())`;

/**
 * SQL for the row, of one column `id`, of the user that a token's hash stands for; none for a token that does not hold, that may
 * not read, or that is to make a reader of a curator (SessionService.findViewer), which tables do not know.
 */
export function userOfToken(hash: string): string {
  return `SELECT s.user_id AS id FROM sessions s WHERE s.token_hash = ${hash} AND (s.expires_at IS NULL OR s.expires_at > now()) AND 'READ' = ANY (s.scopes)
    AND ('ADMIN' = ANY (s.scopes) OR (SELECT u.role = 'READER' FROM users u WHERE u.id = s.user_id))`;
}

/** A token of 256 random bits; the prefix tells people and scanners of leaked secrets what it opens. */
export function newToken(prefix: string): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a token. */
export function hashOf(token: string): Uint8Array<ArrayBuffer> {
  return sha256(token);
}

/** Columns of sessions `s` as a Session has them, for a request by a token. */
export function sessionColumns(token: string | null): Sql {
  return sql`s.id AS "rowId", s.kind::text AS kind, s.name, s.scopes::text[] AS scopes, s.created_at AS "createdAt", s.expires_at AS "expiresAt",
    s.last_used_at AS "lastUsedAt", s.token_hash = ${hashOf(token ?? '')} AS "isCurrent"`;
}

/** Bearer tokens: 256 random bits, stored as SHA-256, valid until they expire or are revoked. */
export class SessionService {
  constructor(
    private readonly database: Database,
    private readonly users: UserService,
    private readonly sessionDays: number,
  ) {}

  /** Opens a session; throws UNAUTHENTICATED, with one message for an unknown user and a wrong password, and RATE_LIMITED. */
  async signIn(given: Credentials): Promise<NewSession> {
    const { passwordHash, ...account } = await this.users.getByPassword(given);
    return this.open(account, passwordHash);
  }

  // The account is held, so that no session is opened by a password that is changed meanwhile: the change ends those before it.
  /** Opens a session for an account that has just proved itself; by a password, where it still is the account's. */
  async open({ id, username, role }: Account, passwordHash: string | null = null): Promise<NewSession> {
    const token = newToken('dp_');
    const expiresAt = new Date(Date.now() + this.sessionDays * DAY_MS);
    const opened = await this.database.rows(sql`
      INSERT INTO sessions (user_id, token_hash, expires_at)
      SELECT u.id, ${hashOf(token)}, ${expiresAt.toISOString()}::text::timestamptz FROM users u
      WHERE u.id = ${id} AND (${passwordHash}::text IS NULL OR u.password_hash = ${passwordHash}) FOR SHARE
      RETURNING id`);
    if (opened.length === 0) throw wrongPassword();
    await this.database.rows(sql`DELETE FROM sessions WHERE user_id = ${id} AND expires_at < now()`);
    return { token, expiresAt, viewer: { id, username, role, scopes: ALL_SCOPES } };
  }

  /** Who the token stands for; null for a token that is unknown, expired or revoked. */
  async findViewer(token: string): Promise<Viewer | null> {
    const [viewer] = await this.database.rows<Viewer>(sql`
      SELECT u.id, u.username, (CASE WHEN 'ADMIN' = ANY (s.scopes) THEN u.role ELSE 'READER' END)::text AS role, s.scopes::text[] AS scopes
      FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = ${hashOf(token)} AND ${HOLDS}`);
    return viewer ?? null;
  }

  /**
   * Ends the session of the token, and those of the viewer's that are asked for; returns how many. A provider's token is refused from
   * then on, by a trigger; everywhere, those too which the provider has issued and nobody has sent yet.
   */
  async close({ id }: Viewer, token: string, { everywhere, apiTokens }: Ended): Promise<number> {
    const ending = sql`
      DELETE FROM sessions WHERE token_hash = ${hashOf(token)}
        OR (user_id = ${id} AND CASE kind WHEN 'API_TOKEN' THEN ${apiTokens}::boolean ELSE ${everywhere}::boolean END)
      RETURNING id`;
    if (!everywhere) return (await this.database.rows(ending)).length;
    return this.database.transaction(async (transaction) => {
      // First, since who opens a session locks the identity: it is there to be deleted, or finds its token refused.
      await transaction.prisma.externalIdentity.updateMany({ where: { userId: id }, data: { refusedBefore: new Date() } });
      return (await transaction.rows(ending)).length;
    });
  }

  /** Ends a session of the user's at once; one that is not there, or another's, changes nothing. Tells whether it was the token's. */
  async revoke(userId: number, token: string | null, id: number): Promise<{ readonly isCurrent: boolean }> {
    const [row] = await this.database.rows<{ isCurrent: boolean }>(sql`DELETE FROM sessions s WHERE s.id = ${id} AND s.user_id = ${userId} RETURNING s.token_hash = ${hashOf(token ?? '')} AS "isCurrent"`);
    return row ?? { isCurrent: false };
  }

  async list(userId: number, token: string | null, page: Page): Promise<PageOf<Session>> {
    return readPage<Session>(this.database, { columns: sessionColumns(token), from: sql`sessions s`, where: [sql`s.user_id = ${userId}`, HOLDS], order: LATEST_FIRST }, page);
  }

  count(userId: number): Promise<number> {
    return countRows(this.database, { from: sql`sessions s`, where: [sql`s.user_id = ${userId}`, HOLDS] });
  }

  /** Of these, the user's own. */
  async ownByIds(userId: number, token: string | null, ids: readonly number[]): Promise<Session[]> {
    const rows = await this.database.rows<Session>(sql`SELECT ${sessionColumns(token)} FROM sessions s WHERE s.id = ANY (${[...ids]}::int4[]) AND s.user_id = ${userId} AND ${HOLDS}`);
    return rows.map(toSession);
  }

  /** Removes those that have expired, of readers who do not come back. */
  async prune(): Promise<void> {
    // sessions_expires_at_idx
    await this.database.rows(sql`DELETE FROM sessions WHERE expires_at < now()`);
  }
}

export function toSession(row: Session): Session {
  return Object.assign(new Session(), row);
}
