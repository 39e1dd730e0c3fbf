import type { Parcel } from './source.js';

export interface BatchOptions {
  readonly size: number;
  readonly signal: AbortSignal;
  /** Called with each batch as soon as it is read. */
  readonly prepare: (batch: Parcel) => void;
}

/** Parcels put together to batches of at least `size` items, each made and prepared while the one before is being written. */
export async function* batchesOf(parcels: AsyncIterable<Parcel>, { size, signal, prepare }: BatchOptions): AsyncGenerator<Parcel> {
  const merged = prepared(merge(parcels, size), prepare);
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
