import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOf, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { toPaper } from '../papers/paper.service.js';
import { Paper } from '../papers/paper.type.js';
import type { AuthorLoaders } from './author.loaders.js';
import { toAuthor } from './author.service.js';
import { AuthorConnection, type Author } from './author.type.js';
import { MOST_AUTHORS, MOST_PAPERS_OF_AUTHOR } from './sharedAuthors.service.js';
import { SharedAuthorsConnection, type SharedAuthorsEdge } from './sharedAuthors.type.js';

/** Paper.authors, Paper.byTheSameAuthors */
@Resolver(() => Paper)
export class PaperAuthorFields {
  constructor(private readonly load: AuthorLoaders) {}

  @FieldResolver(() => AuthorConnection, { description: 'The byline, in its order; empty where no names are known (see `authorCount`).' })
  async authors(@Root() paper: Paper, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Author>> {
    const loaders = this.load(context);
    const page = await loaders.byPaperId.load(paper.rowId, toPage(args));
    return connectionOf(page, toAuthor, () => loaders.countByPaperId.load(paper.rowId));
  }

  @Costs({ points: 5 })
  @FieldResolver(() => SharedAuthorsConnection, {
    description: `Papers by the same authors: those that share the most first, then the latest listed. Of the first ${MOST_AUTHORS} authors of the byline, the ${MOST_PAPERS_OF_AUTHOR} papers of each that came last.`,
  })
  async byTheSameAuthors(@Root() paper: Paper, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Paper, SharedAuthorsEdge>> {
    const loaders = this.load(context);
    const page = await loaders.bySharedAuthors.load(paper.rowId, toPage(args));
    const edges = edgesOf(page, ({ sharedAuthorCount, sharedAuthorIds, ...row }) => ({
      node: toPaper(row as Paper),
      sharedAuthorCount,
      sharedAuthors: async () => (await Promise.all(sharedAuthorIds.map((id) => loaders.byId.load(id)))).filter((author) => author !== null),
    }));
    return connectionOfEdges(edges, page, () => loaders.countBySharedAuthors.load(paper.rowId));
  }
}
