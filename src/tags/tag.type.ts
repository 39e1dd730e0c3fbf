import { ArgsType, Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
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

  @Field(() => String, { description: 'Unique: lower-case letters and digits in groups joined by hyphens.' })
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

  @Field(() => Boolean, { description: 'False when a tag of this slug existed; it is left as it was.' })
  isNew!: boolean;
}

