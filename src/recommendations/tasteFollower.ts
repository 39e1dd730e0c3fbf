import type { Database } from '../database/database.js';
import { packChanges } from '../recommender/change.js';
import type { Moment } from './asOf.js';
import type { ChangeLog } from './changeLog.js';
import type { Engine } from './engine.js';
import { isExclusive, type AnswerOf, type ReadJob, type WriteJob } from './engineJobs.js';
import { Pasts } from './pasts.js';
import { loadTaste } from './tasteTables.js';

// Who has not read the log for an hour starts from the tables again: what accounts that are gone leave in it is kept for two
// (ChangeLog.prune), the rest for a day at least.
const RELOAD_AFTER_MS = 3_600_000;
/**
 * Servers tell each other on this channel that the log grew. They do so after the commit, some at a time: a trigger that
 * notifies within each vote's transaction took votes from 1,010 to 258 a second, since such commits queue for one lock.
 */
const CHANNEL = 'daily_papers_changes';
// Reading the log or announcing it more often than this gains nothing, as each answer reads it anyway.
const WAKE_AFTER_MS = 50;
// What is written by hand in SQL or by another command announces nothing.
const POLL_EVERY_MS = 1000;

/** A job that does not write, or takes back what it wrote. */
type Question = ReadJob | Extract<WriteJob, { kind: 'suppose' }>;

/** An answer, and the state of the database that it is of. */
export interface Asked<Answer> {
  readonly answer: Answer;
  /** A snapshot of PostgreSQL: the transactions that the answer saw. */
  readonly snapshot: string;
}

export interface Following {
  /** Tells all servers that this one has written; they read the log within a fraction of a second. */
  announce(): void;
  stop(): Promise<void>;
}

/**
 * Keeps an engine equal to what is committed, in every server process: `ask` first reads the changes that were committed
 * since the last read, so that an answer that starts after a vote's answer contains the vote, wherever it was given.
 *
 * Transactions do not commit in the order in which they draw ids, so "everything after the last id seen" would lose
 * the late ones. Each read therefore takes what is visible now and was not in the snapshot of the read before.
 */
export class TasteFollower {
  /** What the last read saw; null before the tables are loaded. */
  private snapshot: string | null = null;
  private readAt = 0;
  /** Whether the engine may hold what the database does not. */
  private isInDoubt = false;
  private running: Promise<void> = Promise.resolve();
  private queued: Promise<void> | null = null;
  private readonly log: ChangeLog;
  private readonly engine: Engine;
  private readonly pasts: Pasts;

  constructor(
    private readonly database: Database,
    { log, engine }: { readonly log: ChangeLog; readonly engine: Engine },
  ) {
    this.log = log;
    this.engine = engine;
    this.pasts = new Pasts(engine);
  }

  /**
   * Follows the log without being asked, so that the engine is up to date when it is. `onChange` is called when a server
   * announces that it has written, this one too.
   */
  async follow({ onChange, onError }: { readonly onChange: () => void; readonly onError: (error: unknown) => void }): Promise<Following> {
    let isStopped = false;
    const wake = once(() => {
      this.current().catch((error: unknown) => {
        if (!isStopped) onError(error);
      });
    });
    const listener = await this.database.listen(CHANNEL, () => {
      onChange();
      wake.soon();
    });
    const announce = once(() => { listener.notify(); });
    const poll = setInterval(wake.soon, POLL_EVERY_MS).unref();
    return {
      announce: announce.soon,
      stop: async () => {
        isStopped = true;
        clearInterval(poll);
        await listener.close();
        wake.cancel();
        announce.cancel();
        await (this.queued ?? this.running).catch(() => undefined);
      },
    };
  }

  /** When the log was read last, in milliseconds since 1970; null before the tables are loaded. */
  get lastReadAt(): number | null {
    return this.snapshot === null ? null : this.readAt;
  }

  /** How many committed changes the engine has not heard of; null before the tables are loaded. */
  async lag(): Promise<number | null> {
    return this.snapshot === null ? null : this.log.countSince(this.snapshot);
  }

  /** Brings the engine up to date. Callers that come while a read runs share the next one. */
  current(): Promise<void> {
    this.queued ??= this.running.then(async () => {
      this.queued = null;
      const read = this.read();
      this.running = read.catch(() => undefined);
      await read;
    });
    return this.queued;
  }

  /** Asks the engine once it has everything that is committed by now. */
  async ask<Kind extends Question['kind']>(job: Question & { readonly kind: Kind }): Promise<Asked<AnswerOf<Kind>>> {
    await this.current();
    // Nothing comes between: the job is behind the changes of this snapshot, and before those of the next.
    const { snapshot } = this;
    if (snapshot === null) throw new Error('the recommender is not in step with the database');
    try {
      return { answer: await this.engine.run<Kind>(job), snapshot };
    } catch (error) {
      // A thread that ended in the middle of it took nothing back.
      if (isExclusive(job)) this.isInDoubt = true;
      throw error;
    }
  }

  /** Asks the engine as it was at a moment. Throws BAD_USER_INPUT for one that the log does not reach. */
  async askAt<Kind extends 'recommend' | 'recommendAmong' | 'suppose'>(moment: Moment, ask: (past: string) => Question & { readonly kind: Kind }): Promise<AnswerOf<Kind>> {
    await this.log.requireReach(moment);
    return this.pasts.use('snapshot' in moment ? moment.snapshot : moment.instant.toISOString(), {
      open: (past) => this.openPast(moment, past),
      work: (past) => this.engine.run<Kind>(ask(past)),
    });
  }

  private async read(): Promise<void> {
    const startedAt = Date.now();
    if (this.snapshot === null || this.isInDoubt || startedAt - this.readAt > RELOAD_AFTER_MS) await this.load();
    else await this.catchUp(this.snapshot);
    this.readAt = startedAt;
  }

  private async load(): Promise<void> {
    // Until it is whole, whoever comes next starts again.
    this.snapshot = null;
    this.isInDoubt = false;
    this.snapshot = await loadTaste(this.database, this.engine);
  }

  private async catchUp(before: string): Promise<void> {
    let isBegun = false;
    try {
      for await (const { changes, snapshot } of this.log.since(before)) {
        isBegun ||= changes.length > 0;
        const applied = changes.length === 0 ? null : this.engine.run({ kind: 'apply', changes: packChanges(changes) });
        this.snapshot = snapshot;
        await applied;
      }
    } catch (error) {
      // What was applied in part is in no snapshot: only the tables tell.
      if (isBegun) this.snapshot = null;
      throw error;
    }
  }

  /** Copies the engine's state and undoes what came after the moment. */
  private async openPast(moment: Moment, past: string): Promise<void> {
    const { snapshot } = await this.ask({ kind: 'copyPast', past });
    for await (const changes of this.log.undoing(moment, snapshot)) await this.engine.run({ kind: 'undoPast', past, changes: packChanges(changes) });
  }
}

/** Runs the work once for all calls within a short time. */
function once(work: () => void): { soon: () => void; cancel: () => void } {
  let timer: NodeJS.Timeout | null = null;
  return {
    soon: () => {
      timer ??= setTimeout(() => {
        timer = null;
        work();
      }, WAKE_AFTER_MS).unref();
    },
    cancel: () => {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
