import { z } from 'zod';
import { readFeedLine } from '../files/feedLine.js';
import { localInput } from '../files/input.js';
import { type FullLine, lineSteps } from '../files/lineSteps.js';
import { readingOf } from '../files/passes.js';
import type { Item, Source } from '../source.js';

interface Options {
  readonly file: string;
}

/** Papers of a JSON Lines file. */
export const source: Source<Options> = {
  name: 'papers',
  description: 'Papers of a file in JSON Lines, a paper a line, as the daily feed is archived; may be packed with gzip.',
  url: null,
  courtesyMs: 0,
  rank: 3,
  hasSince: false,
  options: z.strictObject({ file: z.string().min(1).describe('Path of the file.') }),
  positionals: ['file'],
  open: ({ file }, context) =>
    readingOf(
      [
        {
          name: 'papers',
          input: localInput(file, context),
          layout: 'a JSON object a line',
          steps: (opened, start) => lineSteps(opened, start, (line) => [itemOf(line)]),
        },
      ],
      context,
    ),
};

function itemOf({ text, place }: FullLine): Item {
  const read = readFeedLine(text);
  if ('fault' in read) return { kind: 'REJECT', place, title: read.title, fault: read.fault };
  const { record, leftOut } = read;
  return { kind: 'PAPER', place, record, leftOut };
}
