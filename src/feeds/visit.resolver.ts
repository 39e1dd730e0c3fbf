import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { MarkFeedSeenInput, MarkFeedSeenPayload } from './feed.type.js';
import type { VisitService } from './visit.service.js';

@Resolver()
export class VisitResolver {
  constructor(private readonly visits: VisitService) {}

  @Mutation(() => MarkFeedSeenPayload, {
    description:
      'Says that the viewer has seen what the feed had by now, or by then, so that it is not new to them any more; what is seen stays so. Errors: BAD_USER_INPUT, UNAUTHENTICATED.',
  })
  async markFeedSeen(@Ctx() context: Context, @Arg('input', () => MarkFeedSeenInput) input: MarkFeedSeenInput): Promise<MarkFeedSeenPayload> {
    const { id } = requireViewer(context);
    const seenUntil = await this.visits.markSeen(id, input.seenUntil ?? null, new Date());
    forgetReads(context);
    return { seenUntil };
  }
}
