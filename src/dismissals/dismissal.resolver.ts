import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { PageArgs, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import { toPaper, type PaperService } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import type { DismissalService } from './dismissal.service.js';
import {
  DismissPaperInput,
  DismissPaperPayload,
  DismissedPaperConnection,
  UndoDismissPaperInput,
  UndoDismissPaperPayload,
  type DismissedPaperEdge,
} from './dismissal.type.js';

@Resolver()
export class DismissalResolver {
  constructor(
    private readonly dismissals: DismissalService,
    private readonly papers: PaperService,
  ) {}

  @Query(() => DismissedPaperConnection, {
    description: 'The papers that the viewer dismissed, the latest first; nobody else sees them. Errors: BAD_USER_INPUT, UNAUTHENTICATED.',
  })
  async dismissedPapers(@Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Paper, DismissedPaperEdge>> {
    const { id } = requireViewer(context);
    const page = await this.dismissals.list(id, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toPaper(row), dismissedAt: row.dismissedAt }));
    return connectionOfEdges(edges, page, () => this.dismissals.count(id));
  }

  @Mutation(() => DismissPaperPayload, {
    description:
      "Asks not to be shown a paper, and takes the viewer's upvote of it back; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.",
  })
  dismissPaper(@Ctx() context: Context, @Arg('input', () => DismissPaperInput) input: DismissPaperInput): Promise<DismissPaperPayload> {
    return this.change(context, input.paperId, (userId, paperId) => this.dismissals.add(userId, paperId));
  }

  @Mutation(() => UndoDismissPaperPayload, {
    description:
      'Takes a dismissal back, which brings no upvote back; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.',
  })
  undoDismissPaper(
    @Ctx() context: Context,
    @Arg('input', () => UndoDismissPaperInput) input: UndoDismissPaperInput,
  ): Promise<UndoDismissPaperPayload> {
    return this.change(context, input.paperId, (userId, paperId) => this.dismissals.remove(userId, paperId));
  }

  private async change(
    context: Context,
    globalId: string,
    write: (userId: number, paperId: number) => Promise<void>,
  ): Promise<DismissPaperPayload> {
    const viewer = requireViewer(context);
    const paperId = rowIdOf('Paper', globalId, 'paperId');
    await write(viewer.id, paperId);
    forgetReads(context);
    return { paper: await this.papers.get(paperId) };
  }
}
