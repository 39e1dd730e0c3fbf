import type { Balance } from './budget.js';
import type { RateLimit } from './rateLimit.type.js';

/** What a request costs and what it was paid from. */
export interface Bill {
  readonly cost: number;
  /** What a request may cost at most. */
  readonly maxCost: number;
  /** The caller's budget after it; null where callers have none. */
  readonly balance: Balance | null;
}

/** What a client is told of it; throws for a request that was not admitted. */
export function rateLimitOf(bill: Bill | null): RateLimit {
  if (bill === null) throw new Error('the request was not admitted');
  const { cost, maxCost, balance } = bill;
  return { cost, maxCost, limit: balance?.limit ?? null, remaining: balance?.remaining ?? null, resetAt: balance?.resetAt ?? null };
}
