import { Field, Float, ID, InputType, ObjectType } from 'type-graphql';
import { connectionType, edgeBase } from '../graphql/connection.js';
import { Tag } from '../tags/tag.type.js';
import { Paper } from './paper.type.js';

@ObjectType({ description: "A place in a list of a paper's tags." })
export class PaperTagEdge extends edgeBase(() => Tag) {
  @Field(() => Float, { description: 'How much the paper is about the tag: above 0, at most 1.' })
  weight!: number;
}

export const PaperTagConnection = connectionType(() => Tag, { name: 'PaperTag', plural: "a paper's tags" }, PaperTagEdge);

@InputType({ description: 'A tag to give to a paper.' })
export class TagPaperInput {
  @Field(() => ID)
  paperId!: string;

  @Field(() => String, { description: 'The slug of a tag that exists.' })
  tagSlug!: string;

  @Field(() => Float, { defaultValue: 1, description: 'How much the paper is about it: above 0, at most 1.' })
  weight!: number;
}

@InputType({ description: 'A tag to take from a paper.' })
export class UntagPaperInput {
  @Field(() => ID)
  paperId!: string;

  @Field(() => String, { description: 'The slug of the tag.' })
  tagSlug!: string;
}

@ObjectType({ description: 'The paper with its tags as they now are.' })
export class TagPaperPayload {
  @Field(() => Paper)
  paper!: Paper;
}

@ObjectType({ description: 'The paper with its tags as they now are.' })
export class UntagPaperPayload {
  @Field(() => Paper)
  paper!: Paper;
}
