import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { connectionOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import { checkedList } from '../inputRules.js';
import type { PaperLoaders } from '../papers/paper.loaders.js';
import type { PaperService } from '../papers/paper.service.js';
import { Paper } from '../papers/paper.type.js';
import type { UserLoaders } from '../users/user.loaders.js';
import { User } from '../users/user.type.js';
import type { FlaggedVoteRow, FlaggedVoteService, FlaggedVotesWanted, Judgement } from './flaggedVote.service.js';
import {
  ClearFlaggedVotesInput,
  ClearFlaggedVotesPayload,
  ConfirmFlaggedVotesInput,
  ConfirmFlaggedVotesPayload,
  FlaggedVote,
  FlaggedVoteConnection,
  FlaggedVotesArgs,
  MAX_JUDGED_USERS,
} from './flaggedVote.type.js';

@Resolver(() => FlaggedVote)
export class FlaggedVoteResolver {
  constructor(
    private readonly services: { readonly flaggedVotes: FlaggedVoteService; readonly papers: PaperService },
    private readonly load: { readonly papers: PaperLoaders; readonly users: UserLoaders },
  ) {}

  @Query(() => FlaggedVoteConnection, {
    description:
      'Upvotes that look coordinated, the latest flagged first: of a paper that got 10 or more within 10 minutes from accounts younger than 48 hours, unless configured otherwise, all of these. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN.',
  })
  async flaggedVotes(@Args(() => FlaggedVotesArgs) args: FlaggedVotesArgs): Promise<Connection<FlaggedVote>> {
    const { paper, user } = args.filter ?? {};
    const wanted: FlaggedVotesWanted = {
      paperId: paper == null ? null : rowIdOf('Paper', paper, 'filter.paper'),
      userId: user == null ? null : rowIdOf('User', user, 'filter.user'),
    };
    const page = await this.services.flaggedVotes.list(wanted, toPage(args));
    return connectionOf(page, toFlaggedVote, () => this.services.flaggedVotes.count(wanted));
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who gave it; null where the account has just gone.' })
  user(@Root() { userId }: FlaggedVote, @Ctx() context: Context): Promise<User | null> {
    return this.load.users(context).byId.load(userId);
  }

  @FieldResolver(() => Paper, { nullable: true, description: 'The paper that got it, hidden ones as well; null where it has just gone.' })
  paper(@Root() { paperId }: FlaggedVote, @Ctx() context: Context): Promise<Paper | null> {
    return this.load.papers(context).byId.load(paperId);
  }

  @Mutation(() => ClearFlaggedVotesPayload, {
    description:
      'Has flagged upvotes of a paper count again, in the trend and in recommendations, from the next answer on; they are not flagged again. Repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async clearFlaggedVotes(@Ctx() context: Context, @Arg('input', () => ClearFlaggedVotesInput) input: ClearFlaggedVotesInput): Promise<ClearFlaggedVotesPayload> {
    const judgement = judgementOf(context, input);
    return this.judged(context, judgement.paperId, await this.services.flaggedVotes.clear(judgement));
  }

  @Mutation(() => ConfirmFlaggedVotesPayload, {
    description:
      'Removes flagged upvotes of a paper for good: its readers cannot upvote it again (CONFLICT). Repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async confirmFlaggedVotes(@Ctx() context: Context, @Arg('input', () => ConfirmFlaggedVotesInput) input: ConfirmFlaggedVotesInput): Promise<ConfirmFlaggedVotesPayload> {
    const judgement = judgementOf(context, input);
    return this.judged(context, judgement.paperId, await this.services.flaggedVotes.confirm(judgement));
  }

  private async judged(context: Context, paperId: number, voteCount: number): Promise<ClearFlaggedVotesPayload> {
    forgetReads(context);
    return { paper: await this.services.papers.get(paperId, 'paperId', context.viewer), voteCount };
  }
}

function judgementOf(context: Context, { paperId, userIds }: ClearFlaggedVotesInput): Judgement {
  const moderator = requireViewer(context);
  const readers = userIds == null ? null : checkedList('userIds', userIds, MAX_JUDGED_USERS).map((id) => rowIdOf('User', id, 'userIds'));
  return { paperId: rowIdOf('Paper', paperId, 'paperId'), userIds: readers, moderator };
}

function toFlaggedVote({ userId, paperId, upvotedAt, flaggedAt, accountHours, flaggedCount }: FlaggedVoteRow): FlaggedVote {
  const why = `in a burst of votes by new accounts: this one was ${ageOf(accountHours)} old; of the paper's votes ${flaggedCount} ${flaggedCount === 1 ? 'is' : 'are'} flagged`;
  return Object.assign(new FlaggedVote(), { userId, paperId, upvotedAt, flaggedAt, why });
}

function ageOf(hours: number): string {
  const [count, unit] = hours < 1 ? [Math.floor(hours * 60), 'minute'] : [Math.floor(hours), 'hour'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
