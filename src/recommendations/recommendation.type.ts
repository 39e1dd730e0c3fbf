import { ArgsType, Field, Float, Int, ObjectType } from 'type-graphql';
import { connectionType, edgeBase } from '../graphql/connection.js';
import { Paper } from '../papers/paper.type.js';
import { Reason } from './reason.type.js';

@ObjectType({ description: 'A recommended paper and why it is recommended.' })
export class RecommendationEdge extends edgeBase(() => Paper) {
  @Field(() => Float, { description: 'Higher is better; comparable within one list only.' })
  score!: number;

  @Field(() => [Reason], {
    description: 'Why, the largest contribution first, whatever its sign: at most 20, of which the last may sum up the rest. Their contributions add up to the score.',
  })
  reasons!: Reason[];

  @Field(() => String, { description: 'The leading reasons in one English sentence.' })
  summary!: string;
}

export const RecommendationConnection = connectionType(
  () => Paper,
  { name: 'Recommendation', plural: 'recommended papers' },
  RecommendationEdge,
);

/** Forward paging alone: a ranking is computed from its best end. */
@ArgsType()
export class RankingArgs {
  @Field(() => Int, { defaultValue: 20, description: 'How many to return, 1 to 100.' })
  first!: number;

  @Field(() => String, { nullable: true, description: 'Return only what ranks below this cursor.' })
  after?: string | null;
}
