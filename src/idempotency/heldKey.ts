import { createHash } from 'node:crypto';
import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { recorded, type RecordedWrite, type Recorder } from '../database/recording.js';
import { InProgressError, type ErrorCode } from '../errors.js';
import type { KeyHolder, KeyedUse } from '../graphql/idempotencyKey.js';
import { HELD_SECONDS, fromNow, isAt } from './keyRow.js';
import type { LaterWrites } from './laterWrites.js';
import { decoded, encoded } from './resultJson.js';

/** How often a holder says that it is at it: often enough for two of three to be missed. */
const BEAT_MS = (HELD_SECONDS / 3) * 1000;
/** Answers that are longer are made anew for whoever repeats what they answer. */
const LONGEST_ANSWER = 32_768;

/**
 * Results that are longer in all, as of a library of which a thousand entries are refused (0.4 MB), are not kept, only that there were
 * some: with the answers they would be 4 GB of a reader in a day.
 */
const LONGEST_RESULTS = 65_536;
/** Refusals that may be written themselves: the attempt is counted, and nothing else is done. */
const COUNTED: ReadonlySet<ErrorCode> = new Set(['RATE_LIMITED', 'CONFLICT']);

/** By the names of statements and transactions. */
export type Results = Readonly<Record<string, unknown>>;

interface Holding {
  readonly use: KeyedUse;
  readonly holder: string;
  /** What was noted before by another holder. */
  readonly results: Results;
  readonly later: LaterWrites;
  readonly onFailure: (error: unknown) => void;
}

/** A key while one request does what it stands for. Each write notes its result in its own transaction, or does not happen. */
export class HeldKey implements KeyHolder, Recorder {
  private readonly counts = new Map<string, number>();
  /** How long each result is that was noted or would be. */
  private readonly lengths: Map<string, number>;
  /** Of reads so far: the next write notes them with its own, since what was read decides what is written. */
  private readonly read: Record<string, unknown> = {};
  private hasWritten = false;
  private readonly beat: NodeJS.Timeout;

  constructor(
    private readonly database: Database,
    private readonly holding: Holding,
  ) {
    this.lengths = new Map(Object.entries(holding.results).map(([place, result]) => [place, JSON.stringify(result).length]));
    this.beat = setInterval(() => { this.sayAlive(); }, BEAT_MS).unref();
  }

  run<Result>(work: () => Promise<Result> | Result): Promise<Result> {
    return recorded(this, work);
  }

  next(name: string): RecordedWrite {
    const count = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, count);
    const place = `${count} ${createHash('sha256').update(name).digest('base64url').slice(0, 12)}`;
    const { results } = this.holding;
    return { known: place in results ? { result: decoded(results[place]) } : null, note: (transaction, result) => this.note(transaction, place, result) };
  }

  // The first answer stays: another selection of the same object was asked for later.
  async complete(answer: string): Promise<void> {
    const { selectionHash, isSecret } = this.holding.use;
    const isKept = !isSecret && answer.length <= LONGEST_ANSWER;
    await this.end(async () => {
      await this.database.rows(sql`
        UPDATE idempotency_keys SET held_until = clock_timestamp(), completed_at = coalesce(completed_at, clock_timestamp()),
          selection = CASE WHEN answer IS NULL THEN ${isKept ? selectionHash : null}::bytea ELSE selection END, answer = coalesce(answer, ${isKept ? answer : null}::text)
        WHERE ${this.isHeld()}`);
    });
  }

  async leave(): Promise<void> {
    await this.end(async () => {
      await this.database.rows(sql`DELETE FROM idempotency_keys WHERE ${this.isHeld()} AND completed_at IS NULL AND results = '{}'`);
      await this.letGo();
    });
  }

  async forget(code: ErrorCode): Promise<void> {
    // What was written before this request came, or by it, is not undone by its refusal, and must not be written again.
    if (Object.keys(this.holding.results).length > 0 || (this.hasWritten && !COUNTED.has(code))) return this.leave();
    await this.end(async () => {
      await this.database.rows(sql`DELETE FROM idempotency_keys WHERE ${this.isHeld()} AND completed_at IS NULL`);
      await this.letGo();
    });
  }

  private async letGo(): Promise<void> {
    await this.database.rows(sql`UPDATE idempotency_keys SET held_until = clock_timestamp() WHERE ${this.isHeld()}`);
  }

  /** The mutation is done, or refused, whatever the database says of this: the key is free when it is not spoken for any more. */
  private async end(write: () => Promise<void>): Promise<void> {
    clearInterval(this.beat);
    await this.holding.later.write(write).catch(this.holding.onFailure);
  }

  private sayAlive(): void {
    this.database.rows(sql`UPDATE idempotency_keys SET held_until = ${fromNow()} WHERE ${this.isHeld()}`).catch(this.holding.onFailure);
  }

  // What only reads has no transaction id, which costs it this one statement.
  /** Throws where another request has taken the key meanwhile, which ends the transaction. */
  private async note(transaction: Pick<Reader, 'rows'>, place: string, result: unknown): Promise<void> {
    const json = encoded(result);
    // Nobody goes on with what has a secret: that it was written is all there is to know.
    const noted = this.holding.use.isSecret ? { [place]: null } : { ...this.read, [place]: json };
    const text = this.textOf(noted);
    const [row] = await transaction.rows<{ isWrite: boolean; count: number }>(sql`
      WITH state AS MATERIALIZED (SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS "isWrite"),
      noted AS (
        UPDATE idempotency_keys SET results = results || ${text}::text::jsonb
        WHERE ${this.isHeld()} AND (SELECT "isWrite" FROM state) RETURNING 1)
      SELECT "isWrite", (SELECT count(*)::int4 FROM noted) AS count FROM state`);
    if (row?.isWrite !== true) this.read[place] = json;
    else if (row.count > 0) this.hasWritten = true;
    else {
      throw new InProgressError(`another request took ${this.holding.use.mutation} with this idempotencyKey over: come again in ${HELD_SECONDS} s`, HELD_SECONDS);
    }
  }

  /** As JSON; null, which makes of all results nothing, where it is too much with what was noted before. */
  private textOf(noted: Readonly<Record<string, unknown>>): string | null {
    const text = JSON.stringify(noted);
    for (const [place, result] of Object.entries(noted)) this.lengths.set(place, JSON.stringify(result).length);
    const before = [...this.lengths].reduce((sum, [place, length]) => (place in noted ? sum : sum + length), 0);
    return before + text.length > LONGEST_RESULTS ? null : text;
  }

  private isHeld(): Sql {
    return sql`${isAt(this.holding.use)} AND holder = ${this.holding.holder}::text::uuid`;
  }
}
