// The figures as text, and the limit that they must keep.
import { spreadText, table, text } from '../recommender/figures.mjs';

const MEGABYTE = 1_000_000;
const PEAK_MEGABYTES = 512;

export function limitsOf({ imports, checks }) {
  const peak = imports.peakBytes.max / MEGABYTE;
  return [
    { name: 'memory of the import at its peak, MB', measured: peak, limit: PEAK_MEGABYTES, holds: peak <= PEAK_MEGABYTES },
    ...Object.entries(checks).map(([name, holds]) => ({ name, measured: holds, limit: true, holds })),
  ];
}

export function toText(figures) {
  return [heading(figures), rowTable(figures), speedTable(figures), copyTable(figures), limitTable(figures)].join('\n');
}

function heading({ machine, startedAt, loadAverage, rounds, papers, seed, dump, server }) {
  return [
    `Import of an archive, ${startedAt}`,
    `Machine: ${machine.cores} cores, ${machine.cpu}, ${machine.os}, Node ${machine.node}; load average ${loadAverage.before[0]} before, ${loadAverage.after[0]} after`,
    `Server: PostgreSQL ${server.version}; ${Object.entries(server.settings).map(([name, value]) => `${name} ${value}`).join(', ')}`,
    `Archive: ${text(papers)} papers, seed ${seed}, ${text(dump.bytes / MEGABYTE)} MB packed`,
    `${rounds} round${rounds === 1 ? '' : 's'}, the ways in turn; figures are the median of the rounds (least–most)`,
  ].join('\n');
}

function rowTable({ rows, rowCount }) {
  return table('Rows', [[...Object.keys(rows), 'all'], [...Object.values(rows), rowCount]]);
}

function speedTable({ imports, copies, ratios }) {
  const row = (name, { seconds, papersPerSecond, rowsPerSecond }, ratio) => [name, ...[seconds, papersPerSecond, rowsPerSecond].map(spreadText), ratio === null ? '' : spreadText(ratio)];
  return table('The same rows three ways', [
    ['', 'seconds', 'papers/s', 'rows/s', 'import ÷ this, rows/s'],
    row('import: process start to end', imports, null),
    row('COPY into the same tables', copies.schema, ratios.schema),
    row('COPY into bare tables', copies.bare, ratios.bare),
  ]);
}

function copyTable({ copies }) {
  const names = Object.keys(copies.schema.tables);
  const row = (name, { tables, commit }) => [name, ...names.map((table) => tables[table].median), commit.median];
  return table('COPY by table, seconds', [['into', ...names, 'commit'], row('the same tables', copies.schema), row('bare tables', copies.bare)]);
}

function limitTable({ limits }) {
  const shown = (value) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : value);
  return table('Limits', [['', 'measured', 'limit', ''], ...limits.map(({ name, measured, limit, holds }) => [name, shown(measured), shown(limit), holds ? 'holds' : 'MISSED'])]);
}
