import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { toAuthor } from '../authors/author.service.js';
import type { Author } from '../authors/author.type.js';
import { PageArgs, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { toTag } from '../tags/tag.service.js';
import type { Tag } from '../tags/tag.type.js';
import { toUser } from '../users/user.service.js';
import { User } from '../users/user.type.js';
import type { FollowLoaders } from './follow.loaders.js';
import {
  FollowedAuthorConnection,
  FollowedTagConnection,
  FollowedUserConnection,
  FollowerConnection,
  type FollowedAuthorEdge,
  type FollowedTagEdge,
  type FollowedUserEdge,
  type FollowerEdge,
} from './follow.type.js';

/** User.viewerFollows, User.followedTags, User.followedAuthors, User.followedUsers, User.followers */
@Resolver(() => User)
export class UserFollowFields {
  constructor(private readonly load: FollowLoaders) {}

  @FieldResolver(() => Boolean, { description: 'Whether the viewer follows the reader; false for an anonymous request.' })
  viewerFollows(@Root() user: User, @Ctx() context: Context): Promise<boolean> {
    return this.load(context).viewerFollowsUser.load(user.rowId);
  }

  @FieldResolver(() => FollowedTagConnection, { description: 'The tags that the reader follows, the latest first; everybody sees them, as upvotes.' })
  async followedTags(@Root() user: User, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Tag, FollowedTagEdge>> {
    const loaders = this.load(context);
    const page = await loaders.tagsByFollowerId.load(user.rowId, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toTag(row), followedAt: row.followedAt }));
    return connectionOfEdges(edges, page, () => loaders.tagCountByFollowerId.load(user.rowId));
  }

  @FieldResolver(() => FollowedAuthorConnection, { description: 'The authors that the reader follows, the latest first; everybody sees them, as upvotes.' })
  async followedAuthors(@Root() user: User, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Author, FollowedAuthorEdge>> {
    const loaders = this.load(context);
    const page = await loaders.authorsByFollowerId.load(user.rowId, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toAuthor(row), followedAt: row.followedAt }));
    return connectionOfEdges(edges, page, () => loaders.authorCountByFollowerId.load(user.rowId));
  }

  @FieldResolver(() => FollowedUserConnection, { description: 'The readers whom the reader follows, the latest first; everybody sees them, as upvotes.' })
  async followedUsers(@Root() user: User, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<User, FollowedUserEdge>> {
    const loaders = this.load(context);
    const page = await loaders.usersByFollowerId.load(user.rowId, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toUser(row), followedAt: row.followedAt }));
    return connectionOfEdges(edges, page, () => loaders.userCountByFollowerId.load(user.rowId));
  }

  @FieldResolver(() => FollowerConnection, { description: 'The readers who follow the reader, the latest first; everybody sees them.' })
  async followers(@Root() user: User, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<User, FollowerEdge>> {
    const page = await this.load(context).followersByUserId.load(user.rowId, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toUser(row), followedAt: row.followedAt }));
    return connectionOfEdges(edges, page, () => user.followerCount);
  }
}
