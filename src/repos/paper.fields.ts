import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Paper } from '../papers/paper.type.js';
import type { RepoLoaders } from './repo.loaders.js';
import { toRepo } from './repo.service.js';
import { PaperRepoConnection, type PaperRepoEdge, type Repo } from './repo.type.js';

/** Paper.repos */
@Resolver(() => Paper)
export class PaperRepoFields {
  constructor(private readonly load: RepoLoaders) {}

  @FieldResolver(() => PaperRepoConnection, { description: "The paper's code, official repos first, then by stars." })
  async repos(@Root() paper: Paper, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Repo, PaperRepoEdge>> {
    const loaders = this.load(context);
    const page = await loaders.byPaperId.load(paper.rowId, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toRepo(row), isOfficial: row.isOfficial }));
    return connectionOfEdges(edges, page, () => loaders.countByPaperId.load(paper.rowId));
  }
}
