import { randomBytes } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { EXTENSIONS } from '../../src/database/pgliteExtensions.js';
import type { MigrationConnection } from '../../src/database/migrations.js';
import { isOnServer } from './testDatabase.js';

/** A database without any table, for migrations. */
export interface EmptyDatabase {
  /** The server's address of it; null where it is embedded. */
  readonly url: string | null;
  /** A connection: another one at each call on a server, the only one where it is embedded. */
  connect(): Promise<MigrationConnection>;
  /** Closes the connections and drops it. */
  drop(): Promise<void>;
}

export function createEmptyDatabase(): Promise<EmptyDatabase> {
  return isOnServer ? emptyOnServer() : emptyEmbedded();
}

async function emptyEmbedded(): Promise<EmptyDatabase> {
  const pglite = await PGlite.create({ extensions: EXTENSIONS });
  return { url: null, connect: () => Promise.resolve(pgliteConnection(pglite)), drop: () => pglite.close() };
}

export function pgliteConnection(pglite: PGlite): MigrationConnection {
  return {
    script: async (text) => {
      await pglite.exec(text);
    },
    rows: async (text, parameters) => (await pglite.query<Record<string, unknown>>(text, [...parameters])).rows,
  };
}

async function emptyOnServer(): Promise<EmptyDatabase> {
  const name = `daily_papers_empty_${randomBytes(4).toString('hex')}`;
  await runOnServer(`CREATE DATABASE ${name}`);
  const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
  url.pathname = `/${name}`;
  const clients: pg.Client[] = [];
  return {
    url: url.href,
    async connect() {
      const client = new pg.Client({ connectionString: url.href });
      clients.push(client);
      await client.connect();
      return {
        script: async (text) => {
          await client.query(text);
        },
        rows: async (text, parameters) => (await client.query<Record<string, unknown>>(text, [...parameters])).rows,
      };
    },
    async drop() {
      await Promise.all(clients.map((client) => client.end()));
      await runOnServer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** Runs a statement that belongs to no database of the tests' own, such as CREATE DATABASE. */
export async function runOnServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env['TEST_DATABASE_URL'] });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
