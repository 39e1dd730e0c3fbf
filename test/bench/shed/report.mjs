// What the stages of a rising load come to.
import { table, text } from '../recommender/figures.mjs';

/** A server sheds that refuses more than this part; single requests are refused when a garbage collection comes between. */
const SHEDS = 0.01;
const MEGABYTE = 1e6;

export const isShedding = ({ offered, shed, lost }) => shed + lost > SHEDS * offered;

/** The last stage before the server sheds, the first at which it does and the one far above; null where they were not reached. */
export function summaryOf(stages, beyond) {
  const first = stages.findIndex(isShedding);
  if (first < 1 || beyond === undefined) return null;
  return { starts: stages[first].rate, below: stages[first - 1], beyond };
}

export function summaryLine({ starts, below, beyond }) {
  const grown = Math.max(0, beyond.mostRss - below.mostRss) / MEGABYTE;
  return `shedding starts at ${text(starts)} requests/s; p99 below it ${text(below.p99)} ms; at ${text(beyond.rate / starts)}× that load p99 of what is answered ${text(beyond.p99)} ms, memory grown by ${text(grown)} MB`;
}

export function stagesTable(title, stages) {
  const rows = stages.map(({ offered, answered, shed, failed, lost, p50, p99, late, mostRss }) => [offered, answered, shed, failed, lost, p50, p99, late, mostRss / MEGABYTE].map(text));
  return table(title, [['offered/s', 'answered', 'shed', 'failed', 'lost', 'p50, ms', 'p99, ms', 'sent late by, p99', 'memory, MB'], ...rows]);
}
