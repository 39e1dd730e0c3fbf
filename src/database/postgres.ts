import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { Connection } from './connection.js';
import type { Driver, DriverRows } from './database.js';
import { Heartbeat } from './heartbeat.js';
import { BULK_LOCK_MS, BULK_STATEMENT_MS, DEFAULT_LIMITS, IDLE_TRANSACTION_MS, type DatabaseLimits } from './limits.js';
import { listenOn } from './listener.js';
import { migrate } from './migrations.js';
import { StatementNames } from './statementNames.js';

/** How long the database may take to answer at the start: it may be starting, too. */
const START_TIMEOUT_MS = 10_000;
/** How often connections are looked at that wait for an answer. */
const CHECK_EVERY_MS = 1_000;
// Who has gone without a word, as behind a firewall that forgot the connection, is noticed after these and ten attempts of a second.
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

// Instants are read as text: in the one form that the drivers know, whatever the server or the role prefers.
// A page of a table costs the same wherever it lies, in memory and on today's disks: under the default of 4, for disks that
// turn, PostgreSQL fetches and sorts all 4,401 votes of a paper where the first 21 lie side by side in their index.
export const SESSION_OPTIONS = '-c DateStyle=ISO,MDY -c TimeZone=UTC -c random_page_cost=1';

const BULK = `SET LOCAL statement_timeout = ${BULK_STATEMENT_MS}; SET LOCAL lock_timeout = ${BULK_LOCK_MS}`;

/** Connects to a PostgreSQL server and brings its tables up to date. */
export async function openPostgres(url: string, poolSize: number, limits: DatabaseLimits = DEFAULT_LIMITS): Promise<Driver> {
  await migrateServer(url);
  const connections = new Connections({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: limits.poolMs,
    statement_timeout: limits.statementMs,
    lock_timeout: limits.lockMs,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
    options: SESSION_OPTIONS,
    ...KEEP_ALIVE,
  });
  const { pool } = connections;
  const names = new StatementNames();
  let heartbeat: Heartbeat | null = null;
  return {
    kind: 'postgresql',
    description: `PostgreSQL at ${withoutPassword(url)}`,
    adapter: new PrismaPg(pool),
    limits,
    rows: async (text, parameters) => {
      const name = names.of(text);
      return (await pool.query<Record<string, unknown>>({ text, values: [...parameters], ...(name !== undefined && { name }) })).rows;
    },
    reread: (text, parameters) => connections.transaction('BEGIN READ ONLY', limits.statementMs, (rows) => rows(text, parameters)),
    snapshot: (work) => connections.transaction(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${BULK}`, BULK_STATEMENT_MS, work),
    transaction: (work) => connections.transaction(`BEGIN; ${BULK}`, BULK_STATEMENT_MS, work),
    connections: () => ({ most: poolSize, open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    listen: (channel, onNotify) => listenOn({ connectionString: url, connectionTimeoutMillis: limits.poolMs, ...KEEP_ALIVE }, channel, onNotify),
    watch: (onChange) => {
      heartbeat = new Heartbeat({
        connection: () => new Connection({ connectionString: url, ...KEEP_ALIVE }),
        onChange: (outage, cause) => {
          // What they wait for will not come; those of before may be dead without having been told.
          if (outage !== null) connections.giveUpAll();
          onChange(outage, cause);
        },
      });
      return heartbeat;
    },
    close: async () => {
      heartbeat?.stop();
      await connections.close();
    },
  };
}

/** The pool, and what is known of its connections. */
class Connections {
  readonly pool: pg.Pool;
  private readonly open = new Set<Connection>();
  private readonly timer: NodeJS.Timeout;

  constructor(options: pg.PoolConfig & { readonly statement_timeout: number }) {
    const { statement_timeout: statementMs } = options;
    this.pool = new pg.Pool({ ...options, Client: Connection as unknown as new () => pg.ClientBase });
    // Without a listener, an idle connection that the server cuts would end the process.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => {
      const connection = client as unknown as Connection;
      connection.limitMs = statementMs;
      this.open.add(connection);
    });
    this.pool.on('remove', (client) => { this.open.delete(client as unknown as Connection); });
    this.timer = setInterval(() => { for (const connection of this.open) connection.check(); }, CHECK_EVERY_MS).unref();
  }

  /** Runs `work` in a transaction that `begin` begins, on the driver itself; a statement of it may take `limitMs`. */
  async transaction<Result>(begin: string, limitMs: number, work: (rows: DriverRows) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    const connection = client as unknown as Connection;
    const usualMs = connection.limitMs;
    let failure: Error | undefined;
    try {
      connection.limitMs = limitMs;
      await client.query(begin);
      const result = await work(async (text, parameters) => (await client.query<Record<string, unknown>>(text, [...parameters])).rows);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      // A connection in an unknown state does not go back into the pool.
      failure = error as Error;
      throw error;
    } finally {
      connection.limitMs = usualMs;
      client.release(failure);
    }
  }

  /** Ends all but those with work of thousands of rows, which has the time to wait. */
  giveUpAll(): void {
    for (const connection of this.open) if (!connection.isAsked || connection.limitMs < BULK_STATEMENT_MS) connection.giveUp();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.pool.end();
  }
}

// On a connection of its own: the advisory lock belongs to it, and a migration may take longer than a statement may.
async function migrateServer(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: START_TIMEOUT_MS });
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
