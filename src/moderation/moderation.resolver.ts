import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { AuthorService } from '../authors/author.service.js';
import type { CommentService } from '../comments/comment.service.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { rowIdOf } from '../graphql/globalId.js';
import { checkedText } from '../inputRules.js';
import type { PaperService } from '../papers/paper.service.js';
import type { TagService } from '../tags/tag.service.js';
import type { HidingService } from './hiding.service.js';
import type { MergeRequest, MergeService } from './merge.service.js';
import {
  HideCommentInput,
  HideCommentPayload,
  HidePaperInput,
  HidePaperPayload,
  MergeAuthorsInput,
  MergeAuthorsPayload,
  MergePapersInput,
  MergePapersPayload,
  MergeTagsInput,
  MergeTagsPayload,
  RestoreCommentInput,
  RestoreCommentPayload,
  RestorePaperInput,
  RestorePaperPayload,
} from './moderation.type.js';

const MAX_REASON_CHARACTERS = 1000;

@Resolver()
export class ModerationResolver {
  constructor(
    private readonly services: {
      readonly hiding: HidingService;
      readonly merges: MergeService;
      readonly papers: PaperService;
      readonly authors: AuthorService;
      readonly tags: TagService;
      readonly comments: CommentService;
    },
  ) {}

  @Mutation(() => HidePaperPayload, {
    description:
      'Takes a paper from all lists, counts and recommendations, at once; it keeps its votes. Repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async hidePaper(@Ctx() context: Context, @Arg('input', () => HidePaperInput) input: HidePaperInput): Promise<HidePaperPayload> {
    const moderator = requireViewer(context);
    const rowId = rowIdOf('Paper', input.paperId, 'paperId');
    await this.services.hiding.hide('Paper', { rowId, reason: checkedReason(input.reason), moderator });
    return this.paper(context, rowId);
  }

  @Mutation(() => RestorePaperPayload, {
    description:
      'Puts a hidden paper back, with all its votes; repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async restorePaper(@Ctx() context: Context, @Arg('input', () => RestorePaperInput) input: RestorePaperInput): Promise<RestorePaperPayload> {
    const moderator = requireViewer(context);
    const rowId = rowIdOf('Paper', input.paperId, 'paperId');
    await this.services.hiding.restore('Paper', { rowId, reason: input.reason == null ? null : checkedReason(input.reason), moderator });
    return this.paper(context, rowId);
  }

  @Mutation(() => HideCommentPayload, {
    description: 'Leaves of a comment its place alone, but to its author and curators; repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async hideComment(@Ctx() context: Context, @Arg('input', () => HideCommentInput) input: HideCommentInput): Promise<HideCommentPayload> {
    const moderator = requireViewer(context);
    const rowId = rowIdOf('Comment', input.commentId, 'commentId');
    await this.services.hiding.hide('Comment', { rowId, reason: checkedReason(input.reason), moderator });
    return this.comment(context, rowId);
  }

  @Mutation(() => RestoreCommentPayload, {
    description: 'Shows a hidden comment again; repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async restoreComment(@Ctx() context: Context, @Arg('input', () => RestoreCommentInput) input: RestoreCommentInput): Promise<RestoreCommentPayload> {
    const moderator = requireViewer(context);
    const rowId = rowIdOf('Comment', input.commentId, 'commentId');
    await this.services.hiding.restore('Comment', { rowId, reason: input.reason == null ? null : checkedReason(input.reason), moderator });
    return this.comment(context, rowId);
  }

  @Costs({ points: 100 })
  @Mutation(() => MergePapersPayload, {
    description:
      'Makes a duplicate a part of the paper that stays: votes, dismissals, comments, collections, tags, authors, repos and origins move, one of a reader’s two votes is kept with the earlier time, and the names of the duplicate lead to the paper that stays. Repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT where one of them is hidden.',
  })
  async mergePapers(@Ctx() context: Context, @Arg('input', () => MergePapersInput) input: MergePapersInput): Promise<MergePapersPayload> {
    const request = mergeOf(context, 'Paper', input);
    await this.services.merges.papers(request);
    return this.paper(context, request.keepId);
  }

  @Costs({ points: 100 })
  @Mutation(() => MergeAuthorsPayload, {
    description:
      'Makes two authors one: papers, follows, mutes and claims move, and imports that name the duplicate mean the one who stays, who is linked to the reader of either. Repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT where the two are linked to two readers.',
  })
  async mergeAuthors(@Ctx() context: Context, @Arg('input', () => MergeAuthorsInput) input: MergeAuthorsInput): Promise<MergeAuthorsPayload> {
    const request = mergeOf(context, 'Author', input);
    await this.services.merges.authors(request);
    forgetReads(context);
    return { author: await this.services.authors.get(request.keepId, 'keepId') };
  }

  @Costs({ points: 100 })
  @Mutation(() => MergeTagsPayload, {
    description:
      'Makes two tags one: papers (with the larger weight), follows and mutes move, and the slugs of the duplicate become aliases. Repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT where the tag would have too many aliases.',
  })
  async mergeTags(@Ctx() context: Context, @Arg('input', () => MergeTagsInput) input: MergeTagsInput): Promise<MergeTagsPayload> {
    const request = mergeOf(context, 'Tag', input);
    await this.services.merges.tags(request);
    forgetReads(context);
    return { tag: await this.services.tags.get(request.keepId, 'keepId') };
  }

  private async comment(context: Context, rowId: number): Promise<HideCommentPayload> {
    forgetReads(context);
    return { comment: await this.services.comments.get(rowId, context.viewer) };
  }

  private async paper(context: Context, rowId: number): Promise<HidePaperPayload> {
    forgetReads(context);
    return { paper: await this.services.papers.get(rowId, 'paperId', context.viewer) };
  }
}

function mergeOf(context: Context, type: 'Paper' | 'Author' | 'Tag', { keepId, duplicateId }: { readonly keepId: string; readonly duplicateId: string }): MergeRequest {
  const moderator = requireViewer(context);
  return { keepId: rowIdOf(type, keepId, 'keepId'), duplicateId: rowIdOf(type, duplicateId, 'duplicateId'), moderator };
}

function checkedReason(reason: string): string {
  return checkedText('reason', reason, { min: 1, max: MAX_REASON_CHARACTERS });
}
