// Rounds of measurements, the contestants in turn, each alone: the others are stopped meanwhile, so that nothing of what
// they do by themselves falls on the one that is measured.
import { onServer } from '../recommender/fill.mjs';
import { checkAnswers, findDeepCursors } from './check.mjs';
import { CONTESTANTS, POOL_SIZE } from './contestants.mjs';
import { ratiosOf, summarise } from './figures.mjs';
import { startLoad } from './loadProcess.mjs';
import { BOUND } from './names.mjs';
import { canAnswer, drawCalls, OPERATIONS } from './operations.mjs';
import { startServer, stopServers } from './serverProcess.mjs';

// What a client may send in a second before it repeats itself, where a repetition would be another operation.
const VOTES_PER_SECOND = 4_000;
const CALLS_PER_CLIENT = 20;

/** Starts the contestants on a database, compares their answers, and measures each operation. */
export async function measureAll(url, options) {
  const { operations, contestants, connections } = options;
  const load = startLoad();
  try {
    const { servers, skipped } = await startAll(url, options);
    for (const operation of operations) await checkAll(servers, operation, options);
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

/** The bound is started in any case: it says what the answers must be. */
async function startAll(url, { contestants, say }) {
  const servers = [];
  const skipped = [];
  for (const [place, contestant] of CONTESTANTS.entries()) {
    if (!contestants.includes(contestant.name) && contestant.name !== BOUND) continue;
    const { name, nodeOf = () => process.execPath, needs } = contestant;
    const node = nodeOf();
    say(node === null ? `skipping ${name}: needs ${needs}` : `starting ${name}`);
    if (node === null) {
      skipped.push({ name, needs });
      continue;
    }
    const environment = { ...contestant.environment, DATABASE_URL: url, DATABASE_POOL_SIZE: String(POOL_SIZE) };
    const server = await startServer({ ...contestant, node, environment });
    servers.push({ ...server, place, dialect: contestant.dialect, origin: new URL(server.url).origin, found: {} });
  }
  return { servers, skipped };
}

async function checkAll(servers, operation, { size, seed, say }) {
  const able = servers.filter(({ name }) => canAnswer(name, operation));
  if (operation === 'deep-page') await findDeepCursors(able, size);
  const bound = able.find(({ name }) => name === BOUND);
  const different = await checkAnswers(able, bound ?? able[0], { operation, size, seed });
  say(`${operation}: the same content from ${able.map(({ name }) => name).join(', ')} (${different} different answers)`);
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
  const { figures, before, after } = await load.run({ url: server.origin, requests, connections, seconds }, server.usage);
  await server.pause();
  if (isOnce) await afterVotes();
  return { ...figures, cpuMs: (after.cpuMs - before.cpuMs) / figures.answers, peakRss: after.peakRss };
}
