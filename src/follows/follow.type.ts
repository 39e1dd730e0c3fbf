import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Author } from '../authors/author.type.js';
import { connectionType, edgeBase } from '../graphql/connection.js';
import { DateTime } from '../graphql/scalars.js';
import { Tag } from '../tags/tag.type.js';

@ObjectType({ description: 'A tag, and since when a reader follows it.' })
export class FollowedTagEdge extends edgeBase(() => Tag) {
  @Field(() => DateTime, { description: 'When the reader began to follow it.' })
  followedAt!: Date;
}

export const FollowedTagConnection = connectionType(() => Tag, { name: 'FollowedTag', plural: 'the tags that a reader follows' }, FollowedTagEdge);

@ObjectType({ description: 'An author, and since when a reader follows them.' })
export class FollowedAuthorEdge extends edgeBase(() => Author) {
  @Field(() => DateTime, { description: 'When the reader began to follow them.' })
  followedAt!: Date;
}

export const FollowedAuthorConnection = connectionType(
  () => Author,
  { name: 'FollowedAuthor', plural: 'the authors that a reader follows' },
  FollowedAuthorEdge,
);

@InputType({ description: 'A tag to follow.' })
export class FollowTagInput {
  @Field(() => String, { description: 'The slug of a tag that exists.' })
  tagSlug!: string;
}

@InputType({ description: 'A tag to follow no longer.' })
export class UnfollowTagInput {
  @Field(() => String, { description: 'The slug of the tag.' })
  tagSlug!: string;
}

@InputType({ description: 'An author to follow.' })
export class FollowAuthorInput {
  @Field(() => ID)
  authorId!: string;
}

@InputType({ description: 'An author to follow no longer.' })
export class UnfollowAuthorInput {
  @Field(() => ID)
  authorId!: string;
}

@ObjectType({ description: 'The tag with its followers as they now are.' })
export class FollowTagPayload {
  @Field(() => Tag)
  tag!: Tag;
}

@ObjectType({ description: 'The tag with its followers as they now are.' })
export class UnfollowTagPayload {
  @Field(() => Tag)
  tag!: Tag;
}

@ObjectType({ description: 'The author with their followers as they now are.' })
export class FollowAuthorPayload {
  @Field(() => Author)
  author!: Author;
}

@ObjectType({ description: 'The author with their followers as they now are.' })
export class UnfollowAuthorPayload {
  @Field(() => Author)
  author!: Author;
}
