import type { MethodResult } from './evaluate.js';
import { RECALL_DEPTHS } from './metrics.js';
import { votesText } from './tables.js';

/** A picture of results, as a Vega-Lite specification: drawing.ts draws it. */
export interface Plot {
  readonly title: string;
  /** What it shows and which way is good. */
  readonly description: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

type Row = Readonly<Record<string, string | number>>;

const WIDTH = 400;
const HEIGHT = 280;
const ROW_HEIGHT = 26;
/** What no clock can tell from nothing; a logarithmic axis has no 0. */
const LEAST_MS = 0.001;
const TICKS_MS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];

/** All pictures that the results have rows for. */
export function plotsOf(results: readonly MethodResult[], baseline: string): Plot[] {
  const plots = [recallPlot(results), activityPlot(results), newPaperPlot(results), intervalPlot(results, baseline), coveragePlot(results), latencyPlot(results)];
  return plots.filter((plot) => plot !== null);
}

function recallPlot(results: readonly MethodResult[]): Plot {
  const rows = results.flatMap(({ name, averages }) => RECALL_DEPTHS.map((depth) => ({ method: name, depth, recall: averages[`recall@${depth}`] })));
  return {
    title: 'Recall by depth',
    description: 'Share of the held-out papers among the first 20, 50, 100 and 300 of the ranking. Higher is better.',
    spec: bySeries(results, rows, {
      mark: { type: 'line', point: { size: 55 } },
      x: { field: 'depth', type: 'quantitative', scale: { type: 'log', domain: [18, 330], nice: false }, axis: { values: RECALL_DEPTHS, format: 'd' }, title: 'papers read' },
      y: { field: 'recall', type: 'quantitative', title: 'recall' },
    }),
  };
}

function activityPlot(results: readonly MethodResult[]): Plot {
  const rows = results.flatMap(({ name, groups }) => groups.map((group) => ({ method: name, votes: votesText(group), ndcg: group.averages['ndcg@20'] })));
  return {
    title: 'nDCG@20 by activity',
    description: 'Quality of the first twenty for readers with few and with many votes to learn from. Higher is better.',
    spec: bySeries(results, rows, {
      mark: { type: 'line', point: { size: 55 } },
      x: { field: 'votes', type: 'ordinal', sort: results[0]?.groups.map(votesText), axis: { labelAngle: 0 }, title: 'votes to learn from' },
      y: { field: 'ndcg', type: 'quantitative', title: 'nDCG@20' },
    }),
  };
}

function coveragePlot(results: readonly MethodResult[]): Plot {
  const rows = results.map(({ name, coverage, averages }) => ({ method: name, coverage, recall: averages['recall@20'] }));
  return {
    title: 'Coverage and recall',
    description: 'Share of all ranked papers that stand among the first twenty of any reader, over recall@20. Up and to the right is better.',
    spec: bySeries(results, rows, {
      mark: { type: 'point', filled: true, size: 110, opacity: 1 },
      x: { field: 'recall', type: 'quantitative', title: 'recall@20' },
      y: { field: 'coverage', type: 'quantitative', axis: { format: '.0%' }, title: 'coverage' },
    }),
  };
}

function newPaperPlot(results: readonly MethodResult[]): Plot | null {
  const rows = results.flatMap(({ name, newPapers }) => (newPapers === null ? [] : [{ method: name, recall: newPapers['recall@20'] }]));
  if (rows.length === 0) return null;
  return {
    title: 'Recall@20 of new papers',
    description: 'Share of the held-out papers without any vote to learn from among the first twenty of the one list. Longer is better.',
    spec: byMethod(results, rows, {
      mark: { type: 'bar', size: 14, color: COLOURS[0] },
      encoding: { x: { field: 'recall', type: 'quantitative', title: 'recall@20 of new papers' } },
    }),
  };
}

function intervalPlot(results: readonly MethodResult[], baseline: string): Plot | null {
  const rows = results.flatMap(({ name, versusBaseline }) =>
    versusBaseline === undefined ? [] : (['recall@20', 'ndcg@20'] as const).map((metric) => ({ method: name, metric, ...versusBaseline[metric] })),
  );
  if (rows.length === 0) return null;
  const offset = { yOffset: { field: 'metric' }, color: { field: 'metric', scale: { range: COLOURS } } };
  return {
    title: `Against ${baseline}`,
    description: `Mean difference from ${baseline} with its 95 % interval over readers. Right of 0 is better; an interval that holds 0 shows no difference.`,
    spec: byMethod(results, rows, {
      layer: [
        { mark: { type: 'rule', strokeDash: [4, 3], color: 'currentColor' }, encoding: { x: { datum: 0 }, y: null } },
        { mark: { type: 'rule', strokeWidth: 2 }, encoding: { x: { field: 'low', type: 'quantitative', title: 'difference' }, x2: { field: 'high' }, ...offset } },
        { mark: { type: 'point', filled: true, size: 50, opacity: 1 }, encoding: { x: { field: 'difference', type: 'quantitative' }, shape: { field: 'metric' }, ...offset } },
      ],
    }),
  };
}

function latencyPlot(results: readonly MethodResult[]): Plot {
  const rows = results.flatMap(({ name, milliseconds }) =>
    (['p50', 'p95', 'p99'] as const).map((quantile) => ({ method: name, quantile, ms: Math.max(LEAST_MS, milliseconds[quantile]) })),
  );
  const x = { field: 'ms', type: 'quantitative', scale: { type: 'log' }, axis: { values: TICKS_MS, format: '~r' } };
  return {
    title: 'Time to rank for a reader',
    description: 'Milliseconds that half, 95 % and 99 % of the readers wait at most, on a logarithmic axis. Left is better.',
    spec: byMethod(results, rows, {
      layer: [
        { mark: { type: 'rule', color: '#888' }, encoding: { x: { aggregate: 'min', ...x, title: 'milliseconds' }, x2: { aggregate: 'max', field: 'ms' } } },
        {
          mark: { type: 'point', filled: true, size: 60, opacity: 1 },
          encoding: { x, color: { field: 'quantile', scale: { range: COLOURS } }, shape: { field: 'quantile' } },
        },
      ],
    }),
  };
}

/** Middle tones that stand out from white and from black; shapes tell methods apart without colours. */
const COLOURS = ['#2f7ed8', '#e8590c', '#2b9a48', '#8f6fe8', '#c98a00', '#d6336c', '#0c9aa8', '#8d7163', '#78909c', '#7aa116', '#b05cc6', '#1c5d99'];
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-right', 'triangle-left', 'circle', 'square', 'diamond'];

/** A series for each method, in its colour and shape in all plots; the first method's lies on top of the others. */
function bySeries(results: readonly MethodResult[], rows: readonly Row[], { mark, x, y }: { readonly mark: object; readonly x: object; readonly y: object }): Plot['spec'] {
  const domain = results.map(({ name }) => name);
  return {
    width: WIDTH,
    height: HEIGHT,
    data: { values: rows.toReversed() },
    mark,
    encoding: {
      x,
      y,
      color: { field: 'method', type: 'nominal', scale: { domain, range: COLOURS } },
      shape: { field: 'method', type: 'nominal', scale: { domain, range: SHAPES } },
    },
  };
}

/** A line for each method, in the order of the results. */
function byMethod(results: readonly MethodResult[], rows: readonly Row[], { encoding, ...rest }: { readonly encoding?: object } & Readonly<Record<string, unknown>>): Plot['spec'] {
  const sort = results.map(({ name }) => name);
  return {
    width: WIDTH - 80,
    height: { step: ROW_HEIGHT, for: 'position' },
    data: { values: rows },
    encoding: { y: { field: 'method', type: 'nominal', sort, title: null, scale: { type: 'band', paddingInner: 0.45, paddingOuter: 0.25 } }, ...encoding },
    ...rest,
  };
}
