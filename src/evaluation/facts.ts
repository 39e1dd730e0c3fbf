import { testReaders, type Dataset } from './dataset.js';
import type { HoldOut, Options } from './options.js';

/** What a reader of results must know to judge them or to repeat them: a name and what it is. */
export type Fact = readonly [name: string, value: string];

export function factsOf({ train, test, tags, among }: Dataset, options: Options): Fact[] {
  const candidates = among?.reduce((sum, isIn) => sum + isIn, 0) ?? train.columnCount;
  const readers = testReaders({ train, test, tags, among });
  const evaluated = Math.ceil(readers.length / options.everyReader);
  return [
    ['Readers', `${count(train.rowCount)}, of whom ${count(evaluated)} are evaluated`],
    ['Papers', `${count(train.columnCount)}, of which ${count(candidates)} are ranked`],
    ['Votes', `${count(train.indices.length)} to learn from, ${count(test.indices.length)} held out`],
    ['Tags', `${count(tags.columnCount)} on two papers or more, ${count(tags.indices.length)} in all`],
    ['Files', `votes ${options.train}, tags ${options.tags}`],
    ['Held out', holdOutText(options.holdOut)],
    ['Seed', String(options.seed)],
    ['Ranking', `full: each method ranks ${among === null ? 'all papers' : 'all cold papers'} without the reader’s own; no sampled negatives`],
    ['Averages', 'over readers; recall divides by all that is held out of a reader, nDCG by the best possible list'],
    ['Intervals', '95 % of 1,000 resamples of the readers (paired bootstrap)'],
  ];
}

function holdOutText(holdOut: HoldOut): string {
  if (holdOut.kind === 'FILES') {
    const { test, cold } = holdOut;
    return [test === null ? '' : `votes of ${test}`, cold === null ? '' : `all votes of the papers of ${cold} taken out of the training part`].filter((part) => part !== '').join('; ');
  }
  const { split, share } = holdOut;
  switch (split) {
    case 'random':
      return `${percent(share)} of each reader’s votes, at random`;
    case 'temporal':
      return `the latest ${percent(share)} of each reader’s votes`;
    case 'cold':
      return `all votes of ${percent(share)} of the papers, at random`;
    case 'few':
      return `all but ${count(share)} of each reader’s votes, at random`;
  }
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
