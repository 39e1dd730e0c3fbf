import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { toPaper } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import { User } from '../users/user.type.js';
import type { UpvoteLoaders } from './upvote.loaders.js';
import { UpvotedPaperConnection, type UpvotedPaperEdge } from './upvote.type.js';

/** User.upvotedPapers */
@Resolver(() => User)
export class UserUpvoteFields {
  constructor(private readonly load: UpvoteLoaders) {}

  @FieldResolver(() => UpvotedPaperConnection, { description: 'The papers that the reader upvoted, the latest upvote first.' })
  async upvotedPapers(@Root() user: User, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Paper, UpvotedPaperEdge>> {
    const page = await this.load(context).papersByVoterId.load(user.rowId, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toPaper(row), upvotedAt: row.upvotedAt }));
    return connectionOfEdges(edges, page, () => user.upvoteCount);
  }
}
