import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { UnavailableError } from '../../src/errors.js';
import { Gate } from '../../src/graphql/gate.js';

interface Work {
  readonly result: Promise<string>;
  end(): void;
}

const begun: string[] = [];

function begin(gate: Gate, name: string): Work {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => { end = resolve; });
  const result = gate.run(async () => {
    begun.push(name);
    await ended;
    return name;
  });
  result.catch(() => undefined);
  return { result, end };
}

const refused = { code: 'UNAVAILABLE', retryAfter: 1, message: 'the server is busy: come again in 1 s' };

describe('the gate', () => {
  test('lets so many in, four times as many wait in the order in which they came, and more are refused', async () => {
    begun.length = 0;
    const gate = new Gate(2);
    const [a, b, ...line] = Array.from('abcdefghij', (name) => begin(gate, name)) as [Work, Work, ...Work[]];
    await expect(begin(gate, 'k').result).rejects.toMatchObject(refused);
    expect([begun, gate.underWay, gate.waiting, gate.shed]).toEqual([['a', 'b'], 2, 8, 1]);
    b.end();
    expect(await b.result).toBe('b');
    expect([begun, gate.underWay, gate.waiting]).toEqual([['a', 'b', 'c'], 2, 7]);
    a.end();
    await a.result;
    expect([begun, gate.underWay, gate.waiting]).toEqual([['a', 'b', 'c', 'd'], 2, 6]);
    for (const { end } of line) end();
    expect((await Promise.all(line.map(({ result }) => result))).join('')).toBe('cdefghij');
    expect([begun.join(''), gate.underWay, gate.waiting, gate.shed]).toEqual(['abcdefghij', 0, 0, 1]);
  });

  test('refuses who waited for half a second, whose place nobody loses', async () => {
    const gate = new Gate(1);
    const long = begin(gate, 'long');
    const waiting = begin(gate, 'waiting');
    await expect(waiting.result).rejects.toBeInstanceOf(UnavailableError);
    expect([gate.underWay, gate.waiting, gate.shed]).toEqual([1, 0, 1]);
    long.end();
    await long.result;
    expect(gate.underWay).toBe(0);
    const next = begin(gate, 'next');
    next.end();
    expect(await next.result).toBe('next');
  });

  test('lets wait for a moment only, once the line has stood for half a second', async () => {
    const gate = new Gate(1);
    const long = begin(gate, 'long');
    const waitOf = async (): Promise<number> => {
      const from = performance.now();
      await expect(begin(gate, 'waiting').result).rejects.toBeInstanceOf(UnavailableError);
      return performance.now() - from;
    };
    const first = await waitOf();
    const later = [await waitOf(), await waitOf(), await waitOf()];
    expect([first > 450, Math.min(...later) < first / 2]).toEqual([true, true]);
    long.end();
    await long.result;
    const again = begin(gate, 'again');
    expect(await waitOf()).toBeGreaterThan(450);
    again.end();
  });

  test('lets in who waited while the event loop was held up, where a place is free by then', async () => {
    const gate = new Gate(1);
    // On another thread, whose end comes by the event loop, as answers of a database do.
    const inside = gate.run(() => promisify(pbkdf2)('a password', 'salt', 100_000, 32, 'sha256'));
    const waiting = gate.run(() => Promise.resolve('entered'));
    waiting.catch(() => undefined);
    // Longer than the patience; what comes next are timers, before what was read meanwhile.
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        for (const until = performance.now() + 1500; performance.now() < until; ) Math.sqrt(until);
        resolve();
      });
    });
    await inside;
    expect([await waiting, gate.shed]).toEqual(['entered', 0]);
  });

  test('has the place back of work that fails, at once as well', async () => {
    const gate = new Gate(1);
    await expect(gate.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await expect(gate.run(() => { throw new Error('at once'); })).rejects.toThrow('at once');
    expect([gate.underWay, gate.shed]).toEqual([0, 0]);
  });

  test('of 0 lets everybody in', () => {
    const gate = new Gate(0);
    const works = Array.from({ length: 1000 }, (_, n) => begin(gate, String(n)));
    expect([gate.underWay, gate.waiting, gate.shed]).toEqual([1000, 0, 0]);
    for (const { end } of works) end();
  });
});
