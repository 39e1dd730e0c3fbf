// The rows of an imported database by plain COPY: into the same tables, and into bare ones.
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { onServer } from '../recommender/fill.mjs';

/** In the order of foreign keys. Left out is what triggers derive: words of papers, keys, and counters other than a new paper's own. */
export const TABLES = {
  tags: 'id, slug, name, kind',
  authors: 'id, name, orcid',
  repos: 'id, host, owner, name, stars, language, license, is_archived, refreshed_at, etag',
  papers: `id, arxiv_id, doi, title, abstract, published_at, listed_at, submitted_by_id, project_url, stated_author_count,
    origin_upvote_count, arxiv_version, withdrawn_at, created_at, updated_at, named_author_count, tag_count, repo_count`,
  paper_authors: 'paper_id, author_id, position',
  paper_tags: 'paper_id, tag_id, weight',
  paper_repos: 'paper_id, repo_id, is_official',
  paper_origins: 'source, external_id, paper_id, fields, facts, digest, first_seen_at, changed_at',
};
const NAMES = Object.keys(TABLES);

/** Writes each table to a file of the folder; gives the number of rows by table. */
export function exportTables(url, folder) {
  return onServer(url, async (client) => {
    const rows = {};
    for (const table of NAMES) rows[table] = await copyOut(client, `COPY ${table} (${TABLES[table]}) TO STDOUT`, fileOf(folder, table));
    return rows;
  });
}

/** Seconds that the files take into tables of the same migrations, with all that these keep. */
export function timeSchemaCopy(url, folder) {
  return onServer(url, (client) => timeCopy(client, folder));
}

/** Seconds that they take into tables that have nothing to keep: no index, constraint or trigger, and derived columns empty. */
export function timeBareCopy(url, folder) {
  return onServer(url, async (client) => {
    await client.query('CREATE SCHEMA bare');
    for (const table of NAMES) {
      await client.query(`CREATE TABLE bare.${table} (LIKE public.${table})`);
      const { rows } = await client.query('SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND attnotnull', [`bare.${table}`]);
      for (const { name } of rows) await client.query(`ALTER TABLE bare.${table} ALTER "${name}" DROP NOT NULL`);
    }
    await client.query('SET search_path = bare');
    return timeCopy(client, folder);
  });
}

/** What two databases have in common when they hold the same: rows by table, and sums of what the database counts itself. */
export function contentsOf(url) {
  return onServer(url, async (client) => {
    const counts = NAMES.map((table) => `(SELECT count(*)::int4 FROM ${table}) AS ${table}`).join(', ');
    const sums = ['tags', 'authors', 'repos'].map((table) => `(SELECT sum(paper_count::int8 * id)::text FROM ${table}) AS "papers of ${table}"`).join(', ');
    const { rows } = await client.query(`SELECT ${counts}, ${sums}, (SELECT sum(length(vector))::text FROM paper_search) AS "words of papers",
      (SELECT count(*)::int4 FROM changes WHERE kind IN ('PAPER', 'TAG', 'AUTHOR')) AS "changes logged"`);
    return rows[0];
  });
}

// In one transaction: a new paper may come with its counters only where its links come with it.
async function timeCopy(client, folder) {
  const tables = {};
  const from = performance.now();
  await client.query('BEGIN');
  for (const table of NAMES) {
    const start = performance.now();
    await copyIn(client, `COPY ${table} (${TABLES[table]}) FROM STDIN`, fileOf(folder, table));
    tables[table] = (performance.now() - start) / 1000;
  }
  const beforeCommit = performance.now();
  await client.query('COMMIT');
  return { seconds: (performance.now() - from) / 1000, tables, commit: (performance.now() - beforeCommit) / 1000 };
}

const fileOf = (folder, table) => join(folder, `${table}.copy`);

async function copyOut(client, statement, file) {
  const stream = createWriteStream(file);
  const rows = await submit(client, statement, {
    handleCopyData: ({ chunk }, connection) => {
      // A copy, since the driver writes what comes next over it; what has come already is handed on after a pause too.
      if (stream.write(Buffer.from(chunk)) || connection.stream.isPaused()) return;
      connection.stream.pause();
      stream.once('drain', () => connection.stream.resume());
    },
  });
  stream.end();
  await once(stream, 'finish');
  // A stream that is ended says nothing more of room that it has.
  client.connection.stream.resume();
  return rows;
}

function copyIn(client, statement, file) {
  return submit(client, statement, {
    handleCopyInResponse: async (connection) => {
      try {
        for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) {
          connection.sendCopyFromChunk(chunk);
          if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain');
        }
        connection.endCopyFrom();
      } catch (error) {
        connection.sendCopyFail(error.message);
      }
    },
  });
}

/** Runs a COPY by what pg asks of a statement of one's own; gives the number of rows. */
function submit(client, statement, handlers) {
  return new Promise((resolve, reject) => {
    let rows = 0;
    client.query({
      submit: (connection) => { connection.query(statement); },
      handleCommandComplete: ({ text }) => { rows = Number(text.split(' ')[1]); },
      handleReadyForQuery: () => { resolve(rows); },
      handleError: reject,
      handleCopyInResponse: () => undefined,
      handleCopyData: () => undefined,
      ...handlers,
    });
  });
}
