import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { UnavailableError } from '../../src/errors.js';
import { LaterWrites } from '../../src/idempotency/laterWrites.js';

beforeEach(() => { jest.useFakeTimers(); });
afterEach(() => { jest.useRealTimers(); });

const outage = new UnavailableError('the database does not answer', 1);
/** A write that fails as often; gives how often it was tried. */
async function attempts(later: LaterWrites, { error, failures }: { readonly error: Error; readonly failures: number }, pass: () => Promise<void>): Promise<number> {
  let tried = 0;
  const write = later.write(() => {
    tried += 1;
    return tried <= failures ? Promise.reject(error) : Promise.resolve();
  });
  if (failures > 0) await expect(write).rejects.toBe(error);
  await write.catch(() => undefined);
  await pass();
  return tried;
}
const minute = async (): Promise<void> => { await jest.advanceTimersByTimeAsync(60_000); };

test('what an outage refuses is tried again until it is written, but for 15 s at most', async () => {
  expect(await attempts(new LaterWrites(), { error: outage, failures: 0 }, minute)).toBe(1);
  expect(await attempts(new LaterWrites(), { error: outage, failures: 3 }, minute)).toBe(4);
  expect(await attempts(new LaterWrites(), { error: outage, failures: 1000 }, minute)).toBe(15);
});

test('what fails for another reason is not', async () => {
  expect(await attempts(new LaterWrites(), { error: new Error('the disk is full'), failures: 1 }, minute)).toBe(1);
});

test('nothing is tried after the end', async () => {
  const later = new LaterWrites();
  expect(await attempts(later, { error: outage, failures: 1000 }, async () => {
    await jest.advanceTimersByTimeAsync(2500);
    later.stop();
    await minute();
  })).toBe(3);
  expect(await attempts(later, { error: outage, failures: 1000 }, minute)).toBe(1);
  expect(jest.getTimerCount()).toBe(0);
});
