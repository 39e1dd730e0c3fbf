import { FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { Paper } from '../papers/paper.type.js';

/** Paper.flaggedUpvoteCount */
@Resolver(() => Paper)
export class PaperModerationFields {
  @FieldResolver(() => Int, { nullable: true, description: 'How many of the upvotes are flagged as parts of bursts: these are shown, and neither in the trend nor learned from. For curators; null for others.' })
  flaggedUpvoteCount(@Root() paper: Paper): number {
    return paper.flaggedCount;
  }
}
