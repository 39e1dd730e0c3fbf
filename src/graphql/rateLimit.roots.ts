import { rateLimitOf } from './bill.js';
import { objectText, type RootProjections } from './planner.js';

/** Query.rateLimit, which needs no statement: a client that asks for it beside a page is answered as fast. */
export function rateLimitRoots(): RootProjections {
  return {
    rateLimit: ({ type, fields }, { bill }) => {
      const values: Readonly<Record<string, unknown>> = Object.assign({ __typename: type }, rateLimitOf(bill));
      return Promise.resolve(objectText(fields, fields.map(({ name }) => JSON.stringify(values[name]))));
    },
  };
}
