import { ArgsType, Field, Float, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import { connectionType, edgeBase } from '../graphql/connection.js';
import { Paper } from '../papers/paper.type.js';
import { Tag } from '../tags/tag.type.js';

export enum ReasonKind {
  SHARED_TAG = 'SHARED_TAG',
  RELATED_TAG = 'RELATED_TAG',
  CO_UPVOTED = 'CO_UPVOTED',
  OTHER_READERS = 'OTHER_READERS',
  TRENDING = 'TRENDING',
  OTHER = 'OTHER',
}

registerEnumType(ReasonKind, {
  name: 'ReasonKind',
  description: 'Why a paper is recommended.',
  valuesConfig: {
    SHARED_TAG: { description: 'It has a tag of papers that the reader upvoted: a SharedTagReason.' },
    RELATED_TAG: { description: 'It has a tag of papers that are like the ones that the reader upvoted: a RelatedTagReason.' },
    CO_UPVOTED: { description: 'Readers of a paper that the reader upvoted upvoted it too: a CoUpvotedReason.' },
    OTHER_READERS: { description: 'Readers of papers like the ones that the reader upvoted upvoted it: an OtherReadersReason.' },
    TRENDING: { description: 'Many readers upvoted it lately: a TrendingReason.' },
    OTHER: { description: 'The reasons beyond the ones listed, summed up: an OtherReason.' },
  },
});

@InterfaceType({ description: "One term of a recommendation's score.", resolveType: (reason: Reason) => TYPE_OF_KIND[reason.kind] })
export abstract class Reason {
  @Field(() => ReasonKind)
  kind!: ReasonKind;

  @Field(() => Float, { description: 'What it adds to the score; below 0 where it speaks against the paper. The contributions of all reasons add up to the score.' })
  contribution!: number;

  @Field(() => String, { description: 'The reason in English, such as: shares Sparse autoencoders with 3 papers you upvoted.' })
  text!: string;
}

const TYPE_OF_KIND: Record<ReasonKind, string> = {
  SHARED_TAG: 'SharedTagReason',
  RELATED_TAG: 'RelatedTagReason',
  CO_UPVOTED: 'CoUpvotedReason',
  OTHER_READERS: 'OtherReadersReason',
  TRENDING: 'TrendingReason',
  OTHER: 'OtherReason',
};

@ObjectType({ implements: Reason, description: 'The paper has a tag of papers that the reader upvoted.' })
export class SharedTagReason extends Reason {
  @Field(() => Tag)
  tag!: Tag;

  @Field(() => Int, { description: 'How many of the papers that the reader upvoted have the tag.' })
  upvotedPaperCount!: number;
}

@ObjectType({ implements: Reason, description: 'The paper has a tag of papers that are like the ones that the reader upvoted.' })
export class RelatedTagReason extends Reason {
  @Field(() => Tag)
  tag!: Tag;
}

@ObjectType({ implements: Reason, description: 'Readers of papers like the ones that the reader upvoted upvoted this one.' })
export class OtherReadersReason extends Reason {
  @Field(() => Int, { description: 'How many readers; they are never named.' })
  readerCount!: number;
}

@ObjectType({ implements: Reason, description: 'Readers of a paper that the reader upvoted upvoted this one too.' })
export class CoUpvotedReason extends Reason {
  @Field(() => Paper, { description: 'The paper that the reader upvoted.' })
  upvotedPaper!: Paper;

  @Field(() => Int, { description: 'How many readers upvoted both.' })
  readerCount!: number;
}

@ObjectType({ implements: Reason, description: 'Many readers upvoted the paper lately.' })
export class TrendingReason extends Reason {
  @Field(() => Int, { description: 'How many readers upvoted it.' })
  readerCount!: number;
}

@ObjectType({ implements: Reason, description: 'The reasons beyond the ones listed.' })
export class OtherReason extends Reason {
  @Field(() => Int, { description: 'How many reasons it sums up.' })
  reasonCount!: number;
}

@ObjectType({ description: 'A recommended paper and why it is recommended.' })
export class RecommendationEdge extends edgeBase(() => Paper) {
  @Field(() => Float, { description: 'Higher is better; comparable within one list only.' })
  score!: number;

  @Field(() => [Reason], {
    description: 'Why, the largest contribution first, whatever its sign: at most 20, of which the last may sum up the rest. Their contributions add up to the score.',
  })
  reasons!: Reason[];
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
