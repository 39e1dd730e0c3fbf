import { AsyncLocalStorage } from 'node:async_hooks';
import type { Prisma } from '../generated/prisma/client.js';

/** Runs statements of the transaction whose result is noted. */
interface Transacting {
  rows<Row>(statement: Prisma.Sql): Promise<Row[]>;
}

/** One write among those of a piece of work. */
export interface RecordedWrite {
  /** Its result, where an earlier execution of the work has written it. */
  readonly known: { readonly result: unknown } | null;
  /** Notes the result in the transaction that writes, so that there is either both or nothing. */
  note(transaction: Transacting, result: unknown): Promise<void>;
}

/** Keeps what a piece of work has written, so that another execution of it goes on where the first one was cut off. */
export interface Recorder {
  /** The next write of this name; works that run again come to their writes of one name in the same order. */
  next(name: string): RecordedWrite;
}

// Services are one for all requests and know nothing of keys; handing a recorder through each of their writes would put it into
// every signature. Before Node 24 a storage that was used has each promise of the process run a hook until it is put out of use.
const recorders = new AsyncLocalStorage<{ recorder: Recorder | null }>();
let running = 0;

/** Runs `work`, whose transactions and statements the recorder keeps until it ends. */
export async function recorded<Result>(recorder: Recorder, work: () => Promise<Result> | Result): Promise<Result> {
  const store: { recorder: Recorder | null } = { recorder };
  running += 1;
  try {
    return await recorders.run(store, async () => work());
  } finally {
    // What the work has begun and not waited for is no part of it.
    store.recorder = null;
    running -= 1;
    if (running === 0) recorders.disable();
  }
}

/** The next write of what is being recorded; null where nothing is. */
export function nextWrite(name: string): RecordedWrite | null {
  return recorders.getStore()?.recorder?.next(name) ?? null;
}
