import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { toAuthor } from '../authors/author.service.js';
import type { Author } from '../authors/author.type.js';
import { PageArgs, connectionOf, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import { isOwnerOrCurator, type Context } from '../graphql/context.js';
import { User } from '../users/user.type.js';
import type { ClaimLoaders } from './claim.loaders.js';
import { toClaim } from './claim.service.js';
import { AuthorshipClaimConnection, AuthorshipClaimsArgs, UserAuthorConnection, type AuthorshipClaim, type UserAuthorEdge } from './claim.type.js';

/** User.authors, User.authorshipClaims */
@Resolver(() => User)
export class UserClaimFields {
  constructor(private readonly load: ClaimLoaders) {}

  @FieldResolver(() => UserAuthorConnection, { description: 'The authors who the reader is, as curators confirmed: one for each spelling of the name; the latest first.' })
  async authors(@Root() user: User, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Author, UserAuthorEdge>> {
    const loaders = this.load(context);
    const page = await loaders.authorsByUserId.load(user.rowId, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toAuthor(row), confirmedAt: row.confirmedAt }));
    return connectionOfEdges(edges, page, () => loaders.authorCountByUserId.load(user.rowId));
  }

  @FieldResolver(() => AuthorshipClaimConnection, { nullable: true, description: 'What the reader claims, the latest first; null to all but the reader and curators.' })
  async authorshipClaims(@Root() user: User, @Ctx() context: Context, @Args(() => AuthorshipClaimsArgs) args: AuthorshipClaimsArgs): Promise<Connection<AuthorshipClaim> | null> {
    const page = toPage(args);
    if (!isOwnerOrCurator(context.viewer, user.rowId)) return null;
    const [loaders, state] = [this.load(context), args.state ?? null];
    return connectionOf(await loaders.byUserId(state).load(user.rowId, page), toClaim, () => loaders.countByUserId(state).load(user.rowId));
  }
}
