import { pairedBootstrap, type Interval } from './bootstrap.js';
import { DatasetError, testReaders, type Dataset } from './dataset.js';
import { LIST_DEPTH, Meter, mean, type MetricName, type ReaderMetrics } from './metrics.js';
import type { Method } from './ranker.js';
import { rowLength } from './sparseRows.js';

export type Averages = Readonly<Record<MetricName, number>>;

export interface GroupResult {
  /** Bounds of the training votes of its readers, both included; Infinity for no upper bound. */
  readonly votes: readonly [number, number];
  readonly readers: number;
  readonly averages: Averages;
}

export interface MethodResult {
  readonly name: string;
  readonly readers: number;
  readonly averages: Averages;
  /** Share of the papers that any reader was shown among the first twenty. */
  readonly coverage: number;
  /** Of held-out papers without training votes, over the readers who have any; null where nobody has. */
  readonly newPapers: { readonly readers: number; readonly 'recall@20': number } | null;
  readonly groups: readonly GroupResult[];
  readonly milliseconds: { readonly build: number; readonly p50: number; readonly p95: number; readonly p99: number };
  /** Against the named baseline; absent for the baseline itself. */
  readonly versusBaseline?: Readonly<Record<'recall@20' | 'ndcg@20', Interval>>;
}

export interface EvaluateOptions {
  /** Name of the method to compare the others with. */
  readonly baseline: string;
  readonly seed: number;
  /** Milliseconds of some clock; given, so that nothing here reads one. */
  readonly clock: () => number;
  /** Evaluate every nth reader only; 1 for all. */
  readonly everyReader?: number;
  readonly onProgress?: (method: string, done: number, total: number) => void;
}

/** Groups of readers by their training votes: what a method does for newcomers and for the most active. */
const GROUPS: readonly (readonly [number, number])[] = [
  [0, 5],
  [6, 10],
  [11, 20],
  [21, 50],
  [51, Infinity],
];
const PROGRESS_EVERY = 100;

interface Measured {
  readonly readers: readonly number[];
  readonly perReader: readonly ReaderMetrics[];
  readonly result: MethodResult;
}

/** Ranks all papers for every test reader with each method, and averages over the readers. */
export function evaluate(data: Dataset, methods: readonly Method[], options: EvaluateOptions): MethodResult[] {
  const readers = testReaders(data).filter((_, index) => index % (options.everyReader ?? 1) === 0);
  if (readers.length === 0) throw new DatasetError('at least one reader must have a held-out paper that is ranked, received none');
  const measured = methods.map((method) => measure(data, method, { readers, ...options }));
  const baseline = measured.find(({ result }) => result.name === options.baseline);
  return measured.map((one) => (baseline === undefined || one === baseline ? one.result : { ...one.result, versusBaseline: compare(one, baseline, options.seed) }));
}

function measure(data: Dataset, method: Method, { readers, clock, onProgress }: EvaluateOptions & { readers: readonly number[] }): Measured {
  const startedAt = clock();
  const ranker = method.make(data);
  const build = clock() - startedAt;
  const meter = new Meter(data);
  const times: number[] = [];
  const newPaperRecalls: (number | null)[] = [];
  const perReader = readers.map((reader, index) => {
    if (index % PROGRESS_EVERY === 0) onProgress?.(method.name, index, readers.length);
    const rankedAt = clock();
    const ranking = ranker.rank(reader, LIST_DEPTH);
    times.push(clock() - rankedAt);
    newPaperRecalls.push(meter.newPaperRecall(reader, ranking));
    return meter.measure(reader, ranking);
  });
  onProgress?.(method.name, readers.length, readers.length);
  const result: MethodResult = {
    name: method.name,
    readers: readers.length,
    averages: averagesOf(perReader),
    coverage: meter.coverage(),
    newPapers: newPapersOf(newPaperRecalls),
    groups: groupsOf(data, readers, perReader),
    milliseconds: { build, ...quantilesOf(times) },
  };
  return { readers, perReader, result };
}

function quantilesOf(times: number[]): { p50: number; p95: number; p99: number } {
  const sorted = times.toSorted((one, other) => one - other);
  const quantile = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) };
}

function newPapersOf(recalls: readonly (number | null)[]): MethodResult['newPapers'] {
  const known = recalls.filter((recall) => recall !== null);
  return known.length === 0 ? null : { readers: known.length, 'recall@20': mean(known) };
}

function groupsOf(data: Dataset, readers: readonly number[], perReader: readonly ReaderMetrics[]): GroupResult[] {
  return GROUPS.flatMap((votes) => {
    const members = perReader.filter((_, index) => {
      const trained = rowLength(data.train, readers[index] as number);
      return trained >= votes[0] && trained <= votes[1];
    });
    return members.length === 0 ? [] : [{ votes, readers: members.length, averages: averagesOf(members) }];
  });
}

function averagesOf(perReader: readonly ReaderMetrics[]): Averages {
  const names = Object.keys(perReader[0] ?? {}) as MetricName[];
  return Object.fromEntries(names.map((name) => [name, mean(perReader.map((metrics) => metrics[name]))])) as Averages;
}

function compare(one: Measured, baseline: Measured, seed: number): Record<'recall@20' | 'ndcg@20', Interval> {
  const interval = (name: MetricName): Interval =>
    pairedBootstrap(
      one.perReader.map((metrics) => metrics[name]),
      baseline.perReader.map((metrics) => metrics[name]),
      seed,
    );
  return { 'recall@20': interval('recall@20'), 'ndcg@20': interval('ndcg@20') };
}
