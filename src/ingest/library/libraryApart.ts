import { Worker } from 'node:worker_threads';
import { SourceError } from '../source.js';
import type { LibraryFormat } from './library.js';
import type { LibraryEntry } from './libraryEntry.js';

// Where this file runs as it is written, under the tests, the thread runs what was compiled of it.
const THREAD_FILE = new URL(import.meta.url.endsWith('.ts') ? '../../../dist/ingest/library/libraryThread.js' : './libraryThread.js', import.meta.url);

// A library of 250,000 characters takes a third of a second and 60 MB; ten lines of strings made of strings take all that there is.
const TIME_MS = 10_000;
const MEMORY_MB = 256;
/** More at once would leave no core to serve. */
const THREADS = 1;

type Reply = { readonly entries: LibraryEntry[] } | { readonly refusal: string };

let running: Promise<unknown>[] = [];

/**
 * Reads a library that somebody sent: on a thread of its own, one after the other, each within bounds of time and memory, so
 * that no text can hold up the server or end it. Throws SourceError.
 */
export async function parseLibraryApart(text: string, format: LibraryFormat | null): Promise<LibraryEntry[]> {
  while (running.length >= THREADS) await Promise.race(running);
  const reading = onThread(text, format);
  const settled = reading.catch(() => undefined);
  running.push(settled);
  void settled.then(() => { running = running.filter((one) => one !== settled); });
  return reading;
}

function onThread(text: string, format: LibraryFormat | null): Promise<LibraryEntry[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(THREAD_FILE, { workerData: { text, format }, resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB, maxYoungGenerationSizeMb: 32 } });
    const refuse = (): void => { reject(new SourceError(`the library must be readable in ${TIME_MS / 1000} seconds and ${MEMORY_MB} MB`)); };
    const timer = setTimeout(() => {
      refuse();
      void worker.terminate();
    }, TIME_MS);
    worker.on('message', (reply: Reply) => {
      if ('entries' in reply) resolve(reply.entries);
      else reject(new SourceError(reply.refusal));
    });
    // Out of memory, above all.
    worker.on('error', refuse);
    worker.on('exit', () => {
      clearTimeout(timer);
      refuse();
    });
  });
}
