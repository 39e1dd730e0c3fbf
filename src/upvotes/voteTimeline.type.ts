import { ArgsType, Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';

export enum VoteInterval {
  HOUR = 'HOUR',
  DAY = 'DAY',
  WEEK = 'WEEK',
}

registerEnumType(VoteInterval, {
  name: 'VoteInterval',
  description: 'How long the votes of a bucket are counted, in UTC.',
  valuesConfig: {
    HOUR: { description: 'An hour.' },
    DAY: { description: 'A calendar day.' },
    WEEK: { description: 'An ISO week, Monday to Sunday.' },
  },
});

@ArgsType()
export class VoteTimelineArgs {
  @Field(() => VoteInterval, { defaultValue: VoteInterval.DAY })
  interval!: VoteInterval;

  @Field(() => DateTime, { nullable: true, description: 'An instant of the first interval; of the first vote when left out.' })
  from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'An instant of the last interval; of the last vote when left out.' })
  to?: Date | null;
}

@ObjectType({ description: 'The upvotes of one interval.' })
export class VoteBucket {
  @Field(() => DateTime, { description: 'When the interval starts.' })
  startsAt!: Date;

  @Field(() => Int, { description: 'Upvotes given within it, and not taken back since.' })
  count!: number;

  @Field(() => Int, { description: 'Upvotes given until its end, and not taken back since.' })
  cumulative!: number;
}
