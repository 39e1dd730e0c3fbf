// Rounds of measurements, the contestants in turn, each alone: the others are stopped meanwhile, so that nothing of what
// they do by themselves falls on the one that is measured.
import { onServer } from '../recommender/fill.mjs';
import { checkOperation } from './check.mjs';
import { ratiosOf, summarise } from './figures.mjs';
import { startLoad } from './loadProcess.mjs';
import { canAnswer, drawCalls, OPERATIONS } from './operations.mjs';
import { stopServers } from './serverProcess.mjs';
import { startContestants } from './starting.mjs';

// What a client may send in a second before it repeats itself, where a repetition would be another operation.
const VOTES_PER_SECOND = 4_000;
const CALLS_PER_CLIENT = 20;

/** Starts the contestants on a database, compares their answers, and measures each operation. */
export async function measureAll(url, options) {
  const { operations, contestants, connections } = options;
  const load = startLoad();
  try {
    const { servers, skipped } = await startContestants(url, options);
    for (const operation of operations) options.say(await checkOperation(servers, operation, options));
    for (const server of servers) await server.pause();
    const measurements = [];
    // What writes comes last in the list of operations: it changes what the others read.
    for (const operation of operations) {
      for (const count of connections) {
        const able = servers.filter(({ name }) => contestants.includes(name) && canAnswer(name, operation));
        if (able.length === 0) continue;
        const samples = await measureOperation(able, { ...options, load, operation, connections: count, afterVotes: () => vacuum(url) });
        measurements.push({ operation, connections: count, contestants: summarise(samples), ratios: ratiosOf(samples), samples });
      }
    }
    return { measurements, skipped };
  } finally {
    load.stop();
    await stopServers();
  }
}

/** So that each contestant finds the tables as the one before found them. */
function vacuum(url) {
  return onServer(url, (client) => client.query('VACUUM papers, upvotes, users, changes'));
}

/** One figure set a contestant and round, the contestants in rotating order; the first round only warms up. */
async function measureOperation(servers, { operation, connections, rounds, ...setting }) {
  const samples = Object.fromEntries(servers.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (let turn = 0; turn < servers.length; turn += 1) {
      const server = servers[(turn + round) % servers.length];
      const figures = await measureOne(server, { ...setting, operation, connections, round });
      if (round > 0) samples[server.name].push(figures);
      setting.say(`${operation}, ${connections} connections, ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}: ${server.name} ${Math.round(figures.perSecond)}/s`);
    }
  }
  return samples;
}

async function measureOne(server, { load, operation, connections, seconds, size, seed, round, afterVotes }) {
  const { isOnce = false } = OPERATIONS[operation];
  const perClient = isOnce ? Math.ceil(((seconds + 2) * VOTES_PER_SECOND) / connections) : CALLS_PER_CLIENT;
  // Each contestant gives votes of its own, for a vote that is there already costs less.
  const ownSeed = seed + 100 * round + (isOnce ? server.place : 0);
  const calls = drawCalls(operation, { size, seed: ownSeed, count: perClient * connections, found: server.found });
  const requests = calls.map((call) => server.dialect.request(call));
  server.resume();
  const { figures, before, after } = await load.run({ url: server.origin, requests, connections, seconds: round === 0 ? 1 : seconds }, server.usage);
  await server.pause();
  if (isOnce) await afterVotes();
  return { ...figures, cpuMs: (after.cpuMs - before.cpuMs) / figures.answers, peakRss: after.peakRss };
}
