import { holdLease } from './ingestLease.js';
import { LEASE_MS, type IngestTurns } from './ingestTurns.js';
import type { IngestRunner } from './runner.js';

export interface QueueLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface QueueOptions {
  readonly log: QueueLog;
  /** How often to look for runs that other servers were asked for, or have left. */
  readonly pollMs?: number;
  /** How often a run under way says that it is alive, and hears that it was stopped. */
  readonly beatMs?: number;
  /** As the turns have it. */
  readonly leaseMs?: number;
  /** Runs at once, each of another source: they mostly wait for their services. */
  readonly limit?: number;
}

interface Work {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

// A statement of 1.3 ms on the embedded database.
const POLL_MS = 5000;
const BEAT_MS = 5000;
const LIMIT = 4;

/** Does the runs whose turn it is, in this process, from `start` to `stop`. */
export class IngestQueue {
  private readonly work = new Map<number, Work>();
  private options: Required<QueueOptions> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | null = null;
  private isWoken = false;

  constructor(
    private readonly turns: IngestTurns,
    private readonly runner: Pick<IngestRunner, 'execute' | 'sources'>,
  ) {}

  /** Begins to look for runs. */
  start(options: QueueOptions): void {
    this.options = { pollMs: POLL_MS, beatMs: BEAT_MS, leaseMs: LEASE_MS, limit: LIMIT, ...options };
    this.timer = setInterval(() => { this.wake(); }, this.options.pollMs).unref();
    this.wake();
  }

  /** Looks for runs now: one was made, or has ended. */
  wake(): void {
    if (this.options === null) return;
    this.isWoken = true;
    this.looking ??= this.look(this.options).finally(() => {
      this.looking = null;
      if (this.isWoken) this.wake();
    });
  }

  /** Ends the run at its next batch where this process does it; others hear of it with their next beat. */
  interrupt(runId: number): void {
    this.work.get(runId)?.controller.abort();
  }

  /** Stops each run at its next batch, for any server to go on with. */
  async stop(): Promise<void> {
    this.options = null;
    clearInterval(this.timer);
    await this.looking;
    for (const { controller } of this.work.values()) controller.abort();
    await Promise.all([...this.work.values()].map(({ done }) => done));
  }

  private async look(options: Required<QueueOptions>): Promise<void> {
    try {
      // Sources are read when a run waits for one: a server that imports nothing is spared their 0.15 s.
      while (this.isWoken) {
        this.isWoken = false;
        while (this.options !== null && this.work.size < options.limit && (await this.turns.isAnyWaiting())) {
          const sources = (await this.runner.sources()).map(({ name }) => name);
          const runId = await this.turns.take(sources);
          if (runId === null) break;
          this.begin(runId, options);
        }
      }
    } catch (error) {
      options.log.warn({ err: error }, 'the queue of imports could not be read');
    }
  }

  private begin(runId: number, options: Required<QueueOptions>): void {
    const controller = new AbortController();
    const done = this.execute(runId, controller, options).finally(() => {
      this.work.delete(runId);
      this.wake();
    });
    this.work.set(runId, { controller, done });
  }

  private async execute(runId: number, controller: AbortController, { log, beatMs, leaseMs }: Required<QueueOptions>): Promise<void> {
    const lease = { isLapsed: false };
    const release = holdLease(this.turns, runId, {
      beatMs,
      leaseMs,
      onLost: (reason) => {
        lease.isLapsed = reason === 'LAPSED';
        if (lease.isLapsed) log.warn({ runId }, 'an import is left to other servers, since the database did not answer in time');
        controller.abort();
      },
      onError: (error) => { log.warn({ err: error, runId }, 'the database did not take that an import is alive'); },
    });
    try {
      await this.runner.execute(runId, controller.signal).catch((error: unknown) => this.fail(runId, error, log));
      if (controller.signal.aborted && !lease.isLapsed) await this.turns.giveBack(runId);
    } catch (error) {
      // Whoever finds the run silent goes on with it.
      log.warn({ err: error, runId }, 'the end of an import could not be written');
    } finally {
      release();
    }
  }

  private async fail(runId: number, error: unknown, log: QueueLog): Promise<void> {
    log.error({ err: error, runId }, 'an import failed');
    await this.turns.fail(runId, `an unexpected error, which the server logged with runId ${runId}`);
  }
}
