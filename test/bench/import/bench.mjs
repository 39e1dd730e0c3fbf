// npm run bench:import -- --database URL [--papers 1000000] [--rounds N] [--seed 1] [--folder DIR] [--json OUT]
//
// How fast an archive in the layout of Papers with Code is imported, how much memory that takes, and how fast PostgreSQL's
// own COPY writes the very same rows: into the same tables, and into tables without indexes, triggers and constraints.
// Needs a superuser, who makes databases and drops them. An archive in a folder that is given is kept.
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exitWith } from '../../../dist/cli/exit.js';
import { createProgress } from '../../../dist/cli/progress.js';
import { openPostgres } from '../../../dist/database/postgres.js';
import { onServer, withDatabase } from '../recommender/fill.mjs';
import { loadAverage, machine, spread } from '../recommender/figures.mjs';
import { contentsOf, exportTables, timeBareCopy, timeSchemaCopy } from './copying.mjs';
import { writeDump } from './dump.mjs';
import { timeImport } from './importing.mjs';
import { limitsOf, toText } from './report.mjs';

const MOST_PAPERS = 5_000_000;
/** More papers than this take minutes: one round then. */
const PAPERS_OF_ROUNDS = 50_000;
/** What an import's speed depends on, at the server. */
const SETTINGS = ['shared_buffers', 'fsync', 'synchronous_commit', 'max_wal_size', 'autovacuum'];

await exitWith(async () => {
  const options = readOptions();
  if (options === null) return 2;
  const folder = await mkdtemp(join(tmpdir(), 'daily-papers-bench-'));
  try {
    const figures = await run(folder, options);
    console.log(toText(figures));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return 0;
});

function readOptions() {
  const { values } = parseArgs({
    options: {
      database: { type: 'string' },
      papers: { type: 'string', default: '1000000' },
      rounds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      folder: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const papers = Number(values.papers);
  if (values.database === undefined) return refuse('--database must be the address of a PostgreSQL server');
  if (!Number.isSafeInteger(papers) || papers < 1 || papers > MOST_PAPERS) return refuse(`--papers must be between 1 and ${MOST_PAPERS}, received ${values.papers}`);
  const rounds = Number(values.rounds ?? (papers > PAPERS_OF_ROUNDS ? 1 : 3));
  if (!Number.isSafeInteger(rounds) || rounds < 1) return refuse(`--rounds must be a whole number above 0, received ${values.rounds}`);
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) return refuse(`--seed must be a whole number, received ${values.seed}`);
  return { ...values, papers, rounds, seed };
}

function refuse(message) {
  console.error(`daily-papers: ${message}`);
  return null;
}

async function run(folder, { database, papers, rounds, seed, folder: kept }) {
  const startedAt = new Date().toISOString();
  const loadBefore = loadAverage();
  const server = await onServer(database, describe);
  const files = await makeDump(kept ?? folder, { papers, seed });
  const bytes = (await Promise.all(Object.values(files).map(async (file) => (await stat(file)).size))).reduce((sum, size) => sum + size, 0);
  const measured = [];
  for (let round = 1; round <= rounds; round += 1) {
    measured.push(await measure(folder, { database, files, label: rounds === 1 ? '' : `, round ${round} of ${rounds}` }));
  }
  const figures = { machine: machine(), startedAt, loadAverage: { before: loadBefore, after: loadAverage() }, server, papers, seed, rounds, dump: { bytes }, ...figuresOf(measured, papers) };
  return { ...figures, limits: limitsOf(figures) };
}

async function describe(client) {
  const settings = {};
  for (const name of SETTINGS) settings[name] = (await client.query(`SELECT current_setting($1) AS value`, [name])).rows[0].value;
  const { rows } = await client.query(`SELECT current_setting('server_version') AS version`);
  return { version: rows[0].version, settings };
}

async function makeDump(folder, { papers, seed }) {
  await mkdir(folder, { recursive: true });
  const progress = createProgress('archive', 2 * papers);
  const files = await writeDump(folder, { papers, seed, onProgress: (done) => { progress.update(done); } });
  progress.stop();
  return files;
}

/** Calls `work` with the address of a new database that has its tables, on a server that has nothing left to write. */
function withTables(database, work) {
  return withDatabase(database, async (url) => {
    await (await openPostgres(url, 1)).close();
    await onServer(url, (client) => client.query('CHECKPOINT'));
    return work(url);
  });
}

/** The three ways, one after the other, each into a new database. */
async function measure(folder, { database, files, label }) {
  const one = await withTables(database, async (url) => {
    say(`import${label}`);
    const imported = await timeImport(url, files, folder);
    say(`export of its rows${label}`);
    return { imported, rows: await exportTables(url, folder), contents: await contentsOf(url) };
  });
  const [schema, copied] = await withTables(database, async (url) => {
    say(`COPY into the same tables${label}`);
    return [await timeSchemaCopy(url, folder), await contentsOf(url)];
  });
  const bare = await withTables(database, (url) => {
    say(`COPY into bare tables${label}`);
    return timeBareCopy(url, folder);
  });
  return { ...one, schema, bare, copied };
}

function figuresOf(measured, papers) {
  const [{ rows }] = measured;
  const rowCount = Object.values(rows).reduce((sum, count) => sum + count, 0);
  const speedOf = (runs) => ({
    seconds: spread(runs.map(({ seconds }) => seconds)),
    papersPerSecond: spread(runs.map(({ seconds }) => papers / seconds)),
    rowsPerSecond: spread(runs.map(({ seconds }) => rowCount / seconds)),
  });
  const copyOf = (runs) => ({
    ...speedOf(runs),
    tables: Object.fromEntries(Object.keys(rows).map((table) => [table, spread(runs.map(({ tables }) => tables[table]))])),
    commit: spread(runs.map(({ commit }) => commit)),
  });
  const ratioTo = (way) => spread(measured.map((round) => round[way].seconds / round.imported.seconds));
  return {
    rows,
    rowCount,
    imports: { ...speedOf(measured.map(({ imported }) => imported)), peakBytes: spread(measured.map(({ imported }) => imported.peakBytes)), outcome: measured[0].imported.outcome },
    copies: { schema: copyOf(measured.map(({ schema }) => schema)), bare: copyOf(measured.map(({ bare }) => bare)) },
    ratios: { schema: ratioTo('schema'), bare: ratioTo('bare') },
    checks: {
      'every paper of the archive is there': measured.every(({ imported, rows: { papers: count } }) => imported.outcome.added === papers && count === papers),
      'the copies hold the same, and counted the same': measured.every(({ contents, copied }) => JSON.stringify(contents) === JSON.stringify(copied)),
    },
  };
}

function say(message) {
  console.error(`bench: ${message}`);
}
