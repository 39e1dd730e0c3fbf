import { Field, Int, ObjectType } from 'type-graphql';
import { DateTime } from './scalars.js';

@ObjectType({
  description:
    'What the request costs, and how the budget of its caller stands after it: of the reader, or of the address of an anonymous request. A request costs 1 point for each object that its answer can have (a page counts as many as `first` or `last` say, 20 where neither is given; edges are counted with their nodes), 10 for a mutation, 50 for a subscription, and what the descriptions of fields say beside.',
})
export class RateLimit {
  @Field(() => Int, { description: 'Points that this request costs.' })
  cost!: number;

  @Field(() => Int, { description: 'Points that a request may cost.' })
  maxCost!: number;

  @Field(() => Int, { nullable: true, description: 'Points that the budget holds, and that come in a minute; null where there is none.' })
  limit!: number | null;

  @Field(() => Int, { nullable: true, description: 'Points that are left; null where there is no budget.' })
  remaining!: number | null;

  @Field(() => DateTime, { nullable: true, description: 'When the budget is full again, unless more is asked; null where there is none.' })
  resetAt!: Date | null;
}
