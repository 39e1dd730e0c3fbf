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

type EditTransaction = Parameters<Parameters<PaperService['edit']>[2]>[0];

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
    return this.edit(context, input, async (link, transaction) => (await this.services.paperTags.set([{ ...link, weight: input.weight }], transaction)).size > 0);
  }

  @Mutation(() => UntagPaperPayload, {
    description:
      'Takes a tag from a paper; repeating it changes nothing. For the submitter of the paper and curators. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async untagPaper(@Ctx() context: Context, @Arg('input', () => UntagPaperInput) input: UntagPaperInput): Promise<UntagPaperPayload> {
    return this.edit(context, input, ({ paperId, tagId }, transaction) => this.services.paperTags.remove(paperId, tagId, transaction));
  }

  private async edit(
    context: Context,
    input: TagPaperInput | UntagPaperInput,
    write: (link: { readonly paperId: number; readonly tagId: number }, transaction: EditTransaction) => Promise<boolean>,
  ): Promise<TagPaperPayload> {
    const editor = requireViewer(context);
    const { papers, tags } = this.services;
    const paper = await papers.getEditable(rowIdOf('Paper', input.paperId, 'paperId'), editor);
    const tag = await tags.getBySlug(input.tagSlug, 'tagSlug');
    const details = 'weight' in input ? { tag: tag.slug, weight: input.weight } : { tag: tag.slug, weight: 0 };
    await papers.edit(paper, { editor, details }, (transaction) => write({ paperId: paper.rowId, tagId: tag.rowId }, transaction));
    forgetReads(context);
    return { paper: await papers.get(paper.rowId, 'paperId', editor) };
  }
}
