import type { Connection } from './connection.js';
import { UnansweredError, failureOf, type FailureKind } from './failure.js';

/** How often the database is asked whether it answers. */
const BEAT_MS = 1_000;
/** How long it may take to answer, on a connection that is there and then on a new one. */
const ANSWER_MS = 2_000;
/** While it does not, it is asked more often, so that the end of a restart is noticed; an attempt that is refused costs next to nothing. */
const RETRY_MS = 250;

export interface HeartbeatOptions {
  /** A connection that is yet to be made. */
  readonly connection: () => Connection;
  /** Called when the database answers no longer, and (null) when it answers again. */
  readonly onChange: (outage: FailureKind | null, cause: unknown) => void;
}

/**
 * Asks the database each second, on a connection of its own, whether it answers: so that while it does not, whoever comes is told
 * at once, rather than after the time that a statement may take.
 */
export class Heartbeat {
  private client: Connection | null = null;
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;
  private isStopped = false;
  private current: FailureKind | null = null;

  constructor(private readonly options: HeartbeatOptions) {
    this.wait(0);
  }

  /** Why the database does not answer; null while it does. */
  get outage(): FailureKind | null {
    return this.current;
  }

  /** Looks now rather than within a second: a statement failed as where the database is gone. */
  suspect(): void {
    if (this.current === null && !this.isLooking) this.wait(0);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    void this.client?.end().catch(() => undefined);
    this.client = null;
  }

  private wait(milliseconds: number): void {
    clearTimeout(this.timer);
    if (!this.isStopped) this.timer = setTimeout(() => void this.look(), milliseconds).unref();
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    try {
      // What fails on the connection that was there may have been its own end.
      await (this.client === null ? this.ask() : this.ask().catch(() => this.ask()));
      this.tell(null, null);
    } catch (error) {
      this.tell(outageOf(failureOf(error)), error);
    }
    this.isLooking = false;
    this.wait(this.current === null ? BEAT_MS : RETRY_MS);
  }

  private async ask(): Promise<void> {
    try {
      if (this.client === null) {
        this.client = this.options.connection();
        await answered(this.client.connect());
      }
      await answered(this.client.query('SELECT 1'));
    } catch (error) {
      // At once: of one that hangs, an end in good form would leave a socket open for each attempt.
      this.client?.giveUp();
      this.client = null;
      throw error;
    }
  }

  private tell(outage: FailureKind | null, cause: unknown): void {
    const before = this.current;
    this.current = outage;
    if (!this.isStopped && (before === null) !== (outage === null)) this.options.onChange(outage, cause);
  }
}

/** What it means for others that the database was asked in vain; null where it may answer them. */
function outageOf(kind: FailureKind | null): FailureKind | null {
  // Who has no room for one more connection answers those that it has.
  if (kind === 'BUSY') return null;
  // Who cannot even be asked that answers nothing else, whatever they say.
  return kind === 'STARTING' || kind === 'HANGING' ? kind : 'UNREACHABLE';
}

/** The answer, within the time that it may take. A process that was held up itself reads first what came meanwhile. */
async function answered(answer: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => setImmediate(() => { reject(new UnansweredError(`the database did not answer within ${ANSWER_MS} ms`)); }), ANSWER_MS).unref();
  });
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
    // Where it was late: nobody waits for it any more.
    answer.catch(() => undefined);
  }
}
