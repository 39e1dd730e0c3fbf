import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client';
import { Prisma, PrismaClient } from '../generated/prisma/client.js';
import type { OperationRecord } from '../telemetry/operation.js';
import type { StatementObserver } from '../telemetry/statement.js';
import { observedAdapter, timed } from './observedStatements.js';

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
  /** How many connections there are, and how many statements wait for one. */
  connections(): Connections;
  rows(text: string, parameters: readonly unknown[]): Promise<unknown[]>;
  /** Runs `work` in one read-only transaction that sees one state of all tables, however long it takes. */
  snapshot<Result>(work: (rows: DriverRows) => Promise<Result>): Promise<Result>;
  /** Runs `work` in one transaction, without a limit on the time of its statements. */
  transaction<Result>(work: (rows: DriverRows) => Promise<Result>): Promise<Result>;
  /**
   * Calls `onNotify` for each notification of a channel, and whenever some may have been missed: at first, and after the
   * connection was lost and made again.
   */
  listen(channel: string, onNotify: () => void): Promise<Listener>;
  close(): Promise<void>;
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

/** PostgreSQL's code of an error that it gave itself (SQLSTATE, five characters), whichever way it came; else null. */
export function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return /^[0-9A-Z]{5}$/.exec(String((error as { code?: unknown }).code))?.[0] ?? null;
  if (error.code === 'P2034') return '40001';
  if (error.code === 'P2002') return '23505';
  return /"originalCode":"([0-9A-Z]{5})"/.exec(JSON.stringify(error.meta ?? {}))?.[1] ?? null;
}

/** The constraint that PostgreSQL's error names, whichever way it came; else null. */
export function constraintOf(error: unknown): string | null {
  // All repeat PostgreSQL's message, or put the name into one of Prisma's.
  return error instanceof Error ? (/ constraint:? ["`]([a-z0-9_]+)["`]/.exec(error.message)?.[1] ?? null) : null;
}

/** A deadlock or a serialization failure. */
export function isConflict(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '40P01' || state === '40001';
}

/** A row exists already whose key must be unique (23505), by Prisma's code, within a raw query's error, or by the driver's code. */
export function isUniqueViolation(error: unknown): boolean {
  return sqlStateOf(error) === '23505';
}

/** A value that the tables refuse (classes 22 and 23: data and constraints), rather than a database in trouble. */
export function isRefusal(error: unknown): boolean {
  return /^2[23]/.test(sqlStateOf(error) ?? '');
}

/** The one door to the tables: hand-written reads go to the driver, the rest through Prisma on the same connections. */
export class Database implements Reader {
  readonly prisma: PrismaClient;
  readonly description: string;
  readonly kind: DatabaseKind;
  /** Called for every statement that reaches the driver, with its values where it is written by hand; tests count with it. */
  onStatement: ((text: string, values?: readonly unknown[]) => void) | null = null;
  /** Told of every statement when it has ended; null while nobody wants to know. */
  observer: StatementObserver | null = null;

  constructor(private readonly driver: Driver) {
    this.description = driver.description;
    this.kind = driver.kind;
    this.prisma = new PrismaClient({
      adapter: observedAdapter(driver.adapter, () => this.observer),
      log: [{ emit: 'event', level: 'query' }],
      transactionOptions: { maxWait: 10_000, timeout: 60_000 },
    });
    (this.prisma as PrismaClient<'query'>).$on('query', (event) => this.onStatement?.(event.query));
  }

  /** Statements need not wait for it; throws where the database cannot be opened. */
  async opened(): Promise<void> {
    await this.driver.opened;
  }

  /**
   * One statement; where the database gives up on it for the sake of another (a deadlock), or what it names went away while it
   * waited, it runs again. `operation` is whom it is for, where that is known.
   */
  async rows<Row>({ text, values }: Statement, operation?: OperationRecord): Promise<Row[]> {
    this.onStatement?.(text, values);
    const attempt = (): Promise<unknown[]> => timed(this.observer, { text, operation }, () => this.driver.rows(text, values));
    return (await this.repeating((error) => isConflict(error) || sqlStateOf(error) === '23503', attempt)) as Row[];
  }

  /**
   * Runs `work` in one transaction: all of it is written, or nothing. When the database gives up on it for the sake of
   * another one (a deadlock, a write conflict), it runs again, so `work` must write nothing but through it.
   */
  async transaction<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    { isolationLevel = 'ReadCommitted', isRepeatable = isConflict }: TransactionOptions = {},
  ): Promise<Result> {
    return this.repeating(isRepeatable, () =>
      this.prisma.$transaction(
        async (client) => {
          const result = await work({ prisma: client, rows: <Row>(statement: Sql) => client.$queryRaw<Row[]>(statement) });
          // What waits for the commit is looked at before it: errors of commits come from the drivers, each in a form of its own.
          await client.$executeRaw`SET CONSTRAINTS ALL IMMEDIATE`;
          return result;
        },
        { isolationLevel },
      ),
    );
  }

  /** The same on the driver itself, for writes of thousands of rows: no limit of time, and nothing of Prisma between. */
  bulkTransaction<Result>(
    work: (reader: Reader) => Promise<Result>,
    { isRepeatable = isConflict }: Pick<TransactionOptions, 'isRepeatable'> = {},
  ): Promise<Result> {
    return this.repeating(isRepeatable, () => this.driver.transaction((rows) => work(this.readerOf(rows))));
  }

  /** Runs `work` in one read-only transaction that sees one state of all tables, however long it takes. */
  snapshot<Result>(work: (reader: Reader) => Promise<Result>): Promise<Result> {
    return this.driver.snapshot((rows) => work(this.readerOf(rows)));
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
      }
    }
  }
}
