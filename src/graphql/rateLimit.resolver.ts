import { Ctx, Query, Resolver } from 'type-graphql';
import { rateLimitOf } from './bill.js';
import type { Context } from './context.js';
import { RateLimit } from './rateLimit.type.js';

@Resolver()
export class RateLimitResolver {
  @Query(() => RateLimit, { description: 'What this request costs, and what its caller has left; works without a token.' })
  rateLimit(@Ctx() { bill }: Context): RateLimit {
    return rateLimitOf(bill);
  }
}
