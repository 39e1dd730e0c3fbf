import { rateLimitOf } from './bill.js';
import { objectText, type RootProjections } from './planner.js';

/** Query.rateLimit, which needs no statement: a client that asks for it beside a page is answered as fast. */
export function rateLimitRoots(): RootProjections {
  return {
    rateLimit: ({ type, fields }, { bill }) => {
      const { cost, maxCost, limit, remaining, resetAt } = rateLimitOf(bill);
      const values: Readonly<Record<string, unknown>> = { __typename: type, cost, maxCost, limit, remaining, resetAt };
      return Promise.resolve(objectText(fields, fields.map(({ name }) => JSON.stringify(values[name]))));
    },
  };
}
