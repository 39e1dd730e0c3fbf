import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { DatasetError, buildDataset, type Dataset, type Vote } from '../evaluation/dataset.js';
import { draw } from '../evaluation/drawing.js';
import { evaluate } from '../evaluation/evaluate.js';
import { factsOf } from '../evaluation/facts.js';
import { toHtml } from '../evaluation/htmlReport.js';
import { METHODS, methodsFor } from '../evaluation/methods.js';
import { OptionError, readOptions, type Options } from '../evaluation/options.js';
import { plotsOf } from '../evaluation/plots.js';
import { coldListSplit, coldPaperSplit, fewVotesSplit, randomSplit, temporalSplit, type Split } from '../evaluation/splits.js';
import { tablesOf, toText } from '../evaluation/tables.js';
import { layoutOf, parseTags, parseVotes, type VoteLayout } from '../evaluation/voteFiles.js';
import { exitWith } from './exit.js';
import { createProgress, type Progress } from './progress.js';

const USAGE = `usage: npm run evaluate -- --train FILE --tags FILE [--test FILE | --split SPLIT] [options]

Ranks all papers for every reader with the engine that serves requests and with the baselines, and prints how well
held-out votes are found again.

  --train FILE      votes to learn from; with --split, all votes
  --test FILE       held-out votes
  --tags FILE       tags of the papers
  --split SPLIT     random, temporal, cold or few: hold votes out here rather than read them
  --share NUMBER    share of votes (random, temporal) or papers (cold) held out, default 0.2; votes kept (few), default 10
  --cold FILE       papers whose votes are taken out of --train, to be held out unless --test says what is; they alone are ranked
  --mixed           with --cold or --split cold: rank all papers, the cold ones among them
  --methods LIST    names separated by commas, default all that are for a set of this size:
                    ${METHODS.map(({ name }) => name).join(', ')}
  --baseline NAME   the method that the others are compared with, default hybrid kNN
  --readers N       evaluate every Nth reader only, default 1
  --seed NUMBER     of splits and of the bootstrap, default 1
  --json FILE       write the results as JSON
  --html FILE       write the results as a page with plots, which needs nothing beside itself

Layouts by file name: *.dat (line u is "n paper1 … papern"), *.csv (header reader,paper[,time]; tags paper,tag), others
(each line "reader paper1 …"). Where held-out papers have no votes to learn from, recall@20 of new papers says how many of
them stand among the first twenty of the one list. Exit codes: 0 done, 1 failed, 2 usage.`;

await exitWith(async () => {
  const { values } = parseArgs({
    options: {
      train: { type: 'string' },
      test: { type: 'string' },
      tags: { type: 'string' },
      split: { type: 'string' },
      share: { type: 'string' },
      cold: { type: 'string' },
      mixed: { type: 'boolean' },
      methods: { type: 'string' },
      baseline: { type: 'string' },
      readers: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'string' },
      html: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true || Object.keys(values).length === 0) {
    console.error(USAGE);
    return values.help === true ? 0 : 2;
  }
  try {
    await run(readOptions(values), values);
    return 0;
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    console.error(`daily-papers: ${error.message}`);
    return 2;
  }
});

interface Targets {
  readonly json?: string;
  readonly html?: string;
}

async function run(options: Options, { json, html }: Targets): Promise<void> {
  // Before minutes of work rather than after.
  if (json !== undefined) await requireTarget('--json', json);
  if (html !== undefined) await requireTarget('--html', html);
  const data = await readDataset(options);
  const methods = methodsFor(data, options.methods, options.baseline);
  const facts = factsOf(data, options);
  console.error(facts.map(([name, value]) => `${name}: ${value}`).join('\n'));
  const results = evaluate(data, methods, { ...options, clock: () => performance.now(), onProgress: progressOf() });
  const tables = tablesOf(results, options.baseline);
  console.log(toText(tables));
  if (json !== undefined) await writeWhole(json, `${JSON.stringify({ options, facts: Object.fromEntries(facts), results }, null, 2)}\n`);
  if (html === undefined) return;
  const pictures = await Promise.all(plotsOf(results, options.baseline).map(async (plot) => ({ plot, svg: await draw(plot) })));
  await writeWhole(html, toHtml({ title: 'How well papers are recommended', facts, pictures, tables }));
}

async function readDataset({ train, tags, holdOut, isMixed, seed }: Options): Promise<Dataset> {
  const votes = await read('--train', train, parseVotes);
  const { among, ...parts } = holdOut.kind === 'SPLIT' ? splitOf(votes, holdOut, seed) : await heldOutByFiles(votes, holdOut);
  return buildDataset({ ...parts, among: isMixed ? null : among, tags: await read('--tags', tags, parseTags) });
}

async function heldOutByFiles(votes: readonly Vote[], { test, cold }: Options['holdOut'] & { kind: 'FILES' }): Promise<Split> {
  const heldOut = test === null ? null : await read('--test', test, parseVotes);
  if (cold === null) return { train: votes, test: heldOut ?? [], among: null };
  const papers = await read('--cold', cold, (text) => text.split(/\s+/).filter((paper) => paper !== ''));
  return coldListSplit(votes, new Set(papers), heldOut);
}

function splitOf(votes: readonly Vote[], { split, share }: Options['holdOut'] & { kind: 'SPLIT' }, seed: number): Split {
  switch (split) {
    case 'random':
      return randomSplit(votes, share, seed);
    case 'temporal':
      return temporalSplit(votes, share);
    case 'cold':
      return coldPaperSplit(votes, share, seed);
    case 'few':
      return fewVotesSplit(votes, share, seed);
  }
}

async function read<Parsed>(option: string, path: string, parse: (text: string, layout: VoteLayout) => Parsed): Promise<Parsed> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DatasetError(`${option} must be a file that can be read, received ${path} (${String((error as NodeJS.ErrnoException).code)})`);
  });
  try {
    return parse(text, layoutOf(path));
  } catch (error) {
    if (error instanceof DatasetError) throw new DatasetError(`${option} ${path}: ${error.message}`);
    throw error;
  }
}

async function requireTarget(option: string, path: string): Promise<void> {
  const [folder, target] = await Promise.all([stat(dirname(path)).catch(() => null), stat(path).catch(() => null)]);
  if (folder?.isDirectory() === true && target?.isDirectory() !== true && path !== '') return;
  throw new DatasetError(`${option} must be a file in a folder that exists, received ${path}`);
}

/** The whole file or nothing: what stood there before stays until all is written. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  try {
    await writeFile(draft, text, { flush: true });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** A bar for each method; it goes when the method is done. */
function progressOf(): (method: string, done: number, total: number) => void {
  let progress: Progress | null = null;
  return (method, done, total) => {
    if (done === 0) progress = createProgress(method, total);
    progress?.update(done);
    if (done === total) progress?.stop();
  };
}
