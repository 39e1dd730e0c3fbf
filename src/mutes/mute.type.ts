import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Author } from '../authors/author.type.js';
import { connectionType, edgeBase } from '../graphql/connection.js';
import { DateTime } from '../graphql/scalars.js';
import { Tag } from '../tags/tag.type.js';

@ObjectType({ description: 'A tag that the viewer wants to see no papers of, and since when.' })
export class MutedTagEdge extends edgeBase(() => Tag) {
  @Field(() => DateTime, { description: 'When the tag was muted.' })
  mutedAt!: Date;
}

export const MutedTagConnection = connectionType(() => Tag, { name: 'MutedTag', plural: 'the tags that the viewer muted' }, MutedTagEdge);

@ObjectType({ description: 'An author whom the viewer wants to see no papers by, and since when.' })
export class MutedAuthorEdge extends edgeBase(() => Author) {
  @Field(() => DateTime, { description: 'When the author was muted.' })
  mutedAt!: Date;
}

export const MutedAuthorConnection = connectionType(() => Author, { name: 'MutedAuthor', plural: 'the authors whom the viewer muted' }, MutedAuthorEdge);

@InputType({ description: 'A tag to see no papers of.' })
export class MuteTagInput {
  @Field(() => String, { description: 'The slug of a tag that exists.' })
  tagSlug!: string;
}

@InputType({ description: 'A tag to see papers of again.' })
export class UnmuteTagInput {
  @Field(() => String, { description: 'The slug of the tag.' })
  tagSlug!: string;
}

@InputType({ description: 'An author to see no papers by.' })
export class MuteAuthorInput {
  @Field(() => ID)
  authorId!: string;
}

@InputType({ description: 'An author to see papers by again.' })
export class UnmuteAuthorInput {
  @Field(() => ID)
  authorId!: string;
}

@ObjectType({ description: 'The tag as it now is to the viewer.' })
export class MuteTagPayload {
  @Field(() => Tag)
  tag!: Tag;
}

@ObjectType({ description: 'The tag as it now is to the viewer.' })
export class UnmuteTagPayload {
  @Field(() => Tag)
  tag!: Tag;
}

@ObjectType({ description: 'The author as they now are to the viewer.' })
export class MuteAuthorPayload {
  @Field(() => Author)
  author!: Author;
}

@ObjectType({ description: 'The author as they now are to the viewer.' })
export class UnmuteAuthorPayload {
  @Field(() => Author)
  author!: Author;
}
