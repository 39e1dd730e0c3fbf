import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { forgetReads, requireViewer, type Context, type Viewer } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import type { CommentLoaders } from './comment.loaders.js';
import type { CommentService } from './comment.service.js';
import {
  AddCommentInput,
  AddCommentPayload,
  Comment,
  DeleteCommentInput,
  DeleteCommentPayload,
  EditCommentInput,
  EditCommentPayload,
  RemoveCommentUpvoteInput,
  RemoveCommentUpvotePayload,
  UpvoteCommentInput,
  UpvoteCommentPayload,
} from './comment.type.js';
import type { CommentWriter } from './commentWriter.service.js';

@Resolver()
export class CommentResolver {
  constructor(
    private readonly services: { readonly comments: CommentService; readonly commentWriter: CommentWriter },
    private readonly load: CommentLoaders,
  ) {}

  @Query(() => Comment, { nullable: true, description: 'A comment; null where there is none. Errors: BAD_USER_INPUT.' })
  comment(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<Comment | null> {
    return this.load(context).byId.load(rowIdOf('Comment', id, 'id'));
  }

  @Mutation(() => AddCommentPayload, {
    description:
      'Comments on a paper or replies to a comment. The same words in the same place within ten minutes are the same comment, so that a request may be repeated. A reader may write some comments in ten minutes, 20 unless configured; RATE_LIMITED says in `extensions.retryAfter` after how many seconds there is room. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, CONFLICT for a reply to what was deleted or hidden, RATE_LIMITED.',
  })
  async addComment(@Ctx() context: Context, @Arg('input', () => AddCommentInput) { paperId, parentId, body }: AddCommentInput): Promise<AddCommentPayload> {
    const { id: userId } = requireViewer(context);
    const place = { paperId: rowIdOf('Paper', paperId, 'paperId'), parentId: parentId == null ? null : rowIdOf('Comment', parentId, 'parentId') };
    return this.changed(context, await this.services.commentWriter.add({ userId, ...place, body }));
  }

  @Mutation(() => EditCommentPayload, {
    description:
      "Changes the text of the viewer's comment until `editableUntil`; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT when it is too late, or the comment deleted or hidden.",
  })
  async editComment(@Ctx() context: Context, @Arg('input', () => EditCommentInput) { commentId, body }: EditCommentInput): Promise<EditCommentPayload> {
    return this.change(context, commentId, (viewer, id) => this.services.commentWriter.edit(viewer, id, body));
  }

  @Mutation(() => DeleteCommentPayload, {
    description: "Deletes the viewer's comment; its replies stay, below a tombstone. Repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.",
  })
  deleteComment(@Ctx() context: Context, @Arg('input', () => DeleteCommentInput) { commentId }: DeleteCommentInput): Promise<DeleteCommentPayload> {
    return this.change(context, commentId, (viewer, id) => this.services.commentWriter.delete(viewer, id));
  }

  @Mutation(() => UpvoteCommentPayload, {
    description:
      'Upvotes a comment of somebody else; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN for a comment of the viewer, NOT_FOUND, CONFLICT for one that was deleted or hidden, RATE_LIMITED as upvotePaper, with which it shares its limits.',
  })
  upvoteComment(@Ctx() context: Context, @Arg('input', () => UpvoteCommentInput) { commentId }: UpvoteCommentInput): Promise<UpvoteCommentPayload> {
    return this.change(context, commentId, (viewer, id) => this.services.commentWriter.upvote(viewer, id));
  }

  @Mutation(() => RemoveCommentUpvotePayload, {
    description: "Takes the viewer's upvote back; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.",
  })
  removeCommentUpvote(
    @Ctx() context: Context,
    @Arg('input', () => RemoveCommentUpvoteInput) { commentId }: RemoveCommentUpvoteInput,
  ): Promise<RemoveCommentUpvotePayload> {
    return this.change(context, commentId, (viewer, id) => this.services.commentWriter.removeUpvote(viewer, id));
  }

  private async change(context: Context, globalId: string, write: (viewer: Viewer, commentId: number) => Promise<void>): Promise<{ comment: Comment }> {
    const viewer = requireViewer(context);
    const commentId = rowIdOf('Comment', globalId, 'commentId');
    await write(viewer, commentId);
    return this.changed(context, commentId);
  }

  private async changed(context: Context, commentId: number): Promise<{ comment: Comment }> {
    forgetReads(context);
    return { comment: await this.services.comments.get(commentId, context.viewer) };
  }
}
