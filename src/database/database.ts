import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client';
import { Prisma, PrismaClient } from '../generated/prisma/client.js';

/** A statement with its parameters, composed with the tag `sql`. */
export type Sql = Prisma.Sql;
/** Composes statements: sql`SELECT … WHERE id = ${id}`; values become parameters, nested statements are inlined. */
export const { sql, join: joinSql, raw: rawSql, empty: emptySql } = Prisma;

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

/** What a driver brings: PGlite's or pg's. */
export interface Driver {
  /** For people: `embedded (folder)` or the server's address without its password. */
  readonly description: string;
  readonly adapter: SqlDriverAdapterFactory;
  rows(text: string, parameters: readonly unknown[]): Promise<unknown[]>;
  close(): Promise<void>;
}

/** The one door to the tables: hand-written reads go to the driver, the rest through Prisma on the same connections. */
export class Database implements Reader {
  readonly prisma: PrismaClient;
  readonly description: string;
  /** Called for every statement that reaches the driver; tests count with it. */
  onStatement: ((text: string) => void) | null = null;

  constructor(private readonly driver: Driver) {
    this.description = driver.description;
    this.prisma = new PrismaClient({
      adapter: driver.adapter,
      log: [{ emit: 'event', level: 'query' }],
      transactionOptions: { maxWait: 10_000, timeout: 60_000 },
    });
    (this.prisma as PrismaClient<'query'>).$on('query', (event) => this.onStatement?.(event.query));
  }

  async rows<Row>(statement: Sql): Promise<Row[]> {
    const text = statement.text;
    this.onStatement?.(text);
    return (await this.driver.rows(text, statement.values)) as Row[];
  }

  /** Runs `work` in one transaction: all of it is written, or nothing. */
  transaction<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    isolationLevel: Prisma.TransactionIsolationLevel = 'ReadCommitted',
  ): Promise<Result> {
    return this.prisma.$transaction(
      (client) => work({ prisma: client, rows: <Row>(statement: Sql) => client.$queryRaw<Row[]>(statement) }),
      { isolationLevel },
    );
  }

  async close(): Promise<void> {
    await this.prisma.$disconnect();
    await this.driver.close();
  }
}
