import type { Balance } from './budget.js';

/** What a request costs and what it was paid from. */
export interface Bill {
  readonly cost: number;
  /** What a request may cost at most. */
  readonly maxCost: number;
  /** The caller's budget after it; null where callers have none. */
  readonly balance: Balance | null;
}
