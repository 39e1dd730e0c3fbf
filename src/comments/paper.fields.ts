import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { connectionOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Paper } from '../papers/paper.type.js';
import type { CommentLoaders } from './comment.loaders.js';
import { toComment } from './comment.service.js';
import { CommentConnection, CommentsArgs, type Comment } from './comment.type.js';

/** Paper.comments */
@Resolver(() => Paper)
export class PaperCommentFields {
  constructor(private readonly load: CommentLoaders) {}

  @FieldResolver(() => CommentConnection, { description: 'The comments on the paper itself; replies stand below them.' })
  async comments(@Root() paper: Paper, @Ctx() context: Context, @Args(() => CommentsArgs) args: CommentsArgs): Promise<Connection<Comment>> {
    const loaders = this.load(context);
    const page = await loaders.byPaperId[args.orderBy].load(paper.rowId, toPage(args));
    return connectionOf(page, toComment, () => loaders.countByPaperId.load(paper.rowId));
  }
}
