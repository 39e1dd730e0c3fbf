import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import type { PaperService } from '../papers/paper.service.js';
import type { UpvoteService } from './upvote.service.js';
import { RemoveUpvoteInput, RemoveUpvotePayload, UpvotePaperInput, UpvotePaperPayload } from './upvote.type.js';

@Resolver()
export class UpvoteResolver {
  constructor(
    private readonly upvotes: UpvoteService,
    private readonly papers: PaperService,
  ) {}

  @Mutation(() => UpvotePaperPayload, {
    description:
      'Upvotes a paper, and ends a dismissal of it by the viewer; repeating it changes nothing. A reader may give some upvotes, of papers and comments together, in a minute (30 unless configured) and in a day (1,000), which begin with one of them; one that is taken back has been given. RATE_LIMITED says in `extensions.retryAfter` after how many seconds there is room. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, CONFLICT where a curator removed the upvote for good, RATE_LIMITED.',
  })
  upvotePaper(@Ctx() context: Context, @Arg('input', () => UpvotePaperInput) input: UpvotePaperInput): Promise<UpvotePaperPayload> {
    return this.vote(context, input.paperId, (userId, paperId) => this.upvotes.add(userId, paperId));
  }

  @Mutation(() => RemoveUpvotePayload, {
    description: "Takes the viewer's upvote back; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.",
  })
  removeUpvote(@Ctx() context: Context, @Arg('input', () => RemoveUpvoteInput) input: RemoveUpvoteInput): Promise<RemoveUpvotePayload> {
    return this.vote(context, input.paperId, (userId, paperId) => this.upvotes.remove(userId, paperId));
  }

  private async vote(
    context: Context,
    globalId: string,
    write: (userId: number, paperId: number) => Promise<void>,
  ): Promise<UpvotePaperPayload> {
    const viewer = requireViewer(context);
    const paperId = rowIdOf('Paper', globalId, 'paperId');
    await write(viewer.id, paperId);
    forgetReads(context);
    return { paper: await this.papers.get(paperId) };
  }
}
