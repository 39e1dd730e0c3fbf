import type { JobLog } from '../jobs/jobQueue.js';
import { Ticks } from '../jobs/ticks.js';
import type { Schedule } from './ingestSchedule.js';
import type { IngestTurns } from './ingestTurns.js';
import type { IngestRunner } from './runner.js';

export interface SchedulerOptions {
  readonly log: JobLog;
  /** Called when a run was made. */
  readonly onRun: () => void;
}

const DAY_MS = 86_400_000;
/** How far back the first scheduled run of a source asks. */
const FIRST_MS = 7 * DAY_MS;
// What was published while the last run was under way, and what services show late.
const OVERLAP_MS = DAY_MS;

/** Makes a run at each tick of each schedule; of several servers, one does. What was missed while none ran is not made up for: the next tick asks for it. */
export class IngestScheduler {
  private readonly ticks = new Ticks();

  constructor(
    private readonly turns: IngestTurns,
    private readonly runner: Pick<IngestRunner, 'create'>,
  ) {}

  start(schedules: Iterable<Schedule>, options: SchedulerOptions): void {
    for (const schedule of schedules) this.ticks.arm(schedule, () => this.make(schedule, options));
  }

  /** Makes no more runs; those that were made stay in the queue. */
  stop(): Promise<void> {
    return this.ticks.stop();
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

  private async make(schedule: Schedule, { log, onRun }: SchedulerOptions): Promise<void> {
    try {
      if (await this.tick(schedule)) onRun();
      else log.info({ source: schedule.source }, 'a scheduled import was left out: one of its source is under way, or another server has it');
    } catch (error) {
      log.error({ err: error, source: schedule.source }, 'a scheduled import could not be made');
    }
  }
}
