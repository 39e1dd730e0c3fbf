// npm run bench:soak -- --database URL [--size small|large] [--minutes N] [--connections N] [--json OUT]
//
// The mix of operations against this server for minutes on end: whether it keeps what it should have let go.
import { writeFile } from 'node:fs/promises';
import { machine } from '../recommender/figures.mjs';
import { runCommand, say, SEED, withCommunity } from './command.mjs';
import { CONTESTANTS, POOL_SIZE } from './contestants.mjs';
import { installPeers } from './install.mjs';
import { startLoad } from './loadProcess.mjs';
import { OURS } from './names.mjs';
import { drawCalls } from './operations.mjs';
import { readSoakOptions } from './options.mjs';
import { startServer, stopServers } from './serverProcess.mjs';
import { soakText, trendOf } from './soakReport.mjs';

const SAMPLE_SECONDS = 10;
// More than a sample's time can use up: an upvote that is repeated writes nothing.
const CALLS_PER_SAMPLE = 20_000;

await runCommand(async () => {
  const options = readSoakOptions(process.argv.slice(2));
  installPeers(say);
  const samples = await withCommunity(options, (url) => soak(url, options));
  const figures = { machine: machine(), size: options.size, minutes: options.minutes, connections: options.connections, samples, trends: trendOf(samples) };
  console.log(soakText(figures));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, null, 2)}\n`);
});

/** Memory is read between two loads, when no request is under way: what is there then is what is kept. */
async function soak(url, { size, minutes, connections }) {
  const { dialect, ...ours } = CONTESTANTS.find(({ name }) => name === OURS);
  const load = startLoad();
  try {
    const server = await startServer({ ...ours, flags: ['--expose-gc'], environment: { ...ours.environment, DATABASE_URL: url, DATABASE_POOL_SIZE: String(POOL_SIZE) } });
    const samples = [];
    const from = performance.now();
    for (let turn = 0; performance.now() - from < 60_000 * minutes; turn += 1) {
      const requests = drawCalls('mix', { size, seed: SEED + turn, count: CALLS_PER_SAMPLE }).map((call) => dialect.request(call));
      const { figures } = await load.run({ url: new URL(server.url).origin, requests, connections, seconds: SAMPLE_SECONDS }, server.usage);
      await server.settle();
      const { perSecond, p99, failed, firstFailure } = figures;
      samples.push({ minute: (performance.now() - from) / 60_000, perSecond, p99, failed, firstFailure, ...(await server.memory()) });
      say(`${samples.at(-1).minute.toFixed(1)} of ${minutes} minutes: ${Math.round(perSecond)}/s, heap ${(samples.at(-1).heapUsed / 1e6).toFixed(1)} MB`);
    }
    return samples;
  } finally {
    load.stop();
    await stopServers();
  }
}
