// Numbers from measurements, and tables of them.
import { cpus, loadavg } from 'node:os';

/** The smallest value that a share of all values does not exceed. */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** Of the figures of several rounds: the middle one, and how far they are spread. */
export function spread(values) {
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}

export function machine() {
  const processors = cpus();
  return { cores: processors.length, cpu: processors[0]?.model.trim() ?? 'unknown', node: process.versions.node, os: `${process.platform} ${process.arch}` };
}

export const loadAverage = () => loadavg().map((load) => Number(load.toFixed(2)));

/** Three digits that count, and thousands apart. */
export function text(value) {
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return '–';
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(4, digits) });
}

export const spreadText = ({ median, min, max }) => `${text(median)} (${text(min)}–${text(max)})`;

/** A heading and rows, the first of which names the columns. */
export function table(title, rows) {
  const cells = rows.map((row) => row.map(text));
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const lines = cells.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  '));
  return `\n${title}\n${[lines[0], '-'.repeat(lines[0].length), ...lines.slice(1)].join('\n')}`;
}
