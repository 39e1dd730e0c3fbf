import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { embeddedDriver } from '../../dist/database/embedded.js';
import { EXTENSIONS } from '../../dist/database/pgliteExtensions.js';
import { openPostgres } from '../../dist/database/postgres.js';

/**
 * Makes the migrated database that every test file starts from, once: a template database where TEST_DATABASE_URL names
 * a PostgreSQL server, a dump of the embedded database otherwise. Migrating takes seconds, a copy a fraction of one.
 * Jest loads this file without its transforms, hence JavaScript on the compiled code.
 */
export default async function globalSetup() {
  const serverUrl = process.env.TEST_DATABASE_URL;
  if (serverUrl === undefined || serverUrl === '') {
    const folder = await mkdtemp(join(tmpdir(), 'daily-papers-test-'));
    process.env.TEST_FOLDER = folder;
    process.env.TEST_DUMP = join(folder, 'migrated.tar');
    const pglite = await PGlite.create({ extensions: EXTENSIONS });
    await embeddedDriver(pglite, 'template');
    const dump = await pglite.dumpDataDir('none');
    await writeFile(process.env.TEST_DUMP, Buffer.from(await dump.arrayBuffer()));
    await pglite.close();
    return;
  }
  const template = `daily_papers_test_${randomBytes(4).toString('hex')}`;
  process.env.TEST_TEMPLATE = template;
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`CREATE DATABASE ${template}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${template}`;
  await (await openPostgres(url.href, 2)).close();
}
