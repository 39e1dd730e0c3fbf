import type { Json, Parcel } from './source.js';

export interface BatchOptions {
  readonly size: number;
  /** After which the reading goes on; null at its start. */
  readonly checkpoint: Json;
  readonly signal: AbortSignal;
  /** Called with each batch as soon as it is read. */
  readonly prepare: (batch: Parcel) => void;
}

/** Parcels put together to batches of at least `size` items, each made and prepared while the one before is being written. */
export async function* batchesOf(parcels: AsyncIterable<Parcel>, { size, signal, checkpoint, prepare }: BatchOptions): AsyncGenerator<Parcel> {
  const merged = prepared(merge(split(parcels, size, checkpoint), size), prepare);
  let next = settled(merged.next());
  try {
    for (;;) {
      const outcome = await next;
      if ('error' in outcome) throw outcome.error;
      if (outcome.result.done === true) return;
      const batch = outcome.result.value;
      signal.throwIfAborted();
      next = settled(merged.next());
      yield batch;
    }
  } finally {
    await next;
    await merged.return(undefined);
  }
}

type Settled = { readonly result: IteratorResult<Parcel> } | { readonly error: unknown };

// A failure ahead is told in its turn, after what came before it is written.
function settled(promise: Promise<IteratorResult<Parcel>>): Promise<Settled> {
  return promise.then((result) => ({ result }), (error: unknown) => ({ error }));
}

async function* prepared(batches: AsyncGenerator<Parcel>, prepare: (batch: Parcel) => void): AsyncGenerator<Parcel> {
  for await (const batch of batches) {
    prepare(batch);
    yield batch;
  }
}

// A parcel larger than a batch is written in parts. Where one of them was the last, the parcel is read again: what is written
// of it is found then.
async function* split(parcels: AsyncIterable<Parcel>, size: number, start: Json): AsyncGenerator<Parcel> {
  let [checkpoint, done] = [start, 0];
  for await (const parcel of parcels) {
    const { items } = parcel;
    let next = 0;
    for (; items.length - next > 2 * size; next += size) yield { items: items.slice(next, next + size), checkpoint, done };
    yield next === 0 ? parcel : { ...parcel, items: items.slice(next) };
    ({ checkpoint, done } = parcel);
  }
}

async function* merge(parcels: AsyncIterable<Parcel>, size: number): AsyncGenerator<Parcel> {
  let batch: Parcel | null = null;
  try {
    for await (const parcel of parcels) {
      batch = batch === null ? parcel : { ...parcel, items: [...batch.items, ...parcel.items] };
      if (batch.items.length < size) continue;
      yield batch;
      batch = null;
    }
  } catch (error) {
    // What was read whole before a source failed is written all the same.
    if (batch !== null) yield batch;
    throw error;
  }
  if (batch !== null) yield batch;
}
