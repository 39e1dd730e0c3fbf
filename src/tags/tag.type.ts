import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { TagKind } from '../generated/prisma/enums.js';
import { PageArgs, connectionType } from '../graphql/connection.js';
import { Node } from '../graphql/node.type.js';

registerEnumType(TagKind, {
  name: 'TagKind',
  description: 'What a tag says about a paper.',
  valuesConfig: {
    TASK: { description: 'The problem that is solved.' },
    METHOD: { description: 'The way in which it is solved.' },
    ARXIV_CATEGORY: { description: 'A subject class of arXiv, such as cs.LG.' },
    KEYWORD: { description: 'Anything else.' },
  },
});

@ObjectType({ implements: Node, description: 'What papers are about.' })
export class Tag extends Node {
  readonly nodeType = 'Tag';
  rowId!: number;

  @Field(() => String, { description: 'Lower-case letters and digits in groups joined by hyphens; unique among slugs and aliases.' })
  slug!: string;

  @Field(() => String)
  name!: string;

  @Field(() => TagKind)
  kind!: TagKind;

  @Field(() => Int, { description: 'How many papers have the tag.' })
  paperCount!: number;

  @Field(() => Int, { description: 'How many readers follow the tag.' })
  followerCount!: number;
}

export const TagConnection = connectionType(() => Tag, { name: 'Tag', plural: 'tags' });

export enum TagOrder {
  MOST_PAPERS = 'MOST_PAPERS',
  SLUG = 'SLUG',
}

registerEnumType(TagOrder, {
  name: 'TagOrder',
  description: 'Orders of tags.',
  valuesConfig: {
    MOST_PAPERS: { description: 'Those of the most papers first.' },
    SLUG: { description: 'By slug, from a to z.' },
  },
});

@ArgsType()
export class TagsArgs extends PageArgs {
  @Field(() => TagKind, { nullable: true, description: 'Only tags of this kind.' })
  kind?: TagKind | null;

  @Field(() => String, { nullable: true, description: 'Only tags whose slug starts with this; spaces count as hyphens.' })
  prefix?: string | null;

  @Field(() => TagOrder, { defaultValue: TagOrder.MOST_PAPERS })
  orderBy!: TagOrder;
}

@InputType({ description: 'A new tag.' })
export class CreateTagInput {
  @Field(() => String, { description: '1 to 80 characters.' })
  name!: string;

  @Field(() => TagKind)
  kind!: TagKind;

  @Field(() => String, { nullable: true, description: 'Made from the name when left out.' })
  slug?: string | null;
}

@ObjectType({ description: 'The tag of this slug.' })
export class CreateTagPayload {
  @Field(() => Tag)
  tag!: Tag;

  @Field(() => Boolean, { description: 'False when a tag of this slug or alias existed; it is left as it was.' })
  isNew!: boolean;
}

@InputType({ description: 'Another slug for a tag.' })
export class AddTagAliasInput {
  @Field(() => ID)
  tagId!: string;

  @Field(() => String, { description: 'In the form of a slug; of no other tag, nor an alias of one.' })
  alias!: string;
}

@ObjectType({ description: 'The tag with its aliases as they now are.' })
export class AddTagAliasPayload {
  @Field(() => Tag)
  tag!: Tag;
}

@InputType({ description: 'A slug that shall name a tag no longer.' })
export class RemoveTagAliasInput {
  @Field(() => String)
  alias!: string;
}

@ObjectType({ description: 'The tag with its aliases as they now are.' })
export class RemoveTagAliasPayload {
  @Field(() => Tag, { nullable: true, description: 'The tag that had the alias; null where none had.' })
  tag!: Tag | null;
}
