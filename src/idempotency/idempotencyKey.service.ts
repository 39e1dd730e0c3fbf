import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql, type Database } from '../database/database.js';
import { secondsToRoom } from '../database/quota.js';
import { DomainError, InProgressError, RateLimitError } from '../errors.js';
import { KEY_ARGUMENT, type IdempotencyKeys, type KeyHolder, type KeyedUse } from '../graphql/idempotencyKey.js';
import { HeldKey, type Results } from './heldKey.js';
import { fromNow, isAt } from './keyRow.js';
import { LaterWrites } from './laterWrites.js';
import { answerTellsOf, resultsTellOf, type GoneAccount } from './traces.js';
import { Waiters } from './waiters.js';

/** How long the answer to a first use is waited for: proxies and clients give up after 30 s, and then know nothing. */
const WAIT_MS = 10_000;
/** How long a waiting request sleeps between looks, at first and at most. */
const FIRST_PAUSE_MS = 15;
const LONGEST_PAUSE_MS = 250;
/** New keys of a reader in 24 hours: one every nine seconds. An answer has 32 KB at most and what was noted 64, so they take 1 GB at most. */
const KEYS_A_DAY = 10_000;
/** Keys that are looked through in one statement: 32 MB of answers at most. */
const KEYS_AT_ONCE = 1000;

interface KeyPlace {
  readonly userId: number;
  readonly key: string;
}

interface KeyRow {
  readonly isSame: boolean;
  readonly mutation: string;
  readonly isCompleted: boolean;
  /** Where it was given to the same selection. */
  readonly answer: string | null;
  readonly hasWritten: boolean;
  /** What was written is not known: it was too long, or told of an account that is gone. */
  readonly isLost: boolean;
  /** Seconds until nobody holds it, if nobody speaks for it; 0 where nobody does. */
  readonly heldFor: number;
}

/** Keys of readers, by which mutations are done once. */
export class IdempotencyKeyService implements IdempotencyKeys {
  onFailure: (error: unknown) => void = () => undefined;
  /** Texts that any answer may have; an account that is called so stands in no answer by them. */
  schemaWords: ReadonlySet<string> = new Set();
  /** How long a request waits for the answer of another one; tests wait less. */
  waitMs = WAIT_MS;

  private readonly waiters = new Waiters();
  private readonly later = new LaterWrites();

  constructor(
    private readonly database: Database,
    private readonly keptHours = 24,
  ) {}

  /** The answer that was given, or leave to do it, waited for while others do. Throws IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS, CONFLICT or RATE_LIMITED. */
  async take(use: KeyedUse): Promise<{ readonly answer: string } | KeyHolder> {
    const holder = randomUUID();
    const first = await this.look(use, holder);
    if (!('heldFor' in first)) return first;
    if (!this.waiters.enter(use.viewerId)) throw inProgress(use, first);
    try {
      return await this.wait(use, holder);
    } finally {
      this.waiters.leave(use.viewerId);
    }
  }

  /** Ends what is still to be noted. */
  stop(): void {
    this.later.stop();
  }

  /** Deletes keys of long ago; by idempotency_keys_created_at_idx. */
  async prune(): Promise<void> {
    await this.database.rows(sql`DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(hours => ${this.keptHours}::int4)`);
  }

  // All keys are read, of a day: 0.9 s for 100,000 of them on two busy cores, a thousand a statement so that none comes near the time that one may take.
  /** Forgets the answers that readers got in which an account stands that is gone, and what was noted of it. */
  async forgetAccount(account: GoneAccount): Promise<void> {
    const [answers, results] = [answerTellsOf(account, this.schemaWords), resultsTellOf(account)];
    for (let last: KeyPlace | undefined = { userId: 0, key: '' }; last !== undefined;) {
      [last] = await this.database.rows<KeyPlace>(sql`
        WITH page AS (
          SELECT user_id, key, ${answers} AS "isAnswer", ${results} AS "isResult" FROM idempotency_keys
          WHERE (user_id, key) > (${last.userId}::int4, ${last.key}) ORDER BY user_id, key LIMIT ${KEYS_AT_ONCE}::int4),
        told AS (
          UPDATE idempotency_keys k SET answer = CASE WHEN NOT "isAnswer" THEN answer END, selection = CASE WHEN NOT "isAnswer" THEN selection END,
            results = CASE WHEN NOT "isResult" THEN results END
          FROM page WHERE ("isAnswer" OR "isResult") AND k.user_id = page.user_id AND k.key = page.key)
        SELECT user_id AS "userId", key FROM page ORDER BY user_id DESC, key DESC LIMIT 1`);
    }
  }

  private async wait(use: KeyedUse, holder: string): Promise<{ readonly answer: string } | KeyHolder> {
    const end = Date.now() + this.waitMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      await sleep(pause);
      const found = await this.look(use, holder);
      if (!('heldFor' in found)) return found;
      if (Date.now() >= end) throw inProgress(use, found);
    }
  }

  /** The answer or leave to do it, or the row that another request holds. */
  private async look(use: KeyedUse, holder: string): Promise<{ readonly answer: string } | KeyHolder | KeyRow> {
    for (;;) {
      const row = await this.find(use);
      if (row === null) {
        if (await this.begin(use, holder)) return this.held(use, holder, {});
        await this.requireRoom(use);
        continue;
      }
      requireSame(use, row);
      if (row.answer !== null) return { answer: row.answer };
      if (row.heldFor > 0) return row;
      requireOpen(use, row);
      const results = await this.resume(use, holder);
      return results === null ? row : this.held(use, holder, results);
    }
  }

  private async find(use: KeyedUse): Promise<KeyRow | null> {
    const [row] = await this.database.rows<KeyRow>(sql`
      SELECT mutation = ${use.mutation} AND arguments = ${use.argumentsHash} AS "isSame", mutation, completed_at IS NOT NULL AS "isCompleted",
        CASE WHEN selection = ${use.selectionHash} THEN answer END AS answer, coalesce(results <> '{}', true) AS "hasWritten", results IS NULL AS "isLost",
        ceil(greatest(0, extract(epoch FROM held_until - clock_timestamp())))::int4 AS "heldFor"
      FROM idempotency_keys WHERE ${isAt(use)}`);
    return row ?? null;
  }

  // idempotency_keys_user_id_created_at_idx. Of several at once a few may come in beyond the last place, which is a bound on room.
  /** Writes a key that is new; false where it is not, or there is no room for it. */
  private async begin(use: KeyedUse, holder: string): Promise<boolean> {
    const rows = await this.database.rows(sql`
      INSERT INTO idempotency_keys (user_id, key, mutation, arguments, holder, held_until)
      SELECT ${use.viewerId}::int4, ${use.key}, ${use.mutation}, ${use.argumentsHash}, ${holder}::text::uuid, ${fromNow()}
      WHERE NOT EXISTS (SELECT FROM idempotency_keys WHERE user_id = ${use.viewerId}::int4 AND created_at > now() - interval '1 day' ORDER BY created_at DESC OFFSET ${KEYS_A_DAY - 1}::int4)
      ON CONFLICT (user_id, key) DO NOTHING RETURNING mutation`);
    return rows.length > 0;
  }

  /** Takes a key that nobody holds; gives what was written under it, or null where another one was quicker. */
  private async resume(use: KeyedUse, holder: string): Promise<Results | null> {
    const [row] = await this.database.rows<{ results: Results }>(sql`
      UPDATE idempotency_keys SET holder = ${holder}::text::uuid, held_until = ${fromNow()}
      WHERE ${isAt(use)} AND held_until <= clock_timestamp() RETURNING results`);
    return row?.results ?? null;
  }

  private held(use: KeyedUse, holder: string, results: Results): HeldKey {
    return new HeldKey(this.database, { use, holder, results, later: this.later, onFailure: this.onFailure });
  }

  private async requireRoom({ viewerId }: KeyedUse): Promise<void> {
    const retryAfter = await secondsToRoom(this.database, { table: 'idempotency_keys', column: 'user_id', most: KEYS_A_DAY }, viewerId);
    if (retryAfter !== null) throw new RateLimitError(`a reader may use ${KEYS_A_DAY} idempotency keys in 24 hours: come again in ${retryAfter} s`, retryAfter);
  }
}

function requireSame({ mutation }: KeyedUse, row: KeyRow): void {
  if (row.isSame) return;
  const before = row.mutation === mutation ? 'with other arguments' : `for ${row.mutation}`;
  throw new DomainError('IDEMPOTENCY_KEY_REUSED', `this idempotencyKey was used ${before}: send a new one with each new request`, KEY_ARGUMENT);
}

/** Whether it may be gone on with: what has a secret was told once, and what is not known cannot be told. */
function requireOpen({ mutation, isSecret }: KeyedUse, { isCompleted, hasWritten, isLost }: KeyRow): void {
  if (isLost) throw new DomainError('CONFLICT', `${mutation} was done with this idempotencyKey, or a part of it, and what came of it is not kept: it was too long, or told of an account that was deleted`, KEY_ARGUMENT);
  if (isSecret && (isCompleted || hasWritten)) throw new DomainError('CONFLICT', `${mutation} was done with this idempotencyKey, and its answer is not kept, as it has a secret`, KEY_ARGUMENT);
}

function inProgress({ mutation }: KeyedUse, { heldFor }: KeyRow): InProgressError {
  const retryAfter = Math.max(1, heldFor);
  return new InProgressError(`${mutation} with this idempotencyKey is still being done: come again in ${retryAfter} s`, retryAfter);
}
