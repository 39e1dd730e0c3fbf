import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Paper } from '../papers/paper.type.js';
import type { OriginLoaders } from './origin.loaders.js';
import { toOrigin } from './origin.service.js';
import { PaperOriginConnection, type PaperOrigin } from './origin.type.js';

/** Paper.origins */
@Resolver(() => Paper)
export class PaperOriginFields {
  constructor(private readonly load: OriginLoaders) {}

  @FieldResolver(() => PaperOriginConnection, { description: 'Which sources told of the paper, by name; a submission and an edit are sources too.' })
  async origins(@Root() paper: Paper, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<PaperOrigin>> {
    const loaders = this.load(context);
    const page = await loaders.byPaperId.load(paper.rowId, toPage(args));
    return connectionOf(page, toOrigin, () => loaders.countByPaperId.load(paper.rowId));
  }
}
