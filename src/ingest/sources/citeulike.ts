import { join } from 'node:path';
import { z } from 'zod';
import { type Input, localInput, type OpenedInput, openInput } from '../files/input.js';
import { type FullLine, lineSteps } from '../files/lineSteps.js';
import { linesOf } from '../files/lines.js';
import { type Pass, readingOf, type Step } from '../files/passes.js';
import { countedNumbers } from '../files/spacedNumbers.js';
import { distinctTags } from '../files/tagNames.js';
import { type Fault, type Item, type Source, SourceError } from '../source.js';

interface Options {
  readonly folder: string;
  readonly 'listed-on': string;
  readonly prefix: string;
}

interface Files {
  /** Line u: the papers of reader u's library. */
  readonly users: Input;
  /** Line i: the tags of paper i. */
  readonly itemTags: Input;
  /** Line t: the name of tag t. */
  readonly tags: Input;
}

const LINES = 'whole numbers with spaces between on each line';
const FROM_START = { lines: 0, byte: 0 };

/** The CiteULike sets: papers without titles, their tags, and the readers who had them in their libraries. */
export const source: Source<Options> = {
  name: 'citeulike',
  description: 'A CiteULike set of papers, tags and libraries of readers: users.dat, item-tag.dat and tags.dat; the readers are simulated.',
  url: null,
  courtesyMs: 0,
  rank: 1,
  hasSince: false,
  options: z.strictObject({
    folder: z.string().min(1).describe('Path of the folder with users.dat, item-tag.dat and tags.dat.'),
    'listed-on': z.iso.date('must be a day in the form YYYY-MM-DD').default('2013-01-01').describe('Day on which the papers are listed.'),
    prefix: z.string().regex(/^[a-z0-9-]{1,20}$/, 'must be 1 to 20 small letters, digits or hyphens').default('citeulike').describe('What names of readers begin with.'),
  }),
  positionals: ['folder'],
  open: (options, context) => {
    const file = (name: string): Input => localInput(join(options.folder, name), context);
    const files = { users: file('users.dat'), itemTags: file('item-tag.dat'), tags: file('tags.dat') };
    return readingOf([tagNames(files), taggedPapers(files, options), otherPapers(files, options), votes(files, options)], context);
  },
};

/** The tags, of which some may be of no paper. */
function tagNames({ tags }: Files): Pass {
  return {
    name: 'tags',
    input: tags,
    steps: async function* (opened) {
      const known = distinctTags(await textsOf(tags));
      // Entered only at its start: what a slug is depends on all lines.
      for await (const { number, bytes } of linesOf(opened, FROM_START)) {
        const tag = known[number - 1];
        yield { records: number, nextByte: null, bytes, items: () => (tag === undefined ? [] : [{ kind: 'TAG', place: `line ${number}`, tag }]) };
      }
    },
  };
}

/** The papers that item-tag.dat has a line of. */
function taggedPapers({ itemTags, tags }: Files, options: Options): Pass {
  return {
    name: 'tagged papers',
    input: itemTags,
    besides: [tags],
    layout: LINES,
    steps: async function* (opened, start) {
      const known = distinctTags(await textsOf(tags));
      yield* numberSteps(opened, start, ({ number, place }, ids) => {
        const leftOut: Fault[] = [];
        for (const id of ids) if (known[id] === undefined) leftOut.push({ field: 'tags', rule: `must have a line in ${tags.name}`, received: id });
        const namedTags = Array.from(new Set(ids)).flatMap((id) => known[id] ?? []);
        return [{ kind: 'PAPER', place, record: { ...paperOf(number - 1, options), namedTags }, leftOut }];
      });
    },
  };
}

/** The papers that only libraries have. */
function otherPapers({ users, itemTags }: Files, options: Options): Pass {
  return {
    name: 'other papers',
    input: users,
    besides: [itemTags],
    steps: async function* (opened) {
      const tagged = await lineCountOf(itemTags);
      const seen = new Set<number>();
      for await (const { number, text, bytes } of linesOf(opened, FROM_START)) {
        const line = countedNumbers(text ?? '');
        const fresh = 'ids' in line ? Array.from(new Set(line.ids)).filter((id) => id >= tagged && !seen.has(id)) : [];
        for (const id of fresh) seen.add(id);
        const items = (): Item[] => fresh.map((id) => ({ kind: 'PAPER', place: `line ${number}`, record: paperOf(id, options) }));
        // Entered only at its start: which papers are new depends on all lines before.
        yield { records: number, nextByte: null, bytes, items };
      }
    },
  };
}

function votes({ users }: Files, { prefix }: Options): Pass {
  return {
    name: 'votes',
    input: users,
    layout: LINES,
    steps: (opened, start) =>
      numberSteps(opened, start, ({ number, place }, ids) => {
        const reader = `${prefix}-${number - 1}`;
        return Array.from(new Set(ids), (id): Item => ({ kind: 'VOTE', place, reader, isSimulated: true, paper: { externalId: String(id) }, at: null }));
      }),
  };
}

function paperOf(id: number, options: Options): { externalId: string; title: string; listedOn: string } {
  return { externalId: String(id), title: `CiteULike paper ${id}`, listedOn: options['listed-on'] };
}

function numberSteps(opened: OpenedInput, start: typeof FROM_START, itemsOf: (line: FullLine, ids: readonly number[]) => readonly Item[]): AsyncIterable<Step> {
  return lineSteps(opened, start, (line) => {
    const result = countedNumbers(line.text);
    return 'ids' in result ? itemsOf(line, result.ids) : [{ kind: 'REJECT', place: line.place, title: null, fault: result.fault }];
  });
}

async function lineCountOf(input: Input): Promise<number> {
  let count = 0;
  for await (const { number } of linesOf(await openInput(input, 0, { bytes: 0 }), FROM_START)) count = number;
  return count;
}

/** All lines of a small file. */
async function textsOf(input: Input): Promise<string[]> {
  const texts: string[] = [];
  for await (const { number, text, fault } of linesOf(await openInput(input, 0, { bytes: 0 }), FROM_START)) {
    if (text === null) throw new SourceError(`${input.name}: line ${number} ${fault?.rule ?? 'must be text'}, received ${JSON.stringify(fault?.received)}`);
    texts.push(text);
  }
  return texts;
}
