// npm run bench:recommender -- [--size small|large] [--database URL] [--json OUT] [--readers N] [--rounds N] [--data DIR]
//
// What the recommender costs: a request beside methods that only look up, a vote, memory, a start, and the time for
// which the event loop is held up. Compare ratios rather than times between machines.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { exitWith } from '../../../dist/cli/exit.js';
import { createEngine } from '../../../dist/recommendations/engine.js';
import { checksumOf } from '../../../dist/recommender/checksum.js';
import { readCiteULike } from './citeulike.mjs';
import { watchIdle, watchRecommendations } from './eventLoop.mjs';
import { idOf, loadEngine, loadMatrix, sampleReaders } from './facts.mjs';
import { loadAverage, machine, quantile } from './figures.mjs';
import { fillDatabase, withDatabase } from './fill.mjs';
import { measureLatency } from './latency.mjs';
import { denseRanker, engineRanker, neighboursRanker, walkRanker } from './rankers.mjs';
import { limitsOf, toText } from './report.mjs';
import { measureVotes } from './votes.mjs';
import { makeWorld, SIZES } from './world.mjs';

const SEED = 1;
const RECOMMENDATIONS = 200;
const IDLE_MS = 1000;
const DEFAULTS = { tiny: { readers: 50, rounds: 2 }, small: { readers: 1000, rounds: 7 }, large: { readers: 500, rounds: 5 } };
const VOTES = { tiny: 500, small: 20_000, large: 20_000 };
// 16,980² floats are 1.15 GB.
const MOST_DENSE_PAPERS = 20_000;

await exitWith(async () => {
  const options = readOptions();
  if (options === null) return 2;
  const figures = await run(options);
  console.log(toText(figures));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  return 0;
});

function readOptions() {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: 'small' },
      database: { type: 'string' },
      json: { type: 'string' },
      readers: { type: 'string' },
      rounds: { type: 'string' },
      data: { type: 'string', default: '../shared/data/citeulike-a' },
    },
  });
  const isKnown = Object.hasOwn(SIZES, values.size);
  const counts = Object.fromEntries(['readers', 'rounds'].map((name) => [name, Number(values[name] ?? DEFAULTS[values.size]?.[name])]));
  const wrong = isKnown ? Object.keys(counts).find((name) => !Number.isSafeInteger(counts[name]) || counts[name] < 1) : 'size';
  if (wrong === undefined) return { ...values, ...counts };
  console.error(`daily-papers: --${wrong} must be ${isKnown ? 'a whole number above 0' : `one of ${Object.keys(SIZES).join(', ')}`}, received ${values[wrong]}`);
  return null;
}

async function run(options) {
  const { size } = options;
  const startedAt = new Date().toISOString();
  const loadBefore = loadAverage();
  const world = await worldOf(options);
  const readers = sampleReaders(world, options.readers, SEED);
  const asked = sampleReaders(world, RECOMMENDATIONS, SEED + 1).map(idOf);
  say(`${world.name}: loading`);
  const loaded = load(world);
  const { matrix, ...memory } = loaded;
  const latency = latencyOf(matrix, world, { ...options, readers });
  say('votes');
  const votes = measureVotes(matrix, world, { count: VOTES[size], requests: 50, seed: SEED + 2, isReloaded: size !== 'large' });
  say('event loop');
  const eventLoop = await eventLoopOf(world, asked);
  const database = options.database === undefined ? null : await databaseOf(options.database, world, { asked, checksum: checksumOf(matrix) });
  const figures = {
    machine: machine(),
    startedAt,
    loadAverage: { before: loadBefore, after: loadAverage() },
    size,
    seed: SEED,
    world: shapeOf(world),
    latency,
    votes,
    memory,
    eventLoop,
    database,
  };
  return { ...figures, limits: limitsOf(figures) };
}

async function worldOf({ size, data }) {
  if (size === 'small') {
    const world = await readCiteULike(data);
    if (world !== null) return world;
    say(`CiteULike-a skipped: no data in ${data}; a generated world of its size instead`);
  }
  say('generating');
  return makeWorld(SIZES[size], SEED);
}

function shapeOf({ name, papers, readers, libraries, tagsOf, authorsOf }) {
  return { name, papers, readers, votes: libraries.indices.length, tags: tagsOf.columnCount, tagEntries: tagsOf.indices.length, authors: authorsOf.columnCount, authorEntries: authorsOf.indices.length };
}

/** `grown` is what the process has grown by, working memory of one request included. */
function load(world) {
  const before = process.memoryUsage.rss();
  const start = performance.now();
  const matrix = loadMatrix(world);
  const seconds = (performance.now() - start) / 1000;
  engineRanker(matrix)(0);
  const rss = process.memoryUsage.rss();
  return { matrix, seconds, rss, grown: rss - before, matrixBytes: matrix.byteLength() };
}

function latencyOf(matrix, world, { readers, rounds }) {
  const rankers = { engine: engineRanker(matrix) };
  if (world.papers <= MOST_DENSE_PAPERS) {
    say('neighbours and the dense matrix');
    rankers['item kNN'] = neighboursRanker(world, readers);
    rankers['exact EASE'] = denseRanker(world, SEED + 3);
  } else {
    say(`item kNN and exact EASE skipped: a dense matrix of ${world.papers} papers takes ${Math.round((4 * world.papers ** 2) / 1e9)} GB, and all neighbours hours`);
    rankers.RP3beta = walkRanker(world);
  }
  say('latency');
  return measureLatency(rankers, { readers, rounds });
}

async function eventLoopOf(world, readerIds) {
  const idle = await watchIdle(IDLE_MS);
  const watch = async (threads) => {
    const engine = createEngine(threads);
    await loadEngine(engine, world);
    await watchRecommendations(engine, readerIds.slice(0, 20));
    const { delay } = await watchRecommendations(engine, readerIds);
    await engine.close();
    return delay;
  };
  return { idle, oneThread: await watch(1), noThread: await watch(0) };
}

function databaseOf(serverUrl, world, { asked, checksum }) {
  return withDatabase(serverUrl, async (url) => {
    say('filling the database');
    const from = performance.now();
    await fillDatabase(url, world);
    const fillSeconds = (performance.now() - from) / 1000;
    const rows = world.papers + world.tagsOf.indices.length + world.authorsOf.indices.length + world.libraries.indices.length;
    const starts = [];
    for (const threads of [1, 0]) {
      say(`starting from the database with ${threads} threads`);
      const { state, recommendations, ...start } = await startFrom(url, threads, asked);
      const { delay, took } = recommendations;
      starts.push({
        ...start,
        rowsPerSecond: rows / start.seconds,
        recommendDelay: delay,
        recommendMs: { p50: quantile(took, 0.5), p99: quantile(took, 0.99) },
        isSameMatrix: state.checksum === checksum,
      });
    }
    return { rows, fillSeconds, starts };
  });
}

async function startFrom(url, threads, readerIds) {
  const child = fork(new URL('./start.mjs', import.meta.url), [url, String(threads), JSON.stringify(readerIds)]);
  const ended = once(child, 'exit').then(([code]) => { throw new Error(`the start ended with exit code ${code}`); });
  const [figures] = await Promise.race([once(child, 'message'), ended]);
  await ended.catch(() => undefined);
  return figures;
}

function say(message) {
  console.error(`bench: ${message}`);
}
