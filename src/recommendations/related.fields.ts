import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { connectionOfEdges, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { Tag } from '../tags/tag.type.js';
import type { UserLoaders } from '../users/user.loaders.js';
import { User } from '../users/user.type.js';
import { PaperReason } from './reason.type.js';
import { MAX_REASONS, reasonsOf } from './reasons.js';
import { toRange, type ReasonLoaders } from './recommendation.resolver.js';
import type { RecommendationService } from './recommendation.service.js';
import { RankingArgs, RelatedTagConnection, SimilarReaderConnection, type RelatedTagEdge, type SimilarReaderEdge } from './recommendation.type.js';

/** Tag.relatedTags */
@Resolver(() => Tag)
export class RelatedTagFields {
  constructor(
    private readonly recommendations: RecommendationService,
    private readonly load: ReasonLoaders,
  ) {}

  @Costs({ points: 20 })
  @FieldResolver(() => RelatedTagConnection, { description: 'Tags that stand on the same papers, the most alike first.' })
  async relatedTags(@Root() tag: Tag, @Ctx() context: Context, @Args(() => RankingArgs) args: RankingArgs): Promise<Connection<Tag, RelatedTagEdge>> {
    const page = await this.recommendations.relatedTo(tag.rowId, toRange(args));
    const edges = await Promise.all(
      page.items.map(async ({ cursor, item }) => {
        const node = await this.load.tags(context).byId.load(item.tagId);
        const summary = `on ${item.sharedPapers} paper${item.sharedPapers === 1 ? '' : 's'} with ${tag.name}`;
        return node === null ? null : { cursor, node, similarity: item.similarity, sharedPaperCount: item.sharedPapers, summary };
      }),
    );
    return connectionOfEdges(edges.filter((edge) => edge !== null), page, () => page.total);
  }
}

/** User.similarReaders */
@Resolver(() => User)
export class SimilarReaderFields {
  constructor(
    private readonly recommendations: RecommendationService,
    private readonly load: ReasonLoaders & { readonly users: UserLoaders },
  ) {}

  @Costs({ points: 20 })
  @FieldResolver(() => SimilarReaderConnection, {
    description: 'Readers with the same taste, whom one may want to follow: they upvoted the same papers, which seldom upvoted ones show most.',
  })
  async similarReaders(@Root() user: User, @Ctx() context: Context, @Args(() => RankingArgs) args: RankingArgs): Promise<Connection<User, SimilarReaderEdge>> {
    const page = await this.recommendations.readersLike(user.rowId, toRange(args));
    const sources = {
      tag: () => Promise.resolve(null),
      author: () => Promise.resolve(null),
      paper: (rowId: number) => this.load.papers(context).listedById.load(rowId),
    };
    const edges = await Promise.all(
      page.items.map(async ({ cursor, item }) => {
        const node = await this.load.users(context).byId.load(item.readerId);
        const reasons = async (): Promise<PaperReason[]> =>
          (await reasonsOf(item.contributions.slice(0, MAX_REASONS), sources, 'both')).filter((reason) => reason instanceof PaperReason);
        return node === null ? null : { cursor, node, similarity: item.similarity, reasons, sharedPaperCount: item.contributions.length };
      }),
    );
    return connectionOfEdges(edges.filter((edge) => edge !== null), page, () => page.total);
  }
}
