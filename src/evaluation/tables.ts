import type { Interval } from './bootstrap.js';
import type { GroupResult, MethodResult } from './evaluate.js';
import type { MetricName } from './metrics.js';

/** Results for people: the first cell of a row names the method. */
export interface Table {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const QUALITY: readonly MetricName[] = ['recall@20', 'recall@50', 'recall@100', 'recall@300', 'ndcg@10', 'ndcg@20', 'map'];
const COMPARED = ['recall@20', 'ndcg@20'] as const;

/** All readers, then what is shown and what it takes, then by activity, then against the baseline. */
export function tablesOf(results: readonly MethodResult[], baseline: string): Table[] {
  const tables = [qualityTable(results), shownTable(results), ...COMPARED.map((metric) => groupTable(results, metric)), baselineTable(results, baseline)];
  return tables.filter(({ rows }) => rows.length > 0);
}

/** Tables in columns of characters. */
export function toText(tables: readonly Table[]): string {
  return tables.map(textOf).join('\n\n');
}

function qualityTable(results: readonly MethodResult[]): Table {
  const newPaperReaders = results[0]?.newPapers?.readers;
  const newPapers = newPaperReaders === undefined ? [] : [`recall@20 of new papers (${newPaperReaders})`];
  return {
    title: `Mean over ${results[0]?.readers ?? 0} readers`,
    header: ['method', ...QUALITY, ...newPapers],
    rows: results.map((result) => [
      result.name,
      ...QUALITY.map((name) => figure(result.averages[name])),
      ...(result.newPapers === null ? [] : [figure(result.newPapers['recall@20'])]),
    ]),
  };
}

function shownTable(results: readonly MethodResult[]): Table {
  return {
    title: 'The first twenty, and time for a reader',
    header: ['method', 'coverage', 'novelty', 'diversity', 'build s', 'p50 ms', 'p95 ms', 'p99 ms'],
    rows: results.map(({ name, coverage, averages, milliseconds: { build, p50, p95, p99 } }) => [
      name,
      figure(coverage),
      figure(averages.novelty),
      figure(averages.diversity),
      ...[build / 1000, p50, p95, p99].map((value) => value.toFixed(2)),
    ]),
  };
}

function groupTable(results: readonly MethodResult[], metric: MetricName): Table {
  const groups = results[0]?.groups ?? [];
  return {
    title: `${metric} by votes to learn from (readers)`,
    header: ['method', ...groups.map((group) => `${votesText(group)} (${group.readers})`)],
    rows: results.map((result) => [result.name, ...result.groups.map((group) => figure(group.averages[metric]))]),
  };
}

/** Bounds of a group's votes. */
export function votesText({ votes: [low, high] }: GroupResult): string {
  return high === Infinity ? `${low} or more` : `${low} to ${high}`;
}

function baselineTable(results: readonly MethodResult[], baseline: string): Table {
  return {
    title: `Against ${baseline}, with the 95 % interval`,
    header: ['method', ...COMPARED],
    rows: results.flatMap(({ name, versusBaseline }) =>
      versusBaseline === undefined ? [] : [[name, ...COMPARED.map((metric) => intervalText(versusBaseline[metric]))]],
    ),
  };
}

function intervalText({ difference, low, high }: Interval): string {
  return `${signed(difference)} (${signed(low)} to ${signed(high)})`;
}

function textOf({ title, header, rows }: Table): string {
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return [title, line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

function figure(value: number): string {
  return value.toFixed(4);
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
