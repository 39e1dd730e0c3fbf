import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import type { TagService } from '../tags/tag.service.js';
import type { PaperLoaders } from './paper.loaders.js';
import { toPaper, type PaperService } from './paper.service.js';
import { Paper, PaperConnection, PaperFilter, PaperOrder } from './paper.type.js';
import { paperKeyOf, type PaperKeyArgs } from './paperKey.js';
import type { PaperTagService } from './paperTag.service.js';
import { TagPaperInput, TagPaperPayload, UntagPaperInput, UntagPaperPayload } from './paperTag.type.js';

@ArgsType()
export class PaperArgs implements PaperKeyArgs {
  @Field(() => ID, { nullable: true })
  id?: string | null;

  @Field(() => String, { nullable: true })
  arxivId?: string | null;

  @Field(() => String, { nullable: true })
  doi?: string | null;
}

/** The arguments of every list of papers that can be ordered. */
@ArgsType()
export class OrderedPapersArgs extends PageArgs {
  @Field(() => PaperOrder, { defaultValue: PaperOrder.NEWEST })
  orderBy!: PaperOrder;
}

@ArgsType()
export class PapersArgs extends OrderedPapersArgs {
  @Field(() => PaperFilter, { nullable: true })
  filter?: PaperFilter | null;
}

@Resolver(() => Paper)
export class PaperResolver {
  constructor(
    private readonly services: { readonly papers: PaperService; readonly paperTags: PaperTagService; readonly tags: TagService },
    private readonly load: PaperLoaders,
  ) {}

  @Query(() => Paper, { nullable: true, description: 'A paper, by `id`, by `arxivId` (in any spelling: with its version, as an address) or by `doi` (with or without resolver); give one of the three.' })
  paper(@Ctx() context: Context, @Args(() => PaperArgs) args: PaperArgs): Promise<Paper | null> {
    const key = paperKeyOf(args);
    const loaders = this.load(context);
    if ('rowId' in key) return loaders.byId.load(key.rowId);
    return 'doi' in key ? loaders.byDoi.load(key.doi) : loaders.byArxivId.load(key.arxivId);
  }

  @Query(() => PaperConnection, { name: 'papers', description: 'All papers that pass the filter. Errors: BAD_USER_INPUT.' })
  async list(@Args(() => PapersArgs) args: PapersArgs): Promise<Connection<Paper>> {
    const filter = args.filter ?? {};
    const page = await this.services.papers.list(filter, args.orderBy, toPage(args));
    return connectionOf(page, toPaper, () => this.services.papers.count(filter));
  }

  @FieldResolver(() => String, { nullable: true, description: 'Abstract or summary, as the source has it.' })
  abstract(@Root() paper: Paper, @Ctx() context: Context): Promise<string | null> {
    return this.load(context).abstractById.load(paper.rowId);
  }

  @Mutation(() => TagPaperPayload, {
    description:
      'Gives a tag to a paper, or changes its weight; repeating it changes nothing. For the submitter of the paper and curators. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async tagPaper(@Ctx() context: Context, @Arg('input', () => TagPaperInput) input: TagPaperInput): Promise<TagPaperPayload> {
    const paperId = await this.editable(context, input.paperId);
    const tag = await this.services.tags.getBySlug(input.tagSlug, 'tagSlug');
    await this.services.paperTags.set([{ paperId, tagId: tag.rowId, weight: input.weight }]);
    forgetReads(context);
    return { paper: await this.services.papers.get(paperId, 'paperId', context.viewer) };
  }

  @Mutation(() => UntagPaperPayload, {
    description:
      'Takes a tag from a paper; repeating it changes nothing. For the submitter of the paper and curators. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async untagPaper(@Ctx() context: Context, @Arg('input', () => UntagPaperInput) input: UntagPaperInput): Promise<UntagPaperPayload> {
    const paperId = await this.editable(context, input.paperId);
    const tag = await this.services.tags.getBySlug(input.tagSlug, 'tagSlug');
    await this.services.paperTags.remove(paperId, tag.rowId);
    forgetReads(context);
    return { paper: await this.services.papers.get(paperId, 'paperId', context.viewer) };
  }

  private async editable(context: Context, paperId: string): Promise<number> {
    const viewer = requireViewer(context);
    const paper = await this.services.papers.getEditable(rowIdOf('Paper', paperId, 'paperId'), viewer);
    return paper.rowId;
  }
}
