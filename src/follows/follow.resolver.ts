import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { AuthorService } from '../authors/author.service.js';
import type { Author } from '../authors/author.type.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import type { TagService } from '../tags/tag.service.js';
import type { Tag } from '../tags/tag.type.js';
import type { UserService } from '../users/user.service.js';
import type { User } from '../users/user.type.js';
import type { FollowService } from './follow.service.js';
import {
  FollowAuthorInput,
  FollowAuthorPayload,
  FollowTagInput,
  FollowTagPayload,
  FollowUserInput,
  FollowUserPayload,
  UnfollowAuthorInput,
  UnfollowAuthorPayload,
  UnfollowTagInput,
  UnfollowTagPayload,
  UnfollowUserInput,
  UnfollowUserPayload,
} from './follow.type.js';

@Resolver()
export class FollowResolver {
  constructor(
    private readonly services: { readonly follows: FollowService; readonly tags: TagService; readonly authors: AuthorService; readonly users: UserService },
  ) {}

  @Mutation(() => FollowTagPayload, { description: 'Follows a tag; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.' })
  async followTag(@Ctx() context: Context, @Arg('input', () => FollowTagInput) input: FollowTagInput): Promise<FollowTagPayload> {
    await this.services.follows.addTag(requireViewer(context).id, input.tagSlug);
    return { tag: await this.changedTag(context, input.tagSlug) };
  }

  @Mutation(() => UnfollowTagPayload, { description: 'Follows a tag no longer; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.' })
  async unfollowTag(@Ctx() context: Context, @Arg('input', () => UnfollowTagInput) input: UnfollowTagInput): Promise<UnfollowTagPayload> {
    await this.services.follows.removeTag(requireViewer(context).id, input.tagSlug);
    return { tag: await this.changedTag(context, input.tagSlug) };
  }

  @Mutation(() => FollowAuthorPayload, { description: 'Follows an author; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.' })
  followAuthor(@Ctx() context: Context, @Arg('input', () => FollowAuthorInput) input: FollowAuthorInput): Promise<FollowAuthorPayload> {
    return this.changeAuthor(context, input.authorId, (userId, authorId) => this.services.follows.addAuthor(userId, authorId));
  }

  @Mutation(() => UnfollowAuthorPayload, { description: 'Follows an author no longer; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.' })
  unfollowAuthor(@Ctx() context: Context, @Arg('input', () => UnfollowAuthorInput) input: UnfollowAuthorInput): Promise<UnfollowAuthorPayload> {
    return this.changeAuthor(context, input.authorId, (userId, authorId) => this.services.follows.removeAuthor(userId, authorId));
  }

  @Mutation(() => FollowUserPayload, { description: 'Follows another reader; repeating it changes nothing. Errors: BAD_USER_INPUT (also for oneself), UNAUTHENTICATED, NOT_FOUND.' })
  followUser(@Ctx() context: Context, @Arg('input', () => FollowUserInput) input: FollowUserInput): Promise<FollowUserPayload> {
    return this.changeUser(context, input.userId, (viewerId, userId) => this.services.follows.addUser(viewerId, userId));
  }

  @Mutation(() => UnfollowUserPayload, { description: 'Follows a reader no longer; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.' })
  unfollowUser(@Ctx() context: Context, @Arg('input', () => UnfollowUserInput) input: UnfollowUserInput): Promise<UnfollowUserPayload> {
    return this.changeUser(context, input.userId, (viewerId, userId) => this.services.follows.removeUser(viewerId, userId));
  }

  private changedTag(context: Context, slug: string): Promise<Tag> {
    forgetReads(context);
    return this.services.tags.getBySlug(slug, 'tagSlug');
  }

  private async changeAuthor(
    context: Context,
    globalId: string,
    write: (userId: number, authorId: number) => Promise<void>,
  ): Promise<{ author: Author }> {
    const viewer = requireViewer(context);
    const authorId = rowIdOf('Author', globalId, 'authorId');
    await write(viewer.id, authorId);
    forgetReads(context);
    return { author: await this.services.authors.get(authorId) };
  }

  private async changeUser(context: Context, globalId: string, write: (viewerId: number, userId: number) => Promise<void>): Promise<{ user: User }> {
    const viewer = requireViewer(context);
    const userId = rowIdOf('User', globalId, 'userId');
    await write(viewer.id, userId);
    forgetReads(context);
    return { user: await this.services.users.get(userId) };
  }
}
