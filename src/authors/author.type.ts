import { ArgsType, Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PageArgs, connectionType } from '../graphql/connection.js';
import { Node } from '../graphql/node.type.js';

@ObjectType({ implements: Node, description: 'A name in the byline of papers: one author for each ORCID, and one for each spelling that comes without.' })
export class Author extends Node {
  readonly nodeType = 'Author';
  rowId!: number;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true, description: 'Such as 0000-0002-1825-0097; null where no source tells it.' })
  orcid!: string | null;

  @Field(() => Int, { description: 'How many papers name the author.' })
  paperCount!: number;

  @Field(() => Int, { description: 'How many readers follow the author.' })
  followerCount!: number;
}

export const AuthorConnection = connectionType(() => Author, { name: 'Author', plural: 'authors' });

export enum AuthorOrder {
  MOST_PAPERS = 'MOST_PAPERS',
  NAME = 'NAME',
}

registerEnumType(AuthorOrder, {
  name: 'AuthorOrder',
  description: 'Orders of authors.',
  valuesConfig: {
    MOST_PAPERS: { description: 'Those of the most papers first.' },
    NAME: { description: 'By name, from a to z.' },
  },
});

@ArgsType()
export class AuthorsArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'Only authors whose name starts with this, in any case.' })
  prefix?: string | null;

  @Field(() => AuthorOrder, { defaultValue: AuthorOrder.MOST_PAPERS })
  orderBy!: AuthorOrder;
}
