import { Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from './context.js';
import { RateLimit } from './rateLimit.type.js';

@Resolver()
export class RateLimitResolver {
  @Query(() => RateLimit, { description: 'What this request costs, and what its caller has left; works without a token.' })
  rateLimit(@Ctx() { bill }: Context): RateLimit {
    if (bill === null) throw new Error('the request was not billed');
    const { cost, maxCost, balance } = bill;
    return { cost, maxCost, limit: balance?.limit ?? null, remaining: balance?.remaining ?? null, resetAt: balance?.resetAt ?? null };
  }
}
