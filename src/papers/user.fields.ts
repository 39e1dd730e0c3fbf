import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { connectionOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import type { UserLoaders } from '../users/user.loaders.js';
import { User } from '../users/user.type.js';
import type { PaperLoaders } from './paper.loaders.js';
import { OrderedPapersArgs } from './paper.resolver.js';
import { toPaper } from './paper.service.js';
import { Paper, PaperConnection } from './paper.type.js';

/** User.submittedPapers */
@Resolver(() => User)
export class SubmitterFields {
  constructor(private readonly load: PaperLoaders) {}

  @FieldResolver(() => PaperConnection, { description: 'The papers that the reader submitted.' })
  async submittedPapers(@Root() user: User, @Ctx() context: Context, @Args(() => OrderedPapersArgs) args: OrderedPapersArgs): Promise<Connection<Paper>> {
    const loaders = this.load(context);
    const page = await loaders.bySubmitterId(args.orderBy).load(user.rowId, toPage(args));
    return connectionOf(page, toPaper, () => loaders.countBySubmitterId.load(user.rowId));
  }
}

/** Paper.submittedBy */
@Resolver(() => Paper)
export class PaperSubmitterFields {
  constructor(private readonly loadUsers: UserLoaders) {}

  @FieldResolver(() => User, { nullable: true, description: 'Who submitted the paper; null for an imported one.' })
  submittedBy(@Root() paper: Paper, @Ctx() context: Context): Promise<User | null> | null {
    return paper.submittedById === null ? null : this.loadUsers(context).byId.load(paper.submittedById);
  }
}
