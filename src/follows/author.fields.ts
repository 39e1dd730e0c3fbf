import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Author } from '../authors/author.type.js';
import type { Context } from '../graphql/context.js';
import type { FollowLoaders } from './follow.loaders.js';

/** Author.viewerFollows */
@Resolver(() => Author)
export class AuthorFollowFields {
  constructor(private readonly load: FollowLoaders) {}

  @FieldResolver(() => Boolean, { description: 'Whether the viewer follows the author; false for an anonymous request.' })
  viewerFollows(@Root() author: Author, @Ctx() context: Context): Promise<boolean> {
    return this.load(context).viewerFollowsAuthor.load(author.rowId);
  }
}
