// Drives the compiled server at rising rates until it sheds, and far beyond, beside the same server without a gate.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { SIZES } from '../api/community.mjs';
import { runCommand, say, SEED, withCommunity } from '../api/command.mjs';
import { CONTESTANTS, POOL_SIZE } from '../api/contestants.mjs';
import { OURS } from '../api/names.mjs';
import { drawCalls, OPERATIONS } from '../api/operations.mjs';
import { OptionError } from '../api/options.mjs';
import { startServer, stopServers } from '../api/serverProcess.mjs';
import { machine, text } from '../recommender/figures.mjs';
import { isShedding, stagesTable, summaryLine, summaryOf } from './report.mjs';

const GROWTH = 1.25;
const MOST_STAGES = 25;
const WARM_STAGES = 2;
const BEYOND = 3;
const REFUSALS_PER_SECOND = 20_000;
const SAMPLE_MS = 200;

await runCommand(async () => {
  const options = readOptions();
  await withCommunity(options, (url) => compare(url, options));
});

function readOptions() {
  const { values } = parseArgs({
    options: { database: { type: 'string' }, size: { type: 'string', default: 'small' }, operation: { type: 'string', default: 'mix' }, seconds: { type: 'string', default: '5' }, from: { type: 'string', default: '200' }, most: { type: 'string', default: '' }, connections: { type: 'string', default: '2000' } },
  });
  const wholeNumber = (option) => {
    if (!/^[1-9]\d*$/.test(values[option])) throw new OptionError(`--${option} must be a whole number above 0, received ${values[option]}`);
    return Number(values[option]);
  };
  if (values.database === undefined) throw new OptionError('--database must be the address of a PostgreSQL server, such as postgresql://postgres@localhost/postgres');
  for (const [option, known] of [['size', Object.keys(SIZES)], ['operation', Object.keys(OPERATIONS)]]) {
    if (!known.includes(values[option])) throw new OptionError(`--${option} must be one of ${known.join(', ')}, received ${values[option]}`);
  }
  return { ...values, seconds: wholeNumber('seconds'), from: wholeNumber('from'), connections: wholeNumber('connections'), most: values.most === '' ? null : String(wholeNumber('most')) };
}

async function compare(url, options) {
  const { cores, cpu, node } = machine();
  const gated = await atRisingRates(url, { ...options, environment: options.most === null ? {} : { MAX_CONCURRENT_REQUESTS: options.most } });
  const open = await atRates(url, { ...options, rates: [...new Set([gated.stages.at(-1).rate, gated.beyond?.rate ?? gated.stages.at(-1).rate])], environment: { MAX_CONCURRENT_REQUESTS: '0' } });
  console.log(`Shedding, ${options.operation}, size ${options.size}, ${options.seconds} s a rate, ${text(options.connections)} connections open ahead; ${cores} cores, ${cpu}, Node ${node}`);
  console.log(stagesTable('With the gate', [...gated.stages, ...(gated.beyond === undefined ? [] : [gated.beyond])]));
  console.log(stagesTable('Without it', open));
  console.log(`\nRefusals of a server that is full: ${text(gated.refusals.shed)}/s of ${text(gated.refusals.offered)} offered`);
  const summary = summaryOf(gated.stages, gated.beyond);
  const { rate } = gated.stages.at(-1);
  const without = gated.stages.length === 1 ? `the server sheds at ${text(rate)} requests/s already: begin with fewer by --from` : `the server did not shed at up to ${text(rate)} requests/s`;
  console.log(`\n${summary === null ? without : summaryLine(summary)}`);
}

/** Up to the first rate at which the server sheds, and three times that. */
function atRisingRates(url, options) {
  return withServer(url, options, async (stage, server) => {
    for (let warm = 0; warm < WARM_STAGES; warm += 1) await stage(options.from);
    const stages = [];
    for (let rate = options.from; stages.length < MOST_STAGES; rate = Math.round(rate * GROWTH)) {
      stages.push(await stage(rate));
      if (isShedding(stages.at(-1))) break;
    }
    const beyond = isShedding(stages.at(-1)) ? await stage(BEYOND * stages.at(-1).rate) : undefined;
    return { stages, beyond, refusals: await stage(REFUSALS_PER_SECOND), server };
  });
}

function atRates(url, options) {
  return withServer(url, options, async (stage) => {
    const stages = [];
    for (let warm = 0; warm < WARM_STAGES; warm += 1) await stage(options.from);
    for (const rate of options.rates) stages.push(await stage(rate));
    return stages;
  });
}

async function withServer(url, { operation, size, seconds, connections, environment }, work) {
  const { dialect, ...ours } = CONTESTANTS.find(({ name }) => name === OURS);
  const load = startLoad();
  try {
    const server = await startServer({ ...ours, environment: { ...ours.environment, ...environment, DATABASE_URL: url, DATABASE_POOL_SIZE: String(POOL_SIZE) } });
    let turn = 0;
    const stage = async (rate) => {
      turn += 1;
      const requests = drawCalls(operation, { size, seed: SEED + turn, count: Math.min(40_000, rate * (seconds + 1)) }).map((call) => dialect.request(call));
      const memory = watch(server);
      const figures = await load({ url: new URL(server.url).origin, requests, rate, seconds, connections });
      const mostRss = await memory();
      await server.settle();
      say(`${environment.MAX_CONCURRENT_REQUESTS ?? 'default'}: ${text(rate)}/s offered, ${text(figures.answered)} answered, ${text(figures.shed)} shed, p99 ${text(figures.p99)} ms`);
      return { ...figures, mostRss };
    };
    return await work(stage, server);
  } finally {
    load.stop();
    await stopServers();
  }
}

/** Looks at the server's memory until it is asked for the most. */
function watch(server) {
  let mostRss = 0;
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      const { rss } = await server.usage();
      mostRss = Math.max(mostRss, rss);
      await new Promise((done) => setTimeout(done, SAMPLE_MS));
    }
  })();
  return async () => {
    isOver = true;
    await looking;
    return mostRss;
  };
}

function startLoad() {
  const child = fork(new URL('./openLoop.mjs', import.meta.url));
  const load = async (job) => {
    child.send(job);
    const [{ failure, figures }] = await once(child, 'message');
    if (failure !== undefined) throw new Error(`the requests could not be sent: ${failure}`);
    return figures;
  };
  return Object.assign(load, { stop: () => child.kill('SIGKILL') });
}
