import { rm } from 'node:fs/promises';
import pg from 'pg';

export default async function globalTeardown() {
  const { TEST_FOLDER: folder, TEST_TEMPLATE: template, TEST_DATABASE_URL: serverUrl } = process.env;
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  if (template === undefined) return;
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`DROP DATABASE ${template} WITH (FORCE)`);
  await client.end();
}
