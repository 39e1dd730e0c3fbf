/** When a digest comes. */
export interface DigestTimes {
  /** IANA's name. */
  readonly timeZone: string;
  /** In the time zone, 0 to 23. */
  readonly hour: number;
  /** 1 for Monday to 7 for Sunday; null for a daily digest. */
  readonly weekday: number | null;
}

/**
 * The first instant after another at which a digest is due. Croner takes the next instant of the day for an hour that
 * summer time skips, and the first of the two for one that it repeats.
 */
export async function nextDue({ timeZone, hour, weekday }: DigestTimes, after: Date): Promise<Date> {
  // Loaded when a digest is due: a start without one is spared its 24 ms.
  const { Cron } = await import('croner');
  const next = new Cron(`0 ${hour} * * ${weekday ?? '*'}`, { timezone: timeZone, mode: '5-part', paused: true }).nextRun(after);
  if (next === null) throw new Error(`no ${hour} o'clock follows ${after.toISOString()} in ${timeZone}`);
  return next;
}

/** The last time, at `due` or later, that a digest was due by now: what was missed while no server ran comes once. */
export async function lastDue(times: DigestTimes, due: Date, now: Date): Promise<Date> {
  let last = due;
  for (let next = await nextDue(times, last); next <= now; next = await nextDue(times, last)) last = next;
  return last;
}
