import type { MethodResult } from './evaluate.js';
import type { MetricName } from './metrics.js';

const COLUMNS: readonly MetricName[] = ['recall@20', 'recall@50', 'recall@100', 'recall@300', 'ndcg@10', 'ndcg@20', 'map', 'novelty', 'diversity'];

/** The results as tables for people: all readers, then by activity, then against the baseline. */
export function toTables(results: readonly MethodResult[], baseline: string): string {
  const overall = table(
    ['method', ...COLUMNS, 'coverage', 'build s', 'p50 ms', 'p99 ms'],
    results.map((result) => [
      result.name,
      ...COLUMNS.map((name) => figure(result.averages[name])),
      figure(result.coverage),
      (result.milliseconds.build / 1000).toFixed(2),
      result.milliseconds.p50.toFixed(2),
      result.milliseconds.p99.toFixed(2),
    ]),
  );
  return [overall, groupTable(results), baselineTable(results, baseline)].filter((part) => part !== '').join('\n\n');
}

function groupTable(results: readonly MethodResult[]): string {
  const groups = results[0]?.groups ?? [];
  return table(
    ['recall@20 by votes', ...groups.map(({ votes: [low, high], readers }) => `${low}–${high === Infinity ? '' : high} (${readers})`)],
    results.map((result) => [result.name, ...result.groups.map((group) => figure(group.averages['recall@20']))]),
  );
}

function baselineTable(results: readonly MethodResult[], baseline: string): string {
  const rows = results.flatMap(({ name, versusBaseline }) =>
    versusBaseline === undefined
      ? []
      : [[name, ...(['recall@20', 'ndcg@20'] as const).map((metric) => intervalText(versusBaseline[metric]))]],
  );
  return rows.length === 0 ? '' : table([`against ${baseline}`, 'recall@20 (95 %)', 'ndcg@20 (95 %)'], rows);
}

function intervalText({ difference, low, high }: { difference: number; low: number; high: number }): string {
  return `${signed(difference)} (${signed(low)} to ${signed(high)})`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

function figure(value: number): string {
  return value.toFixed(4);
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
