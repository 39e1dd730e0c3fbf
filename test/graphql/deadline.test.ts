import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { Deadline } from '../../src/graphql/deadline.js';

const MS = 60;
const never = new Promise<string>(() => undefined);
const late = (): string => 'late';

describe('work that has so much time', () => {
  test('gives its answer, or its error, where it ends before', async () => {
    const deadline = new Deadline(MS);
    await expect(deadline.within(Promise.resolve('done'), late)).resolves.toBe('done');
    await expect(deadline.within(Promise.reject(new Error('broken')), late)).rejects.toThrow('broken');
  });

  test('is late when its own time is over, and not that of who began before', async () => {
    const deadline = new Deadline(MS);
    const ended: string[] = [];
    const startedAt = performance.now();
    const follow = async (name: string, work: Promise<string>): Promise<number> => {
      ended.push(`${name} ${await deadline.within(work, late)}`);
      return performance.now() - startedAt;
    };
    const first = follow('first', never);
    await sleep(MS / 2);
    const others = [follow('second', never), follow('third', sleep(MS / 4, 'done'))];
    expect(await first).toBeGreaterThanOrEqual(MS - 1);
    const [second] = await Promise.all(others);
    expect(second).toBeGreaterThanOrEqual(1.5 * MS - 1);
    expect(ended).toEqual(expect.arrayContaining(['first late', 'second late', 'third done']));
    expect(ended.indexOf('first late')).toBeLessThan(ended.indexOf('second late'));
  });

  test('is still looked at when nobody waited for a while', async () => {
    const deadline = new Deadline(MS);
    await deadline.within(Promise.resolve('done'), late);
    await sleep(2 * MS);
    await expect(deadline.within(never, late)).resolves.toBe('late');
    await expect(deadline.within(never, late)).resolves.toBe('late');
  });

  test('hands on what still comes', async () => {
    const slow = sleep(2 * MS, 'after all');
    let rest: Promise<string> | null = null;
    await new Deadline(MS).within(slow, (given) => {
      rest = given;
      return 'late';
    });
    await expect(rest).resolves.toBe('after all');
  });
});
