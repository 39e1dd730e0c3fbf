import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Driver, DriverRows } from './database.js';
import { listenOn } from './listener.js';
import { migrate } from './migrations.js';
import { StatementNames } from './statementNames.js';

const CONNECT_TIMEOUT_MS = 10_000;
// No served statement takes seconds; one that does is stopped before it starves the pool.
const STATEMENT_TIMEOUT_MS = 30_000;

// Instants are read as text: in the one form that the drivers know, whatever the server or the role prefers.
// A page of a table costs the same wherever it lies, in memory and on today's disks: under the default of 4, for disks that
// turn, PostgreSQL fetches and sorts all 4,401 votes of a paper where the first 21 lie side by side in their index.
export const SESSION_OPTIONS = '-c DateStyle=ISO,MDY -c TimeZone=UTC -c random_page_cost=1';

/** Connects to a PostgreSQL server and brings its tables up to date. */
export async function openPostgres(url: string, poolSize: number): Promise<Driver> {
  await migrateServer(url);
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    options: SESSION_OPTIONS,
  });
  // Without a listener, an idle connection that the server cuts would end the process.
  pool.on('error', () => undefined);
  const names = new StatementNames();
  return {
    kind: 'postgresql',
    description: `PostgreSQL at ${withoutPassword(url)}`,
    adapter: new PrismaPg(pool),
    rows: async (text, parameters) => {
      const name = names.of(text);
      return (await pool.query<Record<string, unknown>>({ text, values: [...parameters], ...(name !== undefined && { name }) })).rows;
    },
    snapshot: (work) => inTransaction(pool, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work),
    transaction: (work) => inTransaction(pool, 'BEGIN', work),
    connections: () => ({ most: poolSize, open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    listen: (channel, onNotify) => listenOn({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true }, channel, onNotify),
    close: () => pool.end(),
  };
}

async function inTransaction<Result>(pool: pg.Pool, begin: string, work: (rows: DriverRows) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    // Reading whole tables, or writing thousands of rows, takes longer than a served statement may.
    await client.query(`${begin}; SET LOCAL statement_timeout = 0`);
    const result = await work(async (text, parameters) => (await client.query<Record<string, unknown>>(text, [...parameters])).rows);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection in an unknown state does not go back into the pool.
    failure = error as Error;
    throw error;
  } finally {
    client.release(failure);
  }
}

// On a connection of its own: the advisory lock belongs to it, and a migration may take longer than a statement may.
async function migrateServer(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  await client.connect();
  try {
    await migrate({
      script: async (sql) => {
        await client.query(sql);
      },
      rows: async (sql, parameters) => (await client.query<Record<string, unknown>>(sql, [...parameters])).rows,
    });
  } finally {
    await client.end();
  }
}

function withoutPassword(url: string): string {
  const address = new URL(url);
  address.password = '';
  address.search = '';
  return address.href;
}
