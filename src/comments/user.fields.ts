import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { User } from '../users/user.type.js';
import type { CommentLoaders } from './comment.loaders.js';
import { toComment } from './comment.service.js';
import { CommentConnection, type Comment } from './comment.type.js';

/** User.comments */
@Resolver(() => User)
export class UserCommentFields {
  constructor(private readonly load: CommentLoaders) {}

  @FieldResolver(() => CommentConnection, { description: 'What the reader wrote on papers, the latest first; hidden comments for the reader and curators alone.' })
  async comments(@Root() user: User, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Comment>> {
    const loaders = this.load(context);
    const page = await loaders.byAuthorId.load(user.rowId, toPage(args));
    return connectionOf(page, toComment, () => loaders.countByAuthorId.load(user.rowId));
  }
}
