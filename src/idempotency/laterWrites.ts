import { UnavailableError } from '../errors.js';
import { HELD_SECONDS } from './keyRow.js';

const PAUSE_MS = 1000;

/** Notes in a database that answers nobody, tried again for as long as who makes them is believed to hold the key. */
export class LaterWrites {
  private readonly pauses = new Set<NodeJS.Timeout>();
  private isStopped = false;

  /** Writes, now or later; the promise ends with the first attempt, so that nobody waits for an outage. Throws what that one met. */
  async write(work: () => Promise<void>): Promise<void> {
    await this.attempt(work, Date.now() + HELD_SECONDS * 1000);
  }

  /** What is not written by now is not written at all. */
  stop(): void {
    this.isStopped = true;
    for (const pause of this.pauses) clearTimeout(pause);
    this.pauses.clear();
  }

  private async attempt(work: () => Promise<void>, end: number): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof UnavailableError && !this.isStopped && Date.now() + PAUSE_MS < end) this.pause(work, end);
      throw error;
    }
  }

  private pause(work: () => Promise<void>, end: number): void {
    const pause = setTimeout(() => {
      this.pauses.delete(pause);
      // Whoever was told of the first refusal need not be told of each.
      this.attempt(work, end).catch(() => undefined);
    }, PAUSE_MS).unref();
    this.pauses.add(pause);
  }
}
