import { z } from 'zod';
import { localInput, type OpenedInput } from '../files/input.js';
import { readingOf, type Step } from '../files/passes.js';
import { LIBRARY_FORMATS, libraryFormatOf, parseLibraryInTurns } from '../library/library.js';
import type { LibraryEntry } from '../library/libraryEntry.js';
import { type Item, type Source, SourceError } from '../source.js';

interface Options {
  readonly file: string;
  readonly reader: string;
  readonly format?: (typeof LIBRARY_FORMATS)[number] | undefined;
  readonly add: boolean;
}

// Tens of thousands of entries. Names of journals may be defined anywhere in a file, so it is read as one.
const MAX_LIBRARY_BYTES = 16 * 1024 * 1024;

/** A reader's own library: its papers become the reader's votes. */
export const source: Source<Options> = {
  name: 'library',
  description: "A reader's own library in BibTeX, CSL-JSON or as a list of arXiv ids and DOIs: each of its papers gets the reader's vote.",
  url: null,
  courtesyMs: 0,
  rank: 2,
  hasSince: false,
  options: z.strictObject({
    file: z.string().min(1).describe('Path of the file.'),
    reader: z.string().min(1).describe('Name of the user whose votes these are.'),
    format: z.enum(LIBRARY_FORMATS).optional().describe('bibtex, csl-json or ids; by the content of the file where it is left out.'),
    add: z.boolean().default(false).describe('Whether papers that are not here yet are added.'),
  }),
  positionals: ['file'],
  open: (options, context) =>
    readingOf([{ name: 'library', input: localInput(options.file, context), steps: (opened) => stepsOf(opened, options) }], context),
};

async function* stepsOf(opened: OpenedInput, { format, reader, add }: Options): AsyncGenerator<Step> {
  const text = await textOf(opened);
  const entries = await parseLibraryInTurns(text, format ?? libraryFormatOf(text));
  for (const [index, entry] of entries.entries()) {
    yield { records: index + 1, nextByte: null, bytes: Math.ceil(text.length / entries.length), items: () => itemsOf(entry, reader, add) };
  }
}

async function textOf({ name, chunks }: OpenedInput): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length > MAX_LIBRARY_BYTES) throw new SourceError(`${name} must have at most ${MAX_LIBRARY_BYTES} bytes, received more`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    throw new SourceError(`${name} must be text in UTF-8, received other bytes`);
  }
}

function itemsOf(entry: LibraryEntry, reader: string, add: boolean): Item[] {
  const { place } = entry;
  if (entry.kind === 'REJECT') return [entry];
  const { key, record, leftOut } = entry;
  const vote = { kind: 'VOTE', place, reader, isSimulated: false, at: null } as const;
  // Of an id alone there is no paper to be added.
  if (!add || record === null) return [{ ...vote, paper: key }];
  return [{ kind: 'PAPER', place, record, leftOut }, { ...vote, paper: { externalId: record.externalId, ...key } }];
}
