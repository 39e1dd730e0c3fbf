import { rawSql, sql, type Database, type Reader, type Sql, type Transaction } from '../database/database.js';
import type { Mailer } from '../mail/mail.js';
import type { SignInLimitService } from '../users/signInLimit.service.js';
import type { Credentials, UserService } from '../users/user.service.js';
import type { FateOfComments } from './account.type.js';

export interface Deletion extends Credentials {
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
] as const;

/** Ends accounts. */
export class AccountDeletionService {
  constructor(
    private readonly database: Database,
    private readonly others: {
      readonly users: Pick<UserService, 'getByPassword'>;
      readonly signInLimits: Pick<SignInLimitService, 'forget'>;
      readonly mailer: Pick<Mailer, 'forget'>;
    },
  ) {}

  /**
   * Deletes an account with all that its reader did; the papers that it submitted stay. Where the server ends in the middle,
   * the account is still there, with less, and can be deleted. Throws UNAUTHENTICATED and RATE_LIMITED.
   */
  async delete({ comments, ...given }: Deletion): Promise<void> {
    const { users, signInLimits, mailer } = this.others;
    const { id } = await users.getByPassword(given);
    for (const { table, key } of MANY) while ((await this.removeSome(id, table, key)) === ROWS_AT_ONCE);
    await this.clearLog(id);
    const email = await this.database.transaction(async (transaction) => {
      await signInLimits.forget(transaction, id);
      return remove(transaction, id, comments);
    });
    if (email !== null) await mailer.forget(email);
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
/** Removes the account; gives the address that its digest went to. */
async function remove(transaction: Transaction, id: number, comments: FateOfComments): Promise<string | null> {
  // Nothing comes to the account from here on.
  await transaction.rows(sql`SELECT id FROM users WHERE id = ${id}::int4 FOR UPDATE`);
  const [subscription] = await transaction.rows<{ email: string }>(sql`SELECT email FROM digest_subscriptions WHERE user_id = ${id}::int4`);
  if (comments === 'ANONYMISE') await anonymise(transaction, id);
  await transaction.prisma.user.deleteMany({ where: { id } });
  await clearChanges(transaction, id, sql`true`);
  // The live log, of minutes, names no user by a key.
  await transaction.rows(sql`DELETE FROM live_events WHERE kind = 'NOTIFICATION' AND topic_id = ${id}::int4`);
  return subscription?.email ?? null;
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
