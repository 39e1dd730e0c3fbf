import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { DomainError, badInput } from '../errors.js';
import { connectionOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, isOwnerOrCurator, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import { checkedText } from '../inputRules.js';
import type { CommentLoaders } from '../comments/comment.loaders.js';
import type { Comment } from '../comments/comment.type.js';
import type { PaperLoaders } from '../papers/paper.loaders.js';
import type { PaperService } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import type { UserLoaders } from '../users/user.loaders.js';
import { User } from '../users/user.type.js';
import { toReport, type ReportService, type Reported } from './report.service.js';
import { Report, ReportConnection, ReportInput, ReportPayload, ReportedObject, ReportsArgs, ResolveReportInput, ResolveReportPayload } from './report.type.js';

const MAX_NOTE_CHARACTERS = 1000;

@Resolver(() => Report)
export class ReportResolver {
  constructor(
    private readonly services: { readonly reports: ReportService; readonly papers: PaperService },
    private readonly load: { readonly papers: PaperLoaders; readonly comments: CommentLoaders; readonly users: UserLoaders },
  ) {}

  @Query(() => ReportConnection, { description: 'What readers reported, the latest first. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN.' })
  async reports(@Args(() => ReportsArgs) args: ReportsArgs): Promise<Connection<Report>> {
    const state = args.state ?? null;
    const page = await this.services.reports.list(state, toPage(args));
    return connectionOf(page, toReport, () => this.services.reports.count(state));
  }

  @FieldResolver(() => ReportedObject, { nullable: true, description: 'What is reported; null for a hidden one that the viewer may not see.' })
  object(@Root() { paperId, commentId, userId }: Report, @Ctx() context: Context): Promise<Paper | Comment | User | null> {
    if (paperId !== null) return this.load.papers(context).byId.load(paperId);
    return commentId === null ? this.load.users(context).byId.load(userId ?? 0) : this.load.comments(context).byId.load(commentId);
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who reported it; shown to curators and to themselves.' })
  reporter(@Root() report: Report, @Ctx() context: Context): Promise<User | null> | null {
    return isOwnerOrCurator(context.viewer, report.reporterId) ? this.load.users(context).byId.load(report.reporterId) : null;
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who ended it, for curators; null while it is open, and when the account is gone.' })
  resolver(@Root() report: Report, @Ctx() context: Context): Promise<User | null> | null {
    return report.resolverId === null ? null : this.load.users(context).byId.load(report.resolverId);
  }

  @Mutation(() => ReportPayload, {
    description:
      'Tells curators what is wrong with a paper, a comment or a reader; while the report is open, repeating it changes nothing. At most 20 in 24 hours. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, RATE_LIMITED.',
  })
  async report(@Ctx() context: Context, @Arg('input', () => ReportInput) input: ReportInput): Promise<ReportPayload> {
    const viewer = requireViewer(context);
    const note = checkedNote(input.note);
    const payload = await this.services.reports.add({ ...(await this.reported(context, input)), reporterId: viewer.id, reason: input.reason, note });
    forgetReads(context);
    return payload;
  }

  @Mutation(() => ResolveReportPayload, {
    description: 'Ends a report; repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT where it has ended in the other way.',
  })
  async resolveReport(@Ctx() context: Context, @Arg('input', () => ResolveReportInput) input: ResolveReportInput): Promise<ResolveReportPayload> {
    const moderator = requireViewer(context);
    const reportId = rowIdOf('Report', input.reportId, 'reportId');
    const report = await this.services.reports.resolve({ reportId, resolution: input.resolution, note: checkedNote(input.note), moderator });
    forgetReads(context);
    return { report };
  }

  private async reported(context: Context, { paperId, commentId, userId }: ReportInput): Promise<Reported> {
    if ([paperId, commentId, userId].filter((id) => id != null).length !== 1) throw badInput('paperId', 'or commentId or userId must be given, one of the three', { paperId, commentId, userId });
    if (paperId != null) {
      const paper = await this.services.papers.get(rowIdOf('Paper', paperId, 'paperId'), 'paperId', context.viewer);
      return { column: 'paper_id', rowId: paper.rowId };
    }
    if (commentId != null) {
      const comment = await this.load.comments(context).byId.load(rowIdOf('Comment', commentId, 'commentId'));
      if (comment === null || comment.isDeleted) throw new DomainError('NOT_FOUND', 'there is no such comment', 'commentId');
      return { column: 'comment_id', rowId: comment.rowId };
    }
    const user = await this.load.users(context).byId.load(rowIdOf('User', userId ?? '', 'userId'));
    if (user === null) throw new DomainError('NOT_FOUND', 'there is no such user', 'userId');
    return { column: 'user_id', rowId: user.rowId };
  }
}

function checkedNote(note: string | null | undefined): string | null {
  return note == null ? null : checkedText('note', note, { min: 1, max: MAX_NOTE_CHARACTERS });
}
