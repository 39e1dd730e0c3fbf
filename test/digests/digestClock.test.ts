import { describe, expect, test } from '@jest/globals';
import { lastDue, nextDue } from '../../src/digests/digestClock.js';
import { dayIn } from '../../src/feeds/period.js';
import { isTimeZone } from '../../src/inputRules.js';

const daily = (timeZone: string, hour: number) => ({ timeZone, hour, weekday: null });

async function duesAfter(times: Parameters<typeof nextDue>[0], after: string, count: number): Promise<Date[]> {
  const dues = [new Date(after)];
  while (dues.length <= count) dues.push(await nextDue(times, dues.at(-1)!));
  return dues.slice(1);
}

describe('a digest is due', () => {
  test.each([
    { zone: 'Europe/Berlin', hour: 2, after: '2026-03-27T12:00Z', dues: ['2026-03-28T01:00', '2026-03-29T01:00', '2026-03-30T00:00'], what: 'an hour that is skipped' },
    { zone: 'Europe/Berlin', hour: 2, after: '2026-10-23T12:00Z', dues: ['2026-10-24T00:00', '2026-10-25T00:00', '2026-10-26T01:00'], what: 'an hour that comes twice' },
    { zone: 'America/New_York', hour: 2, after: '2026-03-07T12:00Z', dues: ['2026-03-08T07:00', '2026-03-09T06:00'], what: 'an hour that is skipped' },
    { zone: 'America/New_York', hour: 1, after: '2026-10-31T12:00Z', dues: ['2026-11-01T05:00', '2026-11-02T06:00'], what: 'an hour that comes twice' },
    { zone: 'Africa/Cairo', hour: 0, after: '2026-04-22T12:00Z', dues: ['2026-04-22T22:00', '2026-04-23T22:00', '2026-04-24T21:00'], what: 'a midnight that is skipped' },
    { zone: 'Asia/Kolkata', hour: 8, after: '2026-11-27T00:00Z', dues: ['2026-11-27T02:30', '2026-11-28T02:30'], what: 'half an hour off' },
  ])('in $zone at $hour after $after: $what', async ({ zone, hour, after, dues }) => {
    expect((await duesAfter(daily(zone, hour), after, dues.length)).map((due) => due.toISOString().slice(0, 16))).toEqual(dues);
  });

  test('once on each day of two years, in zones with all kinds of changes', async () => {
    for (const [zone, hour] of [['Europe/Berlin', 2], ['America/New_York', 1], ['Africa/Cairo', 0], ['Australia/Lord_Howe', 2], ['Pacific/Chatham', 3], ['America/Santiago', 0], ['UTC', 23]] as const) {
      const days = (await duesAfter(daily(zone, hour), '2025-12-31T12:00Z', 730)).map((due) => dayIn(zone, due));
      const first = Date.parse(`${days[0]!}T00:00:00Z`);
      expect(days).toEqual(days.map((_, n) => new Date(first + n * 86_400_000).toISOString().slice(0, 10)));
    }
  });

  test('once a week on its day', async () => {
    const dues = await duesAfter({ timeZone: 'Europe/Berlin', hour: 2, weekday: 7 }, '2026-03-22T12:00Z', 2);
    expect(dues.map((due) => due.toISOString().slice(0, 16))).toEqual(['2026-03-29T01:00', '2026-04-05T00:00']);
  });

  test('once for all that was missed', async () => {
    const due = new Date('2026-11-20T08:00Z');
    expect(await lastDue(daily('UTC', 8), due, new Date('2026-11-27T07:59:59Z'))).toEqual(new Date('2026-11-26T08:00Z'));
    expect(await lastDue(daily('UTC', 8), due, new Date('2026-11-27T08:00Z'))).toEqual(new Date('2026-11-27T08:00Z'));
    expect(await lastDue(daily('UTC', 8), due, due)).toEqual(due);
  });
});

test('time zones are named, as IANA names them', () => {
  for (const name of ['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5']) expect([name, isTimeZone(name)]).toEqual([name, true]);
  for (const name of ['+01:00', 'Berlin', '', 'Europe/Berlin ', 'Mars/Olympus', 'A'.repeat(70)]) expect([name, isTimeZone(name)]).toEqual([name, false]);
});
