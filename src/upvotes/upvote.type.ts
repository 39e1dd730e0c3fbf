import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionType, edgeBase } from '../graphql/connection.js';
import { DateTime } from '../graphql/scalars.js';
import { Paper } from '../papers/paper.type.js';
import { User } from '../users/user.type.js';

@ObjectType({ description: 'An upvote of a paper, and who gave it.' })
export class PaperUpvoteEdge extends edgeBase(() => User) {
  @Field(() => DateTime, { description: 'When the upvote was given.' })
  upvotedAt!: Date;

  @Field(() => Boolean, { description: "Whether the voter is an author of the paper's byline, as a curator confirmed." })
  isByAuthor!: boolean;

  @Field(() => Boolean, { description: 'Whether the voter submitted the paper.' })
  isBySubmitter!: boolean;
}

export const PaperUpvoteConnection = connectionType(() => User, { name: 'PaperUpvote', plural: "a paper's upvotes" }, PaperUpvoteEdge);

@ObjectType({ description: 'An upvote by a reader, and the paper that got it.' })
export class UpvotedPaperEdge extends edgeBase(() => Paper) {
  @Field(() => DateTime, { description: 'When the upvote was given.' })
  upvotedAt!: Date;
}

export const UpvotedPaperConnection = connectionType(
  () => Paper,
  { name: 'UpvotedPaper', plural: 'the papers that a reader upvoted' },
  UpvotedPaperEdge,
);

@InputType({ description: 'A paper to upvote.' })
export class UpvotePaperInput {
  @Field(() => ID)
  paperId!: string;
}

@InputType({ description: 'A paper whose upvote to take back.' })
export class RemoveUpvoteInput {
  @Field(() => ID)
  paperId!: string;
}

@ObjectType({ description: 'The paper with its upvotes as they now are.' })
export class UpvotePaperPayload {
  @Field(() => Paper)
  paper!: Paper;
}

@ObjectType({ description: 'The paper with its upvotes as they now are.' })
export class RemoveUpvotePayload {
  @Field(() => Paper)
  paper!: Paper;
}
