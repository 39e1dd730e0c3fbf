import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Author } from '../authors/author.type.js';
import { Comment } from '../comments/comment.type.js';
import { Paper } from '../papers/paper.type.js';
import { Tag } from '../tags/tag.type.js';

@InputType({ description: 'A paper to hide.' })
export class HidePaperInput {
  @Field(() => ID)
  paperId!: string;

  @Field(() => String, { description: 'Why, for the audit log: 1 to 1,000 characters.' })
  reason!: string;
}

@InputType({ description: 'A hidden paper to show again.' })
export class RestorePaperInput {
  @Field(() => ID)
  paperId!: string;

  @Field(() => String, { nullable: true, description: 'Why, for the audit log: 1 to 1,000 characters.' })
  reason?: string | null;
}

@ObjectType({ description: 'The paper as it now is.' })
export class HidePaperPayload {
  @Field(() => Paper)
  paper!: Paper;
}

@ObjectType({ description: 'The paper as it now is.' })
export class RestorePaperPayload {
  @Field(() => Paper)
  paper!: Paper;
}

@InputType({ description: 'A comment to hide.' })
export class HideCommentInput {
  @Field(() => ID)
  commentId!: string;

  @Field(() => String, { description: 'Why, for the audit log: 1 to 1,000 characters.' })
  reason!: string;
}

@InputType({ description: 'A hidden comment to show again.' })
export class RestoreCommentInput {
  @Field(() => ID)
  commentId!: string;

  @Field(() => String, { nullable: true, description: 'Why, for the audit log: 1 to 1,000 characters.' })
  reason?: string | null;
}

@ObjectType({ description: 'The comment as it now is.' })
export class HideCommentPayload {
  @Field(() => Comment)
  comment!: Comment;
}

@ObjectType({ description: 'The comment as it now is.' })
export class RestoreCommentPayload {
  @Field(() => Comment)
  comment!: Comment;
}

@InputType({ description: 'Two papers that are one.' })
export class MergePapersInput {
  @Field(() => ID, { description: 'The paper that stays; what it does not say is filled in from the other one.' })
  keepId!: string;

  @Field(() => ID, { description: 'The paper that becomes a part of it.' })
  duplicateId!: string;
}

@InputType({ description: 'Two authors who are one.' })
export class MergeAuthorsInput {
  @Field(() => ID, { description: 'The author who stays, with their name.' })
  keepId!: string;

  @Field(() => ID)
  duplicateId!: string;
}

@InputType({ description: 'Two tags that mean the same.' })
export class MergeTagsInput {
  @Field(() => ID, { description: 'The tag that stays, with its name and kind; the slugs of the other one become aliases of it.' })
  keepId!: string;

  @Field(() => ID)
  duplicateId!: string;
}

@ObjectType({ description: 'The paper with all that the two had.' })
export class MergePapersPayload {
  @Field(() => Paper)
  paper!: Paper;
}

@ObjectType({ description: 'The author with all that the two had.' })
export class MergeAuthorsPayload {
  @Field(() => Author)
  author!: Author;
}

@ObjectType({ description: 'The tag with all that the two had.' })
export class MergeTagsPayload {
  @Field(() => Tag)
  tag!: Tag;
}
