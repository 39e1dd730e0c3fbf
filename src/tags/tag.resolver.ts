import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { connectionOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireRole, type Context } from '../graphql/context.js';
import type { TagLoaders } from './tag.loaders.js';
import { toTag, type TagService } from './tag.service.js';
import { CreateTagInput, CreateTagPayload, Tag, TagConnection, TagsArgs } from './tag.type.js';

@Resolver(() => Tag)
export class TagResolver {
  constructor(
    private readonly tags: TagService,
    private readonly load: TagLoaders,
  ) {}

  @Query(() => Tag, { nullable: true, description: 'The tag of this slug.' })
  tag(@Ctx() context: Context, @Arg('slug', () => String) slug: string): Promise<Tag | null> {
    return this.load(context).bySlug.load(slug);
  }

  @Query(() => TagConnection, { name: 'tags', description: 'All tags.' })
  async tagList(@Args(() => TagsArgs) args: TagsArgs): Promise<Connection<Tag>> {
    const page = await this.tags.list(args, args.orderBy, toPage(args));
    return connectionOf(page, toTag, () => this.tags.count(args));
  }

  @Mutation(() => CreateTagPayload, { description: 'Makes a tag; repeating it changes nothing. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN.' })
  async createTag(@Ctx() context: Context, @Arg('input', () => CreateTagInput) input: CreateTagInput): Promise<CreateTagPayload> {
    requireRole(context, 'CURATOR');
    const payload = await this.tags.create(input);
    forgetReads(context);
    return payload;
  }
}
