import { sql, type Database, type Transaction } from '../database/database.js';
import { countRows, latestFirst, readPage, type Page, type PageOf } from '../database/lists.js';
import { DomainError, badInput } from '../errors.js';
import type { Viewer } from '../graphql/context.js';
import { holdSession, type Maker } from '../users/heldSession.js';
import { wrongPassword, type UserService } from '../users/user.service.js';
import { ExternalIdentity } from './externalIdentity.type.js';
import type { ProvenToken, ProviderTokens } from './providerTokens.js';
import { isRefused, lockSubject, today } from './subjects.js';

/** Identities that an account may have: more than anybody has accounts at one provider. */
export const MOST_IDENTITIES = 10;
/** How long what a reader proved to the provider holds for what cannot be undone. */
const RECENT_MS = 600_000;

const COLUMNS = sql`i.id AS "rowId", i.issuer, i.subject, i.created_at AS "createdAt", i.last_seen_on::text AS "lastSeenOn"`;
const LATEST_FIRST = latestFirst('externalIdentities', { createdAt: 'i.created_at', id: 'i.id' });

export interface NewLink {
  /** The provider's, of the subject. */
  readonly token: string;
  /** Needed where the account has one. */
  readonly currentPassword: string | null;
  /** Where it is asked for from. */
  readonly address: string;
}

/** Who readers are at the provider. */
export class ExternalIdentityService {
  constructor(
    private readonly database: Database,
    /** Null where no provider is configured. */
    private readonly tokens: ProviderTokens | null,
    private readonly users: Pick<UserService, 'getByPassword'>,
  ) {}

  /**
   * Has the token's subject sign in as the maker, for all that they may do and for good: so they show their password, where they have
   * one, and no API token suffices. Throws BAD_USER_INPUT for a token that does not hold, UNAUTHENTICATED, RATE_LIMITED, FORBIDDEN,
   * UNAVAILABLE, and CONFLICT where the subject signs in as somebody else.
   */
  async link(maker: Maker, { token, currentPassword, address }: NewLink): Promise<ExternalIdentity> {
    if (this.tokens === null) throw new DomainError('CONFLICT', 'this server takes no tokens of a provider: none is configured');
    const userId = maker.viewer.id;
    const passwordHash = await this.passwordHashOf(maker.viewer, currentPassword, address);
    const proven = await this.tokens.prove(token);
    if (proven === null) throw badToken(token);
    return this.database.transaction(async (transaction) => {
      await lockSubject(transaction, proven);
      if (await isRefused(transaction, proven)) throw badToken(token);
      // The account is locked, so that of two requests at once the second counts the identity of the first. The provider may have been
      // waited for: the password, and the session, must be those that they were.
      const held = await transaction.rows(sql`SELECT id FROM users WHERE id = ${userId}::int4 AND password_hash IS NOT DISTINCT FROM ${passwordHash}::text FOR NO KEY UPDATE`);
      if (held.length === 0) throw wrongPassword();
      const { kind } = await holdSession(transaction, maker);
      if (kind === 'API_TOKEN') throw new DomainError('FORBIDDEN', 'an API token links nobody, who could do more than it and for longer: sign in');
      return toExternalIdentity((await ownOf(transaction, userId, proven)) ?? (await insert(transaction, userId, proven)));
    });
  }

  /** Of who has shown the password; null for an account without one. */
  private async passwordHashOf({ id, username }: Viewer, password: string | null, address: string): Promise<string | null> {
    if (password !== null) return (await this.users.getByPassword({ username, password, address })).passwordHash;
    const [user] = await this.database.rows<{ hasPassword: boolean }>(sql`SELECT password_hash IS NOT NULL AS "hasPassword" FROM users WHERE id = ${id}::int4`);
    if (user?.hasPassword === true) throw badInput('currentPassword', 'must be given, since the account has one', null);
    return null;
  }

  /** Ends the identity with its sessions; one that is not there, or another's, changes nothing. Throws CONFLICT for the only way in. */
  async unlink(userId: number, id: number): Promise<void> {
    await this.database.transaction(async (transaction) => {
      // Locked, so that of two requests at once the second finds what the first has left.
      const [user] = await transaction.rows<{ hasPassword: boolean }>(sql`SELECT password_hash IS NOT NULL AS "hasPassword" FROM users WHERE id = ${userId}::int4 FOR NO KEY UPDATE`);
      const own = await transaction.rows<{ id: number }>(sql`SELECT id FROM external_identities WHERE user_id = ${userId}::int4`);
      if (!own.some((identity) => identity.id === id)) return;
      if (user?.hasPassword !== true && own.length === 1) throw new DomainError('CONFLICT', 'the identity is the only way into the account, which has no password: link another one first');
      await transaction.rows(sql`DELETE FROM external_identities WHERE id = ${id}::int4`);
    });
  }

  /**
   * The account without a password, if the token proves that its reader was with the provider within the last ten minutes; else null:
   * who has a password proves themselves by it. Throws UNAVAILABLE.
   */
  async findByRecentProof(username: string, token: string, now: Date): Promise<number | null> {
    const proven = (await this.tokens?.prove(token)) ?? null;
    if (proven?.authenticatedAt == null || !(now.getTime() - proven.authenticatedAt.getTime() <= RECENT_MS)) return null;
    const [user] = await this.database.rows<{ id: number }>(sql`
      SELECT u.id FROM external_identities i JOIN users u ON u.id = i.user_id WHERE i.issuer = ${proven.issuer} AND i.subject = ${proven.subject} AND u.username = ${username} AND u.password_hash IS NULL`);
    return user?.id ?? null;
  }

  list(userId: number, page: Page): Promise<PageOf<ExternalIdentity>> {
    return readPage<ExternalIdentity>(this.database, { columns: COLUMNS, from: sql`external_identities i`, where: [sql`i.user_id = ${userId}`], order: LATEST_FIRST }, page);
  }

  count(userId: number): Promise<number> {
    return countRows(this.database, { from: sql`external_identities i`, where: [sql`i.user_id = ${userId}`] });
  }

  /** Of these, the user's own. */
  async ownByIds(userId: number, ids: readonly number[]): Promise<ExternalIdentity[]> {
    const rows = await this.database.rows<ExternalIdentity>(sql`SELECT ${COLUMNS} FROM external_identities i WHERE i.id = ANY (${[...ids]}::int4[]) AND i.user_id = ${userId}`);
    return rows.map(toExternalIdentity);
  }

  /** Forgets tokens that were refused and have expired. */
  async prune(): Promise<void> {
    await this.database.rows(sql`DELETE FROM refused_tokens WHERE expires_at < now()`);
  }
}

export function toExternalIdentity(row: ExternalIdentity): ExternalIdentity {
  return Object.assign(new ExternalIdentity(), row);
}

/** The user's identity of the subject; null where the subject has none, CONFLICT where it is another's. */
async function ownOf(transaction: Transaction, userId: number, { issuer, subject }: ProvenToken): Promise<ExternalIdentity | null> {
  const [row] = await transaction.rows<ExternalIdentity & { readonly userId: number }>(sql`SELECT ${COLUMNS}, i.user_id AS "userId" FROM external_identities i WHERE i.issuer = ${issuer} AND i.subject = ${subject}`);
  if (row === undefined) return null;
  const { userId: owner, ...identity } = row;
  if (owner !== userId) throw new DomainError('CONFLICT', 'the token is of a subject that signs in as another reader: delete that account, or unlink the subject there', 'token');
  return identity as ExternalIdentity;
}

// Tokens from before the one that links stay refused: of an identity that was unlinked it is not known any more which of them were.
async function insert(transaction: Transaction, userId: number, { issuer, subject, issuedAt }: ProvenToken): Promise<ExternalIdentity> {
  const [row] = await transaction.rows<ExternalIdentity>(sql`
    INSERT INTO external_identities AS i (user_id, issuer, subject, last_seen_on, refused_before)
    SELECT ${userId}::int4, ${issuer}, ${subject}, ${today()}::text::date, ${issuedAt.toISOString()}::text::timestamptz WHERE (SELECT count(*) FROM external_identities WHERE user_id = ${userId}::int4) < ${MOST_IDENTITIES}
    RETURNING ${COLUMNS}`);
  if (row === undefined) throw new DomainError('CONFLICT', `a reader has at most ${MOST_IDENTITIES} external identities: unlink one first`);
  return row;
}

// Counted, never shown: the token may hold elsewhere.
function badToken(token: string): DomainError {
  return badInput('token', 'must be a token that the provider signed for this server and that holds', `${token.length} characters`);
}
