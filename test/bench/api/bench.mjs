// npm run bench -- --database URL [--size small|large] [--operations a,b] [--contestants a,b] [--connections 20,200]
//   [--seconds N] [--rounds N] [--json OUT] [--compare SMALL.json]
//
// How many requests a second this server answers, beside its peers on the same tables: compare ratios rather than rates
// between machines.
import { readFile, writeFile } from 'node:fs/promises';
import { loadAverage, machine } from '../recommender/figures.mjs';
import { runCommand, say, SEED, withCommunity } from './command.mjs';
import { limitsOf } from './figures.mjs';
import { installPeers } from './install.mjs';
import { measureAll } from './measure.mjs';
import { readOptions } from './options.mjs';
import { toText } from './report.mjs';

await runCommand(async () => {
  const options = readOptions(process.argv.slice(2));
  const small = options.compare === undefined ? null : JSON.parse(await readFile(options.compare, 'utf8')).measurements;
  installPeers(say);
  const figures = await withCommunity(options, (url, community) => run(url, community, { options, small }));
  console.log(toText(figures));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, null, 2)}\n`);
});

async function run(url, community, { options, small }) {
  const [startedAt, before] = [new Date().toISOString(), loadAverage()];
  const { measurements, skipped } = await measureAll(url, { ...options, seed: SEED, say });
  const { size, rounds, seconds } = options;
  return {
    machine: machine(), startedAt, loadAverage: { before, after: loadAverage() }, size, seed: SEED, rounds, seconds,
    community, skipped, measurements, limits: limitsOf(measurements, { small }),
  };
}
