// What the benches on a large community have in common: their options, a database of their own that is filled, and a client.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { exitWith } from '../../dist/cli/exit.js';
import { SESSION_OPTIONS, openPostgres } from '../../dist/database/postgres.js';
import { withDatabase } from './recommender/fill.mjs';
import { text } from './recommender/figures.mjs';

const MOST_PAPERS = 1_000_000;

/** Runs a bench on a database with `readersOf(papers)` readers: `measure` gives its report. */
export function benchCommunity({ rounds, readersOf }, measure) {
  return exitWith(async () => {
    const options = readOptions(rounds);
    if (options === null) return 2;
    await withDatabase(options.database, async (url) => {
      say(`filling with ${text(options.papers)} papers`);
      await fill(url, { papers: options.papers, readers: readersOf(options.papers) });
      console.log(await measure(url, options));
    });
    return 0;
  });
}

function readOptions(usualRounds) {
  const { values } = parseArgs({ options: { database: { type: 'string' }, papers: { type: 'string', default: '200000' }, rounds: { type: 'string', default: String(usualRounds) } } });
  const [papers, rounds] = [Number(values.papers), Number(values.rounds)];
  if (values.database === undefined) return refuse('--database must be the address of a PostgreSQL server');
  if (!Number.isSafeInteger(papers) || papers < 1000 || papers > MOST_PAPERS) return refuse(`--papers must be between 1000 and ${MOST_PAPERS}, received ${values.papers}`);
  if (!Number.isSafeInteger(rounds) || rounds < 1) return refuse(`--rounds must be a whole number above 0, received ${values.rounds}`);
  return { database: values.database, papers, rounds };
}

function refuse(message) {
  console.error(`daily-papers: ${message}`);
  return null;
}

async function fill(url, { papers, readers }) {
  await (await openPostgres(url, 1)).close();
  await withClient(url, async (client) => {
    await client.query(`SET community.papers = ${papers}; SET community.readers = ${readers}`);
    await client.query(await readFile(new URL('../support/community.sql', import.meta.url), 'utf8'));
    await client.query('VACUUM (ANALYZE)');
  });
}

/** The statements that some work sends, but for those that ask for estimates. */
export async function statementsOf(database, work) {
  const statements = [];
  database.onStatement = (statement, values) => statements.push({ statement, values });
  await work();
  database.onStatement = null;
  return statements.filter(({ statement }) => !statement.startsWith('EXPLAIN'));
}

export async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url, options: SESSION_OPTIONS });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export function say(message) {
  console.error(`bench: ${message}`);
}
