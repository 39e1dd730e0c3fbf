import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { AuthorLoaders } from '../authors/author.loaders.js';
import { connectionOfEdges, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import type { PaperLoaders } from '../papers/paper.loaders.js';
import { Paper } from '../papers/paper.type.js';
import type { Recommendation } from '../recommender/recommend.js';
import type { TagLoaders } from '../tags/tag.loaders.js';
import { Tag, TagConnection } from '../tags/tag.type.js';
import { reasonsOf, summaryOf, type Audience } from './reasons.js';
import type { RankingPage, RankingRange, RecommendationService } from './recommendation.service.js';
import { RankingArgs, RecommendationConnection, type RecommendationEdge } from './recommendation.type.js';

interface Loaders {
  readonly authors: AuthorLoaders;
  readonly papers: PaperLoaders;
  readonly tags: TagLoaders;
}

@Resolver()
export class RecommendationResolver {
  constructor(
    private readonly recommendations: RecommendationService,
    private readonly load: Loaders,
  ) {}

  @Query(() => RecommendationConnection, {
    name: 'recommendations',
    description:
      'Papers for the viewer that they have not upvoted, the best first, by tags and by the upvotes of readers who upvoted the same papers. Without upvotes, and for an anonymous request, by trend. An upvote changes the next answer.',
  })
  async forViewer(@Ctx() context: Context, @Args(() => RankingArgs) args: RankingArgs): Promise<Connection<Paper, RecommendationEdge>> {
    const page = await this.recommendations.forReader(context.viewer?.id ?? null, toRange(args));
    return toConnection(page, { context, load: this.load, audience: 'you' });
  }
}

/** Paper.similar */
@Resolver(() => Paper)
export class SimilarPaperFields {
  constructor(
    private readonly recommendations: RecommendationService,
    private readonly load: Loaders,
  ) {}

  @FieldResolver(() => RecommendationConnection, {
    description: 'Papers like this one: what would be recommended to a reader who upvoted this paper alone.',
  })
  async similar(@Root() paper: Paper, @Ctx() context: Context, @Args(() => RankingArgs) args: RankingArgs): Promise<Connection<Paper, RecommendationEdge>> {
    const page = await this.recommendations.similarTo(paper.rowId, toRange(args));
    return toConnection(page, { context, load: this.load, audience: 'this' });
  }
}

/** Tag.relatedTags */
@Resolver(() => Tag)
export class RelatedTagFields {
  constructor(
    private readonly recommendations: RecommendationService,
    private readonly load: Loaders,
  ) {}

  @FieldResolver(() => TagConnection, { description: 'Tags that stand on the same papers, the most alike first.' })
  async relatedTags(@Root() tag: Tag, @Ctx() context: Context, @Args(() => RankingArgs) args: RankingArgs): Promise<Connection<Tag>> {
    const page = await this.recommendations.relatedTo(tag.rowId, toRange(args));
    const tags = await this.load.tags(context).byId.loadMany(page.items.map(({ item }) => item.tagId));
    const edges = page.items.flatMap(({ cursor }, index) => {
      const node = tags[index];
      return node instanceof Tag ? [{ cursor, node }] : [];
    });
    return connectionOfEdges(edges, page, () => page.total);
  }
}

function toRange(args: RankingArgs): RankingRange {
  const { limit, after } = toPage(args);
  return { first: limit, after };
}

async function toConnection(
  page: RankingPage<Recommendation>,
  { context, load, audience }: { readonly context: Context; readonly load: Loaders; readonly audience: Audience },
): Promise<Connection<Paper, RecommendationEdge>> {
  const papers = load.papers(context);
  const sources = {
    tag: (rowId: number) => load.tags(context).byId.load(rowId),
    author: (rowId: number) => load.authors(context).byId.load(rowId),
    paper: (rowId: number) => papers.byId.load(rowId),
  };
  const edges = await Promise.all(
    page.items.map(async ({ item, cursor }) => {
      const [node, reasons] = await Promise.all([papers.byId.load(item.paperId), reasonsOf(item.contributions, sources, audience)]);
      // Deleted between the matrix's read and this one.
      return node === null ? null : { cursor, node, score: item.score, reasons, summary: summaryOf(reasons) };
    }),
  );
  return connectionOfEdges(edges.filter((edge) => edge !== null), page, () => page.total);
}
