// Puts a community into the tables of the server's own migrations.
import { createHash } from 'node:crypto';
import { createProgress } from '../../../dist/cli/progress.js';
import { openPostgres } from '../../../dist/database/postgres.js';
import { dropIndexes, onServer, shuffledPlaces } from '../recommender/fill.mjs';
import { sessionsOf, tokenOf } from './community.mjs';

const ROWS_AT_ONCE = 20_000;
// An abstract has 1,200 characters: 5 MB a statement.
const PAPERS_AT_ONCE = 4_000;
const SESSION_DAYS = 3;
// Votes by new accounts would be looked at for bursts.
const ACCOUNTS_MADE = '2020-01-01T00:00:00Z';

/**
 * Migrates the database and fills it. Needs a superuser: triggers that count, log and check each row are off meanwhile,
 * but for the one that derives the columns of papers. Counters are what those triggers would have counted.
 */
export async function fillDatabase(url, community, size) {
  await (await openPostgres(url, 1)).close();
  await onServer(url, async (client) => {
    await client.query("SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'");
    const restore = await dropIndexes(client);
    await client.query('ALTER TABLE papers ENABLE ALWAYS TRIGGER papers_derive');
    for (const table of tablesOf(community, size)) await insertRows(client, table);
    await client.query('ALTER TABLE papers ENABLE TRIGGER papers_derive');
    const progress = createProgress('indexes', restore.length);
    for (const [index, statement] of restore.entries()) {
      await client.query(statement);
      progress.update(index + 1);
    }
    progress.stop();
    await client.query('SELECT fill_search()');
    await client.query('RESET session_replication_role');
    await setSequences(client);
    await client.query('ANALYZE');
    await client.query(VOTES_OF_THE_POOL, [sessionsOf(size).pool]);
    // As a server's autovacuum does in time: lists are then read from their index alone.
    await client.query('VACUUM (ANALYZE)');
    await client.query('CHECKPOINT');
  });
}

// So that the pages of the readers who ask differ: each has upvoted an eighth of what trends.
const VOTES_OF_THE_POOL = `
  INSERT INTO upvotes (user_id, paper_id)
  SELECT reader, p.id FROM (SELECT id FROM papers ORDER BY trending_score DESC, id DESC LIMIT 60) p, unnest($1::int4[]) reader
  WHERE (reader::int8 * 7919 + p.id::int8 * 104729) % 8 = 0 ORDER BY reader, p.id ON CONFLICT DO NOTHING`;

/** Each table's columns with their types, the number of its rows, and a row by its place. */
function tablesOf(community, size) {
  return [...namedTables(community), papersTable(community), ...linkTables(community), sessionsTable(size)];
}

function namedTables({ readers, libraries, tagsOf, tagCounts, authorsOf, authorCounts, papers, repos, repoOf, starsOf }) {
  const papersOfRepo = new Int32Array(repos);
  for (let paper = 0; paper < papers; paper += 1) papersOfRepo[repoOf(paper)] += 1;
  return [
    { table: 'users', columns: { id: 'int4', username: 'text', created_at: 'timestamptz', upvote_count: 'int4' }, count: readers, row: (at) => [at + 1, `reader-${at + 1}`, ACCOUNTS_MADE, libraries.offsets[at + 1] - libraries.offsets[at]] },
    { table: 'tags', columns: { id: 'int4', slug: 'text', name: 'text', kind: 'tag_kind', paper_count: 'int4' }, count: tagsOf.columnCount, row: (at) => [at + 1, `tag-${at + 1}`, `Tag ${at + 1}`, 'KEYWORD', tagCounts[at]] },
    { table: 'authors', columns: { id: 'int4', name: 'text', name_key: 'text', paper_count: 'int4' }, count: authorsOf.columnCount, row: (at) => [at + 1, `Author Number ${at + 1}`, `author number ${at + 1}`, authorCounts[at]] },
    {
      table: 'repos',
      columns: { id: 'int4', host: 'text', owner: 'text', name: 'text', key: 'text', stars: 'int4', paper_count: 'int4' },
      count: repos,
      row: (at) => [at + 1, 'github.com', `owner-${at % 997}`, `repo-${at + 1}`, `github.com/owner-${at % 997}/repo-${at + 1}`, starsOf[at], papersOfRepo[at]],
    },
  ];
}

function papersTable({ papers, listedSeconds, writer, upvoteCounts, authorsOf, tagsOf }) {
  const lengthOf = ({ offsets }, at) => offsets[at + 1] - offsets[at];
  return {
    table: 'papers',
    columns: { id: 'int4', title: 'text', abstract: 'text', listed_at: 'timestamptz', listed_on: 'date', upvote_count: 'int4', named_author_count: 'int4', tag_count: 'int4', repo_count: 'int4' },
    count: papers,
    atOnce: PAPERS_AT_ONCE,
    row: (at) => [at + 1, writer.title(), writer.abstract(), instant(listedSeconds(at)), instant(listedSeconds(at)).slice(0, 10), upvoteCounts[at], lengthOf(authorsOf, at), lengthOf(tagsOf, at), 1],
  };
}

function linkTables({ papers, tagsOf, weights, authorsOf, repoOf, libraries, voteDelays, listedSeconds }) {
  const [tagged, written, voted] = [rowOfEntries(tagsOf), rowOfEntries(authorsOf), rowOfEntries(libraries)];
  // Votes lie in their table as they came, not by reader.
  const order = shuffledPlaces(libraries.indices.length);
  const vote = (entry) => [voted[entry] + 1, libraries.indices[entry] + 1, instant(listedSeconds(libraries.indices[entry]) + voteDelays[entry])];
  return [
    { table: 'paper_tags', columns: { paper_id: 'int4', tag_id: 'int4', weight: 'float8' }, count: tagged.length, row: (at) => [tagged[at] + 1, tagsOf.indices[at] + 1, weights[at]] },
    { table: 'paper_authors', columns: { paper_id: 'int4', author_id: 'int4', position: 'int4' }, count: written.length, row: (at) => [written[at] + 1, authorsOf.indices[at] + 1, at - authorsOf.offsets[written[at]]] },
    { table: 'paper_repos', columns: { paper_id: 'int4', repo_id: 'int4', is_official: 'boolean' }, count: papers, row: (at) => [at + 1, repoOf(at) + 1, at % 2 === 0] },
    { table: 'upvotes', columns: { user_id: 'int4', paper_id: 'int4', created_at: 'timestamptz' }, count: order.length, row: (at) => vote(order[at]) },
  ];
}

function sessionsTable(size) {
  const { voters } = sessionsOf(size);
  const now = Date.now();
  const hashOf = (readerId) => createHash('sha256').update(tokenOf(readerId)).digest('hex');
  return {
    table: 'sessions',
    columns: { user_id: 'int4', token_hash: 'bytea', created_at: 'timestamptz', expires_at: 'timestamptz' },
    count: voters.length,
    row: (at) => [voters[at], `\\x${hashOf(voters[at])}`, instant(now / 1000), instant(now / 1000 + SESSION_DAYS * 86_400)],
  };
}

async function insertRows(client, { table, columns, count, row, atOnce = ROWS_AT_ONCE }) {
  const names = Object.keys(columns);
  const arrays = Object.values(columns).map((type, index) => `$${index + 1}::${type}[]`);
  const statement = `INSERT INTO ${table} (${names.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`;
  const progress = createProgress(table, count);
  for (let from = 0; from < count; from += atOnce) {
    const rows = Array.from({ length: Math.min(atOnce, count - from) }, (_, place) => row(from + place));
    await client.query(statement, names.map((_, column) => rows.map((values) => values[column])));
    progress.update(from + rows.length);
  }
  progress.stop();
}

/** Rows that a server adds later get ids beyond these. */
async function setSequences(client) {
  for (const table of ['users', 'tags', 'authors', 'repos', 'papers']) {
    await client.query(`SELECT setval(pg_get_serial_sequence('${table}', 'id'), (SELECT max(id) FROM ${table}))`);
  }
}

function rowOfEntries({ rowCount, offsets, indices }) {
  const rows = new Int32Array(indices.length);
  for (let row = 0; row < rowCount; row += 1) rows.fill(row, offsets[row], offsets[row + 1]);
  return rows;
}

const instant = (seconds) => new Date(1000 * seconds).toISOString();
