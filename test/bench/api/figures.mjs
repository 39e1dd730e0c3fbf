// What the samples of the rounds come to: medians with their spread, and ratios round by round, in which a change of the
// machine's pace cancels.
import { spread } from '../recommender/figures.mjs';
import { BOUND, OURS } from './names.mjs';

const FIGURES = ['perSecond', 'p50', 'p99', 'cpuMs', 'kilobytes', 'peakRss'];

/** `samples` are lists of rounds by contestant. */
export function summarise(samples) {
  return Object.fromEntries(
    Object.entries(samples).map(([name, rounds]) => [
      name,
      {
        ...Object.fromEntries(FIGURES.map((figure) => [figure, spread(rounds.map((round) => round[figure]))])),
        failed: rounds.reduce((sum, { failed }) => sum + failed, 0),
        firstFailure: rounds.find(({ firstFailure }) => firstFailure !== null)?.firstFailure ?? null,
      },
    ]),
  );
}

/** Answers per second of ours over each other's. */
export function ratiosOf({ [OURS]: ours, ...others }) {
  if (ours === undefined) return {};
  return Object.fromEntries(
    Object.entries(others).map(([name, rounds]) => [name, spread(rounds.map(({ perSecond }, round) => ours[round].perSecond / perSecond))]),
  );
}

const LIMITS = [
  { operation: 'feed-page', over: 'plain-stack', limit: 5 },
  { operation: 'feed-page', over: 'mercurius', limit: 1.2 },
  { operation: 'feed-page', over: 'postgraphile', limit: 1.8 },
  { operation: 'feed-page', over: BOUND, limit: 0.6 },
  { operation: 'feed-page-anonymous', over: BOUND, limit: 1 },
];
// A page costs what is on it: a hundred times the papers add a level or two to each index.
const GROWTH = { operation: 'feed-page', limit: 1.5 };

/** What is promised, what was measured, and whether it holds; of growth only where there are figures of the small size. */
export function limitsOf(measurements, { small = null } = {}) {
  const limits = measurements.flatMap(({ operation, connections, ratios, contestants }) => [
    ...LIMITS.filter((limit) => limit.operation === operation && ratios[limit.over] !== undefined).map(({ over, limit }) =>
      atLeast(`${operation}, ${connections} connections: ${OURS} / ${over}`, ratios[over].median, limit),
    ),
    ...Object.entries(contestants)
      .filter(([, { failed }]) => failed > 0)
      .map(([name, { failed }]) => atMost(`${operation}, ${connections} connections: failed answers of ${name}`, failed, 0)),
  ]);
  return [...limits, ...(small === null ? [] : growthLimits(measurements, small))];
}

function growthLimits(measurements, small) {
  return measurements.filter(({ operation }) => operation === GROWTH.operation).flatMap(({ operation, connections, contestants }) => {
    const before = small.find((other) => other.operation === operation && other.connections === connections)?.contestants[OURS];
    const after = contestants[OURS];
    if (before === undefined || after === undefined) return [];
    return [atMost(`${operation}, ${connections} connections: time a request over that of the small size`, before.perSecond.median / after.perSecond.median, GROWTH.limit)];
  });
}

const atLeast = (name, measured, limit) => ({ name, measured, limit: `≥ ${limit}`, holds: measured >= limit });
const atMost = (name, measured, limit) => ({ name, measured, limit: `≤ ${limit}`, holds: measured <= limit });
