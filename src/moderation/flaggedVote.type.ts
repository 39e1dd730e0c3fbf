import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { PageArgs, connectionType } from '../graphql/connection.js';
import { DateTime } from '../graphql/scalars.js';
import { Paper } from '../papers/paper.type.js';

/** More are judged in several calls, or all at once without a list. */
export const MAX_JUDGED_USERS = 1000;

@ObjectType({ description: 'An upvote that was flagged: one of a burst by new accounts.' })
export class FlaggedVote {
  userId!: number;
  paperId!: number;

  @Field(() => DateTime, { description: 'When the upvote was given.' })
  upvotedAt!: Date;

  @Field(() => DateTime, { description: 'When it was flagged: with the vote that made it a burst.' })
  flaggedAt!: Date;

  @Field(() => String, { description: 'What speaks against it, for people: how old the account was, and how many votes for the paper are flagged.' })
  why!: string;
}

export const FlaggedVoteConnection = connectionType(() => FlaggedVote, { name: 'FlaggedVote', plural: 'flagged votes' });

@InputType({ description: 'Which flagged votes; all conditions must hold.' })
export class FlaggedVoteFilter {
  @Field(() => ID, { nullable: true, description: 'Only those for this paper.' })
  paper?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only those by this reader.' })
  user?: string | null;
}

@ArgsType()
export class FlaggedVotesArgs extends PageArgs {
  @Field(() => FlaggedVoteFilter, { nullable: true })
  filter?: FlaggedVoteFilter | null;
}

@InputType({ description: 'Flagged votes that are sound.' })
export class ClearFlaggedVotesInput {
  @Field(() => ID)
  paperId!: string;

  @Field(() => [ID], { nullable: true, description: `Whose votes, at most ${MAX_JUDGED_USERS}: of others nothing changes. All that are flagged now when left out.` })
  userIds?: string[] | null;
}

@InputType({ description: 'Flagged votes that are to go for good.' })
export class ConfirmFlaggedVotesInput {
  @Field(() => ID)
  paperId!: string;

  @Field(() => [ID], { nullable: true, description: `Whose votes, at most ${MAX_JUDGED_USERS}: of others nothing changes. All that are flagged now when left out.` })
  userIds?: string[] | null;
}

@ObjectType({ description: 'The paper with its upvotes as they now are.' })
export class ClearFlaggedVotesPayload {
  @Field(() => Paper)
  paper!: Paper;

  @Field(() => Int, { description: 'How many votes were cleared; 0 where all were before.' })
  voteCount!: number;
}

@ObjectType({ description: 'The paper with its upvotes as they now are.' })
export class ConfirmFlaggedVotesPayload {
  @Field(() => Paper)
  paper!: Paper;

  @Field(() => Int, { description: 'How many votes were removed; 0 where all were before.' })
  voteCount!: number;
}
