import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { AuthorLoaders } from '../authors/author.loaders.js';
import { Author } from '../authors/author.type.js';
import { connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import { requireViewer, type Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { toPaper } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import type { TagLoaders } from '../tags/tag.loaders.js';
import { Tag } from '../tags/tag.type.js';
import type { UserLoaders } from '../users/user.loaders.js';
import { User } from '../users/user.type.js';
import type { FollowingFeedLoaders } from './followingFeed.loaders.js';
import type { FollowingFeedService } from './followingFeed.service.js';
import { FollowingFeedArgs, FollowingFeedConnection, FollowingFeedEdge, FollowingReason, FollowingReasonKind } from './followingFeed.type.js';

@Resolver(() => FollowingFeedEdge)
export class FollowingFeedResolver {
  constructor(
    private readonly feed: FollowingFeedService,
    private readonly load: FollowingFeedLoaders,
  ) {}

  @Costs({ points: 20 })
  @Query(() => FollowingFeedConnection, {
    description:
      'The papers that have a tag or an author whom the viewer follows, or that readers whom they follow (the 500 followed last) upvoted or submitted: each once, the newest first by the latest of its reasons, without those that the viewer dismissed or of which they muted a tag or an author. Where much is passed over, a page may be short and yet have a next one. Errors: BAD_USER_INPUT, UNAUTHENTICATED.',
  })
  async followingFeed(@Ctx() context: Context, @Args(() => FollowingFeedArgs) args: FollowingFeedArgs): Promise<Connection<Paper, FollowingFeedEdge>> {
    const { id } = requireViewer(context);
    const page = await this.feed.page(id, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toPaper(row), appearedAt: row.appearedAt }));
    const connection: Connection<Paper, FollowingFeedEdge> = connectionOfEdges(edges, page, () => this.feed.count(id));
    connection.pageInfo.endCursor = page.endCursor;
    return connection;
  }

  @Costs({ size: 5 })
  @FieldResolver(() => [FollowingReason], { description: 'Why, the latest first: at most 10 of a kind.' })
  reasons(@Root() edge: FollowingFeedEdge, @Ctx() context: Context): Promise<FollowingReason[]> {
    return this.load(context).reasonsOfViewerByPaperId.load(edge.node.rowId);
  }
}

/** FollowingReason.tag, FollowingReason.author, FollowingReason.user */
@Resolver(() => FollowingReason)
export class FollowingReasonFields {
  constructor(private readonly load: { readonly tags: TagLoaders; readonly authors: AuthorLoaders; readonly users: UserLoaders }) {}

  @FieldResolver(() => Tag, { nullable: true, description: 'Of FOLLOWED_TAG.' })
  tag(@Root() { kind, subjectId }: FollowingReason, @Ctx() context: Context): Promise<Tag | null> | null {
    return kind === FollowingReasonKind.FOLLOWED_TAG ? this.load.tags(context).byId.load(subjectId) : null;
  }

  @FieldResolver(() => Author, { nullable: true, description: 'Of FOLLOWED_AUTHOR.' })
  author(@Root() { kind, subjectId }: FollowingReason, @Ctx() context: Context): Promise<Author | null> | null {
    return kind === FollowingReasonKind.FOLLOWED_AUTHOR ? this.load.authors(context).byId.load(subjectId) : null;
  }

  @FieldResolver(() => User, { nullable: true, description: 'Of UPVOTED and SUBMITTED.' })
  user(@Root() { kind, subjectId }: FollowingReason, @Ctx() context: Context): Promise<User | null> | null {
    const isOfReader = kind === FollowingReasonKind.UPVOTED || kind === FollowingReasonKind.SUBMITTED;
    return isOfReader ? this.load.users(context).byId.load(subjectId) : null;
  }
}
