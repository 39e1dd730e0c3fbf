import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PageArgs, connectionType } from '../graphql/connection.js';
import { Node } from '../graphql/node.type.js';
import { DateTime } from '../graphql/scalars.js';
import { User } from '../users/user.type.js';

/** The deepest that replies stand below the top. */
export const MAX_DEPTH = 8;
export const MAX_BODY_CHARACTERS = 10_000;

@ObjectType({
  implements: Node,
  description:
    'What a reader says of a paper or of another comment. A deleted one stays as a tombstone while it has replies; a hidden one is a tombstone to all but its author and curators.',
})
export class Comment extends Node {
  readonly nodeType = 'Comment';
  rowId!: number;
  paperId!: number;
  parentId!: number | null;
  /** Null where the account is gone. Fields show it by the rule of isTold, as they do with the body. */
  authorId!: number | null;
  /** Empty once deleted. */
  body!: string;
  /** Whether the writer is an author of the paper. The field shows it by the same rule. */
  isByPaperAuthor!: boolean;

  @Field(() => Int, { description: `0 for a comment on the paper, one more for each reply; ${MAX_DEPTH} at most.` })
  depth!: number;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When its author last changed it; null for one that is as it was written.' })
  editedAt!: Date | null;

  @Field(() => Boolean, { description: 'Whether its author, or the deletion of the account, deleted it. Who deletes an account may also leave the comments without an author.' })
  isDeleted!: boolean;

  @Field(() => Boolean, { description: 'Whether a moderator hid it.' })
  isHidden!: boolean;

  @Field(() => Int, { description: 'Upvotes by readers other than its author.' })
  upvoteCount!: number;

  @Field(() => Int, { description: 'Direct replies, tombstones that have replies themselves among them.' })
  replyCount!: number;
}

export const CommentConnection = connectionType(() => Comment, { name: 'Comment', plural: 'comments' });

export const MentionedUserConnection = connectionType(() => User, { name: 'MentionedUser', plural: 'the readers that a comment mentions' });

export enum CommentOrder {
  BEST = 'BEST',
  NEWEST = 'NEWEST',
  OLDEST = 'OLDEST',
}

registerEnumType(CommentOrder, {
  name: 'CommentOrder',
  description: 'Orders of comments.',
  valuesConfig: {
    BEST: {
      description:
        "The highest lower bound first of the share of upvotes: Wilson's, of 80 %, of the comment's upvotes among the readers who voted on it or a sibling when it was there. So a late comment is no worse off.",
    },
    NEWEST: { description: 'The latest first.' },
    OLDEST: { description: 'The earliest first, as they were said.' },
  },
});

@ArgsType()
export class CommentsArgs extends PageArgs {
  @Field(() => CommentOrder, { defaultValue: CommentOrder.BEST })
  orderBy!: CommentOrder;
}

@InputType({ description: 'A comment on a paper, or a reply.' })
export class AddCommentInput {
  @Field(() => ID)
  paperId!: string;

  @Field(() => ID, { nullable: true, description: `The comment that this one replies to, on the same paper and at most ${MAX_DEPTH - 1} deep; none for one on the paper.` })
  parentId?: string | null;

  @Field(() => String, { description: `Markdown, 1 to ${MAX_BODY_CHARACTERS} characters; see \`bodyHtml\`.` })
  body!: string;
}

@InputType({ description: 'A comment and its new text.' })
export class EditCommentInput {
  @Field(() => ID)
  commentId!: string;

  @Field(() => String, { description: `Markdown, 1 to ${MAX_BODY_CHARACTERS} characters.` })
  body!: string;
}

@InputType({ description: 'A comment to delete.' })
export class DeleteCommentInput {
  @Field(() => ID)
  commentId!: string;
}

@InputType({ description: 'A comment to upvote.' })
export class UpvoteCommentInput {
  @Field(() => ID)
  commentId!: string;
}

@InputType({ description: 'A comment whose upvote to take back.' })
export class RemoveCommentUpvoteInput {
  @Field(() => ID)
  commentId!: string;
}

@ObjectType({ description: 'The comment that was made.' })
export class AddCommentPayload {
  @Field(() => Comment)
  comment!: Comment;
}

@ObjectType({ description: 'The comment as it now is.' })
export class EditCommentPayload {
  @Field(() => Comment)
  comment!: Comment;
}

@ObjectType({ description: 'What is left of the comment.' })
export class DeleteCommentPayload {
  @Field(() => Comment)
  comment!: Comment;
}

@ObjectType({ description: 'The comment with its upvotes as they now are.' })
export class UpvoteCommentPayload {
  @Field(() => Comment)
  comment!: Comment;
}

@ObjectType({ description: 'The comment with its upvotes as they now are.' })
export class RemoveCommentUpvotePayload {
  @Field(() => Comment)
  comment!: Comment;
}
