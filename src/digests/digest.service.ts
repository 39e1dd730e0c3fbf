import { randomUUID } from 'node:crypto';
import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { DomainError, RateLimitError } from '../errors.js';
import { alone } from '../jobs/alone.js';
import type { Mailer } from '../mail/mail.js';
import { hashOf, newToken } from '../users/session.service.js';
import { DigestContent, DigestFrequency, DigestState, type DigestSubscription } from './digest.type.js';
import { nextDue } from './digestClock.js';
import { checkedEmail, checkedSettings, emailHashOf, weekdayOf, type DigestSettings, type DigestWishes } from './digestRules.js';

/** A subscription as the tables have it. */
export interface SubscriptionRow extends DigestSettings {
  readonly id: number;
  readonly userId: number;
  readonly email: string;
  readonly state: DigestState;
  readonly confirmedAt: Date | null;
  readonly nextDueAt: Date | null;
  readonly lastSentAt: Date | null;
  readonly unsubscribeToken: string;
}

/** Columns of digest_subscriptions `s`. */
export const SUBSCRIPTION_COLUMNS = sql`s.id, s.user_id AS "userId", s.email, s.frequency::text AS frequency, s.content::text AS content, s.time_zone AS "timeZone",
  s.hour, s.weekday, s.max_papers AS "maxPapers", s.state::text AS state, s.confirmed_at AS "confirmedAt", s.next_due_at AS "nextDueAt", s.unsubscribe_token AS "unsubscribeToken"`;

/** What a digest is where its reader says nothing else. */
export const DEFAULTS: DigestSettings = { frequency: DigestFrequency.DAILY, content: DigestContent.PERSONAL, timeZone: 'UTC', hour: 8, weekday: null, maxPapers: 10 };

/** Who asks an address to confirm does so alone, so that none of them overlooks another. */
const REQUEST_LOCK = 7270740;
const MINUTE_S = 60;
const DAY_S = 86_400;
/** Between two mails that ask one address to confirm. */
const PAUSE_S = 10 * MINUTE_S;
/** Such mails a day, to one address and for one reader. */
const MOST_A_DAY = 5;
const CONFIRM_HOURS = 48;
const MAILS_KEPT_DAYS = 90;

/** Who wants a digest, and has confirmed it. */
export class DigestService {
  constructor(
    private readonly database: Database,
    private readonly mailer: Pick<Mailer, 'forget'>,
  ) {}

  /** The reader's digest; null for none. */
  async find(userId: number, reader: Reader = this.database): Promise<SubscriptionRow | null> {
    // digest_mails_subscription_id_period_end_idx
    const [row] = await reader.rows<SubscriptionRow>(sql`
      SELECT ${SUBSCRIPTION_COLUMNS},
        (SELECT m.finished_at FROM digest_mails m WHERE m.subscription_id = s.id AND m.kind = 'DIGEST' AND m.state = 'SENT' ORDER BY m.period_end DESC LIMIT 1) AS "lastSentAt"
      FROM digest_subscriptions s WHERE s.user_id = ${userId}`);
    return row ?? null;
  }

  /**
   * Makes the reader's digest what they wish, and asks the address to confirm it unless it has; gives whether it is asked.
   * Throws BAD_USER_INPUT, or RATE_LIMITED where the address was asked lately.
   */
  async subscribe(userId: number, email: string, wishes: DigestWishes): Promise<{ row: SubscriptionRow; isAsked: boolean }> {
    const address = checkedEmail(email);
    const { left, ...subscribed } = await alone(this.database, REQUEST_LOCK, async (reader) => {
      const present = await this.find(userId, reader);
      const settings = checkedSettings(present ?? DEFAULTS, wishes);
      const isAsked = present?.state !== DigestState.ACTIVE || present.email !== address;
      if (isAsked) await this.ask(reader, { userId, address, settings });
      else await this.write(reader, present, settings);
      return { row: await this.get(userId, reader), isAsked, left: present !== null && present.email !== address ? present.email : null };
    });
    if (left !== null) await this.mailer.forget(left);
    return subscribed;
  }

  /** Changes the reader's digest; throws BAD_USER_INPUT, or NOT_FOUND where there is none. */
  update(userId: number, wishes: DigestWishes): Promise<SubscriptionRow> {
    return this.database.transaction(async (reader) => {
      await reader.rows(sql`SELECT id FROM digest_subscriptions WHERE user_id = ${userId} FOR UPDATE`);
      const present = await this.get(userId, reader);
      await this.write(reader, present, checkedSettings(present, wishes));
      return this.get(userId, reader);
    });
  }

  /** Deletes the reader's digest with its address; gives whether there was one. */
  async unsubscribe(userId: number): Promise<boolean> {
    return this.delete(sql`user_id = ${userId}`);
  }

  /** The same by the token of a digest, for whoever has the mail. */
  async unsubscribeBy(token: string): Promise<boolean> {
    return this.delete(sql`unsubscribe_token = ${token}`);
  }

  /** With what is kept of mails to the address. */
  private async delete(where: Sql): Promise<boolean> {
    const rows = await this.database.rows<{ email: string }>(sql`DELETE FROM digest_subscriptions WHERE ${where} RETURNING email`);
    for (const { email } of rows) await this.mailer.forget(email);
    return rows.length > 0;
  }

  /** Confirms an address; doing it again changes nothing. Throws NOT_FOUND for a token that does not hold. */
  confirm(token: string): Promise<{ userId: number; confirmedAt: Date }> {
    return this.database.transaction(async (reader) => {
      // digest_subscriptions_confirm_hash_key
      const [row] = await reader.rows<SubscriptionRow>(sql`
        SELECT ${SUBSCRIPTION_COLUMNS} FROM digest_subscriptions s
        WHERE s.confirm_hash = ${hashOf(token)} AND s.confirm_expires_at > now() AND s.state <> 'BOUNCING' FOR UPDATE`);
      if (row === undefined) throw new DomainError('NOT_FOUND', 'the link is unknown, was followed by a newer one, or is older than 48 hours', 'token');
      if (row.state === DigestState.ACTIVE && row.confirmedAt !== null) return { userId: row.userId, confirmedAt: row.confirmedAt };
      const confirmedAt = new Date();
      await reader.rows(sql`
        UPDATE digest_subscriptions SET state = 'ACTIVE', confirmed_at = ${confirmedAt}, bounce_count = 0, next_due_at = ${await nextDue(row, confirmedAt)} WHERE id = ${row.id}`);
      return { userId: row.userId, confirmedAt };
    });
  }

  /** Lets a token confirm the subscription for 48 hours, in place of those before. */
  async expect(subscriptionId: number, token: string): Promise<void> {
    await this.database.rows(sql`
      UPDATE digest_subscriptions SET confirm_hash = ${hashOf(token)}, confirm_expires_at = clock_timestamp() + make_interval(hours => ${CONFIRM_HOURS}::int4) WHERE id = ${subscriptionId} AND state = 'PENDING'`);
  }

  /** Deletes what was sent long ago, and who was asked more than a day ago; by the indexes on their times. */
  async prune(): Promise<void> {
    await this.database.bulkTransaction((reader) => reader.rows(sql`DELETE FROM digest_mails WHERE finished_at < now() - make_interval(days => ${MAILS_KEPT_DAYS}::int4)`));
    await this.database.rows(sql`DELETE FROM digest_requests WHERE requested_at < now() - make_interval(secs => ${DAY_S}::float8)`);
  }

  private async get(userId: number, reader: Reader): Promise<SubscriptionRow> {
    const row = await this.find(userId, reader);
    if (row === null) throw new DomainError('NOT_FOUND', 'the viewer has no digest: subscribe first');
    return row;
  }

  private async write(reader: Reader, { id, state, nextDueAt, ...present }: SubscriptionRow, settings: DigestSettings): Promise<void> {
    const { frequency, content, timeZone, hour, weekday, maxPapers } = settings;
    // One that is due already still comes, unless it is to come at other times.
    const isMoved = hour !== present.hour || weekday !== present.weekday || timeZone !== present.timeZone;
    const due = state !== DigestState.ACTIVE ? null : isMoved ? await nextDue(settings, new Date()) : nextDueAt;
    await reader.rows(sql`
      UPDATE digest_subscriptions SET frequency = ${frequency}::text::digest_frequency, content = ${content}::text::digest_content, time_zone = ${timeZone},
        hour = ${hour}::int4, weekday = ${weekday}::int4, max_papers = ${maxPapers}::int4, next_due_at = ${due}::timestamptz WHERE id = ${id}`);
  }

  // The mail is written when it is sent: its token is in no table.
  private async ask(reader: Reader, { userId, address, settings }: { readonly userId: number; readonly address: string; readonly settings: DigestSettings }): Promise<void> {
    await this.refuseTooMany(reader, userId, address);
    const { frequency, content, timeZone, hour, weekday, maxPapers } = settings;
    const [row] = await reader.rows<{ id: number }>(sql`
      INSERT INTO digest_subscriptions (user_id, email, frequency, content, time_zone, hour, weekday, max_papers, unsubscribe_token)
      VALUES (${userId}::int4, ${address}, ${frequency}::text::digest_frequency, ${content}::text::digest_content, ${timeZone}, ${hour}::int4, ${weekday}::int4, ${maxPapers}::int4, ${newToken('')})
      ON CONFLICT (user_id) DO UPDATE SET email = excluded.email, frequency = excluded.frequency, content = excluded.content, time_zone = excluded.time_zone,
        hour = excluded.hour, weekday = excluded.weekday, max_papers = excluded.max_papers, unsubscribe_token = excluded.unsubscribe_token,
        state = 'PENDING', next_due_at = NULL, confirmed_at = NULL, confirm_hash = NULL, confirm_expires_at = NULL, bounce_count = 0
      RETURNING id`);
    await reader.rows(sql`INSERT INTO digest_requests (user_id, email_hash) VALUES (${userId}::int4, ${emailHashOf(address)})`);
    await reader.rows(sql`
      INSERT INTO digest_mails (subscription_id, kind, period, period_end, state, due_at)
      VALUES (${row?.id ?? 0}::int4, 'CONFIRMATION', ${`CONFIRMATION ${randomUUID()}`}, clock_timestamp(), 'QUEUED', clock_timestamp())`);
  }

  // digest_requests_email_hash_requested_at_idx and digest_requests_user_id_requested_at_idx; a day of each has five rows, of a
  // reader who was refused none more.
  private async refuseTooMany(reader: Reader, userId: number, address: string): Promise<void> {
    const [asked] = await reader.rows<{ lastAge: number | null; count: number; firstAge: number | null; ownCount: number; ownFirstAge: number | null }>(sql`
      SELECT a.*, o.* FROM
        (SELECT ${ageOf(sql`max`)} AS "lastAge", ${ageOf(sql`min`)} AS "firstAge", count(*)::int4 AS count FROM digest_requests WHERE email_hash = ${emailHashOf(address)} AND ${IS_OF_DAY}) a,
        (SELECT ${ageOf(sql`min`)} AS "ownFirstAge", count(*)::int4 AS "ownCount" FROM digest_requests WHERE user_id = ${userId} AND ${IS_OF_DAY}) o`);
    const { lastAge = null, count = 0, firstAge = null, ownCount = 0, ownFirstAge = null } = asked ?? {};
    const waits = [
      lastAge !== null && lastAge < PAUSE_S ? PAUSE_S - lastAge : 0,
      count >= MOST_A_DAY ? DAY_S - (firstAge ?? 0) : 0,
      ownCount >= MOST_A_DAY ? DAY_S - (ownFirstAge ?? 0) : 0,
    ];
    const wait = Math.ceil(Math.max(...waits));
    if (wait > 0) throw new RateLimitError(`an address is asked to confirm a digest once in ten minutes and ${MOST_A_DAY} times a day, and for one reader as often a day; come again in ${wait} seconds`, wait);
  }
}

const IS_OF_DAY = sql`requested_at > clock_timestamp() - make_interval(secs => ${DAY_S}::float8)`;

function ageOf(aggregate: typeof IS_OF_DAY): typeof IS_OF_DAY {
  return sql`extract(epoch FROM clock_timestamp() - ${aggregate}(requested_at))::float8`;
}

export function toSubscription(row: SubscriptionRow): DigestSubscription {
  const { email, frequency, content, timeZone, hour, maxPapers, state, confirmedAt, nextDueAt, lastSentAt } = row;
  return { email, frequency, content, timeZone, hour, weekday: weekdayOf(row.weekday), maxPapers, state, confirmedAt, nextDueAt, lastSentAt };
}
