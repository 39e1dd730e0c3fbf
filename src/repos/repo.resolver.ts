import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { badInput } from '../errors.js';
import { connectionOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import { Url } from '../graphql/scalars.js';
import { OrderedPapersArgs } from '../papers/paper.resolver.js';
import { toPaper, type PaperService } from '../papers/paper.service.js';
import { PaperConnection, type Paper } from '../papers/paper.type.js';
import type { RepoLoaders } from './repo.loaders.js';
import { toRepo, type RepoService } from './repo.service.js';
import { LinkRepoInput, LinkRepoPayload, Repo, RepoConnection, ReposArgs, UnlinkRepoInput, UnlinkRepoPayload } from './repo.type.js';
import { checkedRepoAddress, repoKey } from './repoAddress.js';

@Resolver(() => Repo)
export class RepoResolver {
  constructor(
    private readonly repos: RepoService,
    private readonly papers: PaperService,
    private readonly load: RepoLoaders,
  ) {}

  @Query(() => Repo, { nullable: true, description: 'A repo, by `id` or by `url`; give one of the two.' })
  repo(
    @Ctx() context: Context,
    @Arg('id', () => ID, { nullable: true }) id?: string | null,
    @Arg('url', () => Url, { nullable: true }) url?: URL | null,
  ): Promise<Repo | null> {
    if ((id == null) === (url == null)) throw badInput('id', 'or url must be given, one of the two', { id, url });
    if (id != null) return this.load(context).byId.load(rowIdOf('Repo', id, 'id'));
    return this.load(context).byKey.load(repoKey(checkedRepoAddress('url', String(url))));
  }

  @Query(() => RepoConnection, { name: 'repos', description: 'All repos.' })
  async list(@Args(() => ReposArgs) args: ReposArgs): Promise<Connection<Repo>> {
    const host = args.host ?? null;
    const page = await this.repos.list(host, args.orderBy, toPage(args));
    return connectionOf(page, toRepo, () => this.repos.count(host));
  }

  @FieldResolver(() => PaperConnection, { name: 'papers', description: 'The papers that link the repo.' })
  async papersOf(@Root() repo: Repo, @Ctx() context: Context, @Args(() => OrderedPapersArgs) args: OrderedPapersArgs): Promise<Connection<Paper>> {
    const page = await this.load(context).papersByRepoId(args.orderBy, repo.paperCount).load(repo.rowId, toPage(args));
    return connectionOf(page, toPaper, () => repo.paperCount);
  }

  @Mutation(() => LinkRepoPayload, {
    description:
      'Links a repo to a paper; repeating it changes nothing. For the submitter of the paper and curators. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async linkRepo(@Ctx() context: Context, @Arg('input', () => LinkRepoInput) input: LinkRepoInput): Promise<LinkRepoPayload> {
    const editor = requireViewer(context);
    const paper = await this.editable(context, input.paperId);
    const address = checkedRepoAddress('url', input.url);
    const repo = await this.repos.linkOne({ paperId: paper.rowId, address, isOfficial: input.isOfficial }, (write) => this.papers.edit(paper, { editor, details: { repo: repoKey(address) } }, write));
    forgetReads(context);
    return { paper: await this.papers.get(paper.rowId, 'paperId', context.viewer), repo };
  }

  @Mutation(() => UnlinkRepoPayload, {
    description:
      'Unlinks a repo from a paper; repeating it changes nothing. For the submitter of the paper and curators. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async unlinkRepo(@Ctx() context: Context, @Arg('input', () => UnlinkRepoInput) input: UnlinkRepoInput): Promise<UnlinkRepoPayload> {
    const editor = requireViewer(context);
    const paper = await this.editable(context, input.paperId);
    const repo = await this.repos.get(rowIdOf('Repo', input.repoId, 'repoId'), 'repoId');
    await this.papers.edit(paper, { editor, details: { unlinkedRepoId: input.repoId } }, (transaction) => this.repos.unlink(paper.rowId, repo.rowId, transaction));
    forgetReads(context);
    return { paper: await this.papers.get(paper.rowId, 'paperId', context.viewer) };
  }

  private editable(context: Context, paperId: string): Promise<Paper> {
    return this.papers.getEditable(rowIdOf('Paper', paperId, 'paperId'), requireViewer(context));
  }
}
