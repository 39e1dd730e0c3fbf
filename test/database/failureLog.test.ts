import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { FailureLog } from '../../src/database/failureLog.js';

beforeEach(() => { jest.useFakeTimers(); });
afterEach(() => { jest.useRealTimers(); });

test('the log has a line a second for each kind of failure, with how many there were', () => {
  const lines: string[] = [];
  const log = new FailureLog((kind, error, count) => lines.push(`${kind} ${String(error)} ${count}`));
  for (let n = 1; n <= 500; n += 1) log.note('CUT', n);
  log.note('SLOW', 'one');
  expect(lines).toEqual(['CUT 1 1', 'SLOW one 1']);
  jest.advanceTimersByTime(1_000);
  expect(lines.splice(0)).toEqual(['CUT 1 1', 'SLOW one 1', 'CUT 500 499']);
  log.note('CUT', 'again');
  jest.advanceTimersByTime(1_000);
  expect(lines.splice(0)).toEqual(['CUT again 1']);
  // After a second without any, the next one is told at once.
  jest.advanceTimersByTime(1_000);
  log.note('CUT', 'anew');
  expect(lines).toEqual(['CUT anew 1']);
});
