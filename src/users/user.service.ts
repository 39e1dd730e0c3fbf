import type { AuditService } from '../audit/audit.service.js';
import { rawSql, sql, type Database, type Reader } from '../database/database.js';
import { isUniqueViolation } from '../database/sqlErrors.js';
import { DomainError, badInput } from '../errors.js';
import type { Role } from '../generated/prisma/enums.js';
import { checkedText } from '../inputRules.js';
import type { Account, Viewer } from '../graphql/context.js';
import { hashPassword, verifyPassword } from './password.js';
import { RESERVED_USERNAMES } from './reservedUsernames.js';
import type { Claimant, SignInLimitService } from './signInLimit.service.js';
import { User } from './user.type.js';

export interface NewUser {
  readonly username: string;
  readonly password: string;
  readonly displayName?: string | null;
  /** Where it is asked for from; none for accounts that the server makes by itself. */
  readonly address?: string;
}

/** Proof of being somebody. */
export interface Credentials extends Claimant {
  readonly password: string;
}

/** Who has proved it by a password. */
export interface ProvenAccount extends Account {
  readonly passwordHash: string;
}

/** Columns of users `u` as a User has them. */
export const USER_COLUMNS = sql`u.id AS "rowId", u.username, u.display_name AS "displayName", u.role::text AS role,
  u.is_simulated AS "isSimulated", u.created_at AS "createdAt", u.upvote_count AS "upvoteCount",
  u.follower_count AS "followerCount"`;

/** Tables of what opens an account, or a part of it, beside its password. */
const OPENING = ['external_identities', 'sessions', 'feed_tokens', 'data_exports'] as const;

const USERNAME = /^[a-z0-9][a-z0-9_-]{1,38}$/;

/** Accounts. */
export class UserService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly limits: Pick<SignInLimitService, 'take' | 'keep' | 'know' | 'takeSignUp'>,
  ) {}

  async byIds(ids: readonly number[]): Promise<User[]> {
    return toUsers(await this.database.rows<User>(sql`SELECT ${USER_COLUMNS} FROM users u WHERE u.id = ANY (${[...ids]}::int4[])`));
  }

  async byUsernames(usernames: readonly string[]): Promise<User[]> {
    return toUsers(
      await this.database.rows<User>(sql`SELECT ${USER_COLUMNS} FROM users u WHERE u.username = ANY (${[...usernames]}::text[])`),
    );
  }

  /** Makes an account; throws BAD_USER_INPUT, CONFLICT or RATE_LIMITED. */
  async signUp(input: NewUser, role: Role = 'READER'): Promise<User> {
    if (!USERNAME.test(input.username)) {
      throw badInput('username', 'must be 2 to 39 lower-case letters, digits, hyphens and underscores, starting with a letter or digit', input.username);
    }
    if (input.address !== undefined && RESERVED_USERNAMES.has(input.username)) throw new DomainError('CONFLICT', `the username "${input.username}" is the server's own`, 'username');
    const password = checkedPassword(input.password);
    const displayName = input.displayName == null ? null : checkedText('displayName', input.displayName, { min: 1, max: 80 });
    if (input.address !== undefined) await this.limits.takeSignUp(input.address);
    const passwordHash = await hashPassword(password);
    try {
      const { id } = await this.database.prisma.user.create({
        data: { username: input.username, passwordHash, displayName, role },
        select: { id: true },
      });
      if (input.address !== undefined) await this.limits.know({ username: input.username, address: input.address });
      return await this.getById(id);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new DomainError('CONFLICT', `the username "${input.username}" is taken`, 'username');
    }
  }

  /** Makes an account without a password by the first of the names that is free; null where all are taken. */
  async makeWithoutPassword(reader: Reader, usernames: readonly string[]): Promise<number | null> {
    const names = usernames.filter((name) => USERNAME.test(name));
    const [user] = await reader.rows<{ id: number }>(sql`
      INSERT INTO users (username)
      SELECT n.name FROM unnest(${names}::text[]) WITH ORDINALITY AS n(name, place)
      WHERE NOT EXISTS (SELECT FROM users u WHERE u.username = n.name) ORDER BY n.place LIMIT 1
      ON CONFLICT (username) DO NOTHING RETURNING id`);
    return user?.id ?? null;
  }

  /**
   * The rows of users by name; with `makesSimulated`, of simulated readers alone, who cannot sign in, and whoever is not there
   * is made as one.
   */
  async idsOf(reader: Reader, usernames: readonly string[], { makesSimulated }: { readonly makesSimulated: boolean }): Promise<Map<string, number>> {
    const names = [...new Set(usernames)].filter((name) => USERNAME.test(name)).sort();
    if (names.length === 0) return new Map();
    if (makesSimulated) {
      await reader.rows(sql`
        INSERT INTO users (username, is_simulated) SELECT name, true FROM unnest(${names}::text[]) AS name
        WHERE NOT EXISTS (SELECT FROM users u WHERE u.username = name) ON CONFLICT (username) DO NOTHING`);
    }
    const rows = await reader.rows<{ id: number; username: string }>(sql`SELECT id, username FROM users WHERE username = ANY (${names}::text[]) AND (is_simulated OR NOT ${makesSimulated}::boolean)`);
    return new Map(rows.map(({ id, username }) => [username, id]));
  }

  /** Whose username and password these are; null where one is wrong. */
  async findByPassword(username: string, password: string): Promise<ProvenAccount | null> {
    // Each start asks this: through Prisma it would load the compiler of its queries, a fifth of a second of processor time.
    const [user] = await this.database.rows<Account & { readonly passwordHash: string | null }>(
      sql`SELECT id, username, role::text AS role, password_hash AS "passwordHash" FROM users WHERE username = ${username}`,
    );
    const passwordHash = user?.passwordHash ?? null;
    const isRight = await verifyPassword(passwordHash, password);
    return user === undefined || passwordHash === null || !isRight ? null : { ...user, passwordHash };
  }

  /**
   * The same for whoever asks, as often as they may; throws UNAUTHENTICATED, with one message for an unknown user and a wrong
   * password, and RATE_LIMITED, for both alike as well.
   */
  async getByPassword(given: Credentials): Promise<ProvenAccount> {
    await this.limits.take(given);
    const account = await this.findByPassword(given.username, given.password);
    if (account === null) throw wrongPassword();
    await this.limits.keep(given);
    return account;
  }

  /**
   * Gives an account another password, and ends the sessions that were opened by the one before, but that of a token; returns how
   * many. Throws BAD_USER_INPUT, UNAUTHENTICATED and RATE_LIMITED.
   */
  async changePassword(given: Credentials, { newPassword, token }: { readonly newPassword: string; readonly token: string | null }): Promise<number> {
    checkedPassword(newPassword, 'newPassword');
    const { id, passwordHash } = await this.getByPassword(given);
    if (newPassword === given.password) throw badInput('newPassword', 'must be unlike the current password', 'the same');
    const ended = await this.setPassword(id, { password: newPassword, before: passwordHash, token });
    if (ended === null) throw wrongPassword();
    return ended;
  }

  /** Makes the account, or gives the one of this name the password and the role, and ends whatever opened it by another one. */
  async ensureAccount(account: NewUser, role: Role): Promise<void> {
    const { username, password } = account;
    // Several servers may start on one database: the one that comes second finds the account.
    await this.signUp(account, role).catch((error: unknown) => {
      if (!(error instanceof DomainError && error.code === 'CONFLICT')) throw error;
    });
    if ((await this.findByPassword(username, password)) === null) return this.takeOver(username, role, await hashPassword(checkedPassword(password)));
    await this.database.prisma.user.update({ where: { username }, data: { role }, select: { id: true } });
  }

  /** Gives a role, and notes who gave it; throws NOT_FOUND. */
  async setRole(username: string, role: Role, actor: Viewer): Promise<User> {
    const id = await this.database.transaction(async (transaction) => {
      const [user] = await transaction.rows<{ id: number; role: Role }>(sql`SELECT id, role::text AS role FROM users WHERE username = ${username} FOR NO KEY UPDATE`);
      if (user === undefined) throw new DomainError('NOT_FOUND', `there is no user "${username}"`, 'username');
      if (user.role === role) return user.id;
      await transaction.rows(sql`UPDATE users SET role = ${role}::text::role WHERE id = ${user.id} RETURNING id`);
      await this.audit.record(transaction, { actorId: actor.id, action: 'SET_ROLE', object: { type: 'User', id: user.id }, details: { role, previousRole: user.role } });
      return user.id;
    });
    return this.getById(id);
  }

  /** The user; throws NOT_FOUND. */
  async get(id: number, field = 'userId'): Promise<User> {
    const [user] = await this.byIds([id]);
    if (user === undefined) throw new DomainError('NOT_FOUND', 'there is no such user', field);
    return user;
  }

  // Whoever had the account may have been another: with the role they must keep nothing that opens it. All in one transaction, so that
  // a server that ends meanwhile has given nobody a role.
  private async takeOver(username: string, role: Role, passwordHash: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const [user] = await transaction.rows<{ id: number }>(sql`UPDATE users SET role = ${role}::text::role, password_hash = ${passwordHash} WHERE username = ${username} RETURNING id`);
      if (user === undefined) throw new Error(`user ${username} vanished`);
      // Identities first, as who opens a session by one locks it.
      for (const table of OPENING) await transaction.rows(sql`DELETE FROM ${rawSql(table)} WHERE user_id = ${user.id}::int4`);
    });
  }

  /** Ends what the password before opened; gives how many sessions, or null where it is not `before`. */
  private async setPassword(id: number, { password, before, token }: { readonly password: string; readonly before: string; readonly token: string | null }): Promise<number | null> {
    const passwordHash = await hashPassword(checkedPassword(password));
    return this.database.transaction(async (transaction) => {
      const changed = await transaction.rows(sql`
        UPDATE users SET password_hash = ${passwordHash} WHERE id = ${id} AND password_hash = ${before} RETURNING id`);
      if (changed.length === 0) return null;
      return (await transaction.rows(sql`
        DELETE FROM sessions WHERE user_id = ${id} AND kind = 'SIGN_IN' AND token_hash <> sha256(convert_to(${token ?? ''}, 'UTF8')) RETURNING id`)).length;
    });
  }

  private async getById(id: number): Promise<User> {
    const [user] = await this.byIds([id]);
    if (user === undefined) throw new Error(`user ${id} vanished`);
    return user;
  }
}

export function toUsers(rows: readonly User[]): User[] {
  return rows.map(toUser);
}

export function toUser(row: User): User {
  return Object.assign(new User(), row);
}

/** The one answer to whom no password proves. */
export function wrongPassword(): DomainError {
  return new DomainError('UNAUTHENTICATED', 'the username or the password is wrong');
}

function checkedPassword(password: string, field = 'password'): string {
  // Counted, never shown: the value received stays out of messages and logs.
  const length = password.length;
  if (length < 8 || length > 256) throw badInput(field, 'must have 8 to 256 characters', `${length} characters`);
  return password;
}
