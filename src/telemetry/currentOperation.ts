import { AsyncLocalStorage } from 'node:async_hooks';
import type { OperationRecord } from './operation.js';

// Before Node 24 a storage that is in use has each promise of the process run a hook: an await takes 0.19 µs where it took 0.08, a
// feed page 5 % more of the processor. Out of use it costs nothing, however often it was in use.
const COSTS_NOTHING = Number(process.versions.node.split('.')[0]) >= 24;

/**
 * Which operation the code that runs now works for, as far as services and the database do not hear of it by their arguments. It is
 * known for the operations that ask for it, and for all where that costs nothing.
 */
export class CurrentOperation {
  private readonly storage = new AsyncLocalStorage<OperationRecord>();
  private running = 0;

  /** `always`: for each operation, whatever it costs. */
  constructor(private readonly always: boolean) {}

  get(): OperationRecord | null {
    return this.storage.getStore() ?? null;
  }

  /** Runs `work`, of which all that it causes is known to be the operation's, where it is traced. */
  run<Result>(operation: OperationRecord, work: () => Result | Promise<Result>): Result | Promise<Result> {
    return this.isWanted(operation) ? this.runKnown(operation, work) : work();
  }

  private async runKnown<Result>(operation: OperationRecord, work: () => Result | Promise<Result>): Promise<Result> {
    this.running += 1;
    try {
      return await this.storage.run(operation, work);
    } finally {
      this.running -= 1;
      // What is still done for nobody need not run the hook.
      if (this.running === 0 && !COSTS_NOTHING) this.storage.disable();
    }
  }

  private isWanted({ span }: OperationRecord): boolean {
    return this.always || COSTS_NOTHING || span !== null;
  }
}
