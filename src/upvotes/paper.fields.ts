import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { Paper } from '../papers/paper.type.js';
import { toUser } from '../users/user.service.js';
import type { User } from '../users/user.type.js';
import type { UpvoteLoaders } from './upvote.loaders.js';
import { MOST_BUCKETS, timelineRange } from './voteTimeline.js';
import { VoteBucket, VoteTimelineArgs } from './voteTimeline.type.js';
import { PaperUpvoteConnection, type PaperUpvoteEdge } from './upvote.type.js';

/** Paper.upvotes, Paper.viewerHasUpvoted, Paper.voteTimeline */
@Resolver(() => Paper)
export class PaperUpvoteFields {
  constructor(private readonly load: UpvoteLoaders) {}

  @FieldResolver(() => Boolean, { description: 'Whether the viewer upvoted the paper; false for an anonymous request.' })
  viewerHasUpvoted(@Root() paper: Paper, @Ctx() context: Context): Promise<boolean> {
    return this.load(context).viewerHasUpvoted.load(paper.rowId);
  }

  @FieldResolver(() => PaperUpvoteConnection, { description: 'Who upvoted the paper, the latest first.' })
  async upvotes(@Root() paper: Paper, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<User, PaperUpvoteEdge>> {
    const page = await this.load(context).votersByPaperId.load(paper.rowId, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toUser(row), upvotedAt: row.upvotedAt, isByAuthor: row.isByAuthor, isBySubmitter: row.rowId === paper.submittedById }));
    return connectionOfEdges(edges, page, () => paper.upvoteCount);
  }

  @Costs({ points: 5, size: 20 })
  @FieldResolver(() => [VoteBucket], {
    description: `How the upvotes came in, interval after interval without gaps, at most ${MOST_BUCKETS}: of more, the latest. Empty where nobody voted, unless both ends are given. Errors: BAD_USER_INPUT.`,
  })
  voteTimeline(@Root() paper: Paper, @Ctx() context: Context, @Args(() => VoteTimelineArgs) { interval, from, to }: VoteTimelineArgs): Promise<VoteBucket[]> {
    return this.load(context).timelineByPaperId(timelineRange(interval, from ?? null, to ?? null)).load(paper.rowId);
  }
}
