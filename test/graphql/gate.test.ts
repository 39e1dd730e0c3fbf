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
  test('lets so many in, as many wait in the order in which they came, and more are refused', async () => {
    begun.length = 0;
    const gate = new Gate(2);
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((name) => begin(gate, name)) as [Work, Work, Work, Work, Work];
    await expect(e.result).rejects.toMatchObject(refused);
    expect([begun, gate.underWay, gate.waiting, gate.shed]).toEqual([['a', 'b'], 2, 2, 1]);
    b.end();
    expect(await b.result).toBe('b');
    expect([begun, gate.underWay, gate.waiting]).toEqual([['a', 'b', 'c'], 2, 1]);
    a.end();
    await a.result;
    expect([begun, gate.underWay, gate.waiting]).toEqual([['a', 'b', 'c', 'd'], 2, 0]);
    c.end();
    d.end();
    expect(await Promise.all([c.result, d.result])).toEqual(['c', 'd']);
    expect([gate.underWay, gate.waiting, gate.shed]).toEqual([0, 0, 1]);
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
