import { rawSql, sql, type Database, type Reader, type Sql, type Transaction } from '../database/database.js';
import type { IdempotencyKeyService } from '../idempotency/idempotencyKey.service.js';
import type { Mailer } from '../mail/mail.js';
import { DomainError } from '../errors.js';
import type { ExternalIdentityService } from '../identities/externalIdentity.service.js';
import type { SignInLimitService } from '../users/signInLimit.service.js';
import type { Credentials, UserService } from '../users/user.service.js';
import type { FateOfComments } from './account.type.js';

export interface Deletion extends Omit<Credentials, 'password'> {
  /** Shows that it is the reader who asks, and not who found them signed in; without one, the token has to. */
  readonly password?: string | null | undefined;
  /** The bearer token of the request. */
  readonly token?: string | null;
  readonly comments: FateOfComments;
}

/** Rows that go in one transaction, and rows of the log that are looked at in one: 0.2 to 0.7 s on two busy cores. */
const ROWS_AT_ONCE = 2000;
const LOG_ROWS_AT_ONCE = 20_000;
/** Of what an account may have very much. */
const MANY = [
  { table: 'upvotes', key: 'paper_id' },
  { table: 'refused_upvotes', key: 'paper_id' },
  { table: 'dismissals', key: 'paper_id' },
  { table: 'comment_upvotes', key: 'comment_id' },
  { table: 'library_entries', key: 'paper_id' },
  { table: 'idempotency_keys', key: 'key' },
] as const;

/** Ends accounts. */
export class AccountDeletionService {
  constructor(
    private readonly database: Database,
    private readonly parts: {
      readonly users: Pick<UserService, 'getByPassword'>;
      readonly signInLimits: Pick<SignInLimitService, 'forget'>;
      readonly externalIdentities: Pick<ExternalIdentityService, 'findByRecentProof'>;
      readonly mailer: Pick<Mailer, 'forget'>;
      readonly idempotencyKeys: Pick<IdempotencyKeyService, 'forgetAccount'>;
    },
  ) {}

  /**
   * Deletes an account with all that its reader did; the papers that it submitted stay. Where the server ends in the middle,
   * the account is still there, with less, and can be deleted. Throws UNAUTHENTICATED and RATE_LIMITED.
   */
  async delete(deletion: Deletion): Promise<void> {
    const { username, comments } = deletion;
    const id = await this.proven(deletion);
    for (const { table, key } of MANY) while ((await this.removeSome(id, table, key)) === ROWS_AT_ONCE);
    await this.clearLog(id);
    const { displayName, email } = await this.database.transaction(async (transaction) => {
      await this.parts.signInLimits.forget(transaction, id);
      return remove(transaction, id, comments);
    });
    // From here on nobody is answered with the account, and nobody can ask for this again: neither waits for the other to succeed.
    const { idempotencyKeys, mailer } = this.parts;
    const ends = await Promise.allSettled([idempotencyKeys.forgetAccount({ id, username, displayName }), email === null ? null : mailer.forget(email)]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  private async proven({ username, password, token, address }: Deletion): Promise<number> {
    const { users, externalIdentities } = this.parts;
    if (password != null) return (await users.getByPassword({ username, password, address })).id;
    const id = token == null ? null : await externalIdentities.findByRecentProof(username, token, new Date());
    if (id !== null) return id;
    throw new DomainError('UNAUTHENTICATED', 'this needs the password, or a token of a provider at which the reader signed in within the last ten minutes');
  }

  // The log has no index by users: it would cost every vote. So all of it is looked at, once.
  private async clearLog(userId: number): Promise<void> {
    const [ends] = await this.database.rows<{ first: number; last: number }>(sql`SELECT coalesce(min(id), 1)::float8 AS first, coalesce(max(id), 0)::float8 AS last FROM changes`);
    for (let { first, last } = ends ?? { first: 1, last: 0 }; first <= last; first += LOG_ROWS_AT_ONCE) {
      await clearChanges(this.database, userId, sql`id >= ${first}::float8::int8 AND id < ${first + LOG_ROWS_AT_ONCE}::float8::int8`);
    }
  }

  /** Removes rows of a table by the user; gives how many. */
  private async removeSome(userId: number, table: string, key: string): Promise<number> {
    const [name, id] = [rawSql(table), rawSql(key)];
    // By the primary key (user_id, key).
    const [row] = await this.database.rows<{ count: number }>(sql`
      WITH gone AS (
        DELETE FROM ${name} WHERE user_id = ${userId}::int4 AND ${id} IN (SELECT ${id} FROM ${name} WHERE user_id = ${userId}::int4 ORDER BY ${id} LIMIT ${ROWS_AT_ONCE}::int4)
        RETURNING 1)
      SELECT count(*)::int4 AS count FROM gone`);
    return row?.count ?? 0;
  }
}

// What hangs on the account goes by foreign keys; triggers set the counters right and log what went away.
/** Removes the account; gives its name and the address that its digest went to. */
async function remove(transaction: Transaction, id: number, comments: FateOfComments): Promise<{ readonly displayName: string | null; readonly email: string | null }> {
  // Nothing comes to the account from here on.
  const [account] = await transaction.rows<{ displayName: string | null }>(sql`SELECT display_name AS "displayName" FROM users WHERE id = ${id}::int4 FOR UPDATE`);
  const [subscription] = await transaction.rows<{ email: string }>(sql`SELECT email FROM digest_subscriptions WHERE user_id = ${id}::int4`);
  if (comments === 'ANONYMISE') await anonymise(transaction, id);
  await transaction.prisma.user.deleteMany({ where: { id } });
  await clearChanges(transaction, id, sql`true`);
  // The live log, of minutes, names no user by a key.
  await transaction.rows(sql`DELETE FROM live_events WHERE kind = 'NOTIFICATION' AND topic_id = ${id}::int4`);
  return { displayName: account?.displayName ?? null, email: subscription?.email ?? null };
}

// Servers that follow the log need to know for a while what went away (ChangeLog.prune), but not what the reader had done.
async function clearChanges(reader: Reader, userId: number, where: Sql): Promise<void> {
  await reader.rows(sql`
    WITH gone AS (DELETE FROM changes WHERE ${where} AND user_id = ${userId}::int4 AND value IS NOT NULL)
    UPDATE changes SET previous = NULL, since = NULL WHERE ${where} AND user_id = ${userId}::int4 AND value IS NULL AND (previous IS NOT NULL OR since IS NOT NULL)`);
}

// Papers before comments, as everywhere.
async function anonymise(transaction: Transaction, userId: number): Promise<void> {
  await transaction.rows(sql`SELECT id FROM papers WHERE id IN (
    SELECT paper_id FROM comments WHERE user_id = ${userId}::int4
    UNION ALL SELECT c.paper_id FROM comment_upvotes v JOIN comments c ON c.id = v.comment_id WHERE v.user_id = ${userId}::int4
    UNION ALL SELECT paper_id FROM upvotes WHERE user_id = ${userId}::int4) ORDER BY id FOR NO KEY UPDATE`);
  await transaction.rows(sql`UPDATE comments SET user_id = NULL, is_anonymised = true WHERE user_id = ${userId}::int4 AND deleted_at IS NULL`);
}
