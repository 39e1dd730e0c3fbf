import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { Database } from '../../src/database/database.js';
import { embeddedDriver } from '../../src/database/embedded.js';
import { EXTENSIONS } from '../../src/database/pgliteExtensions.js';
import { openPostgres } from '../../src/database/postgres.js';

export interface TestDatabase {
  readonly database: Database;
  /** Its address; null where it is embedded. */
  readonly url: string | null;
  /** Closes it, and drops it where it is a server's. */
  drop(): Promise<void>;
}

/** Whether the tests run on a PostgreSQL server rather than on the embedded database. */
export const isOnServer = (process.env['TEST_TEMPLATE'] ?? '') !== '';

/** A migrated, empty database of its own. */
export function createTestDatabase(): Promise<TestDatabase> {
  return isOnServer ? copyTemplate() : loadDump();
}

async function loadDump(): Promise<TestDatabase> {
  const dump = new Blob([await readFile(process.env['TEST_DUMP'] ?? '')]);
  const pglite = await PGlite.create({ loadDataDir: dump, extensions: EXTENSIONS });
  const database = new Database(await embeddedDriver(pglite, 'embedded for a test'));
  return { database, url: null, drop: () => database.close() };
}

async function copyTemplate(): Promise<TestDatabase> {
  const name = `${process.env['TEST_TEMPLATE']}_${randomBytes(4).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${process.env['TEST_TEMPLATE']}`);
  const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
  url.pathname = `/${name}`;
  const database = new Database(await openPostgres(url.href, 5));
  return {
    database,
    url: url.href,
    drop: async () => {
      // The server under test may have closed it already.
      await database.close().catch(() => undefined);
      await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env['TEST_DATABASE_URL'] });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
