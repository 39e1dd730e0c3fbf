import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { checkedCalendarDay } from '../inputRules.js';
import type { FeedService } from './feed.service.js';
import { Feed, FeedArgs } from './feed.type.js';
import { toPaper } from './paper.service.js';
import { PaperConnection, type Paper } from './paper.type.js';

@Resolver(() => Feed)
export class FeedResolver {
  constructor(private readonly feeds: FeedService) {}

  @Query(() => Feed, { description: 'The papers of a day, week or month. Errors: BAD_USER_INPUT.' })
  feed(@Args(() => FeedArgs) args: FeedArgs): Promise<Feed> {
    const date = args.date == null ? null : checkedCalendarDay('date', args.date);
    return this.feeds.find(date, args.period, args.orderBy);
  }

  @FieldResolver(() => PaperConnection, {
    description: "The period's papers, in the feed's order, without those that the viewer dismissed or muted a tag or author of; `papers` has them all.",
  })
  async papers(@Root() feed: Feed, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Paper>> {
    const viewerId = context.viewer?.id ?? null;
    const page = await this.feeds.papersOf(feed, viewerId, toPage(args));
    return connectionOf(page, toPaper, () => this.feeds.countOf(feed, viewerId));
  }
}
