import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Paper } from '../papers/paper.type.js';
import type { AuthorLoaders } from './author.loaders.js';
import { toAuthor } from './author.service.js';
import { AuthorConnection, type Author } from './author.type.js';

/** Paper.authors */
@Resolver(() => Paper)
export class PaperAuthorFields {
  constructor(private readonly load: AuthorLoaders) {}

  @FieldResolver(() => AuthorConnection, { description: 'The byline, in its order; empty where no names are known (see `authorCount`).' })
  async authors(@Root() paper: Paper, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Author>> {
    const loaders = this.load(context);
    const page = await loaders.byPaperId.load(paper.rowId, toPage(args));
    return connectionOf(page, toAuthor, () => loaders.countByPaperId.load(paper.rowId));
  }
}
