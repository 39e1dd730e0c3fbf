// The schema as tutorials of this stack write it: resolver classes, a loader an edge, pages by Prisma's own cursor.
import type { GraphQLSchema } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, buildSchema } from 'type-graphql';
import type { Paper as PaperRow, Prisma, PrismaClient } from '../../../../../src/generated/prisma/client.js';
import type { Loaders } from './loaders.js';
import { AuthorConnection, Paper, PaperConnection, type PaperOrder, PapersArgs, RepoConnection, TagConnection, UpvoteConnection, UpvotePaperInput, UpvotePaperPayload } from './types.js';

export interface Context {
  readonly prisma: PrismaClient;
  readonly viewerId: number | null;
  readonly loaders: Loaders;
}

const ORDER_BY: Record<PaperOrder, Prisma.PaperOrderByWithRelationInput[]> = {
  TRENDING: [{ trendingScore: 'desc' }, { id: 'desc' }],
  NEWEST: [{ listedAt: 'desc' }, { id: 'desc' }],
};

@Resolver(() => Paper)
class PaperResolver {
  @Query(() => PaperConnection)
  async papers(@Args(() => PapersArgs) args: PapersArgs, @Ctx() { prisma }: Context): Promise<PaperConnection> {
    const { first, after, orderBy, filter } = args;
    const found = await prisma.paper.findMany({
      orderBy: ORDER_BY[orderBy],
      take: first + 1,
      ...(after == null ? {} : { cursor: { id: Number(after) }, skip: 1 }),
      ...(filter?.text == null ? {} : { where: { id: { in: await search(prisma, filter.text, first) } } }),
    });
    const nodes = found.slice(0, first);
    return { nodes, pageInfo: { hasNextPage: found.length > first, endCursor: nodes.at(-1)?.id.toString() ?? null } };
  }

  @Query(() => Paper, { nullable: true })
  paper(@Arg('id', () => ID) id: string, @Ctx() { prisma }: Context): Promise<Paper | null> {
    return prisma.paper.findUnique({ where: { id: Number(id) } });
  }

  @Mutation(() => UpvotePaperPayload)
  async upvotePaper(@Arg('input', () => UpvotePaperInput) input: UpvotePaperInput, @Ctx() { prisma, viewerId }: Context): Promise<UpvotePaperPayload> {
    if (viewerId === null) throw new Error('this needs a signed-in viewer');
    const paperId = Number(input.paperId);
    await prisma.upvote.createMany({ data: { userId: viewerId, paperId }, skipDuplicates: true });
    return { paper: await prisma.paper.findUniqueOrThrow({ where: { id: paperId } }) };
  }

  @FieldResolver(() => Boolean)
  viewerHasUpvoted(@Root() paper: PaperRow, @Ctx() { loaders }: Context): Promise<boolean> {
    return loaders.viewerHasUpvoted.load(paper.id);
  }

  @FieldResolver(() => AuthorConnection)
  async authors(@Root() paper: PaperRow, @Arg('first', () => Int) first: number, @Ctx() { loaders }: Context): Promise<AuthorConnection> {
    return { totalCount: paper.namedAuthorCount, nodes: (await loaders.authors.load(paper.id)).slice(0, first) };
  }

  @FieldResolver(() => TagConnection)
  async tags(@Root() paper: PaperRow, @Arg('first', () => Int) first: number, @Ctx() { loaders }: Context): Promise<TagConnection> {
    const tags = (await loaders.tags.load(paper.id)).slice(0, first);
    return { totalCount: paper.tagCount, edges: tags.map(({ weight, tag }) => ({ weight, node: tag })) };
  }

  @FieldResolver(() => RepoConnection)
  async repos(@Root() paper: PaperRow, @Arg('first', () => Int) first: number, @Ctx() { loaders }: Context): Promise<RepoConnection> {
    const repos = (await loaders.repos.load(paper.id)).slice(0, first);
    return { totalCount: paper.repoCount, nodes: repos.map(({ host, owner, name, stars }) => ({ url: `https://${host}/${owner}/${name}`, stars })) };
  }

  @FieldResolver(() => UpvoteConnection)
  async upvotes(@Root() paper: PaperRow, @Arg('first', () => Int) first: number, @Ctx() { loaders }: Context): Promise<UpvoteConnection> {
    const upvotes = (await loaders.upvotes.load(paper.id)).slice(0, first);
    return { totalCount: paper.upvoteCount, edges: upvotes.map(({ createdAt, user }) => ({ upvotedAt: createdAt, node: user })) };
  }
}

/** Prisma's queries know of no tsvector. */
async function search(prisma: PrismaClient, text: string, first: number): Promise<number[]> {
  const rows = await prisma.$queryRaw<{ id: number }[]>`
    SELECT id FROM papers WHERE id IN (SELECT paper_id FROM paper_search WHERE vector @@ websearch_to_tsquery('english', ${text})) ORDER BY listed_at DESC, id DESC LIMIT ${first + 1}`;
  return rows.map((row) => row.id);
}

export function createSchema(): Promise<GraphQLSchema> {
  return buildSchema({ resolvers: [PaperResolver], validate: false });
}
