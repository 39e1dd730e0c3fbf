import { createHash, randomBytes } from 'node:crypto';
import { sql, type Database } from '../database/database.js';
import type { Viewer } from '../graphql/context.js';
import type { Credentials, UserService } from './user.service.js';

export interface NewSession {
  readonly token: string;
  readonly expiresAt: Date;
  readonly viewer: Viewer;
}

const DAY_MS = 86_400_000;

/** SQL for the row, of one column `id`, of the user that a token's hash stands for; none for a token that does not hold. */
export function userOfToken(hash: string): string {
  return `SELECT user_id AS id FROM sessions WHERE token_hash = ${hash} AND expires_at > now()`;
}

/** A token of 256 random bits; the prefix tells people and scanners of leaked secrets what it opens. */
export function newToken(prefix: string): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a token. */
export function hashOf(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token).digest());
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
    return this.open(await this.users.getByPassword(given));
  }

  /** Opens a session for an account that has just proved itself. */
  async open(viewer: Viewer): Promise<NewSession> {
    const token = newToken('dp_');
    const expiresAt = new Date(Date.now() + this.sessionDays * DAY_MS);
    await this.database.prisma.session.create({ data: { userId: viewer.id, tokenHash: hashOf(token), expiresAt } });
    await this.database.rows(sql`DELETE FROM sessions WHERE user_id = ${viewer.id} AND expires_at < now()`);
    return { token, expiresAt, viewer };
  }

  /** Who the token stands for; null for a token that is unknown, expired or revoked. */
  async findViewer(token: string): Promise<Viewer | null> {
    const [viewer] = await this.database.rows<Viewer>(sql`
      SELECT u.id, u.username, u.role::text AS role FROM sessions s JOIN users u ON u.id = s.user_id
      WHERE s.token_hash = ${hashOf(token)} AND s.expires_at > now()`);
    return viewer ?? null;
  }

  /** Ends the session of the token, or all of the user's; returns how many. */
  async close(viewer: Viewer, token: string, everywhere: boolean): Promise<number> {
    const { count } = await this.database.prisma.session.deleteMany({
      where: everywhere ? { userId: viewer.id } : { tokenHash: hashOf(token) },
    });
    return count;
  }
}
