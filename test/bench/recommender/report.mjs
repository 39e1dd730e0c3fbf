// The figures as text, and the limits that they must keep.
import { spreadText, table, text } from './figures.mjs';

const MS_OF_LOOP = 10;
const MS_OF_REQUEST = { small: { p50: 2, p99: 10 }, large: { p50: 15, p99: 60 } };
const LIMITS_OF_LARGE = { gigabytes: 4, startSeconds: 180 };
const MICROSECONDS_OF_VOTE = 50;
const GIGABYTE = 1e9;

/** What is promised, what was measured, and whether it holds. Memory and the time of a start are promised for the large size. */
export function limitsOf({ size, latency, votes, memory, eventLoop, database }) {
  const { p50, p99 } = latency.methods.engine;
  const promised = MS_OF_REQUEST[size];
  const checks = Object.entries(votes.checks).filter(([, holds]) => holds !== null);
  const threaded = database?.starts.find(({ threads }) => threads > 0);
  const limits = [
    ...(promised === undefined ? [] : [atMost('p50 of a request, ms', p50.median, promised.p50), atMost('p99 of a request, ms', p99.median, promised.p99)]),
    ...(size === 'large' ? [atMost('memory of the matrix, GB', memory.grown / GIGABYTE, LIMITS_OF_LARGE.gigabytes)] : []),
    atMost('a vote, p99, µs', votes.added.p99, MICROSECONDS_OF_VOTE),
    ...checks.map(([name, holds]) => ({ name: `votes: ${name}`, measured: holds, limit: true, holds })),
    ...loopLimits('recommending on a thread', eventLoop.oneThread),
  ];
  if (threaded === undefined) return limits;
  return [
    ...limits,
    ...(size === 'large'
      ? [atMost('start from the database, s', threaded.seconds, LIMITS_OF_LARGE.startSeconds), atMost('memory of the started process, GB', threaded.rss / GIGABYTE, LIMITS_OF_LARGE.gigabytes)]
      : []),
    ...loopLimits('starting on a thread', threaded.startDelay),
    ...loopLimits('recommending after it', threaded.recommendDelay),
    ...database.starts.map(({ threads, isSameMatrix }) => ({ name: `the matrix is the one loaded in memory (${threads} threads)`, measured: isSameMatrix, limit: true, holds: isSameMatrix })),
  ];
}

/** Where other programs want the processors too, only the second says what the program itself holds up. */
function loopLimits(during, { max, own }) {
  return [atMost(`event loop, ${during}, ms`, max, MS_OF_LOOP), atMost(`event loop, ${during}, own work, ms`, own.max, MS_OF_LOOP)];
}

function atMost(name, measured, limit) {
  return { name, measured, limit, holds: measured <= limit };
}

export function toText(figures) {
  const { database } = figures;
  return [heading(figures), latencyTable(figures), ratioTable(figures), voteTable(figures), memoryTable(figures), loopTable(figures), database === null ? '' : databaseTable(database), limitTable(figures)]
    .filter((part) => part !== '')
    .join('\n');
}

function heading({ machine, startedAt, loadAverage, size, seed, world, latency }) {
  return [
    `Recommender, size ${size}, seed ${seed}, ${startedAt}`,
    `Machine: ${machine.cores} cores, ${machine.cpu}, ${machine.os}, Node ${machine.node}; load average ${loadAverage.before[0]} before, ${loadAverage.after[0]} after`,
    `World (${world.name}): ${text(world.papers)} papers, ${text(world.readers)} readers, ${text(world.votes)} votes, ${text(world.tagEntries)} tags of papers, ${text(world.authorEntries)} authors of papers`,
    `${latency.readers} readers, ${latency.rounds} rounds, the methods in turn reader by reader; figures are the median of the rounds (least–most)`,
  ].join('\n');
}

function latencyTable({ latency: { methods } }) {
  const rows = Object.entries(methods).map(([name, { p50, p95, p99, max, cpu, quiet }]) => [name, ...[p50, p95, p99, max, cpu].map(spreadText), `${text(quiet.p50)} / ${text(quiet.p99)}`]);
  return table('A request of 20 papers on one core, ms; fastest: each reader’s fastest round', [['method', 'p50', 'p95', 'p99', 'max', 'CPU, mean', 'fastest p50 / p99'], ...rows]);
}

function ratioTable({ latency: { ratios } }) {
  const rows = Object.entries(ratios).map(([name, { p50, p95, p99, cpu }]) => [`engine / ${name}`, ...[p50, p95, p99, cpu].map(spreadText)]);
  const note = ratios['exact EASE'] === undefined ? '' : '; the dense matrix of exact EASE is drawn at random: only its arithmetic is timed';
  return table(`Ratios${note}`, [['', 'p50', 'p95', 'p99', 'CPU, mean'], ...rows]);
}

function voteTable({ votes: { count, added, removed, requestAfterVoteMs, checks } }) {
  const row = (name, { p50, p99, max }) => [name, p50, p99, max];
  const after = `\nA request right after a vote: p50 ${text(requestAfterVoteMs.p50)} ms, p99 ${text(requestAfterVoteMs.p99)} ms, with both of its votes; checks: ${JSON.stringify(checks)}`;
  return table(`${text(count)} votes in the matrix, µs`, [['', 'p50', 'p99', 'max'], row('added', added), row('taken back', removed)]) + after;
}

function memoryTable({ memory: { seconds, rss, grown, matrixBytes } }) {
  const gb = (bytes) => text(bytes / GIGABYTE);
  return table('Loading in memory', [['seconds', 'process before and after, GB', 'grown by, GB', 'arrays of the matrix, GB'], [seconds, `${gb(rss - grown)}, ${gb(rss)}`, gb(grown), gb(matrixBytes)]]);
}

function loopTable({ eventLoop: { idle, oneThread, noThread } }) {
  const row = (name, { p99, max, own }) => [name, p99, max, own.p99, own.max];
  return table('Delay of the event loop during 200 recommendations, ms; own: less what it waited for a processor', [['', 'p99', 'max', 'own p99', 'own max'], row('nothing to do, 1 s', idle), row('engine of one thread', oneThread), row('engine in this thread', noThread)]);
}

function databaseTable({ rows, fillSeconds, starts }) {
  const lines = starts.map(({ threads, seconds, rowsPerSecond, rss, startDelay, recommendDelay, recommendMs }) => [
    threads, seconds, Math.round(rowsPerSecond), rss / GIGABYTE, delayText(startDelay), delayText(recommendDelay), `${text(recommendMs.p50)} / ${text(recommendMs.p99)}`,
  ]);
  const title = `Start from PostgreSQL, ${text(rows)} rows (filled in ${text(fillSeconds)} s)`;
  return table(title, [['threads', 'seconds', 'rows/s', 'process, GB', 'loop while starting, p99 / max / own max ms', 'while recommending', 'a request, p50 / p99 ms'], ...lines]);
}

const delayText = ({ p99, max, own }) => [p99, max, own.max].map(text).join(' / ');

function limitTable({ limits }) {
  const shown = (value) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : value);
  return table('Limits', [['', 'measured', 'limit', ''], ...limits.map(({ name, measured, limit, holds }) => [name, shown(measured), shown(limit), holds ? 'holds' : 'MISSED'])]);
}
