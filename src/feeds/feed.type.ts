import { ArgsType, Field, Float, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionBase, edgeBase } from '../graphql/connection.js';
import { Costs } from '../graphql/fieldCost.js';
import { LazyField, type Lazy } from '../graphql/lazy.js';
import { DateTime, LocalDate } from '../graphql/scalars.js';
import { Paper } from '../papers/paper.type.js';
import { Reason } from '../recommendations/reason.type.js';

export enum FeedPeriod {
  DAY = 'DAY',
  WEEK = 'WEEK',
  MONTH = 'MONTH',
}

registerEnumType(FeedPeriod, {
  name: 'FeedPeriod',
  description: "How long a feed spans, in the server's time zone.",
  valuesConfig: {
    DAY: { description: 'A calendar day.' },
    WEEK: { description: 'An ISO week, Monday to Sunday.' },
    MONTH: { description: 'A calendar month.' },
  },
});

export enum FeedOrder {
  TRENDING = 'TRENDING',
  TOP = 'TOP',
  NEWEST = 'NEWEST',
  FOR_YOU = 'FOR_YOU',
}

registerEnumType(FeedOrder, {
  name: 'FeedOrder',
  description: 'Orders of a feed.',
  valuesConfig: {
    TRENDING: { description: 'The highest `trendingScore` first.' },
    TOP: { description: 'The most upvotes first.' },
    NEWEST: { description: 'The latest listed first.' },
    FOR_YOU: {
      description:
        "The viewer's own order: the scores of `recommendations` for the period's papers, with reasons. Papers that the viewer dismissed are left out; upvoted ones stay, by trend alone. By trend for who has said nothing yet, and for an anonymous request. Of a period with more than 5,000 papers, the 5,000 of the highest `trendingScore`. Paged forward only.",
    },
  },
});

@ArgsType()
export class FeedArgs {
  @Field(() => LocalDate, { nullable: true, description: 'Any day of the period, from 1900 to 2999; the latest period up to today that has papers when left out.' })
  date?: string | null;

  @Field(() => FeedPeriod, { defaultValue: FeedPeriod.DAY })
  period!: FeedPeriod;

  @Field(() => FeedOrder, { defaultValue: FeedOrder.TRENDING })
  orderBy!: FeedOrder;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'As the feed stood at that instant, from 1900 and not in the future: papers that were listed by then (`listedAt`, also such as came here later by an import), in the order of the votes of then. Votes taken back since count where the record of changes still has them; those of deleted accounts do not. With FOR_YOU, what `recommendations(asOf:)` reaches.',
  })
  asOf?: Date | null;
}

@ObjectType({ description: 'The papers that were listed in one period.' })
export class Feed {
  @Field(() => FeedPeriod)
  period!: FeedPeriod;

  @Field(() => LocalDate, { description: 'First day of the period.' })
  startsOn!: string;

  @Field(() => LocalDate, { description: 'Last day of the period.' })
  endsOn!: string;

  @Field(() => Boolean, { description: 'Whether the period holds today in the time zone of the server; the day of `asOf` where that is given.' })
  isCurrent!: boolean;

  @LazyField()
  @Field(() => LocalDate, { nullable: true, description: 'First day of the nearest earlier period that has papers: pass it as `date`.' })
  previous!: Lazy<string | null>;

  @LazyField()
  @Field(() => LocalDate, { nullable: true, description: 'First day of the nearest later period that has papers: pass it as `date`.' })
  next!: Lazy<string | null>;

  orderBy!: FeedOrder;
  asOf!: Date | null;
}

@ObjectType({ description: 'A paper in its place of a feed.' })
export class FeedEdge extends edgeBase(() => Paper) {
  @Field(() => Boolean, {
    description:
      'Whether the paper came to this server since the last visit of the viewer to the feed, or since they marked it as seen. A visit ends half an hour after its last request for `feed`. False at the first visit and for an anonymous request.',
  })
  isNew!: boolean;

  @Field(() => Int, { description: "The paper's upvotes as of the feed's `asOf`; those of now without." })
  upvoteCountThen!: number;

  @Field(() => Float, { nullable: true, description: "What `recommendations` scores the paper with for the viewer; null in orders other than FOR_YOU." })
  score!: number | null;

  @LazyField()
  @Costs({ size: 5 })
  @Field(() => [Reason], { nullable: true, description: 'Why it stands there, as of a recommendation: at most 20, the largest contribution first; null in orders other than FOR_YOU.' })
  reasons!: Lazy<Reason[] | null>;

  @LazyField()
  @Field(() => String, { nullable: true, description: 'The leading reasons in one English sentence; null in orders other than FOR_YOU.' })
  summary!: Lazy<string | null>;
}

@ObjectType('FeedConnection', { description: 'A page of a feed.' })
export class FeedConnection extends connectionBase(() => Paper, FeedEdge) {}

@InputType({ description: 'Up to when the viewer has seen the feed.' })
export class MarkFeedSeenInput {
  @Field(() => DateTime, { nullable: true, description: 'What had come by then is seen; from 1900 and not in the future. Now when left out.' })
  seenUntil?: Date | null;
}

@ObjectType({ description: 'Up to when the feed is not new to the viewer.' })
export class MarkFeedSeenPayload {
  @Field(() => DateTime, { description: 'What had come by then is not new to the viewer any more.' })
  seenUntil!: Date;
}
