import { AsyncLocalStorage } from 'node:async_hooks';
import { LEASE_MS, holdLease, type LeaseHolder } from './lease.js';

export interface JobLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface QueueOptions {
  readonly log: JobLog;
  /** How often to look for jobs that other servers were asked for, or have left. */
  readonly pollMs?: number;
  /** How often a job under way says that it is alive, and hears that it was stopped. */
  readonly beatMs?: number;
  /** As the turns have it. */
  readonly leaseMs?: number;
  /** Jobs at once: they mostly wait for others. */
  readonly limit?: number;
}

/** Whose turn it is: a table of jobs as a queue, which several servers share. */
export interface JobTurns extends LeaseHolder {
  /** Whether `take` may find a job; one cheap statement. */
  isAnyWaiting(): Promise<boolean>;
  /** Takes the job whose turn it is; null where there is none. */
  take(): Promise<number | null>;
  /** Lets any server go on with the job at once. */
  giveBack(jobId: number): Promise<void>;
  /** Ends a job that nobody can go on with. */
  fail(jobId: number, error: string): Promise<void>;
}

/** A kind of job. */
export interface JobKind {
  /** As the log calls one of them: `an import`. */
  readonly name: string;
  readonly turns: JobTurns;
  /** Does a job that was taken; resolves when it is over, whatever became of it, and soon after `signal` aborts. */
  execute(jobId: number, signal: AbortSignal): Promise<void>;
}

interface Work {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

// A statement of 1.3 ms on the embedded database.
const POLL_MS = 5000;
const BEAT_MS = 5000;
const LIMIT = 4;

/** Does the jobs of a kind whose turn it is, in this process, from `start` to `stop`. */
export class JobQueue {
  /** Jobs are no part of the request that happens to wake them: neither of its key nor of its trace. */
  private readonly outside = AsyncLocalStorage.snapshot();
  private readonly work = new Map<number, Work>();
  private options: Required<QueueOptions> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | null = null;
  private isWoken = false;

  constructor(private readonly kind: JobKind) {}

  /** How many jobs this process does now. */
  get count(): number {
    return this.work.size;
  }

  /** Begins to look for jobs. */
  start(options: QueueOptions): void {
    this.options = { pollMs: POLL_MS, beatMs: BEAT_MS, leaseMs: LEASE_MS, limit: LIMIT, ...options };
    this.timer = setInterval(() => { this.wake(); }, this.options.pollMs).unref();
    this.wake();
  }

  /** Looks for jobs now: one was made, or has ended. */
  wake(): void {
    if (this.options === null) return;
    this.isWoken = true;
    const { options } = this;
    this.looking ??= this.outside(() => this.look(options)).finally(() => {
      this.looking = null;
      if (this.isWoken) this.wake();
    });
  }

  /** Aborts the job where this process does it; others hear of it with their next beat. */
  interrupt(jobId: number): void {
    this.work.get(jobId)?.controller.abort();
  }

  /** Aborts each job, for any server to go on with. */
  async stop(): Promise<void> {
    this.options = null;
    clearInterval(this.timer);
    await this.looking;
    for (const { controller } of this.work.values()) controller.abort();
    await Promise.all([...this.work.values()].map(({ done }) => done));
  }

  private async look(options: Required<QueueOptions>): Promise<void> {
    try {
      while (this.isWoken) {
        this.isWoken = false;
        while (this.options !== null && this.work.size < options.limit && (await this.kind.turns.isAnyWaiting())) {
          const jobId = await this.kind.turns.take();
          if (jobId === null) break;
          this.begin(jobId, options);
        }
      }
    } catch (error) {
      options.log.warn({ err: error }, `${this.kind.name} that waits could not be looked for`);
    }
  }

  private begin(jobId: number, options: Required<QueueOptions>): void {
    const controller = new AbortController();
    const done = this.execute(jobId, controller, options).finally(() => {
      this.work.delete(jobId);
      this.wake();
    });
    this.work.set(jobId, { controller, done });
  }

  private async execute(jobId: number, controller: AbortController, { log, beatMs, leaseMs }: Required<QueueOptions>): Promise<void> {
    const lease = { isLapsed: false };
    const release = holdLease(this.kind.turns, jobId, {
      beatMs,
      leaseMs,
      onLost: (reason) => {
        lease.isLapsed = reason === 'LAPSED';
        if (lease.isLapsed) log.warn({ jobId }, `${this.kind.name} is left to other servers, since the database did not answer in time`);
        controller.abort();
      },
      onError: (error) => { log.warn({ err: error, jobId }, `the database did not take that ${this.kind.name} is alive`); },
    });
    try {
      await this.kind.execute(jobId, controller.signal).catch((error: unknown) => this.fail(jobId, error, log));
      if (controller.signal.aborted && !lease.isLapsed) await this.kind.turns.giveBack(jobId);
    } catch (error) {
      // Whoever finds the job silent goes on with it.
      log.warn({ err: error, jobId }, `the end of ${this.kind.name} could not be written`);
    } finally {
      release();
    }
  }

  private async fail(jobId: number, error: unknown, log: JobLog): Promise<void> {
    log.error({ err: error, jobId }, `${this.kind.name} failed`);
    await this.kind.turns.fail(jobId, `an unexpected error, which the server logged with jobId ${jobId}`);
  }
}
