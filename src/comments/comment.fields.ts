import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { EMPTY_PAGE } from '../graphql/loaders.js';
import { DateTime } from '../graphql/scalars.js';
import type { PaperLoaders } from '../papers/paper.loaders.js';
import { Paper } from '../papers/paper.type.js';
import type { UserLoaders } from '../users/user.loaders.js';
import { toUser } from '../users/user.service.js';
import { User } from '../users/user.type.js';
import type { CommentLoaders } from './comment.loaders.js';
import { isTold, toComment } from './comment.service.js';
import { Comment, CommentConnection, CommentsArgs, MentionedUserConnection } from './comment.type.js';
import { type CommentWriter, renderedComment } from './commentWriter.service.js';

/** The fields of Comment that depend on who asks, and its edges. */
@Resolver(() => Comment)
export class CommentFields {
  constructor(
    private readonly writer: CommentWriter,
    private readonly load: { readonly comments: CommentLoaders; readonly papers: PaperLoaders; readonly users: UserLoaders },
  ) {}

  @FieldResolver(() => String, { nullable: true, description: 'The text as its author wrote it; null for a tombstone.' })
  bodyMarkdown(@Root() comment: Comment, @Ctx() { viewer }: Context): string | null {
    return isTold(comment, viewer) ? comment.body : null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'The text as HTML that is safe to show: CommonMark with ~~strikethrough~~ and bare addresses, without HTML of the author, tables and images (which become links). Links lead to http, https and mailto, with rel="nofollow ugc noopener". Math between `$` stays as written. Null for a tombstone.',
  })
  bodyHtml(@Root() comment: Comment, @Ctx() { viewer }: Context): Promise<string> | null {
    return isTold(comment, viewer) ? renderedComment(comment.body) : null;
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who wrote it; null for a tombstone, and where the account is gone.' })
  author(@Root() comment: Comment, @Ctx() context: Context): Promise<User | null> | null {
    return comment.authorId !== null && isTold(comment, context.viewer) ? this.load.users(context).byId.load(comment.authorId) : null;
  }

  @FieldResolver(() => Boolean, { description: "Whether who wrote it is an author of the paper's byline, as a curator confirmed; false for a tombstone." })
  isByAuthor(@Root() comment: Comment, @Ctx() { viewer }: Context): boolean {
    return comment.isByPaperAuthor && isTold(comment, viewer);
  }

  @FieldResolver(() => Paper, { nullable: true, description: 'The paper that is discussed; null for a hidden one that the viewer may not see.' })
  paper(@Root() comment: Comment, @Ctx() context: Context): Promise<Paper | null> {
    return this.load.papers(context).byId.load(comment.paperId);
  }

  @FieldResolver(() => Comment, { nullable: true, description: 'What it replies to; null for a comment on the paper itself.' })
  parent(@Root() comment: Comment, @Ctx() context: Context): Promise<Comment | null> | null {
    return comment.parentId === null ? null : this.load.comments(context).byId.load(comment.parentId);
  }

  @FieldResolver(() => CommentConnection, { description: 'The direct replies.' })
  async replies(@Root() comment: Comment, @Ctx() context: Context, @Args(() => CommentsArgs) args: CommentsArgs): Promise<Connection<Comment>> {
    const page = await this.load.comments(context).byParentId[args.orderBy].load(comment.rowId, toPage(args));
    return connectionOf(page, toComment, () => comment.replyCount);
  }

  @FieldResolver(() => MentionedUserConnection, { description: 'The readers whom the text names with `@username`, the first 20; none for a tombstone.' })
  async mentions(@Root() comment: Comment, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<User>> {
    const page = toPage(args);
    const loaders = this.load.comments(context);
    if (!isTold(comment, context.viewer)) return connectionOf<User, User>(EMPTY_PAGE, toUser, () => 0);
    return connectionOf(await loaders.mentionsByCommentId.load(comment.rowId, page), toUser, () => loaders.mentionCountByCommentId.load(comment.rowId));
  }

  @FieldResolver(() => Boolean, { description: 'Whether the viewer upvoted the comment; false for an anonymous request.' })
  viewerHasUpvoted(@Root() comment: Comment, @Ctx() context: Context): Promise<boolean> {
    return this.load.comments(context).viewerHasUpvoted.load(comment.rowId);
  }

  @FieldResolver(() => Boolean, { description: 'Whether the viewer may edit the comment now: its author, until `editableUntil`.' })
  viewerCanEdit(@Root() comment: Comment, @Ctx() { viewer }: Context): boolean {
    const until = this.editableUntil(comment);
    return viewer?.id === comment.authorId && until !== null && until > new Date();
  }

  @FieldResolver(() => DateTime, { nullable: true, description: 'Until when its author may edit it; null once it is deleted or hidden.' })
  editableUntil(@Root() comment: Comment): Date | null {
    return comment.isDeleted || comment.isHidden ? null : this.writer.editableUntil(comment);
  }
}
