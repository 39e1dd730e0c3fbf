import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Author } from '../authors/author.type.js';
import { connectionType, edgeBase } from '../graphql/connection.js';
import { DateTime } from '../graphql/scalars.js';
import { Tag } from '../tags/tag.type.js';
import { User } from '../users/user.type.js';

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

@ObjectType({ description: 'A reader, and since when another one follows them.' })
export class FollowedUserEdge extends edgeBase(() => User) {
  @Field(() => DateTime, { description: 'When the other reader began to follow them.' })
  followedAt!: Date;
}

export const FollowedUserConnection = connectionType(() => User, { name: 'FollowedUser', plural: 'the readers whom a reader follows' }, FollowedUserEdge);

@ObjectType({ description: 'A reader, and since when they follow another one.' })
export class FollowerEdge extends edgeBase(() => User) {
  @Field(() => DateTime, { description: 'When the reader began to follow the other one.' })
  followedAt!: Date;
}

export const FollowerConnection = connectionType(() => User, { name: 'Follower', plural: 'the readers who follow a reader' }, FollowerEdge);

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

@InputType({ description: 'A reader to follow, other than the viewer.' })
export class FollowUserInput {
  @Field(() => ID)
  userId!: string;
}

@InputType({ description: 'A reader to follow no longer.' })
export class UnfollowUserInput {
  @Field(() => ID)
  userId!: string;
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

@ObjectType({ description: 'The reader with their followers as they now are.' })
export class FollowUserPayload {
  @Field(() => User)
  user!: User;
}

@ObjectType({ description: 'The reader with their followers as they now are.' })
export class UnfollowUserPayload {
  @Field(() => User)
  user!: User;
}
