import { parentPort, workerData } from 'node:worker_threads';
import { SourceError } from '../source.js';
import { libraryFormatOf, parseLibrary, type LibraryFormat } from './library.js';

/** The thread that reads one library; see `parseLibraryApart`. */
const { text, format } = workerData as { readonly text: string; readonly format: LibraryFormat | null };
try {
  parentPort?.postMessage({ entries: parseLibrary(text, format ?? libraryFormatOf(text)) });
} catch (error) {
  if (!(error instanceof SourceError)) throw error;
  parentPort?.postMessage({ refusal: error.message });
}
