import { randomUUID } from 'node:crypto';
import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { dayIn } from '../feeds/period.js';
import { alone, isHeld } from '../jobs/alone.js';
import type { JobTurns } from '../jobs/jobQueue.js';
import { LEASE_MS } from '../jobs/lease.js';
import type { MailOutcome } from '../mail/mail.js';
import { SUBSCRIPTION_COLUMNS, type SubscriptionRow } from './digest.service.js';
import { lastDue, nextDue } from './digestClock.js';

/** A mail that an attempt has begun to send. */
export interface MailRow {
  readonly id: number;
  readonly kind: 'CONFIRMATION' | 'DIGEST';
  readonly period: string;
  readonly periodEnd: Date;
  /** Names the attempt. */
  readonly executor: string;
  /** Who asked for it. */
  readonly username: string;
  readonly subscription: Omit<SubscriptionRow, 'lastSentAt'>;
}

/** Who decides whose turn it is does so alone. */
const ADVISORY_LOCK = 7270741;
// now() rather than the clock, which no index can be asked for: each minute would read all subscriptions. Columns have whole
// milliseconds: what was made due just now may lie half of one ahead, and would wait for the next look.
const NOW = sql`(now() + interval '1 ms')`;
/** How long to wait after each attempt that failed for now, in minutes: half a working day in all. */
const BACK_OFF_MINUTES = [1, 5, 15, 60, 180];
/** Mails in a row that were refused for good before an address is left alone. */
const MOST_BOUNCES = 3;

/**
 * Whose turn it is. A digest is sent at most once: it is a row of its own for each subscription and day, and the moment
 * before the mail server is given the mail is in it. A sender that ends before that moment is followed by another one; after
 * it nobody can know whether the mail went out, and a digest that is missed once is better than one that comes twice.
 */
export class DigestTurns implements JobTurns {
  constructor(
    private readonly database: Database,
    private readonly leaseMs = LEASE_MS,
  ) {}

  /** How many mails of the last 90 days are in each state but those that went as they should, by digest_mails_state_due_at_idx. */
  counts(): Promise<{ readonly state: string; readonly count: number }[]> {
    return this.database.rows(sql`
      SELECT s.state::text AS state, (SELECT count(*)::int4 FROM digest_mails m WHERE m.state = s.state) AS count
      FROM unnest('{QUEUED,SENDING,FAILED,UNCERTAIN}'::digest_mail_state[]) s (state)`);
  }

  /** By digest_subscriptions_next_due_at_idx and digest_mails_state_due_at_idx. */
  async isAnyWaiting(): Promise<boolean> {
    const [row] = await this.database.rows<{ isAny: boolean }>(sql`
      SELECT EXISTS (SELECT FROM digest_subscriptions WHERE next_due_at <= ${NOW})
        OR EXISTS (SELECT FROM digest_mails WHERE state = 'QUEUED' AND due_at <= ${NOW})
        OR EXISTS (SELECT FROM digest_mails WHERE ${this.isAbandoned()}) AS "isAny"`);
    return row?.isAny === true;
  }

  take(): Promise<number | null> {
    return alone(this.database, ADVISORY_LOCK, async (reader) => {
      await reader.rows(sql`
        UPDATE digest_mails SET state = 'UNCERTAIN', finished_at = clock_timestamp(), error = 'the server that sent it ended while it was on its way'
        WHERE ${this.isAbandoned()} AND handed_over_at IS NOT NULL`);
      return (
        (await takeMail(reader, sql`${this.isAbandoned()}`)) ??
        (await takeMail(reader, sql`state = 'QUEUED' AND due_at <= ${NOW}`)) ??
        (await takeDue(reader))
      );
    });
  }

  async hold(mailId: number): Promise<boolean> {
    const rows = await this.database.rows(sql`UPDATE digest_mails SET active_at = clock_timestamp() WHERE id = ${mailId} AND state = 'SENDING' RETURNING id`);
    return rows.length > 0;
  }

  async giveBack(mailId: number): Promise<void> {
    await this.database.rows(sql`UPDATE digest_mails SET active_at = NULL WHERE id = ${mailId} AND state = 'SENDING' AND handed_over_at IS NULL`);
  }

  /** Tries it again later, unless it may have gone out. */
  async fail(mailId: number, error: string): Promise<void> {
    await this.later(sql`id = ${mailId} AND state = 'SENDING' AND handed_over_at IS NULL`, error);
    await this.database.rows(sql`
      UPDATE digest_mails SET state = 'UNCERTAIN', finished_at = clock_timestamp(), error = ${error} WHERE id = ${mailId} AND state = 'SENDING'`);
  }

  /** Begins an attempt, which ends those before; null where the mail is no longer wanted. */
  async begin(mailId: number): Promise<MailRow | null> {
    const executor = randomUUID();
    const [row] = await this.database.rows<Omit<SubscriptionRow, 'lastSentAt'> & Omit<MailRow, 'id' | 'subscription' | 'executor'>>(sql`
      UPDATE digest_mails m SET executor = ${executor}, attempt_count = m.attempt_count + 1
      FROM digest_subscriptions s JOIN users u ON u.id = s.user_id
      WHERE m.id = ${mailId} AND m.state = 'SENDING' AND m.handed_over_at IS NULL AND s.id = m.subscription_id AND ${IS_WANTED}
      RETURNING ${SUBSCRIPTION_COLUMNS}, u.username, m.kind::text AS kind, m.period, m.period_end AS "periodEnd"`);
    if (row === undefined) return null;
    const { kind, period, periodEnd, username, ...subscription } = row;
    return { id: mailId, kind, period, periodEnd, username, executor, subscription };
  }

  /** The last word before the mail server is given the mail: whether this attempt is the one that may. */
  async handOver({ id, executor, subscription }: MailRow, paperIds: readonly number[]): Promise<boolean> {
    const rows = await this.database.rows(sql`
      UPDATE digest_mails m SET handed_over_at = clock_timestamp(), active_at = clock_timestamp(), paper_ids = ${[...paperIds]}::int4[]
      FROM digest_subscriptions s
      WHERE m.id = ${id} AND m.state = 'SENDING' AND m.executor = ${executor} AND m.handed_over_at IS NULL
        AND s.id = m.subscription_id AND s.email = ${subscription.email} AND ${IS_WANTED}
      RETURNING m.id`);
    return rows.length > 0;
  }

  /** Ends a mail that is no longer wanted. */
  async drop(mailId: number): Promise<void> {
    await this.database.rows(sql`
      UPDATE digest_mails m SET state = 'EMPTY', finished_at = clock_timestamp() FROM digest_subscriptions s
      WHERE m.id = ${mailId} AND m.state = 'SENDING' AND m.handed_over_at IS NULL AND s.id = m.subscription_id AND NOT ${IS_WANTED}`);
  }

  /** Writes what became of an attempt; one that was taken over has nothing to say. */
  async end({ id, executor, kind, subscription }: MailRow, outcome: MailOutcome | { readonly kind: 'EMPTY' }): Promise<void> {
    const own = sql`id = ${id} AND state = 'SENDING' AND executor = ${executor}`;
    switch (outcome.kind) {
      case 'WITHHELD':
      case 'EMPTY':
        await this.finish(own, 'EMPTY', null);
        return;
      case 'DELAYED':
        return this.later(own, outcome.reason);
      case 'UNCERTAIN':
        await this.finish(own, 'UNCERTAIN', outcome.reason);
        return;
      case 'ACCEPTED':
        if (await this.finish(own, 'SENT', null)) await this.database.rows(sql`UPDATE digest_subscriptions SET bounce_count = 0 WHERE id = ${subscription.id} AND bounce_count > 0`);
        return;
      case 'REFUSED':
        if ((await this.finish(own, 'FAILED', outcome.reason)) && kind === 'DIGEST') await this.bounce(subscription.id);
    }
  }

  private async finish(own: Sql, state: 'SENT' | 'EMPTY' | 'FAILED' | 'UNCERTAIN', error: string | null): Promise<boolean> {
    // A mail that was refused has shown nothing.
    const rows = await this.database.rows(sql`
      UPDATE digest_mails SET state = ${state}::text::digest_mail_state, finished_at = clock_timestamp(), error = ${error}::text,
        paper_ids = CASE ${state}::text WHEN 'FAILED' THEN '{}' ELSE paper_ids END
      WHERE ${own} RETURNING id`);
    return rows.length > 0;
  }

  private async later(own: Sql, error: string): Promise<void> {
    await this.database.rows(sql`
      UPDATE digest_mails SET error = ${error}, handed_over_at = NULL, active_at = NULL, paper_ids = '{}',
        state = CASE WHEN attempt_count <= ${BACK_OFF_MINUTES.length}::int4 THEN 'QUEUED'::digest_mail_state ELSE 'FAILED' END,
        finished_at = CASE WHEN attempt_count <= ${BACK_OFF_MINUTES.length}::int4 THEN NULL ELSE clock_timestamp() END,
        due_at = clock_timestamp() + make_interval(mins => coalesce((${BACK_OFF_MINUTES}::int4[])[greatest(attempt_count, 1)], 0))
      WHERE ${own}`);
  }

  private async bounce(subscriptionId: number): Promise<void> {
    await this.database.rows(sql`
      UPDATE digest_subscriptions SET bounce_count = bounce_count + 1,
        state = CASE WHEN bounce_count + 1 >= ${MOST_BOUNCES}::int4 THEN 'BOUNCING'::digest_state ELSE state END,
        next_due_at = CASE WHEN bounce_count + 1 >= ${MOST_BOUNCES}::int4 THEN NULL ELSE next_due_at END
      WHERE id = ${subscriptionId} AND state = 'ACTIVE'`);
  }

  private isAbandoned(): Sql {
    return sql`(state = 'SENDING' AND NOT ${isHeld(sql`active_at`, this.leaseMs)})`;
  }
}

/** Nothing but the question goes to an address that has not confirmed, and no question to one that has. */
const IS_WANTED = sql`(s.state = 'ACTIVE') = (m.kind = 'DIGEST')`;

async function takeMail(reader: Reader, condition: Sql): Promise<number | null> {
  const [row] = await reader.rows<{ id: number }>(sql`
    UPDATE digest_mails SET state = 'SENDING', active_at = clock_timestamp()
    WHERE id = (SELECT id FROM digest_mails WHERE ${condition} ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id`);
  return row?.id ?? null;
}

/** Makes the mail of the digest that has been due for longest, and says when the next one is. */
async function takeDue(reader: Reader): Promise<number | null> {
  for (;;) {
    const [row] = await reader.rows<SubscriptionRow & { readonly nextDueAt: Date; readonly now: Date }>(sql`
      SELECT ${SUBSCRIPTION_COLUMNS}, clock_timestamp() AS now FROM digest_subscriptions s
      WHERE s.next_due_at <= ${NOW} ORDER BY s.next_due_at LIMIT 1 FOR UPDATE SKIP LOCKED`);
    if (row === undefined) return null;
    const due = await lastDue(row, row.nextDueAt, row.now);
    await reader.rows(sql`UPDATE digest_subscriptions SET next_due_at = ${await nextDue(row, due)} WHERE id = ${row.id}`);
    // Of a day there is one, also where the hour or the time zone was changed meanwhile.
    const [mail] = await reader.rows<{ id: number }>(sql`
      INSERT INTO digest_mails (subscription_id, kind, period, period_end, state, due_at, active_at)
      VALUES (${row.id}::int4, 'DIGEST', ${dayIn(row.timeZone, due)}, ${due}, 'SENDING', ${due}, clock_timestamp())
      ON CONFLICT (subscription_id, period) DO NOTHING RETURNING id`);
    if (mail !== undefined) return mail.id;
  }
}
