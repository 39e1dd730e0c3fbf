import { z } from 'zod';
import { type ReadRow, readLinkRow, readPaperRow } from '../files/archiveRows.js';
import { inputOf } from '../files/input.js';
import { elementsOf } from '../files/jsonArray.js';
import { type Pass, readingOf } from '../files/passes.js';
import { type Item, type Source, type SourceContext, SourceError } from '../source.js';

interface Options {
  readonly papers?: string | undefined;
  readonly links?: string | undefined;
}

/** The archive of Papers with Code: papers with their tasks and methods, and their repositories. */
export const source: Source<Options> = {
  name: 'papers-with-code',
  description: 'Papers, tasks, methods and repositories of the Papers with Code archive, from its JSON files.',
  url: null,
  courtesyMs: 0,
  rank: 5,
  hasSince: false,
  options: z.strictObject({
    papers: z.string().min(1).optional().describe('Path or address of papers-with-abstracts.json, packed with gzip or not.'),
    links: z.string().min(1).optional().describe('Path or address of links-between-papers-and-code.json, packed with gzip or not.'),
  }),
  // Async, so that what is wrong with the options is a rejection like what is wrong with the files.
  open: async ({ papers, links }, context) => {
    if (papers === undefined && links === undefined) throw new SourceError('papers or links must name a file, received neither');
    const passes = [...passOf('papers', papers, context), ...passOf('links', links, context)];
    return readingOf(passes, context);
  },
};

const READERS = { papers: readPaperRow, links: readLinkRow };

function passOf(name: keyof typeof READERS, place: string | undefined, context: SourceContext): Pass[] {
  if (place === undefined) return [];
  const read = READERS[name];
  return [
    {
      name,
      input: inputOf(place, context),
      steps: async function* (opened) {
        for await (const { number, value, bytes } of elementsOf(opened)) {
          yield { records: number, nextByte: null, bytes, items: () => [itemOf(`record ${number}`, read(value))] };
        }
      },
    },
  ];
}

function itemOf(place: string, read: ReadRow): Item {
  if ('fault' in read) return { kind: 'REJECT', place, title: read.title, fault: read.fault };
  return { kind: 'PAPER', place, record: read.record, leftOut: read.leftOut };
}
