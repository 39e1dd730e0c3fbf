// npm run bench -- --database URL [--size small|large] [--operations a,b] [--contestants a,b] [--connections 20,200]
//   [--seconds N] [--rounds N] [--json OUT] [--compare SMALL.json]
//
// How many requests a second this server answers, beside its peers on the same tables: compare ratios rather than rates
// between machines.
import { readFile, writeFile } from 'node:fs/promises';
import { explain } from '../../../dist/cli/exit.js';
import { loadAverage, machine } from '../recommender/figures.mjs';
import { withDatabase } from '../recommender/fill.mjs';
import { makeCommunity } from './community.mjs';
import { limitsOf } from './figures.mjs';
import { fillDatabase } from './fill.mjs';
import { installPeers } from './install.mjs';
import { OptionError, readOptions } from './options.mjs';
import { measureAll } from './measure.mjs';
import { toText } from './report.mjs';
import { stopServers } from './serverProcess.mjs';

const SEED = 1;

// The databases and servers under way end with the bench, however it ends: what waits fails when the servers are gone.
let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    isStopping = true;
    void stopServers();
  });
}

try {
  const options = readOptions(process.argv.slice(2));
  installPeers(say);
  const small = options.compare === undefined ? null : JSON.parse(await readFile(options.compare, 'utf8')).measurements;
  const figures = await run(options, small);
  console.log(toText(figures));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, null, 2)}\n`);
} catch (error) {
  if (error instanceof OptionError) console.error(`daily-papers: ${error.message}`);
  else if (isStopping) say('stopped');
  else explain(error);
  process.exitCode = error instanceof OptionError ? 2 : 1;
}

async function run(options, small) {
  const startedAt = new Date().toISOString();
  const before = loadAverage();
  const { size, rounds, seconds } = options;
  return withDatabase(options.database, async (url) => {
    say(`filling the database, size ${size}`);
    const community = makeCommunity(size, SEED);
    const from = performance.now();
    await fillDatabase(url, community, size);
    const fillSeconds = (performance.now() - from) / 1000;
    const { papers, readers, libraries } = community;
    const { measurements, skipped } = await measureAll(url, { ...options, seed: SEED, say });
    return {
      machine: machine(), startedAt, loadAverage: { before, after: loadAverage() }, size, seed: SEED, rounds, seconds, fillSeconds,
      community: { papers, readers, votes: libraries.indices.length }, skipped, measurements, limits: limitsOf(measurements, { small }),
    };
  });
}

function say(message) {
  console.error(`bench: ${message}`);
}
