import { Worker } from 'node:worker_threads';
import type { Parts } from '../recommender/sharedMemory.js';
import { EngineHost, isExclusive, type AnswerOf, type Job } from './engineJobs.js';
import type { JobMessage, JobReply } from './engineWorker.js';

/** Where the recommender's work is done. Jobs that write run alone, in the order in which they came among all jobs. */
export interface Engine {
  run<Kind extends Job['kind']>(job: Job & { readonly kind: Kind }): Promise<AnswerOf<Kind>>;
  load(): EngineLoad;
  close(): Promise<void>;
}

/** How busy an engine is. */
export interface EngineLoad {
  readonly threads: number;
  readonly busy: number;
  /** Jobs that wait for a thread, or for others to end. */
  readonly waiting: number;
}

/** On `threads` threads that share one matrix; with 0 in this thread. */
export function createEngine(threads: number, workerFile = new URL('./engineWorker.js', import.meta.url)): Engine {
  return threads === 0 ? new LocalEngine() : new ThreadedEngine(threads, workerFile);
}

class LocalEngine implements Engine {
  private readonly host = new EngineHost();

  // Not an async function: a job is done by the time that this returns, so that jobs keep their order.
  run<Kind extends Job['kind']>(job: Job & { readonly kind: Kind }): Promise<AnswerOf<Kind>> {
    return new Promise((resolve) => {
      resolve(this.host.run(job) as AnswerOf<Kind>);
    });
  }

  load(): EngineLoad {
    return { threads: 0, busy: 0, waiting: 0 };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Task {
  readonly job: Job;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

interface Thread {
  worker: Worker;
  task: Task | null;
  /** The memory that it works on; null for none yet. */
  parts: Parts | null;
}

const RESTART_AFTER_MS = 500;
const CLOSED = 'the recommender is closed';

/**
 * A readers-writer queue without a lock: this thread alone hands out jobs, so it knows when none is under way. A write
 * waits until the jobs before it are done, and those behind it wait for it; nothing overtakes.
 */
class ThreadedEngine implements Engine {
  /** Started when a job comes, and again where some have ended. */
  private readonly threads: Thread[] = [];
  /** Threads that ended of themselves since the last job that was done, and from when on others may be started. */
  private ended = 0;
  private startableAt = -Infinity;
  private readonly queue: Task[] = [];
  private readonly threadOfPast = new Map<string, Thread>();
  private parts: Parts | null = null;
  private isClosed = false;

  constructor(
    private readonly count: number,
    private readonly workerFile: URL,
  ) {}

  run<Kind extends Job['kind']>(job: Job & { readonly kind: Kind }): Promise<AnswerOf<Kind>> {
    return new Promise((resolve, reject) => {
      if (!this.isClosed) this.startMissing();
      if (this.threads.length === 0) {
        reject(new Error(this.isClosed ? CLOSED : 'no thread of the recommender could be started'));
        return;
      }
      this.queue.push({ job, resolve: resolve, reject });
      this.dispatch();
    });
  }

  private startMissing(): void {
    if (performance.now() < this.startableAt) return;
    while (this.threads.length < this.count) this.threads.push({ worker: this.start(), task: null, parts: null });
  }

  load(): EngineLoad {
    return { threads: this.threads.length, busy: this.threads.filter(({ task }) => task !== null).length, waiting: this.queue.length };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const threads = this.threads.splice(0);
    for (const task of [...threads.flatMap(({ task }) => task ?? []), ...this.queue.splice(0)]) task.reject(new Error(CLOSED));
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  private start(): Worker {
    const worker = new Worker(this.workerFile);
    worker.on('message', (reply: JobReply) => {
      this.finish(worker, reply);
    });
    worker.on('error', (error: Error) => {
      this.lose(worker, error);
    });
    worker.on('exit', () => {
      this.lose(worker, new Error('a thread of the recommender ended'));
    });
    // After the listeners: one for messages keeps the process alive again.
    worker.unref();
    return worker;
  }

  private dispatch(): void {
    for (let place = 0; place < this.queue.length; ) {
      const task = this.queue[place] as Task;
      const exclusive = isExclusive(task.job);
      const thread = this.threadFor(task, exclusive);
      if (thread !== null) {
        this.queue.splice(place, 1);
        this.send(thread, task);
      } else if (exclusive) return;
      else place += 1;
      if (exclusive) return;
    }
  }

  /** An idle thread that may do the job now; null while there is none. */
  private threadFor({ job }: Task, exclusive: boolean): Thread | null {
    const isAnyBusy = this.threads.some(({ task }) => task !== null);
    const isWriting = this.threads.some(({ task }) => task !== null && isExclusive(task.job));
    if (isWriting || (exclusive && isAnyBusy)) return null;
    const pinned = 'past' in job && job.past !== null ? this.threadOfPast.get(job.past) : undefined;
    if (pinned !== undefined) return pinned.task === null ? pinned : null;
    return this.threads.find(({ task }) => task === null) ?? null;
  }

  private send(thread: Thread, task: Task): void {
    const { job } = task;
    if (job.kind === 'copyPast') this.threadOfPast.set(job.past, thread);
    if (job.kind === 'dropPast') this.threadOfPast.delete(job.past);
    thread.task = task;
    const message: JobMessage = { job, parts: thread.parts === this.parts ? null : this.parts };
    thread.parts = this.parts;
    try {
      thread.worker.postMessage(message);
    } catch (error) {
      // What cannot be sent is the job's fault, not the thread's.
      thread.task = null;
      task.reject(error as Error);
      return;
    }
    // Keeps the process alive while somebody waits for the answer.
    thread.worker.ref();
  }

  private finish(worker: Worker, reply: JobReply): void {
    const thread = this.threads.find((one) => one.worker === worker);
    const task = thread?.task;
    if (thread === undefined || task == null) return;
    thread.task = null;
    this.ended = 0;
    worker.unref();
    if (reply.parts !== null) this.parts = thread.parts = reply.parts;
    if ('error' in reply) task.reject(new Error(`the recommender failed: ${reply.error}`));
    else task.resolve(reply.answer);
    this.dispatch();
  }

  /** A thread has ended: its job has failed, the others go on. */
  private lose(worker: Worker, error: Error): void {
    const thread = this.threads.find((one) => one.worker === worker);
    if (thread === undefined) return;
    this.ended += 1;
    // Where they end one after the other, as when none can be started, the machine would do nothing else.
    if (this.ended > this.count) this.startableAt = performance.now() + RESTART_AFTER_MS;
    this.threads.splice(this.threads.indexOf(thread), 1);
    for (const [past, owner] of this.threadOfPast) if (owner === thread) this.threadOfPast.delete(past);
    thread.task?.reject(error);
    if (!this.isClosed) this.startMissing();
    if (this.threads.length === 0) for (const left of this.queue.splice(0)) left.reject(error);
    this.dispatch();
  }
}
