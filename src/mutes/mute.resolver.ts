import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { toAuthor, type AuthorService } from '../authors/author.service.js';
import type { Author } from '../authors/author.type.js';
import { PageArgs, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import { toTag, type TagService } from '../tags/tag.service.js';
import type { Tag } from '../tags/tag.type.js';
import type { MuteService } from './mute.service.js';
import {
  MuteAuthorInput,
  MuteAuthorPayload,
  MuteTagInput,
  MuteTagPayload,
  MutedAuthorConnection,
  MutedTagConnection,
  UnmuteAuthorInput,
  UnmuteAuthorPayload,
  UnmuteTagInput,
  UnmuteTagPayload,
  type MutedAuthorEdge,
  type MutedTagEdge,
} from './mute.type.js';

@Resolver()
export class MuteResolver {
  constructor(private readonly services: { readonly mutes: MuteService; readonly tags: TagService; readonly authors: AuthorService }) {}

  @Query(() => MutedTagConnection, {
    description: 'The tags that the viewer muted, the latest first; nobody else sees them. Errors: BAD_USER_INPUT, UNAUTHENTICATED.',
  })
  async mutedTags(@Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Tag, MutedTagEdge>> {
    const { id } = requireViewer(context);
    const page = await this.services.mutes.tags(id, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toTag(row), mutedAt: row.mutedAt }));
    return connectionOfEdges(edges, page, () => this.services.mutes.countTags(id));
  }

  @Query(() => MutedAuthorConnection, {
    description: 'The authors whom the viewer muted, the latest first; nobody else sees them. Errors: BAD_USER_INPUT, UNAUTHENTICATED.',
  })
  async mutedAuthors(@Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Author, MutedAuthorEdge>> {
    const { id } = requireViewer(context);
    const page = await this.services.mutes.authors(id, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toAuthor(row), mutedAt: row.mutedAt }));
    return connectionOfEdges(edges, page, () => this.services.mutes.countAuthors(id));
  }

  @Mutation(() => MuteTagPayload, {
    description:
      "Keeps papers with a tag out of the viewer's feeds and recommendations, from the next answer on, and ends the viewer's follow of it; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.",
  })
  muteTag(@Ctx() context: Context, @Arg('input', () => MuteTagInput) input: MuteTagInput): Promise<MuteTagPayload> {
    return this.changeTag(context, input.tagSlug, (userId, slug) => this.services.mutes.addTag(userId, slug));
  }

  @Mutation(() => UnmuteTagPayload, {
    description: 'Ends the mute of a tag, which brings no follow back; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.',
  })
  unmuteTag(@Ctx() context: Context, @Arg('input', () => UnmuteTagInput) input: UnmuteTagInput): Promise<UnmuteTagPayload> {
    return this.changeTag(context, input.tagSlug, (userId, slug) => this.services.mutes.removeTag(userId, slug));
  }

  @Mutation(() => MuteAuthorPayload, {
    description:
      "Keeps papers by an author out of the viewer's feeds and recommendations, from the next answer on, and ends the viewer's follow of them; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.",
  })
  muteAuthor(@Ctx() context: Context, @Arg('input', () => MuteAuthorInput) input: MuteAuthorInput): Promise<MuteAuthorPayload> {
    return this.changeAuthor(context, input.authorId, (userId, authorId) => this.services.mutes.addAuthor(userId, authorId));
  }

  @Mutation(() => UnmuteAuthorPayload, {
    description: 'Ends the mute of an author, which brings no follow back; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.',
  })
  unmuteAuthor(@Ctx() context: Context, @Arg('input', () => UnmuteAuthorInput) input: UnmuteAuthorInput): Promise<UnmuteAuthorPayload> {
    return this.changeAuthor(context, input.authorId, (userId, authorId) => this.services.mutes.removeAuthor(userId, authorId));
  }

  private async changeTag(context: Context, slug: string, write: (userId: number, slug: string) => Promise<void>): Promise<{ tag: Tag }> {
    await write(requireViewer(context).id, slug);
    forgetReads(context);
    return { tag: await this.services.tags.getBySlug(slug, 'tagSlug') };
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
}
