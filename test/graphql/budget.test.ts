import { describe, expect, test } from '@jest/globals';
import { Budgets } from '../../src/graphql/budget.js';
import { ClientAddresses, networkOf, proxyList } from '../../src/graphql/clientAddress.js';
import { chance } from '../support/random.js';

const START = Date.UTC(2026, 10, 27, 12);

/** Budgets with a clock that is set by hand. */
function budgets(limit: number): { budgets: Budgets; pass: (ms: number) => void } {
  let now = START;
  return { budgets: new Budgets(limit, () => now), pass: (ms) => { now += ms; } };
}

describe('a budget', () => {
  test('is full at first, and refills evenly within a minute', () => {
    const { budgets: of, pass } = budgets(600);
    expect(of.spend('a', 600)).toEqual({ limit: 600, remaining: 0, resetAt: new Date(START + 60_000), isGranted: true, retryAfter: 0 });
    expect(of.spend('a', 50)).toMatchObject({ isGranted: false, remaining: 0, retryAfter: 5 });
    pass(4_900);
    expect(of.spend('a', 50)).toMatchObject({ isGranted: false, remaining: 49, retryAfter: 1 });
    pass(100);
    expect(of.spend('a', 50)).toMatchObject({ isGranted: true, remaining: 0 });
    pass(3_600_000);
    expect(of.spend('a', 1)).toMatchObject({ remaining: 599, resetAt: new Date(START + 3_605_000 + 100) });
    expect(of.spend('b', 1).remaining).toBe(599);
  });

  test('that is refused takes nothing, and the seconds that it says are enough and no second too many', () => {
    const draw = chance(7);
    for (let round = 0; round < 300; round += 1) {
      const { budgets: of, pass } = budgets(1 + draw.below(5_000));
      of.spend('a', 1 + draw.below(of.limit));
      pass(draw.below(60_000));
      const points = 1 + draw.below(of.limit);
      const { isGranted, retryAfter } = of.spend('a', points);
      if (isGranted) continue;
      pass((retryAfter - 1) * 1000);
      if (retryAfter > 1) expect(of.spend('a', points).isGranted).toBe(false);
      pass(1000);
      expect(of.spend('a', points).isGranted).toBe(true);
    }
  });

  test('loses nothing where the clock is set back', () => {
    const { budgets: of, pass } = budgets(600);
    of.spend('a', 300);
    pass(-60_000);
    expect(of.spend('a', 1).remaining).toBe(299);
    pass(1_000);
    expect(of.spend('a', 1).remaining).toBe(308);
  });

  test('never lets more through than it holds and what came meanwhile', () => {
    const draw = chance(3);
    const { budgets: of, pass } = budgets(1_000);
    let [spent, elapsed] = [0, 0];
    for (let n = 0; n < 5_000; n += 1) {
      const points = 1 + draw.below(400);
      if (of.spend('a', points).isGranted) spent += points;
      const ms = draw.below(3_000);
      pass(ms);
      elapsed += ms;
      expect(spent).toBeLessThanOrEqual(1_000 + (elapsed * 1_000) / 60_000 + 0.001);
    }
    expect(spent).toBeGreaterThan((elapsed * 900) / 60_000);
  });
});

describe('the address of a client', () => {
  const addressOf = (trusted: number | string[], remote: string, forwarded?: string): string =>
    new ClientAddresses(trusted).of({ socket: { remoteAddress: remote } as never, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } });

  test.each<[number | string[], string, string | undefined, string]>([
    [0, '192.0.2.1', '198.51.100.1', '192.0.2.1'],
    [0, '::ffff:192.0.2.1', undefined, '192.0.2.1'],
    [1, '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    [1, '10.0.0.1', '203.0.113.5, 198.51.100.1', '198.51.100.1'],
    [2, '10.0.0.1', '203.0.113.5, 198.51.100.1', '203.0.113.5'],
    [2, '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    [3, '10.0.0.1', 'unknown, 198.51.100.1', '198.51.100.1'],
    [1, '10.0.0.1', undefined, '10.0.0.1'],
    [1, '10.0.0.1', '', '10.0.0.1'],
    [['10.0.0.0/8'], '10.0.0.1', '198.51.100.1, 10.9.9.9', '198.51.100.1'],
    [['10.0.0.0/8'], '192.0.2.1', '198.51.100.1', '192.0.2.1'],
    [['10.0.0.0/8', '2001:db8::/32'], '2001:db8::1', '::ffff:198.51.100.1', '198.51.100.1'],
  ])('with %j trusted, from %s for %j is %s', (trusted, remote, ...[forwarded, address]) => {
    expect(addressOf(trusted, remote, forwarded)).toBe(address);
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'], ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'], ['2001:DB8:0001:0002::1', '2001:db8:1:2::/64'], ['2001:db8::1', '2001:db8:0:0::/64'], ['::1', '0:0:0:0::/64'], ['fe80::1%eth0', 'fe80:0:0:0::/64'], ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'], ['1:2:3:4:5::', '1:2:3:4::/64'], ['', ''],
  ])('%s stands for %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test.each(['x', '10.0.0.0/x', '10.0.0.0/40', '', '10.0.0'])('no proxies are at %j', (network) => {
    expect(() => proxyList([network])).toThrow();
  });
});
