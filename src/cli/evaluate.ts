import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { BASELINES, EASE_MAX_PAPERS, exactEase } from '../evaluation/baselines.js';
import { DatasetError, buildDataset, layoutOf, parseTags, parseVotes, type Dataset, type Vote } from '../evaluation/dataset.js';
import { engineMethods } from '../evaluation/engine.js';
import { evaluate, type Method } from '../evaluation/evaluate.js';
import { toTables } from '../evaluation/report.js';
import { coldPaperSplit, fewVotesSplit, randomSplit, temporalSplit, type Split } from '../evaluation/splits.js';
import { createProgress } from './progress.js';
import { exitWith } from './exit.js';

const USAGE = `usage: npm run evaluate -- --train FILE --tags FILE [--test FILE | --split SPLIT] [options]

Ranks all papers for every reader with the engine that serves requests and with the baselines, and prints how well
held-out votes are found again.

  --train FILE      votes to learn from; with --split, all votes
  --test FILE       held-out votes
  --tags FILE       tags of the papers
  --split SPLIT     random, temporal, cold or few: hold votes out here rather than read them
  --share NUMBER    share of votes (random, temporal) or papers (cold) held out, default 0.2; votes kept (few), default 10
  --cold FILE       papers, one a line, whose votes are taken out of --train and that alone are ranked
  --mixed           with --cold: rank all papers
  --methods LIST    names separated by commas, default all: ${['engine', 'ridge alone', ...Object.keys(BASELINES), 'EASE'].join(', ')}
  --baseline NAME   the method that the others are compared with, default hybrid kNN
  --readers N       evaluate every Nth reader only, default 1
  --seed NUMBER     of splits and of the bootstrap, default 1
  --json FILE       write the results as JSON

Layouts by file name: *.dat (line u is "n paper1 … papern"), *.csv (header reader,paper[,time]; tags paper,tag), others
(each line "reader paper1 …"). Exit codes: 0 done, 1 failed, 2 usage.`;

await exitWith(async () => {
  const { values } = parseArgs({
    options: {
      train: { type: 'string' },
      test: { type: 'string' },
      tags: { type: 'string' },
      split: { type: 'string' },
      share: { type: 'string' },
      cold: { type: 'string' },
      mixed: { type: 'boolean', default: false },
      methods: { type: 'string' },
      baseline: { type: 'string', default: 'hybrid kNN' },
      readers: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { train, tags, test, split, cold } = values;
  if (values.help === true || train === undefined || tags === undefined || (test === undefined && split === undefined && cold === undefined)) {
    console.error(USAGE);
    return values.help === true ? 0 : 2;
  }
  const seed = Number(values.seed);
  const votes = await readVotes(train);
  const held = test === undefined ? null : await readVotes(test);
  const parts = cold !== undefined ? await coldFile(votes, held, cold) : held !== null ? { train: votes, test: held, among: null } : splitOf(votes, { split, share: values.share, seed });
  const data = buildDataset({ ...parts, among: values.mixed ? null : parts.among, tags: parseTags(await readFile(tags, 'utf8'), layoutOf(tags)) });
  const methods = chosenMethods(data, values.methods);
  console.error(`${data.train.rowCount} readers, ${data.train.columnCount} papers, ${data.train.indices.length} votes to learn from, ${data.test.indices.length} held out`);
  const results = evaluate(data, methods, {
    baseline: values.baseline,
    seed,
    clock: () => performance.now(),
    everyReader: Math.max(1, Number(values.readers)),
    onProgress: progressOf(),
  });
  console.log(toTables(results, values.baseline));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ files: { train, test, tags, split, cold }, seed, results }, null, 2)}\n`);
  return 0;
});

async function readVotes(path: string): Promise<Vote[]> {
  return parseVotes(await readFile(path, 'utf8'), layoutOf(path));
}

async function coldFile(votes: readonly Vote[], held: readonly Vote[] | null, path: string): Promise<Split> {
  const cold = new Set((await readFile(path, 'utf8')).split(/\s+/).filter((paper) => paper !== ''));
  return {
    train: votes.filter((vote) => !cold.has(vote.paper)),
    test: held ?? votes.filter((vote) => cold.has(vote.paper)),
    among: cold,
  };
}

function splitOf(votes: readonly Vote[], { split, share, seed }: { split: string | undefined; share: string | undefined; seed: number }): Split {
  switch (split) {
    case 'random':
      return randomSplit(votes, Number(share ?? 0.2), seed);
    case 'temporal':
      return temporalSplit(votes, Number(share ?? 0.2));
    case 'cold':
      return coldPaperSplit(votes, Number(share ?? 0.2), seed);
    case 'few':
      return fewVotesSplit(votes, Number(share ?? 10), seed);
    case undefined:
    default:
      throw new DatasetError(`--split must be random, temporal, cold or few, received ${String(split)}`);
  }
}

function chosenMethods(data: Dataset, list: string | undefined): Method[] {
  const ease: Method = { name: 'EASE', make: (of) => exactEase(of, 50) };
  const all: Method[] = [
    ...engineMethods,
    ...Object.entries(BASELINES).map(([name, make]) => ({ name, make })),
    ...(data.train.columnCount <= EASE_MAX_PAPERS ? [ease] : []),
  ];
  if (list === undefined) return all;
  return list.split(',').map((name) => {
    const method = all.find((one) => one.name === name.trim());
    if (method === undefined) throw new DatasetError(`--methods must name methods (${all.map((one) => one.name).join('; ')}), received ${name}`);
    return method;
  });
}

function progressOf(): (method: string, done: number, total: number) => void {
  let current = '';
  let progress = createProgress('', 1);
  return (method, done, total) => {
    if (method !== current) {
      progress.stop();
      current = method;
      progress = createProgress(method, total);
    }
    progress.update(done);
  };
}
