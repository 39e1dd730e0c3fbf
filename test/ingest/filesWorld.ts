import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpClient } from '../../src/ingest/http/httpClient.js';
import type { Item, Json, Parcel, Source, SourceContext } from '../../src/ingest/source.js';

/** A folder of its own for files, and what a source needs to read them. */
export interface FilesWorld {
  readonly folder: string;
  write(name: string, content: string | Uint8Array): Promise<string>;
  drop(): Promise<void>;
}

export async function createFilesWorld(): Promise<FilesWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'daily-papers-files-'));
  return {
    folder,
    write: async (name, content) => {
      const path = join(folder, name);
      await writeFile(path, content);
      return path;
    },
    drop: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A service whose files these are, by address; each answer comes in pieces of `piece` bytes. */
export function httpOf(files: Readonly<Record<string, Uint8Array>>, { piece = 700, tellsSize = true } = {}): HttpClient & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    ask: () => Promise.reject(new Error('files are streamed')),
    stream: ({ url }) => {
      asked.push(url);
      const bytes = files[url]!;
      async function* body(): AsyncGenerator<Uint8Array> {
        for (let start = 0; start < bytes.length; start += piece) yield await Promise.resolve(bytes.subarray(start, start + piece));
      }
      return Promise.resolve({ totalBytes: tellsSize ? bytes.length : null, body: body() });
    },
  };
}

export function contextOf(more: Partial<SourceContext> = {}): SourceContext {
  return {
    http: httpOf({}),
    url: '',
    token: null,
    now: new Date('2026-06-30T00:00:00Z'),
    clock: () => new Date('2026-06-30T00:00:00Z'),
    since: null,
    signal: new AbortController().signal,
    onTotal: () => undefined,
    staleRepos: () => Promise.resolve([]),
    ...more,
  };
}

export interface Read {
  readonly parcels: Parcel[];
  readonly items: Item[];
  /** What ended the reading before its time. */
  readonly error: Error | null;
  readonly total: number | null;
}

/** All that a source says from a checkpoint on. */
export async function readAll<Options extends object>(
  source: Source<Options>,
  options: Options,
  { checkpoint = null, context = contextOf() }: { checkpoint?: Json; context?: SourceContext } = {},
): Promise<Read> {
  const reading = await source.open(source.options.parse(options), context);
  const parcels: Parcel[] = [];
  let error: Error | null = null;
  try {
    for await (const parcel of reading.read(checkpoint)) parcels.push(parcel);
  } catch (caught) {
    error = caught as Error;
  }
  return { parcels, items: parcels.flatMap(({ items }) => items), error, total: reading.total };
}

/** Checkpoints after which a new reading does not hand on exactly what the first one had left. */
export async function brokenCheckpoints<Options extends object>(source: Source<Options>, options: Options, context = contextOf()): Promise<Json[]> {
  const { parcels, error } = await readAll(source, options, { context });
  if (error !== null) throw error;
  const broken: Json[] = [];
  for (const [index, { checkpoint }] of parcels.entries()) {
    const rest = await readAll(source, options, { checkpoint: JSON.parse(JSON.stringify(checkpoint)) as Json, context });
    const expected = parcels.slice(index + 1).flatMap(({ items }) => items);
    const isDoneRight = rest.error === null && (rest.parcels.at(-1)?.done ?? 0) === (parcels.at(-1)?.done ?? 0);
    if (JSON.stringify(rest.items) !== JSON.stringify(expected) || !isDoneRight) broken.push(checkpoint);
  }
  return broken;
}
