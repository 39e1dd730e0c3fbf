// npm run bench:start -- [--folder DIR] [--papers 4000] [--rounds 7] [--json OUT]
//
// What a start on the embedded database costs until the first answers, how much of it is PGlite's own opening, and what a
// slow statement does to a request that needs no database. A folder that is given is kept, and filled only when empty.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exitWith } from '../../../dist/cli/exit.js';
import { loadAverage, machine, spread } from '../recommender/figures.mjs';
import { timeOpening, timeServer, watchSlowStatement } from './children.mjs';
import { prepareFolder } from './folder.mjs';
import { limitsOf, toText } from './report.mjs';

/** `npm start` runs the server by way of the second, which makes sure that all is installed and compiled. */
const ENTRIES = { server: ['dist/main.js'], 'npm start': ['src/cli/prepare.mjs', 'dist/main.js'] };

await exitWith(async () => {
  const options = readOptions();
  if (options === null) return 2;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'daily-papers-bench-')));
  try {
    const figures = await run(folder, options);
    console.log(toText(figures));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  } finally {
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  }
  return 0;
});

function readOptions() {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string' },
      json: { type: 'string' },
      papers: { type: 'string', default: '4000' },
      rounds: { type: 'string', default: '7' },
    },
  });
  const counts = { papers: Number(values.papers), rounds: Number(values.rounds) };
  const wrong = Object.keys(counts).find((name) => !Number.isSafeInteger(counts[name]) || counts[name] < 1);
  if (wrong === undefined) return { ...values, ...counts };
  console.error(`daily-papers: --${wrong} must be a whole number above 0, received ${values[wrong]}`);
  return null;
}

async function run(folder, { papers, rounds }) {
  const startedAt = new Date().toISOString();
  const loadBefore = loadAverage();
  const contents = await prepareFolder(folder, papers, say);
  // The first start makes the account of the demo.
  await timeServer(ENTRIES.server, folder);
  const openings = [];
  const starts = { server: [], 'npm start': [] };
  for (let round = 1; round <= rounds; round += 1) {
    say(`starts, round ${round} of ${rounds}`);
    // In turn, so that what other programs do meanwhile falls on all alike.
    openings.push(await timeOpening(folder));
    for (const [name, entry] of Object.entries(ENTRIES)) starts[name].push(await timeServer(entry, folder));
  }
  say('a slow statement');
  const slow = { thread: await watchSlowStatement('thread', folder), 'serving thread': await watchSlowStatement('serving thread', folder) };
  const figures = {
    machine: machine(),
    startedAt,
    loadAverage: { before: loadBefore, after: loadAverage() },
    rounds,
    contents,
    opening: spreadOf(openings),
    starts: Object.fromEntries(Object.entries(starts).map(([name, times]) => [name, spreadOf(times)])),
    ours: spread(starts.server.map(({ answer }, round) => answer - openings[round].opened)),
    slow,
  };
  return { ...figures, limits: limitsOf(figures) };
}

/** Of each figure over the rounds. */
function spreadOf(rounds) {
  return Object.fromEntries(Object.keys(rounds[0]).map((name) => [name, spread(rounds.map((round) => round[name]))]));
}

function say(message) {
  console.error(`bench: ${message}`);
}
