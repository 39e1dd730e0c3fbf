/** When something is to be done, again and again. */
export interface Timetable {
  /** The first tick after an instant; null where none follows. */
  nextAfter(instant: Date): Date | null;
}

// Node's timers reach 24 days, and a clock that is set right meanwhile should be noticed.
const LONGEST_WAIT_MS = 3_600_000;

/** Does things at the ticks of their timetables, until `stop`; none of them keeps the process alive. */
export class Ticks {
  private readonly timers = new Map<Timetable, NodeJS.Timeout>();
  private readonly underWay = new Set<Promise<void>>();
  private isStopped = false;

  /** Calls `work`, which never rejects, at each tick from now on. */
  arm(timetable: Timetable, work: () => Promise<void>, after = new Date()): void {
    const next = timetable.nextAfter(after);
    if (next === null || this.isStopped) return;
    this.wait(timetable, next, () => {
      const tick = work().finally(() => this.underWay.delete(tick));
      this.underWay.add(tick);
      // A machine that slept has one tick for all that it missed.
      this.arm(timetable, work, new Date(Math.max(next.getTime(), Date.now())));
    });
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.all(this.underWay);
  }

  private wait(timetable: Timetable, until: Date, work: () => void): void {
    const remaining = until.getTime() - Date.now();
    const again = (): void => { this.wait(timetable, until, work); };
    // Timers may end a millisecond early.
    this.timers.set(timetable, setTimeout(remaining <= 0 ? work : again, Math.max(0, Math.min(remaining, LONGEST_WAIT_MS))).unref());
  }
}
