import { describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { CurrentOperation } from '../../src/telemetry/currentOperation.js';
import { OperationRecord } from '../../src/telemetry/operation.js';
import type { Span } from '../../src/telemetry/tracing.js';

const SPAN = {} as Span;
const isHookNeeded = Number(process.versions.node.split('.')[0]) < 24;

describe('the operation that code works for', () => {
  test('is known below it, however it waits, and for each of several at a time', async () => {
    const current = new CurrentOperation(true);
    const work = (name: string, ms: number): Promise<unknown> => {
      const operation = new OperationRecord(name, 'http');
      return Promise.resolve(current.run(operation, async () => {
        await sleep(ms);
        await Promise.all([sleep(1), Promise.resolve()]);
        return current.get() === operation;
      }));
    };
    expect(await Promise.all([work('a', 5), work('b', 1), work('c', 3)])).toEqual([true, true, true]);
    expect(current.get()).toBeNull();
    expect(await work('d', 1)).toBe(true);
  });

  test('is known of those that are traced, where others would have to pay for it', async () => {
    const current = new CurrentOperation(false);
    const traced = new OperationRecord('traced', 'http', SPAN);
    const other = new OperationRecord('other', 'http');
    const [seen, unseen] = await Promise.all([
      current.run(traced, async () => { await sleep(5); return current.get(); }),
      current.run(other, async () => { await sleep(1); return current.get(); }),
    ]);
    expect(seen).toBe(traced);
    expect(unseen).toBe(isHookNeeded ? null : other);
  });

  test('is forgotten where its work fails, and the error goes on', async () => {
    const current = new CurrentOperation(true);
    await expect(current.run(new OperationRecord('a', 'http'), () => Promise.reject(new Error('made up')))).rejects.toThrow('made up');
    expect(current.get()).toBeNull();
  });
});
