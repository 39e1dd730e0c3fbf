import { BASELINES } from './baselines.js';
import { DatasetError, type Dataset } from './dataset.js';
import { engineMethods } from './engine.js';
import { EASE_MAX_PAPERS, exactEase, exactEaseWithTags } from './exactEase.js';
import type { Method } from './ranker.js';

/** All that can be evaluated. */
export const METHODS: readonly Method[] = [
  ...engineMethods,
  ...Object.entries(BASELINES).map(([name, make]) => ({ name, make })),
  // λ 50 as chosen for votes alone on CiteULike-a.
  { name: 'EASE', make: (data) => exactEase(data, 50), mostPapers: EASE_MAX_PAPERS },
  { name: 'EASE with tags', make: exactEaseWithTags, mostPapers: EASE_MAX_PAPERS },
];

/** The methods of these names; without names, all that are for a set of this size. The baseline must be for it too. */
export function methodsFor(data: Dataset, names: readonly string[] | null, baseline: string): Method[] {
  const papers = data.train.columnCount;
  const isTooSlow = ({ mostPapers = Infinity }: Method): boolean => papers > mostPapers;
  const tooSlow = METHODS.find((method) => isTooSlow(method) && [...(names ?? []), baseline].includes(method.name));
  if (tooSlow !== undefined) throw new DatasetError(`${tooSlow.name} must have at most ${String(tooSlow.mostPapers)} papers, received ${papers}`);
  if (names === null) return METHODS.filter((method) => !isTooSlow(method));
  return names.flatMap((name) => METHODS.filter((method) => method.name === name));
}
