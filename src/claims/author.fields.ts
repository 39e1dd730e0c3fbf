import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Author } from '../authors/author.type.js';
import type { Context } from '../graphql/context.js';
import type { UserLoaders } from '../users/user.loaders.js';
import { User } from '../users/user.type.js';
import type { ClaimLoaders } from './claim.loaders.js';
import { AuthorshipClaim } from './claim.type.js';

/** Author.user, Author.viewerClaim */
@Resolver(() => Author)
export class AuthorClaimFields {
  constructor(private readonly load: { readonly claims: ClaimLoaders; readonly users: UserLoaders }) {}

  @FieldResolver(() => User, { nullable: true, description: 'The reader who is the author, as a curator confirmed; null where nobody is known to be.' })
  async user(@Root() author: Author, @Ctx() context: Context): Promise<User | null> {
    const userId = await this.load.claims(context).userIdByAuthorId.load(author.rowId);
    return userId === null ? null : this.load.users(context).byId.load(userId);
  }

  @FieldResolver(() => AuthorshipClaim, { nullable: true, description: 'What the viewer claims of the author: what is confirmed or pending, else the latest claim; null where there is none.' })
  viewerClaim(@Root() author: Author, @Ctx() context: Context): Promise<AuthorshipClaim | null> | null {
    return this.load.claims(context).ofViewerByAuthorId.load(author.rowId);
  }
}
