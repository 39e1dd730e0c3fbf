import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client';
import { DomainError, type UnavailableError } from '../errors.js';
import { Prisma, PrismaClient } from '../generated/prisma/client.js';
import { failureOf, mayBeOfAll, unavailable, type FailureKind } from './failure.js';
import type { DatabaseLimits } from './limits.js';
import { isConflict, sqlStateOf } from './sqlErrors.js';
import type { OperationRecord } from '../telemetry/operation.js';
import type { StatementObserver } from '../telemetry/statement.js';
import { observedAdapter, timed } from './observedStatements.js';
import { nextWrite, type RecordedWrite } from './recording.js';

/** A statement with its parameters, composed with the tag `sql`. */
export type Sql = Prisma.Sql;
/** Composes statements: sql`SELECT … WHERE id = ${id}`; values become parameters, nested statements are inlined. */
export const { sql, join: joinSql, raw: rawSql, empty: emptySql } = Prisma;

/** A statement as text, with a number for each of its values. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Runs statements written by hand. They return types that every driver reads alike: int4, float8, text, boolean,
 * timestamptz, jsonb and arrays of these (int8 and numeric are cast, dates are read as text).
 */
export interface Reader {
  rows<Row>(statement: Sql): Promise<Row[]>;
}

/** The same inside a transaction. A service that gets one must not touch the Database until it ends. */
export interface Transaction extends Reader {
  readonly prisma: Prisma.TransactionClient;
}

export type DatabaseKind = 'embedded' | 'postgresql';

/** What a driver brings: PGlite's or pg's. */
export interface Driver {
  readonly kind: DatabaseKind;
  /** For people: `embedded (folder)` or the server's address without its password. */
  readonly description: string;
  readonly adapter: SqlDriverAdapterFactory;
  /** Where it was handed out while it opens: settles when it is open, or cannot be opened. */
  readonly opened?: Promise<void>;
  readonly limits: DatabaseLimits;
  /** How many connections there are, and how many statements wait for one. */
  connections(): Connections;
  rows(text: string, parameters: readonly unknown[]): Promise<unknown[]>;
  /** Runs `work` in one read-only transaction that sees one state of all tables, however long it takes. */
  snapshot<Result>(work: (rows: DriverRows) => Promise<Result>): Promise<Result>;
  /**
   * Runs a statement on another connection, which refuses (SQLSTATE 25006) to write anything. Missing where there is no other
   * connection to lose.
   */
  reread?(text: string, parameters: readonly unknown[]): Promise<unknown[]>;
  /** Runs `work` in one transaction, whose statements have the time that thousands of rows take. */
  transaction<Result>(work: (rows: DriverRows) => Promise<Result>): Promise<Result>;
  /**
   * Calls `onNotify` for each notification of a channel, and whenever some may have been missed: at first, and after the
   * connection was lost and made again.
   */
  listen(channel: string, onNotify: () => void): Promise<Listener>;
  /** Begins to look whether the database answers. Missing where it is in the process. */
  watch?(onChange: OutageListener): Watch;
  close(): Promise<void>;
}

/** Called when the database answers no longer, and (null) when it answers again. */
export type OutageListener = (outage: FailureKind | null, cause: unknown) => void;

/** Whether the database answers. */
export interface Watch {
  /** Why nobody is answered; null while there is no reason to think so. */
  readonly outage: FailureKind | null;
  /** To be called when a statement failed as where nobody is answered. */
  suspect(): void;
}

export interface Connections {
  /** How many there may be. */
  readonly most: number;
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}

export interface Listener {
  /** Notifies all who listen on the channel, this one too; nobody while the connection is lost. */
  notify(): void;
  close(): Promise<void>;
}

export type DriverRows = (text: string, parameters: readonly unknown[]) => Promise<unknown[]>;

export interface TransactionOptions {
  readonly isolationLevel?: Prisma.TransactionIsolationLevel;
  /** Which errors are worth another attempt; conflicts when left out. */
  readonly isRepeatable?: (error: unknown) => boolean;
}

const MAX_ATTEMPTS = 5;
// Up to a random part of 25, 50, 100 and 200 ms: of 100 contested transactions of four clients 22 failed without a pause, 10 from
// 10 ms on, 8 from 25 ms on, which was also the quickest.
const FIRST_PAUSE_MS = 25;
/** How long is waited for a statement that nothing but the database's health depends on. */
const PING_MS = 1_500;

/** The one door to the tables: hand-written reads go to the driver, the rest through Prisma on the same connections. */
export class Database implements Reader {
  readonly prisma: PrismaClient;
  readonly description: string;
  readonly kind: DatabaseKind;
  /** Called for every statement that reaches the driver, with its values where it is written by hand; tests count with it. */
  onStatement: ((text: string, values?: readonly unknown[]) => void) | null = null;
  /** Called for each failure of the database that somebody is told of. */
  onFailure: (kind: FailureKind, error: unknown) => void = () => undefined;
  private health: Watch | null = null;
  /** Told of every statement when it has ended; null while nobody wants to know. */
  observer: StatementObserver | null = null;
  /** Those who wait for an answer, to be told of an outage. */
  private readonly waiting = new Set<(reason: UnavailableError) => void>();

  constructor(private readonly driver: Driver) {
    this.description = driver.description;
    this.kind = driver.kind;
    this.prisma = new PrismaClient({
      adapter: observedAdapter(driver.adapter, () => this.observer),
      log: [{ emit: 'event', level: 'query' }],
      transactionOptions: { maxWait: driver.limits.poolMs, timeout: driver.limits.transactionMs },
    });
    (this.prisma as PrismaClient<'query'>).$on('query', (event) => this.onStatement?.(event.query));
  }

  /** Statements need not wait for it; throws where the database cannot be opened. */
  async opened(): Promise<void> {
    await this.driver.opened;
  }

  /** From now on, while the database answers nobody, whoever asks is told at once. */
  watch(onChange: OutageListener): void {
    this.health ??= this.driver.watch?.((outage, cause) => {
      // Who waits for a connection would do so to the end of their time.
      if (outage !== null) for (const fail of [...this.waiting]) fail(unavailable(outage, cause));
      onChange(outage, cause);
    }) ?? null;
  }

  /** What to tell whoever asks while the database is known to answer nobody; null while it may answer. */
  outage(): UnavailableError | null {
    const kind = this.health?.outage ?? null;
    return kind === null ? null : unavailable(kind);
  }

  /** Throws UNAVAILABLE where no statement is answered soon. */
  async ping(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => { reject(unavailable('HANGING')); }, PING_MS).unref(); });
    const answer = this.rows(sql`SELECT 1 AS one`);
    try {
      await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
      answer.catch(() => undefined);
    }
  }

  /** What a caller is told of an error: UNAVAILABLE where it is a failure of the database, any other error as it is. */
  judge(error: unknown): unknown {
    if (error instanceof DomainError) return error;
    const kind = failureOf(error);
    if (kind === null) return error;
    this.onFailure(kind, error);
    if (mayBeOfAll(kind)) this.health?.suspect();
    return unavailable(kind, error);
  }

  /**
   * One statement; where the database gives up on it for the sake of another (a deadlock), or what it names went away while it
   * waited, it runs again. So does one that writes nothing, once, where its connection was cut. `operation` is whom it is for, where
   * that is known. Throws UNAVAILABLE.
   */
  rows<Row>(statement: Statement, operation?: OperationRecord): Promise<Row[]> {
    const { text, values } = statement;
    const write = statement instanceof Prisma.Sql ? nextWrite(text) : null;
    if (write !== null) return this.noting(write, (transaction) => transaction.rows<Row>(statement as Sql), { isRepeatable: isMomentary });
    this.onStatement?.(text, values);
    return this.judged(() => this.unlessOutage(this.rowsOrReread({ text, values }, operation) as Promise<Row[]>));
  }

  /**
   * Runs `work` in one transaction: all of it is written, or nothing. When the database gives up on it for the sake of
   * another one (a deadlock, a write conflict), or its connection is cut before its end, it runs again, so `work` must write
   * nothing but through it. Throws UNAVAILABLE.
   */
  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>, options: TransactionOptions = {}): Promise<Result> {
    const write = nextWrite('transaction');
    return write === null ? this.transacting(work, options) : this.noting(write, work, options);
  }

  private async transacting<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    { isolationLevel = 'ReadCommitted', isRepeatable = isConflict }: TransactionOptions,
  ): Promise<Result> {
    let isEnding = false;
    const attempt = (): Promise<Result> => {
      isEnding = false;
      return this.prisma.$transaction(
        async (client) => {
          const result = await work({ prisma: client, rows: <Row>(statement: Sql) => client.$queryRaw<Row[]>(statement) });
          // What waits for the commit is looked at before it: errors of commits come from the drivers, each in a form of its own.
          await client.$executeRaw`SET CONSTRAINTS ALL IMMEDIATE`;
          isEnding = true;
          return result;
        },
        { isolationLevel },
      );
    };
    // Cut before its COMMIT was sent, it is known not to be written.
    return this.judged(() => this.unlessOutage(this.repeating((error) => isRepeatable(error) || (!isEnding && failureOf(error) === 'CUT'), attempt)));
  }

  /** The same on the driver itself, for writes of thousands of rows: with their time, and nothing of Prisma between. */
  bulkTransaction<Result>(
    work: (reader: Reader) => Promise<Result>,
    { isRepeatable = isConflict }: Pick<TransactionOptions, 'isRepeatable'> = {},
  ): Promise<Result> {
    const write = nextWrite('transaction');
    if (write !== null && write.known !== null) return Promise.resolve(write.known.result as Result);
    const whole = write === null ? work : noted(write, work);
    return this.judged(() => this.repeating(isRepeatable, () => this.driver.transaction((rows) => whole(this.readerOf(rows)))));
  }

  /** What the work has as result, or had at an earlier execution. */
  private async noting<Result>(write: RecordedWrite, work: (transaction: Transaction) => Promise<Result>, options: TransactionOptions): Promise<Result> {
    return write.known === null ? this.transacting(noted(write, work), options) : (write.known.result as Result);
  }

  /** Runs `work` in one read-only transaction that sees one state of all tables, however long it takes. */
  snapshot<Result>(work: (reader: Reader) => Promise<Result>): Promise<Result> {
    return this.judged(() => this.driver.snapshot((rows) => work(this.readerOf(rows))));
  }

  /** See Driver.listen. */
  listen(channel: string, onNotify: () => void): Promise<Listener> {
    return this.driver.listen(channel, onNotify);
  }

  /** See Driver.connections. */
  connections(): Connections {
    return this.driver.connections();
  }

  async close(): Promise<void> {
    await this.prisma.$disconnect();
    await this.driver.close();
  }

  private async rowsOrReread({ text, values }: Statement, operation: OperationRecord | undefined): Promise<unknown[]> {
    try {
      return await this.repeating(isMomentary, () => timed(this.observer, { text, operation }, () => this.driver.rows(text, values)));
    } catch (error) {
      if (this.driver.reread === undefined || failureOf(error) !== 'CUT') throw error;
      this.health?.suspect();
      // What writes may have been written: PostgreSQL refuses it in a transaction that only reads, and so the first error stands.
      return await this.driver.reread(text, values).catch(() => { throw error; });
    }
  }

  /** The same, which fails as soon as the database is known to answer nobody. */
  private unlessOutage<Result>(answer: Promise<Result>): Promise<Result> {
    if (this.health === null) return answer;
    return new Promise<Result>((resolve, reject) => {
      this.waiting.add(reject);
      const settled = <Value>(tell: (value: Value) => void) => (value: Value): void => {
        this.waiting.delete(reject);
        tell(value);
      };
      answer.then(settled(resolve), settled(reject));
    });
  }

  private async judged<Result>(work: () => Promise<Result>): Promise<Result> {
    const outage = this.outage();
    if (outage !== null) throw outage;
    try {
      return await work();
    } catch (error) {
      throw this.judge(error);
    }
  }

  private readerOf(rows: DriverRows): Reader {
    return {
      rows: async <Row>({ text, values }: Statement) => {
        this.onStatement?.(text, values);
        return (await timed(this.observer, { text }, () => rows(text, values))) as Row[];
      },
    };
  }

  private async repeating<Result>(isRepeatable: (error: unknown) => boolean, attemptOnce: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await attemptOnce();
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !isRepeatable(error)) throw error;
        this.observer?.repeated();
        await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** (attempt - 1));
      }
    }
  }
}

/** The work, which notes its result at its end. */
function noted<Within extends Reader, Result>(write: RecordedWrite, work: (reader: Within) => Promise<Result>): (reader: Within) => Promise<Result> {
  return async (reader) => {
    const result = await work(reader);
    await write.note(reader, result);
    return result;
  };
}

/** A conflict, or a row that a statement names and that went away while it waited. */
function isMomentary(error: unknown): boolean {
  return isConflict(error) || sqlStateOf(error) === '23503';
}
