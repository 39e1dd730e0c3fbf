// Whether figures that were sampled over minutes stay where they are.
import { table, text } from '../recommender/figures.mjs';

const MEGABYTE = 1e6;
const WATCHED = { heapUsed: 'heap in use', external: 'outside the heap', rss: 'process', resources: 'timers and handles', listeners: 'listeners of the process' };
// Of the heap's level, a minute.
const FLAT = 0.01;

/** Slopes of the second half, a minute: what comes at first are caches that fill and code that is compiled. */
export function trendOf(samples) {
  const half = samples.slice(Math.floor(samples.length / 2));
  return Object.fromEntries(
    Object.keys(WATCHED).map((figure) => {
      const points = half.map((sample) => [sample.minute, sample[figure]]);
      const level = points.reduce((sum, [, value]) => sum + value, 0) / points.length;
      const slope = slopeOf(points);
      return [figure, { level, slope }];
    }),
  );
}

export const isFlat = ({ level, slope }) => slope < FLAT * level;

/** By least squares; 0 of a single point. */
export function slopeOf(points) {
  const mean = (place) => points.reduce((sum, point) => sum + point[place], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const [top, bottom] = points.reduce(([xy, xx], [x, y]) => [xy + (x - meanX) * (y - meanY), xx + (x - meanX) ** 2], [0, 0]);
  return bottom === 0 ? 0 : top / bottom;
}

export function soakText({ machine, size, minutes, connections, samples, trends }) {
  const isBytes = (figure) => ['heapUsed', 'external', 'rss'].includes(figure);
  const shown = (figure, value) => (isBytes(figure) ? value / MEGABYTE : value);
  const failed = samples.reduce((sum, sample) => sum + sample.failed, 0);
  const rows = samples.map(({ minute, perSecond, p99, ...sample }) => [minute.toFixed(1), perSecond, p99, ...Object.keys(WATCHED).map((figure) => shown(figure, sample[figure]))]);
  const trendRows = Object.entries(trends).map(([figure, { level, slope }]) => [WATCHED[figure], shown(figure, level), shown(figure, slope), `${text((100 * slope) / level)} %`]);
  return [
    `Soak, size ${size}: the mix on ${connections} connections for ${minutes} minutes; ${machine.cores} cores, ${machine.cpu}, Node ${machine.node}; ${failed} failed answers`,
    table('Samples; memory in MB, after collecting garbage, with no request under way', [['minute', 'requests/s', 'p99, ms', ...Object.values(WATCHED)], ...rows]),
    table('Trend of the second half', [['', 'level', 'a minute', 'of the level'], ...trendRows]),
    `\nThe heap ${isFlat(trends.heapUsed) ? 'is flat' : 'GROWS'}: flat is below ${100 * FLAT} % of its level a minute`,
  ].join('\n');
}
