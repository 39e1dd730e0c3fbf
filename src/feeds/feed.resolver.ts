import { Args, Ctx, FieldResolver, Query, Resolver, Root, createParameterDecorator } from 'type-graphql';
import { badInput } from '../errors.js';
import { PageArgs, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { checkedCalendarDay } from '../inputRules.js';
import { toPaper } from '../papers/paper.service.js';
import { PaperOrder, type Paper } from '../papers/paper.type.js';
import { reasonsOf, summaryOf } from '../recommendations/reasons.js';
import { asksForReasons, sourcesOf, type ReasonLoaders } from '../recommendations/recommendation.resolver.js';
import type { RecommendationService } from '../recommendations/recommendation.service.js';
import { hashOf } from '../users/session.service.js';
import type { FeedRow, FeedService } from './feed.service.js';
import { Feed, FeedArgs, FeedConnection, FeedOrder, type FeedEdge } from './feed.type.js';
import type { VisitService } from './visit.service.js';

type FeedPage = Connection<Paper, FeedEdge>;

interface FeedServices {
  readonly feeds: FeedService;
  readonly visits: VisitService;
  readonly recommendations: RecommendationService;
}

/** Who asks, and whether for reasons. */
interface Asked {
  readonly context: Context;
  readonly hasReasons: boolean;
}

const AskedBy = (): ReturnType<typeof createParameterDecorator> => createParameterDecorator<Context>(({ context, info }): Asked => ({ context, hasReasons: asksForReasons(info) }));

@Resolver(() => Feed)
export class FeedResolver {
  constructor(
    private readonly services: FeedServices,
    private readonly load: ReasonLoaders,
  ) {}

  @Costs({ given: { asOf: 50, orderBy: { FOR_YOU: 50 } } })
  @Query(() => Feed, { description: 'The papers of a day, week or month. Errors: BAD_USER_INPUT.' })
  async feed(@Ctx() context: Context, @Args(() => FeedArgs) args: FeedArgs): Promise<Feed> {
    const date = args.date == null ? null : checkedCalendarDay('date', args.date);
    const { period, orderBy, asOf = null } = args;
    const feed = await this.services.feeds.find({ date, period, orderBy, asOf, now: new Date() });
    if (context.viewer !== null && context.token !== null) this.services.visits.notice(hashOf(context.token));
    return feed;
  }

  @FieldResolver(() => FeedConnection, {
    description: "The period's papers, in the feed's order, without those that the viewer dismissed or muted a tag or author of; `papers` has them all.",
  })
  async papers(@Root() feed: Feed, @AskedBy() asked: Asked, @Args(() => PageArgs) args: PageArgs): Promise<FeedPage> {
    if (feed.orderBy === FeedOrder.FOR_YOU) return this.forViewer(feed, args, asked);
    const viewerId = asked.context.viewer?.id ?? null;
    const page = await this.services.feeds.page(feed, { order: PaperOrder[feed.orderBy], page: toPage(args), viewerId });
    const edges = edgesOf(page, (row) => ({ ...edgeFields(row), score: null, reasons: () => null, summary: () => null }));
    return connectionOfEdges(edges, page, () => this.services.feeds.count(feed, viewerId));
  }

  private async forViewer(feed: Feed, args: PageArgs, { context, hasReasons }: Asked): Promise<FeedPage> {
    const { limit, fromEnd, after, before } = toPage(args);
    if (fromEnd) throw badInput('last', 'must not be given with FOR_YOU, which is paged forward only', limit);
    if (before !== null) throw badInput('before', 'must not be given with FOR_YOU, which is paged forward only', before);
    const { feeds, recommendations } = this.services;
    const readerId = context.viewer?.id ?? null;
    const moment = feed.asOf === null ? null : { instant: feed.asOf };
    const page = await recommendations.forReaderAmong({ readerId, paperIds: await feeds.idsOf(feed, readerId), first: limit, after, hasReasons, moment });
    const rows = await feeds.byIds(page.items.map(({ item }) => item.paperId), feed, readerId);
    const sources = sourcesOf(context, this.load);
    const edges = page.items.flatMap(({ cursor, item: { paperId, score, contributions } }): FeedEdge[] => {
      const row = rows.get(paperId);
      // Deleted between the matrix's read and this one.
      if (row === undefined) return [];
      return [{ cursor, ...edgeFields(row), score, reasons: () => reasonsOf(contributions, sources, 'you'), summary: () => summaryOf(contributions, sources, 'you') }];
    });
    return connectionOfEdges(edges, page, () => page.total);
  }
}

function edgeFields(row: FeedRow): Pick<FeedEdge, 'node' | 'isNew' | 'upvoteCountThen'> {
  return { node: toPaper(row), isNew: row.isNew, upvoteCountThen: row.upvoteCountThen };
}
