// A data folder with generated papers, authors, readers and votes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { takeFolder } from '../../../dist/database/dataFolder.js';
import { Database, sql } from '../../../dist/database/database.js';
import { openEmbedded } from '../../../dist/database/embedded.js';
import { mulberry32 } from '../../../dist/random.js';

const WORDS = ['sparse', 'attention', 'diffusion', 'graph', 'retrieval', 'policy', 'language', 'vision', 'alignment', 'memory', 'planning', 'speech', 'protein', 'robust', 'causal', 'federated'];
const AUTHORS = 3000;
const PAPERS_A_DAY = 40;
const FIRST_DAY = Date.UTC(2025, 0, 1);
const DAY_MS = 86_400_000;
const READERS = 300;
const VOTES_OF_READER = 20;

/** Fills the folder when it has no database; gives what is in it. */
export async function prepareFolder(folder, papers, say) {
  if (!existsSync(join(folder, 'pgdata'))) {
    say(`importing ${papers} generated papers`);
    await mkdir(folder, { recursive: true });
    await importPapers(folder, papers);
    await withDatabase(folder, addVotes);
  }
  return withDatabase(folder, async (database) => {
    const [row] = await database.rows(sql`SELECT (SELECT count(*)::int4 FROM papers) AS papers, (SELECT count(*)::int4 FROM authors) AS authors,
      (SELECT count(*)::int4 FROM users) AS readers, (SELECT count(*)::int4 FROM upvotes) AS votes`);
    return row;
  });
}

async function withDatabase(folder, work) {
  const database = new Database(openEmbedded(await takeFolder(folder)));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function importPapers(folder, papers) {
  const file = join(folder, 'papers.jsonl');
  const random = mulberry32(1);
  await writeFile(file, Array.from({ length: papers }, (_, index) => `${JSON.stringify(paperOf(index, random))}\n`).join(''));
  const child = spawn(process.execPath, ['dist/cli/import.js', 'papers', file], { env: { ...process.env, DATA_DIR: folder, DATABASE_URL: '' }, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the import ended with exit code ${code}`);
  await rm(file);
}

function paperOf(index, random) {
  const pick = (length) => Math.floor(random() * length);
  const words = (count) => Array.from({ length: count }, () => WORDS[pick(WORDS.length)]).join(' ');
  return {
    title: `Paper ${index} on ${words(6)}`,
    abstract: words(120),
    authors: [...new Set(Array.from({ length: 1 + pick(5) }, () => `Author ${pick(AUTHORS)}`))],
    firstListedOn: new Date(FIRST_DAY + Math.floor(index / PAPERS_A_DAY) * DAY_MS).toISOString().slice(0, 10),
  };
}

async function addVotes(database) {
  await database.rows(sql`INSERT INTO users (username) SELECT 'reader-' || n FROM generate_series(1, ${READERS}::int4) n`);
  // Spread by a multiplier without a common factor with most numbers of papers.
  await database.rows(sql`
    INSERT INTO upvotes (user_id, paper_id)
    SELECT u.id, p.ids[1 + (u.id * 7919 + n * 104729) % cardinality(p.ids)]
    FROM users u, generate_series(1, ${VOTES_OF_READER}::int4) n, (SELECT array_agg(id ORDER BY id) AS ids FROM papers) p
    ON CONFLICT DO NOTHING`);
}
