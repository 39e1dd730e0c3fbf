// The figures as text.
import { spreadText, table, text } from '../recommender/figures.mjs';
import { OURS } from './names.mjs';

const MEGABYTE = 1e6;

export function toText(figures) {
  return [heading(figures), ...figures.measurements.flatMap((one) => [speedTable(one), ratioTable(one)]), limitTable(figures)].filter((part) => part !== '').join('\n');
}

function heading({ machine, startedAt, loadAverage, size, seed, community, rounds, seconds, skipped }) {
  return [
    `API, size ${size}, seed ${seed}, ${startedAt}`,
    `Machine: ${machine.cores} cores, ${machine.cpu}, ${machine.os}, Node ${machine.node}; load average ${loadAverage.before[0]} before, ${loadAverage.after[0]} after`,
    `Community: ${text(community.papers)} papers, ${text(community.readers)} readers, ${text(community.votes)} votes, filled in ${text(community.fillSeconds)} s`,
    `${rounds} rounds of ${seconds} s each, the contestants in turn; figures are the median of the rounds (least–most)`,
    ...skipped.map(({ name, needs }) => `Skipped: ${name}: needs ${needs}`),
  ].join('\n');
}

function speedTable({ operation, connections, contestants, note }) {
  const rows = Object.entries(contestants).map(([name, { perSecond, p50, p99, cpuMs, kilobytes, peakRss, failed }]) => [
    name, spreadText(perSecond), ...[p50, p99, cpuMs].map(spreadText), kilobytes.median, peakRss.max / MEGABYTE, failed === 0 ? '0' : `${failed} FAILED`,
  ]);
  const columns = ['', 'requests/s', 'p50, ms', 'p99, ms', 'CPU ms a request', 'kB', 'peak RSS, MB', 'errors'];
  const failures = Object.entries(contestants).filter(([, { firstFailure }]) => firstFailure !== null).map(([name, { firstFailure }]) => `\n${name}: ${firstFailure}`);
  return table(`${operation}, ${connections} connections${note === undefined ? '' : `; ${note}`}`, [columns, ...rows]) + failures.join('');
}

function ratioTable({ operation, connections, ratios }) {
  const rows = Object.entries(ratios).map(([name, ratio]) => [`${OURS} / ${name}`, spreadText(ratio)]);
  return rows.length === 0 ? '' : table(`Ratios of requests/s, ${operation}, ${connections} connections`, [['', 'median (least–most)'], ...rows]);
}

function limitTable({ limits }) {
  if (limits.length === 0) return '';
  return table('Limits', [['', 'measured', 'limit', ''], ...limits.map(({ name, measured, limit, holds }) => [name, measured, limit, holds ? 'holds' : 'MISSED'])]);
}
