import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { AuthorLoaders } from '../authors/author.loaders.js';
import { Author } from '../authors/author.type.js';
import type { CommentLoaders } from '../comments/comment.loaders.js';
import { Comment } from '../comments/comment.type.js';
import type { Context } from '../graphql/context.js';
import type { PaperLoaders } from '../papers/paper.loaders.js';
import { Paper } from '../papers/paper.type.js';
import type { UserLoaders } from '../users/user.loaders.js';
import { User } from '../users/user.type.js';
import { sentenceOf } from './notificationText.js';
import { Notification } from './notification.type.js';

/** The edges of Notification, and what it says in words. */
@Resolver(() => Notification)
export class NotificationFields {
  constructor(private readonly load: { readonly users: UserLoaders; readonly papers: PaperLoaders; readonly comments: CommentLoaders; readonly authors: AuthorLoaders }) {}

  @FieldResolver(() => User, { nullable: true, description: 'Who did it; null where nobody did.' })
  actor(@Root() { actorId }: Notification, @Ctx() context: Context): Promise<User | null> | null {
    return actorId === null ? null : this.load.users(context).byId.load(actorId);
  }

  @FieldResolver(() => Paper, { nullable: true, description: 'The paper that it happened on; null where it happened on none.' })
  paper(@Root() { paperId }: Notification, @Ctx() context: Context): Promise<Paper | null> | null {
    return paperId === null ? null : this.load.papers(context).byId.load(paperId);
  }

  @FieldResolver(() => Comment, { nullable: true, description: 'The comment that it tells of; null where it tells of none.' })
  comment(@Root() { commentId }: Notification, @Ctx() context: Context): Promise<Comment | null> | null {
    return commentId === null ? null : this.load.comments(context).byId.load(commentId);
  }

  @FieldResolver(() => Author, { nullable: true, description: 'The author whom the viewer claimed to be, for CLAIM_CONFIRMED and CLAIM_REJECTED.' })
  author(@Root() { authorId }: Notification, @Ctx() context: Context): Promise<Author | null> | null {
    return authorId === null ? null : this.load.authors(context).byId.load(authorId);
  }

  @FieldResolver(() => String, { description: 'One English sentence, without markup.' })
  async text(@Root() notification: Notification, @Ctx() context: Context): Promise<string> {
    const [actor, paper, author] = await Promise.all([this.actor(notification, context), this.paper(notification, context), this.author(notification, context)]);
    return sentenceOf(notification.kind, {
      actor: actor?.displayName ?? actor?.username ?? 'Somebody',
      paper: paper?.title ?? 'a paper',
      author: author?.name ?? 'whom you named',
    });
  }
}
