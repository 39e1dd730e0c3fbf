// How long a reader waits, on one core, reader by reader and method by method in turn, so that whatever else the machine
// does falls on all methods alike.
import { quantile, spread } from './figures.mjs';

/** `rankers` by name; the first is what the others are compared with. One more round goes before, to warm up. */
export function measureLatency(rankers, { readers, rounds }) {
  const names = Object.keys(rankers);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    const measured = oneRound(rankers, readers);
    if (round >= 0) for (const name of names) samples[name].push(measured[name]);
  }
  return {
    readers: readers.length,
    rounds,
    methods: Object.fromEntries(names.map((name) => [name, figuresOf(samples[name])])),
    ratios: Object.fromEntries(names.slice(1).map((name) => [name, ratiosOf(samples[names[0]], samples[name])])),
  };
}

function oneRound(rankers, readers) {
  const measured = Object.fromEntries(Object.keys(rankers).map((name) => [name, { ms: [], cpuMs: 0 }]));
  for (const reader of readers) {
    for (const [name, rank] of Object.entries(rankers)) {
      const cpu = process.cpuUsage();
      const start = performance.now();
      rank(reader);
      measured[name].ms.push(performance.now() - start);
      const { user, system } = process.cpuUsage(cpu);
      measured[name].cpuMs += (user + system) / 1000;
    }
  }
  return measured;
}

const SHARES = { p50: 0.5, p95: 0.95, p99: 0.99 };
const meanCpuMs = ({ ms, cpuMs }) => cpuMs / ms.length;

/** Each figure is the median of the rounds', in ms, and its spread; `quiet` takes each reader's fastest round. */
function figuresOf(rounds) {
  const fastest = rounds[0].ms.map((_, reader) => Math.min(...rounds.map(({ ms }) => ms[reader])));
  return {
    ...mapValues(SHARES, (share) => spread(rounds.map(({ ms }) => quantile(ms, share)))),
    max: spread(rounds.map(({ ms }) => Math.max(...ms))),
    cpu: spread(rounds.map(meanCpuMs)),
    quiet: { ...mapValues(SHARES, (share) => quantile(fastest, share)), max: Math.max(...fastest) },
  };
}

function ratiosOf(ours, theirs) {
  const over = (figure) => spread(ours.map((round, index) => figure(round) / figure(theirs[index])));
  return { ...mapValues(SHARES, (share) => over(({ ms }) => quantile(ms, share))), cpu: over(meanCpuMs) };
}

function mapValues(object, map) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
