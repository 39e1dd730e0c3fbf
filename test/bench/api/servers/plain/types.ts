// The object types, a class each.
import 'reflect-metadata';
import { ArgsType, Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum PaperOrder {
  TRENDING = 'TRENDING',
  NEWEST = 'NEWEST',
}
registerEnumType(PaperOrder, { name: 'PaperOrder' });

@ObjectType()
export class Author {
  @Field(() => String)
  name!: string;
}

@ObjectType()
export class Tag {
  @Field(() => String)
  slug!: string;

  @Field(() => String)
  name!: string;
}

@ObjectType()
export class TagEdge {
  @Field(() => Float)
  weight!: number;

  @Field(() => Tag)
  node!: Tag;
}

@ObjectType()
export class Repo {
  @Field(() => String)
  url!: string;

  @Field(() => Int, { nullable: true })
  stars!: number | null;
}

@ObjectType()
export class User {
  @Field(() => String)
  username!: string;
}

@ObjectType()
export class UpvoteEdge {
  @Field(() => Date)
  upvotedAt!: Date;

  @Field(() => User)
  node!: User;
}

@ObjectType()
export class AuthorConnection {
  @Field(() => Int)
  totalCount!: number;

  @Field(() => [Author])
  nodes!: Author[];
}

@ObjectType()
export class TagConnection {
  @Field(() => Int)
  totalCount!: number;

  @Field(() => [TagEdge])
  edges!: TagEdge[];
}

@ObjectType()
export class RepoConnection {
  @Field(() => Int)
  totalCount!: number;

  @Field(() => [Repo])
  nodes!: Repo[];
}

@ObjectType()
export class UpvoteConnection {
  @Field(() => Int)
  totalCount!: number;

  @Field(() => [UpvoteEdge])
  edges!: UpvoteEdge[];
}

@ObjectType()
export class Paper {
  @Field(() => ID)
  id!: number;

  @Field(() => String)
  title!: string;

  @Field(() => String, { nullable: true })
  abstract!: string | null;

  @Field(() => Int)
  upvoteCount!: number;

  @Field(() => Date)
  listedAt!: Date;
}

@ObjectType()
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true })
  endCursor!: string | null;
}

@ObjectType()
export class PaperConnection {
  @Field(() => [Paper])
  nodes!: Paper[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}

@ObjectType()
export class UpvotePaperPayload {
  @Field(() => Paper)
  paper!: Paper;
}

@InputType()
export class UpvotePaperInput {
  @Field(() => ID)
  paperId!: string;
}

@InputType()
export class PaperFilter {
  @Field(() => String, { nullable: true })
  text?: string | null;
}

@ArgsType()
export class PapersArgs {
  @Field(() => Int)
  first!: number;

  @Field(() => String, { nullable: true })
  after?: string | null;

  @Field(() => PaperOrder, { defaultValue: PaperOrder.NEWEST })
  orderBy!: PaperOrder;

  @Field(() => PaperFilter, { nullable: true })
  filter?: PaperFilter | null;
}
