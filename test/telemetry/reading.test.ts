import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Reading } from '../../src/telemetry/reading.js';

beforeEach(() => { jest.useFakeTimers(); });
afterEach(() => { jest.useRealTimers(); });

describe('a reading', () => {
  test('is shared by all who ask within its time', async () => {
    let reads = 0;
    const reading = new Reading(() => Promise.resolve((reads += 1)), { keptMs: 100 });
    expect(await Promise.all([reading.current(), reading.current()])).toEqual([1, 1]);
    jest.advanceTimersByTime(99);
    expect(await reading.current()).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await reading.current()).toBe(2);
  });

  test('that fails, or takes too long, is nothing, is told of once, and is tried again when its time is over', async () => {
    const failures: unknown[] = [];
    const answers: (() => Promise<number>)[] = [() => Promise.reject(new Error('made up')), () => new Promise(() => undefined), () => Promise.resolve(3)];
    const reading = new Reading(() => answers.shift()!(), { keptMs: 100, limitMs: 50, onFailure: (error) => failures.push((error as Error).message) });
    expect([await reading.current(), await reading.current()]).toEqual([null, null]);
    jest.advanceTimersByTime(100);
    const late = reading.current();
    await jest.advanceTimersByTimeAsync(50);
    expect(await late).toBeNull();
    jest.advanceTimersByTime(100);
    expect(await reading.current()).toBe(3);
    expect(failures).toEqual(['made up', 'metrics were not read within 50 ms']);
  });
});
