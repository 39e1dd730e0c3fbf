import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { toAuthor } from '../authors/author.service.js';
import type { Author } from '../authors/author.type.js';
import { PageArgs, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { toTag } from '../tags/tag.service.js';
import type { Tag } from '../tags/tag.type.js';
import { User } from '../users/user.type.js';
import type { FollowLoaders } from './follow.loaders.js';
import { FollowedAuthorConnection, FollowedTagConnection, type FollowedAuthorEdge, type FollowedTagEdge } from './follow.type.js';

/** User.followedTags, User.followedAuthors */
@Resolver(() => User)
export class UserFollowFields {
  constructor(private readonly load: FollowLoaders) {}

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
}
