import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { connectionOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import type { TagLoaders } from './tag.loaders.js';
import { toTag, type TagService } from './tag.service.js';
import {
  AddTagAliasInput,
  AddTagAliasPayload,
  CreateTagInput,
  CreateTagPayload,
  RemoveTagAliasInput,
  RemoveTagAliasPayload,
  Tag,
  TagConnection,
  TagsArgs,
} from './tag.type.js';

@Resolver(() => Tag)
export class TagResolver {
  constructor(
    private readonly tags: TagService,
    private readonly load: TagLoaders,
  ) {}

  @Query(() => Tag, { nullable: true, description: 'The tag of this slug, its own or an alias.' })
  tag(@Ctx() context: Context, @Arg('slug', () => String) slug: string): Promise<Tag | null> {
    return this.load(context).bySlug.load(slug);
  }

  @Query(() => TagConnection, { name: 'tags', description: 'All tags.' })
  async tagList(@Args(() => TagsArgs) args: TagsArgs): Promise<Connection<Tag>> {
    const page = await this.tags.list(args, args.orderBy, toPage(args));
    return connectionOf(page, toTag, () => this.tags.count(args));
  }

  @FieldResolver(() => [String], { description: 'Other slugs under which sources name it, from a to z; at most 20.' })
  aliases(@Root() tag: Tag, @Ctx() context: Context): Promise<string[]> {
    return this.load(context).aliasesById.load(tag.rowId);
  }

  @Mutation(() => CreateTagPayload, { description: 'Makes a tag; repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN.' })
  async createTag(@Ctx() context: Context, @Arg('input', () => CreateTagInput) input: CreateTagInput): Promise<CreateTagPayload> {
    const payload = await this.tags.create(input, requireViewer(context));
    forgetReads(context);
    return payload;
  }

  @Mutation(() => AddTagAliasPayload, {
    description:
      'Gives a tag another slug; repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT where the slug names another tag.',
  })
  async addTagAlias(@Ctx() context: Context, @Arg('input', () => AddTagAliasInput) input: AddTagAliasInput): Promise<AddTagAliasPayload> {
    const curator = requireViewer(context);
    const tag = await this.tags.addAlias(rowIdOf('Tag', input.tagId, 'tagId'), input.alias, curator);
    forgetReads(context);
    return { tag };
  }

  @Mutation(() => RemoveTagAliasPayload, {
    description: 'Takes an alias from its tag; repeating it changes nothing. Needs the role CURATOR. Errors: UNAUTHENTICATED, FORBIDDEN.',
  })
  async removeTagAlias(@Ctx() context: Context, @Arg('input', () => RemoveTagAliasInput) input: RemoveTagAliasInput): Promise<RemoveTagAliasPayload> {
    const tag = await this.tags.removeAlias(input.alias, requireViewer(context));
    forgetReads(context);
    return { tag };
  }
}
