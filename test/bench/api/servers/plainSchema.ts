// The schema as tutorials of this stack write it: an object type a table, a resolver class a type, a DataLoader an edge
// over `findMany` with `include`, pages by Prisma's own cursor.
import 'reflect-metadata';
import DataLoader from 'dataloader';
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, Float, ID, Int, ObjectType, Query, Resolver, Root, buildSchema, registerEnumType } from 'type-graphql';
import type { GraphQLSchema } from 'graphql';
import type { Author, Paper as PaperRow, PaperTag, Prisma, PrismaClient, Repo as RepoRow, Tag as TagRow } from '../../../../src/generated/prisma/client.js';

export interface Context {
  readonly prisma: PrismaClient;
  readonly viewerId: number | null;
  readonly loaders: Loaders;
}

interface Loaders {
  readonly authors: DataLoader<number, Author[]>;
  readonly tags: DataLoader<number, (PaperTag & { tag: TagRow })[]>;
  readonly repos: DataLoader<number, RepoRow[]>;
  readonly viewerHasUpvoted: DataLoader<number, boolean>;
}

enum Order {
  TRENDING = 'TRENDING',
  NEWEST = 'NEWEST',
}
registerEnumType(Order, { name: 'PaperOrder' });

@ObjectType('Author')
class AuthorType {
  @Field(() => String)
  name!: string;
}

@ObjectType('Tag')
class TagType {
  @Field(() => String)
  slug!: string;

  @Field(() => String)
  name!: string;
}

@ObjectType()
class TagEdge {
  @Field(() => Float)
  weight!: number;

  @Field(() => TagType)
  node!: TagType;
}

@ObjectType('Repo')
class RepoType {
  @Field(() => String)
  url!: string;

  @Field(() => Int, { nullable: true })
  stars!: number | null;
}

@ObjectType()
class AuthorList {
  @Field(() => [AuthorType])
  nodes!: AuthorType[];
}

@ObjectType()
class TagList {
  @Field(() => [TagEdge])
  edges!: TagEdge[];
}

@ObjectType()
class RepoList {
  @Field(() => [RepoType])
  nodes!: RepoType[];
}

@ObjectType('Paper')
class PaperType {
  @Field(() => ID)
  id!: number;

  @Field(() => String)
  title!: string;

  @Field(() => Int)
  upvoteCount!: number;

  @Field(() => Date)
  listedAt!: Date;
}

@ObjectType()
class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true })
  endCursor!: string | null;
}

@ObjectType()
class PaperConnection {
  @Field(() => [PaperType])
  nodes!: PaperRow[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}

@ArgsType()
class PapersArgs {
  @Field(() => Int)
  first!: number;

  @Field(() => String, { nullable: true })
  after!: string | null;

  @Field(() => Order, { defaultValue: Order.NEWEST })
  orderBy!: Order;
}

const ORDER_BY: Record<Order, Prisma.PaperOrderByWithRelationInput[]> = {
  TRENDING: [{ trendingScore: 'desc' }, { id: 'desc' }],
  NEWEST: [{ listedAt: 'desc' }, { id: 'desc' }],
};

@Resolver(() => PaperType)
class PaperResolver {
  @Query(() => PaperConnection)
  async papers(@Args(() => PapersArgs) { first, after, orderBy }: PapersArgs, @Ctx() { prisma }: Context): Promise<PaperConnection> {
    const found = await prisma.paper.findMany({
      orderBy: ORDER_BY[orderBy],
      take: first + 1,
      ...(after == null ? {} : { cursor: { id: Number(after) }, skip: 1 }),
    });
    const nodes = found.slice(0, first);
    return { nodes, pageInfo: { hasNextPage: found.length > first, endCursor: nodes.at(-1)?.id.toString() ?? null } };
  }

  @FieldResolver(() => Boolean)
  viewerHasUpvoted(@Root() paper: PaperRow, @Ctx() { loaders }: Context): Promise<boolean> {
    return loaders.viewerHasUpvoted.load(paper.id);
  }

  @FieldResolver(() => AuthorList)
  async authors(@Root() paper: PaperRow, @Arg('first', () => Int) first: number, @Ctx() { loaders }: Context): Promise<AuthorList> {
    return { nodes: (await loaders.authors.load(paper.id)).slice(0, first) };
  }

  @FieldResolver(() => TagList)
  async tags(@Root() paper: PaperRow, @Arg('first', () => Int) first: number, @Ctx() { loaders }: Context): Promise<TagList> {
    return { edges: (await loaders.tags.load(paper.id)).slice(0, first).map(({ weight, tag }) => ({ weight, node: tag })) };
  }

  @FieldResolver(() => RepoList)
  async repos(@Root() paper: PaperRow, @Arg('first', () => Int) first: number, @Ctx() { loaders }: Context): Promise<RepoList> {
    const repos = (await loaders.repos.load(paper.id)).slice(0, first);
    return { nodes: repos.map(({ host, owner, name, stars }) => ({ url: `https://${host}/${owner}/${name}`, stars })) };
  }
}

/** The loaders of one request. */
export function createLoaders(prisma: PrismaClient, viewerId: number | null): Loaders {
  return {
    authors: new DataLoader(async (ids: readonly number[]) => {
      const rows = await prisma.paperAuthor.findMany({ where: { paperId: { in: [...ids] } }, include: { author: true }, orderBy: { position: 'asc' } });
      return listsBy(ids, rows, (row) => row.author);
    }),
    tags: new DataLoader(async (ids: readonly number[]) => {
      const rows = await prisma.paperTag.findMany({ where: { paperId: { in: [...ids] } }, include: { tag: true }, orderBy: [{ weight: 'desc' }, { tagId: 'asc' }] });
      return listsBy(ids, rows, (row) => row);
    }),
    repos: new DataLoader(async (ids: readonly number[]) => {
      const rows = await prisma.paperRepo.findMany({ where: { paperId: { in: [...ids] } }, include: { repo: true }, orderBy: [{ isOfficial: 'desc' }, { repo: { stars: 'desc' } }, { repoId: 'desc' }] });
      return listsBy(ids, rows, (row) => row.repo);
    }),
    viewerHasUpvoted: new DataLoader(async (ids: readonly number[]) => {
      if (viewerId === null) return ids.map(() => false);
      const rows = await prisma.upvote.findMany({ where: { userId: viewerId, paperId: { in: [...ids] } } });
      const upvoted = new Set(rows.map((row) => row.paperId));
      return ids.map((id) => upvoted.has(id));
    }),
  };
}

function listsBy<Row extends { paperId: number }, Item>(ids: readonly number[], rows: readonly Row[], itemOf: (row: Row) => Item): Item[][] {
  const lists = new Map<number, Item[]>(ids.map((id) => [id, []]));
  for (const row of rows) lists.get(row.paperId)?.push(itemOf(row));
  return ids.map((id) => lists.get(id) ?? []);
}

export function createSchema(): Promise<GraphQLSchema> {
  return buildSchema({ resolvers: [PaperResolver], validate: false });
}
