import { ArgsType, Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionBase, connectionType, edgeBase } from '../graphql/connection.js';
import { Costs } from '../graphql/fieldCost.js';
import { LazyField, type Lazy } from '../graphql/lazy.js';
import { Paper } from '../papers/paper.type.js';
import { Tag } from '../tags/tag.type.js';
import { User } from '../users/user.type.js';
import { PaperReason, Reason } from './reason.type.js';

@ObjectType({ description: 'A recommended paper and why it is recommended.' })
export class RecommendationEdge extends edgeBase(() => Paper) {
  @Field(() => Float, { description: 'Higher is better; comparable within one list only.' })
  score!: number;

  @LazyField()
  @Costs({ size: 5 })
  @Field(() => [Reason], {
    description: 'Why, the largest contribution first, whatever its sign: at most 20, of which the last may sum up the rest. Their contributions add up to the score.',
  })
  reasons!: Lazy<Reason[]>;

  @LazyField()
  @Field(() => String, { description: 'The leading reasons in one English sentence.' })
  summary!: Lazy<string>;
}

@ObjectType({ description: 'A paper that stands elsewhere in a supposed ranking than in the actual one.' })
export class RankingMove {
  @Field(() => Paper)
  paper!: Paper;

  @Field(() => Int, { nullable: true, description: 'Its place in the supposed ranking, from 1; null where it is not among the first 100.' })
  place!: number | null;

  @Field(() => Int, { nullable: true, description: 'Its place in the actual ranking, from 1; null where it is not among the first 100.' })
  actualPlace!: number | null;
}

@ObjectType({ description: 'What a supposed ranking has at its top, against the actual one: of each the first papers, as many as `first` says.' })
export class RankingComparison {
  @Costs({ size: 10 })
  @Field(() => [RankingMove], { description: 'Papers at the top of the supposed ranking that are not at the top of the actual one, the best first; at most 100.' })
  entered!: RankingMove[];

  @Costs({ size: 10 })
  @Field(() => [RankingMove], { description: 'Papers at the top of the actual ranking that are not at the top of the supposed one, the best first; at most 100.' })
  left!: RankingMove[];
}

@ObjectType('RecommendationConnection', { description: 'A page of recommended papers.' })
export class RecommendationConnection extends connectionBase(() => Paper, RecommendationEdge) {
  @Field(() => String, {
    description: 'What the answer knew: every vote, tag and follow that was committed by then. With the same `asOf` and `modelVersion`, and the same other arguments, the answer is the same to the last bit, unless an account that counted in it was deleted.',
  })
  asOf!: string;

  @Field(() => String, { description: 'The formulas and parameters that ranked.' })
  modelVersion!: string;

  @Field(() => RankingComparison, { nullable: true, description: 'What entered and what left the top; null unless `without`, `assuming` or `weights` are given.' })
  comparison!: RankingComparison | null;
}

/** Forward paging alone: a ranking is computed from its best end. */
@ArgsType()
export class RankingArgs {
  @Field(() => Int, { defaultValue: 20, description: 'How many to return, 1 to 100.' })
  first!: number;

  @Field(() => String, { nullable: true, description: 'Return only what ranks below this cursor.' })
  after?: string | null;
}

@InputType({ description: 'How much each side of a recommendation counts: 1 as usual, 0 not at all, at most 4.' })
export class RecommendationWeightsInput {
  @Field(() => Float, { defaultValue: 1, description: 'Tags and authors.' })
  tags!: number;

  @Field(() => Float, { defaultValue: 1, description: "Other readers' upvotes." })
  votes!: number;

  @Field(() => Float, { defaultValue: 1, description: 'Having been listed lately; halves every 14 days.' })
  freshness!: number;

  @Field(() => Float, { defaultValue: 1, description: 'Not repeating what ranks above.' })
  diversity!: number;
}

@ArgsType()
export class RecommendationsArgs extends RankingArgs {
  @Field(() => [ID], { nullable: true, description: 'As though the viewer had not upvoted or dismissed these papers, nor followed these tags and authors; at most 50. Nothing is saved.' })
  without?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'As though the viewer had upvoted these papers and followed these tags and authors; at most 50. Nothing is saved.' })
  assuming?: string[] | null;

  @Field(() => RecommendationWeightsInput, { nullable: true, description: 'As though each side counted so much.' })
  weights?: RecommendationWeightsInput | null;

  @Field(() => String, { nullable: true, description: 'As it was then: the `asOf` of an earlier answer, which gives that answer again, or an instant such as 2026-11-24T09:00:00Z.' })
  asOf?: string | null;

  @Field(() => String, { nullable: true, description: 'Refuse to answer with any other model than this one.' })
  modelVersion?: string | null;
}

@ObjectType({ description: 'A tag that stands on the same papers as another one.' })
export class RelatedTagEdge extends edgeBase(() => Tag) {
  @Field(() => Float, { description: 'Papers that have both tags, over the geometric mean of the papers that have either: above 0, at most 1.' })
  similarity!: number;

  @Field(() => Int, { description: 'How many papers have both tags.' })
  sharedPaperCount!: number;

  @Field(() => String, { description: 'Why, in English, such as: on 12 papers with Sparse autoencoders.' })
  summary!: string;
}

export const RelatedTagConnection = connectionType(() => Tag, { name: 'RelatedTag', plural: 'related tags' }, RelatedTagEdge);

@ObjectType({ description: 'A reader with the taste of another one, and the upvotes that show it.' })
export class SimilarReaderEdge extends edgeBase(() => User) {
  @Field(() => Float, { description: 'Cosine of the two readers\' upvotes, in which seldom upvoted papers count more: above 0, at most 1.' })
  similarity!: number;

  @LazyField()
  @Costs({ size: 5 })
  @Field(() => [PaperReason], { description: 'Papers that both upvoted, the most telling first, at most 20. All of them add up to the similarity.' })
  reasons!: Lazy<PaperReason[]>;

  @Field(() => Int, { description: 'How many papers both upvoted.' })
  sharedPaperCount!: number;
}

export const SimilarReaderConnection = connectionType(() => User, { name: 'SimilarReader', plural: 'readers with the same taste' }, SimilarReaderEdge);

@ObjectType({ description: 'What the recommender of the server that answers holds in memory.' })
export class RecommenderState {
  @Field(() => String, { description: 'Sixteen hexadecimal digits over all facts, taken from memory as it is: two servers with the same `asOf` hold the same if these are equal.' })
  checksum!: string;

  @Field(() => Int)
  paperCount!: number;

  @Field(() => Int, { description: 'Readers who have upvoted anything.' })
  readerCount!: number;

  @Field(() => Int)
  upvoteCount!: number;

  @Field(() => Float, { description: 'Size of the matrix in bytes, also of the room that it keeps for more.' })
  byteSize!: number;

  @Field(() => String, { description: 'What it knows, as `recommendations(asOf:)` takes it.' })
  asOf!: string;

  @Field(() => String)
  modelVersion!: string;
}
