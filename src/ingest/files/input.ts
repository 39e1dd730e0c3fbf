import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Json, type SourceContext, SourceError } from '../source.js';
import { gunzipped } from './gunzip.js';

/** A file, here or behind an address. */
export interface Input {
  /** As messages name it. */
  readonly name: string;
  /** Whether it is behind an address: then it is read from its start alone, and its size shows when it is asked for. */
  readonly isRemote: boolean;
  /** Tells the size, and what is another once the file has changed. Throws SourceError where there is no such file. */
  identify(): Promise<{ readonly size: number | null; readonly identity: Json }>;
  /** The file as it is stored, from a byte on. */
  read(fromByte: number): Promise<AsyncIterable<Uint8Array>>;
}

/** What is inside a file, unpacked where it is packed. */
export interface OpenedInput {
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Whether it can be entered at a byte: true for a file here that is not packed. */
  readonly canSeek: boolean;
}

/** How much of a stored file has been read. */
export interface ByteCount {
  bytes: number;
}

// 16 KiB of gzip become 16 MiB at worst, which is what one step of unpacking holds.
const CHUNK_BYTES = 16 * 1024;

/** The file at a path, or behind an http or https address. */
export function inputOf(place: string, context: SourceContext): Input {
  return /^https?:\/\//i.test(place) ? remoteInput(place, context) : localInput(place, context);
}

/** A file at a path. */
export function localInput(path: string, context: SourceContext): Input {
  const name = basename(path);
  return {
    name,
    isRemote: false,
    identify: async () => {
      const facts = await stat(path).catch((error: unknown) => {
        throw new SourceError(`${name} must be a file that can be read, received ${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
      });
      if (!facts.isFile()) throw new SourceError(`${name} must be a file, received ${path}`);
      return { size: facts.size, identity: [facts.size, facts.mtimeMs] };
    },
    read: (fromByte) => Promise.resolve(createReadStream(path, { start: fromByte, highWaterMark: CHUNK_BYTES * 4, signal: context.signal })),
  };
}

function remoteInput(url: string, context: SourceContext): Input {
  type Answer = Awaited<ReturnType<SourceContext['http']['stream']>>;
  let asked: Answer | null = null;
  const ask = (): Promise<Answer> => context.http.stream({ url, signal: context.signal });
  return {
    name: url,
    isRemote: true,
    identify: async () => {
      asked = await ask();
      return { size: asked.totalBytes, identity: [url, asked.totalBytes] };
    },
    // The answer that told the size is the one to read: asking twice would be two downloads.
    read: async () => {
      const { body } = asked ?? (await ask());
      asked = null;
      return body;
    },
  };
}

/** Opens a file from a byte on, and counts what is read of it in `count`. */
export async function openInput(input: Input, fromByte: number, count: ByteCount): Promise<OpenedInput> {
  const { name, isRemote } = input;
  const stored = counted(await input.read(fromByte), count);
  if (fromByte > 0) return { name, chunks: stored, canSeek: true };
  const iterator = stored[Symbol.asyncIterator]();
  const head = await headOf(iterator);
  const whole = withHead(head, iterator);
  // By its first two bytes, since names lie (RFC 1952, 2.3.1).
  const isPacked = head[0] === 0x1f && head[1] === 0x8b;
  return isPacked ? { name, chunks: gunzipped(whole, name), canSeek: false } : { name, chunks: whole, canSeek: !isRemote };
}

async function* counted(chunks: AsyncIterable<Uint8Array>, count: ByteCount): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    // An answer's chunks may be of any size.
    for (let start = 0; start < chunk.length; start += CHUNK_BYTES) {
      const part = chunk.subarray(start, start + CHUNK_BYTES);
      count.bytes += part.length;
      yield part;
    }
  }
}

async function headOf(iterator: AsyncIterator<Uint8Array, unknown>): Promise<Uint8Array> {
  let head = new Uint8Array();
  while (head.length < 2) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* withHead(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
