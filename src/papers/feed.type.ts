import { ArgsType, Field, ObjectType, registerEnumType } from 'type-graphql';
import { LazyField, type Lazy } from '../graphql/lazy.js';
import { LocalDate } from '../graphql/scalars.js';
import { PaperOrder } from './paper.type.js';

export enum FeedPeriod {
  DAY = 'DAY',
  WEEK = 'WEEK',
  MONTH = 'MONTH',
}

registerEnumType(FeedPeriod, {
  name: 'FeedPeriod',
  description: 'How long a feed spans, in UTC.',
  valuesConfig: {
    DAY: { description: 'A calendar day.' },
    WEEK: { description: 'An ISO week, Monday to Sunday.' },
    MONTH: { description: 'A calendar month.' },
  },
});

@ArgsType()
export class FeedArgs {
  @Field(() => LocalDate, { nullable: true, description: 'Any day of the period, from 1900 to 2999; the latest period that has papers when left out.' })
  date?: string | null;

  @Field(() => FeedPeriod, { defaultValue: FeedPeriod.DAY })
  period!: FeedPeriod;

  @Field(() => PaperOrder, { defaultValue: PaperOrder.TRENDING })
  orderBy!: PaperOrder;
}

@ObjectType({ description: 'The papers that were listed in one period.' })
export class Feed {
  @Field(() => FeedPeriod)
  period!: FeedPeriod;

  @Field(() => LocalDate, { description: 'First day of the period.' })
  startsOn!: string;

  @Field(() => LocalDate, { description: 'Last day of the period.' })
  endsOn!: string;

  @LazyField()
  @Field(() => LocalDate, { nullable: true, description: 'First day of the nearest earlier period that has papers: pass it as `date`.' })
  previous!: Lazy<string | null>;

  @LazyField()
  @Field(() => LocalDate, { nullable: true, description: 'First day of the nearest later period that has papers: pass it as `date`.' })
  next!: Lazy<string | null>;

  orderBy!: PaperOrder;
}
