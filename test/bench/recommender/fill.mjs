// A PostgreSQL database of its own with the facts of a world, in the tables of the migrations.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createProgress } from '../../../dist/cli/progress.js';
import { openPostgres } from '../../../dist/database/postgres.js';
import { mulberry32 } from '../../../dist/random.js';
import { idOf } from './facts.mjs';

const ROWS_AT_ONCE = 50_000;
const LINK_TABLES = ['paper_tags', 'paper_authors', 'paper_repos', 'upvotes'];

/** Calls `work` with the address of a new database on this server, and drops the database in the end. */
export async function withDatabase(serverUrl, work) {
  const name = `daily_papers_bench_${randomBytes(4).toString('hex')}`;
  await onServer(serverUrl, (client) => client.query(`CREATE DATABASE ${name}`));
  try {
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    return await work(url.href);
  } finally {
    await onServer(serverUrl, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
  }
}

/** Migrates the database and fills it. Needs a superuser: triggers that count and log each row are off meanwhile. */
export async function fillDatabase(url, world) {
  await (await openPostgres(url, 1)).close();
  await onServer(url, async (client) => {
    await client.query("SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'");
    const restore = await dropIndexes(client);
    await insertNamed(client, world);
    await insertLinks(client, { table: 'paper_tags (paper_id, tag_id)', rows: world.tagsOf });
    await insertLinks(client, { table: 'paper_authors (paper_id, author_id, position)', rows: world.authorsOf, position: true });
    // Votes lie in their table as they came, not by reader.
    await insertLinks(client, { table: 'upvotes (user_id, paper_id)', rows: world.libraries, order: shuffledPlaces(world.libraries.indices.length) });
    const progress = createProgress('indexes', restore.length);
    for (const [index, statement] of restore.entries()) {
      await client.query(statement);
      progress.update(index + 1);
    }
    progress.stop();
    // As a server's autovacuum does in time: the start then reads votes from their index alone.
    await client.query('VACUUM (ANALYZE)');
  });
}

/** Rows go in far faster without; gives the statements that make them again. */
export async function dropIndexes(client) {
  const { rows: constraints } = await client.query(
    `SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint WHERE contype = 'p' AND conrelid::regclass::text = ANY($1)`,
    [LINK_TABLES],
  );
  const { rows: indexes } = await client.query(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
     WHERE schemaname = 'public' AND tablename = ANY($1) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)`,
    [[...LINK_TABLES, 'papers', 'authors', 'tags', 'repos', 'users']],
  );
  for (const { table, name } of constraints) await client.query(`ALTER TABLE "${table}" DROP CONSTRAINT "${name}"`);
  for (const { name } of indexes) await client.query(`DROP INDEX "${name}"`);
  return [
    ...constraints.map(({ table, name, definition }) => `ALTER TABLE "${table}" ADD CONSTRAINT "${name}" ${definition}`),
    ...indexes.map(({ definition }) => definition),
  ];
}

async function insertNamed(client, { papers, readers, listedSeconds, tagsOf, authorsOf }) {
  await insertIds(client, { count: readers, label: 'readers', statement: "INSERT INTO users (id, username, is_simulated) SELECT id, 'reader-' || id, true FROM unnest($1::int4[]) id" });
  await insertIds(client, { count: tagsOf.columnCount, label: 'tags', statement: "INSERT INTO tags (id, slug, name, kind) SELECT id, 'tag-' || id, 'Tag ' || id, 'KEYWORD' FROM unnest($1::int4[]) id" });
  await insertIds(client, { count: authorsOf.columnCount, label: 'authors', statement: "INSERT INTO authors (id, name, name_key) SELECT id, 'Author ' || id, 'author ' || id FROM unnest($1::int4[]) id" });
  await insertIds(client, {
    count: papers,
    label: 'papers',
    statement: "INSERT INTO papers (id, title, title_key, listed_at, listed_on) SELECT id, 'Paper ' || id, 'paper' || id, to_timestamp(listed), (to_timestamp(listed) AT TIME ZONE 'UTC')::date FROM unnest($1::int4[], $2::int4[]) p(id, listed)",
    listedOf: listedSeconds,
  });
}

async function insertIds(client, { count, label, statement, listedOf = null }) {
  const progress = createProgress(label, count);
  for (let from = 0; from < count; from += ROWS_AT_ONCE) {
    const indices = Array.from({ length: Math.min(ROWS_AT_ONCE, count - from) }, (_, place) => from + place);
    await client.query(statement, listedOf === null ? [indices.map(idOf)] : [indices.map(idOf), indices.map(listedOf)]);
    progress.update(from + indices.length);
  }
  progress.stop();
}

async function insertLinks(client, { table, rows, position = false, order = null }) {
  const count = rows.indices.length;
  const rowOfEntry = new Int32Array(count);
  for (let row = 0; row < rows.rowCount; row += 1) rowOfEntry.fill(row, rows.offsets[row], rows.offsets[row + 1]);
  const statement = `INSERT INTO ${table} SELECT * FROM unnest($1::int4[], $2::int4[]${position ? ', $3::int4[]' : ''})`;
  const progress = createProgress(table.split(' ')[0], count);
  for (let from = 0; from < count; from += ROWS_AT_ONCE) {
    const entries = Array.from({ length: Math.min(ROWS_AT_ONCE, count - from) }, (_, place) => (order === null ? from + place : order[from + place]));
    const columns = [entries.map((entry) => idOf(rowOfEntry[entry])), entries.map((entry) => idOf(rows.indices[entry]))];
    if (position) columns.push(entries.map((entry) => entry - rows.offsets[rowOfEntry[entry]]));
    await client.query(statement, columns);
    progress.update(from + entries.length);
  }
  progress.stop();
}

/** Fisher and Yates, as Durstenfeld wrote it down (CACM 1964). */
export function shuffledPlaces(count) {
  const random = mulberry32(4);
  const order = Int32Array.from({ length: count }, (_, place) => place);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** Calls `work` with a connection of its own. */
export async function onServer(url, work) {
  const client = new pg.Client({ connectionString: url });
  // Cut off with its database, a statement fails, and the connection besides: only with a listener does that stay there.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
