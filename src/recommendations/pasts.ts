import type { Engine } from './engine.js';

// Long enough to page through an answer.
const KEEP_PAST_MS = 60_000;

interface PastUse<Answer> {
  readonly open: (past: string) => Promise<void>;
  readonly work: (past: string) => Promise<Answer>;
}

interface Opened {
  readonly key: string;
  /** Names it to the engine: a moment that is opened anew is another state. */
  readonly past: string;
  readonly ready: Promise<void>;
}

/** The one earlier state that is open: a second page of it, or another look at it, need not rebuild it. */
export class Pasts {
  private opened: Opened | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private count = 0;

  constructor(private readonly engine: Engine) {}

  /** Does the work on the state of a moment, one after the other: each is a copy of the whole matrix. */
  use<Answer>(key: string, { open, work }: PastUse<Answer>): Promise<Answer> {
    const turn = this.queue.then(async () => {
      clearTimeout(this.timer);
      try {
        const { past, ready } = this.opened?.key === key ? this.opened : await this.reopen(key, open);
        await ready;
        return await work(past);
      } catch (error) {
        await this.drop().catch(() => undefined);
        throw error;
      } finally {
        this.timer = setTimeout(() => void this.drop().catch(() => undefined), KEEP_PAST_MS).unref();
      }
    });
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private async reopen(key: string, open: (past: string) => Promise<void>): Promise<Opened> {
    await this.drop();
    const past = `${key} ${String((this.count += 1))}`;
    this.opened = { key, past, ready: open(past) };
    return this.opened;
  }

  private async drop(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    if (opened !== null) await this.engine.run({ kind: 'dropPast', past: opened.past });
  }
}
