import type { QueueLog } from './ingestQueue.js';
import type { Schedule } from './ingestSchedule.js';
import type { IngestTurns } from './ingestTurns.js';
import type { IngestRunner } from './runner.js';

export interface SchedulerOptions {
  readonly log: QueueLog;
  /** Called when a run was made. */
  readonly onRun: () => void;
}

const DAY_MS = 86_400_000;
/** How far back the first scheduled run of a source asks. */
const FIRST_MS = 7 * DAY_MS;
// What was published while the last run was under way, and what services show late.
const OVERLAP_MS = DAY_MS;
// Node's timers reach 24 days, and a clock that is set right meanwhile should be noticed.
const LONGEST_WAIT_MS = 3_600_000;

/** Makes a run at each tick of each schedule; of several servers, one does. What was missed while none ran is not made up for: the next tick asks for it. */
export class IngestScheduler {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly ticks = new Set<Promise<void>>();
  private isStopped = false;

  constructor(
    private readonly turns: IngestTurns,
    private readonly runner: Pick<IngestRunner, 'create'>,
  ) {}

  start(schedules: Iterable<Schedule>, options: SchedulerOptions): void {
    for (const schedule of schedules) this.arm(schedule, new Date(), options);
  }

  /** Makes no more runs; those that were made stay in the queue. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.all(this.ticks);
  }

  /** Makes the run of a tick, unless its source is busy or another server was first; gives whether it did. */
  async tick({ source, options, hasSince }: Schedule): Promise<boolean> {
    if (await this.turns.isTickTaken(source)) return false;
    const runId = await this.runner.create({ source, options, since: hasSince ? await this.since(source) : null, trigger: 'SCHEDULE', requestedById: null });
    return this.turns.keepTick(runId);
  }

  private async since(source: string): Promise<Date> {
    const last = await this.turns.lastScheduledStart(source);
    return last === null ? new Date(Date.now() - FIRST_MS) : new Date(last.getTime() - OVERLAP_MS);
  }

  private arm(schedule: Schedule, after: Date, options: SchedulerOptions): void {
    const next = schedule.nextAfter(after);
    if (next === null || this.isStopped) return;
    this.wait(next, () => {
      const tick = this.make(schedule, options).finally(() => this.ticks.delete(tick));
      this.ticks.add(tick);
      // A machine that slept has one tick for all that it missed.
      this.arm(schedule, new Date(Math.max(next.getTime(), Date.now())), options);
    }, schedule.source);
  }

  private wait(until: Date, work: () => void, source: string): void {
    const remaining = until.getTime() - Date.now();
    const again = (): void => { this.wait(until, work, source); };
    // Timers may end a millisecond early.
    this.timers.set(source, setTimeout(remaining <= 0 ? work : again, Math.max(0, Math.min(remaining, LONGEST_WAIT_MS))).unref());
  }

  private async make(schedule: Schedule, { log, onRun }: SchedulerOptions): Promise<void> {
    try {
      if (await this.tick(schedule)) onRun();
      else log.info({ source: schedule.source }, 'a scheduled import was left out: one of its source is under way, or another server has it');
    } catch (error) {
      log.error({ err: error, source: schedule.source }, 'a scheduled import could not be made');
    }
  }
}
