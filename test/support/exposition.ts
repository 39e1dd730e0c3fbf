/** A series of a metric, as it was scraped. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposed {
  readonly type: string;
  readonly help: string;
  readonly series: readonly Series[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]?Inf|[+-]?[0-9.]+(?:e[+-]?[0-9]+)?)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/gy;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'] };

/**
 * Prometheus' text format 0.0.4, read strictly: each metric has HELP and TYPE before its series and nothing between, no series comes
 * twice, histograms are whole and cumulative, counters end in _total. Throws for whatever is not so.
 */
export function parseExposition(text: string): ReadonlyMap<string, Exposed> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const metrics = new Map<string, { type: string; help: string; series: Series[] }>();
  let current = '';
  let help = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (metrics.has(name) || !NAME.test(name)) throw new Error(`${name} comes twice, or is no name`);
      if (rest === '') throw new Error(`${name} has no help`);
      [current, help] = [name, rest];
    } else if (kind === 'TYPE') {
      if (name !== current) throw new Error(`the type of ${name} stands below the help of ${current}`);
      metrics.set(name, { type: rest, help, series: [] });
    } else {
      const metric = metrics.get(current);
      if (metric === undefined) throw new Error(`no metric has the line ${line}`);
      metric.series.push(seriesOf(line, current, metric.type));
    }
  }
  for (const [name, metric] of metrics) check(name, metric);
  return metrics;
}

function seriesOf(line: string, metric: string, type: string): Series {
  const [, name, inside, value = ''] = LINE.exec(line) ?? [];
  if (name === undefined) throw new Error(`no line of the format: ${line}`);
  if (!(SUFFIXES[type] ?? ['']).some((suffix) => name === `${metric}${suffix}`)) throw new Error(`${name} is no series of ${metric}`);
  const labels: Record<string, string> = {};
  let read = 0;
  for (const [whole, label = '', text = ''] of (inside ?? '').matchAll(LABEL)) {
    if (label in labels) throw new Error(`the label ${label} comes twice: ${line}`);
    labels[label] = text;
    read += whole.length;
  }
  if (read !== (inside ?? '').length) throw new Error(`labels that cannot be read: ${line}`);
  return { name, labels, value: value.endsWith('Inf') ? Infinity * (value.startsWith('-') ? -1 : 1) : Number(value) };
}

function check(name: string, { type, series }: Exposed): void {
  const keys = series.map((one) => JSON.stringify([one.name, Object.entries(one.labels).sort()]));
  if (new Set(keys).size !== keys.length) throw new Error(`a series of ${name} comes twice`);
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`the counter ${name} does not end in _total`);
  if (type !== 'counter' && name.endsWith('_total')) throw new Error(`${name} is no counter`);
  if (type === 'counter' && series.some(({ value }) => !(value >= 0))) throw new Error(`the counter ${name} is below 0`);
  if (type === 'histogram') checkHistogram(name, series);
}

function checkHistogram(name: string, series: readonly Series[]): void {
  const groups = new Map<string, Series[]>();
  for (const one of series) {
    const { le: _, ...labels } = one.labels;
    const key = JSON.stringify(labels);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  for (const [key, group] of groups) {
    const buckets = group.filter((one) => one.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => (labels['le'] === '+Inf' ? Infinity : Number(labels['le'])));
    const count = group.find((one) => one.name === `${name}_count`)?.value;
    const isCumulative = buckets.every(({ value }, place) => place === 0 || (value >= buckets[place - 1]!.value && bounds[place]! > bounds[place - 1]!));
    if (bounds.at(-1) !== Infinity || buckets.at(-1)?.value !== count || !isCumulative) throw new Error(`the histogram ${name} is not whole: ${key}`);
    if (!group.some((one) => one.name === `${name}_sum`)) throw new Error(`the histogram ${name} has no sum: ${key}`);
  }
}

/** The value of the one series with at least these labels; 0 where there is none. Throws where several have them. */
export function valueOf(metrics: ReadonlyMap<string, Exposed>, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const metric = metrics.get(name) ?? metrics.get(name.replace(/_(bucket|sum|count)$/, ''));
  if (metric === undefined) throw new Error(`there is no metric ${name}`);
  const found = metric.series.filter((one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value));
  if (found.length > 1) throw new Error(`${name} has several series with ${JSON.stringify(labels)}`);
  return found[0]?.value ?? 0;
}
