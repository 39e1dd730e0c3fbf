import { createGunzip, type Gunzip } from 'node:zlib';
import { SourceError } from '../source.js';

/**
 * Unpacks gzip. Where the file is cut short or damaged, all that could be unpacked before comes first and then a
 * SourceError: a pipe would drop what it holds when it fails.
 */
export async function* gunzipped(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const unpacked: Uint8Array[] = [];
  gunzip.on('data', (chunk: Uint8Array) => unpacked.push(chunk));
  const failures: Error[] = [];
  gunzip.on('error', (error) => failures.push(error));
  try {
    for await (const chunk of chunks) {
      await written(gunzip, chunk);
      yield* unpacked.splice(0);
      if (failures.length > 0) break;
    }
    if (failures.length === 0) await ended(gunzip);
    yield* unpacked.splice(0);
    const [error] = failures;
    if (error !== undefined) throw new SourceError(`${name} must be whole gzip, received: ${error.message}; what comes before has been read`);
  } finally {
    gunzip.destroy();
  }
}

// After an error neither is called: `close` comes then, and the caller has heard of the error by its event.
function written(gunzip: Gunzip, chunk: Uint8Array): Promise<void> {
  return untilClose(gunzip, (done) => { gunzip.write(chunk, done); });
}

function ended(gunzip: Gunzip): Promise<void> {
  return untilClose(gunzip, (done) => { gunzip.once('end', done).end(); });
}

function untilClose(gunzip: Gunzip, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      gunzip.off('close', done);
      resolve();
    };
    gunzip.once('close', done);
    start(done);
  });
}
