import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, FieldResolver, Info, Query, Resolver, Root } from 'type-graphql';
import type { AuthorLoaders } from '../authors/author.loaders.js';
import { connectionOfEdges, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { maySelect } from '../graphql/lookAhead.js';
import type { PaperLoaders } from '../papers/paper.loaders.js';
import { Paper } from '../papers/paper.type.js';
import { MODEL_VERSION } from '../recommender/parameters.js';
import type { TagLoaders } from '../tags/tag.loaders.js';
import { decodeMoment } from './asOf.js';
import type { Reason } from './reason.type.js';
import { reasonsOf, summaryOf, type Audience, type ReasonSources } from './reasons.js';
import { NOBODY, type RankingRange, type RecommendationService, type RecommendationsPage } from './recommendation.service.js';
import { RankingArgs, RecommendationConnection, RecommendationsArgs, RecommenderState, type RankingComparison, type RankingMove, type RecommendationEdge } from './recommendation.type.js';
import { toSupposition } from './supposition.js';

/** Loaders of what reasons name. */
export interface ReasonLoaders {
  readonly papers: PaperLoaders;
  readonly tags: TagLoaders;
  readonly authors: AuthorLoaders;
}

@Resolver()
export class RecommendationResolver {
  constructor(
    private readonly recommendations: RecommendationService,
    private readonly load: ReasonLoaders,
  ) {}

  @Costs({ points: 50, given: { without: 50, assuming: 50, weights: 50, asOf: 500 } })
  @Query(() => RecommendationConnection, {
    name: 'recommendations',
    description:
      'Papers for the viewer that they have neither upvoted nor dismissed and that have no tag and no author that they muted, the best first: by tags and authors, by the upvotes of readers who upvoted the same papers, by what the viewer follows and dismissed, and by freshness. For who has said nothing yet, and for an anonymous request, by trend. An upvote changes the next answer. With `without`, `assuming`, `weights` or `asOf`, what would be or was. Errors: BAD_USER_INPUT, CONFLICT.',
  })
  async forViewer(@Ctx() context: Context, @Info() info: GraphQLResolveInfo, @Args(() => RecommendationsArgs) args: RecommendationsArgs): Promise<RecommendationConnection> {
    const readerId = context.viewer?.id ?? null;
    const supposition = toSupposition(args, readerId ?? NOBODY);
    const page = await this.recommendations.forReader({
      readerId,
      ...toRange(args),
      hasReasons: asksForReasons(info),
      ...(supposition !== null && { supposition }),
      moment: args.asOf == null ? null : decodeMoment('asOf', args.asOf),
      modelVersion: args.modelVersion ?? null,
    });
    return toConnection(page, { context, load: this.load, audience: 'you', first: args.first });
  }

  @Costs({ points: 500 })
  @Query(() => RecommenderState, {
    description: 'What the recommender of the server that answers holds; reading all of it takes a moment. Needs the role ADMIN. Errors: UNAUTHENTICATED, FORBIDDEN.',
  })
  async recommenderState(): Promise<RecommenderState> {
    const { papers, readers, upvotes, bytes, checksum, asOf } = await this.recommendations.state();
    return { checksum, paperCount: papers, readerCount: readers, upvoteCount: upvotes, byteSize: bytes, asOf, modelVersion: MODEL_VERSION };
  }
}

/** Paper.similar */
@Resolver(() => Paper)
export class SimilarPaperFields {
  constructor(
    private readonly recommendations: RecommendationService,
    private readonly load: ReasonLoaders,
  ) {}

  @Costs({ points: 50 })
  @FieldResolver(() => RecommendationConnection, {
    description: 'Papers like this one: what would be recommended to a reader who upvoted this paper alone. What the viewer dismissed, or muted a tag or author of, is left out.',
  })
  async similar(@Root() paper: Paper, @Ctx() context: Context, @Args(() => RankingArgs) args: RankingArgs): Promise<RecommendationConnection> {
    const page = await this.recommendations.similarTo(paper.rowId, context.viewer?.id ?? null, toRange(args));
    return toConnection(page, { context, load: this.load, audience: 'this', first: args.first });
  }
}

/** What a ranking says of each paper costs as much again as the ranking, most of it on the way out of the engine. */
export function asksForReasons(info: GraphQLResolveInfo): boolean {
  return maySelect(info, ['edges', 'reasons']) || maySelect(info, ['edges', 'summary']);
}

/** The checked range; throws BAD_USER_INPUT. */
export function toRange(args: RankingArgs): RankingRange {
  const { limit, after } = toPage(args);
  return { first: limit, after };
}

interface Presented {
  readonly context: Context;
  readonly load: ReasonLoaders;
  readonly audience: Audience;
  readonly first: number;
}

/** Where the reasons of a request find what they name. */
export function sourcesOf(context: Context, load: ReasonLoaders): ReasonSources {
  return {
    tag: (rowId) => load.tags(context).byId.load(rowId),
    author: (rowId) => load.authors(context).byId.load(rowId),
    paper: (rowId) => load.papers(context).listedById.load(rowId),
  };
}

async function toConnection(page: RecommendationsPage, { context, load, audience, first }: Presented): Promise<RecommendationConnection> {
  const papers = load.papers(context);
  const sources = sourcesOf(context, load);
  const edges = await Promise.all(
    page.items.map(async ({ item, cursor }) => {
      const node = await papers.listedById.load(item.paperId);
      const { score, contributions } = item;
      const reasons = (): Promise<Reason[]> => reasonsOf(contributions, sources, audience);
      const summary = (): Promise<string> => summaryOf(contributions, sources, audience);
      // Null: deleted between the matrix's read and this one.
      return node === null ? null : { cursor, node, score, reasons, summary };
    }),
  );
  const connection: Connection<Paper, RecommendationEdge> = connectionOfEdges(edges.filter((edge) => edge !== null), page, () => page.total);
  const comparison = page.compared === null ? null : await compare(page.compared, first, (rowId) => papers.listedById.load(rowId));
  return { ...connection, edges: [...connection.edges], nodes: [...connection.nodes], asOf: page.asOf, modelVersion: MODEL_VERSION, comparison };
}

async function compare(
  { actualIds, supposedIds }: NonNullable<RecommendationsPage['compared']>,
  first: number,
  paperOf: (rowId: number) => Promise<Paper | null>,
): Promise<RankingComparison> {
  const placeIn = (ids: readonly number[], id: number): number | null => (ids.includes(id) ? ids.indexOf(id) + 1 : null);
  const moves = async (ids: readonly number[], others: readonly number[]): Promise<RankingMove[]> => {
    const moved = ids.slice(0, first).filter((id) => !others.slice(0, first).includes(id));
    const found = await Promise.all(moved.map(async (id) => ({ paper: await paperOf(id), place: placeIn(supposedIds, id), actualPlace: placeIn(actualIds, id) })));
    return found.flatMap(({ paper, ...places }) => (paper === null ? [] : [{ paper, ...places }]));
  };
  return { entered: await moves(supposedIds, actualIds), left: await moves(actualIds, supposedIds) };
}
