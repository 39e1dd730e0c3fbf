import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Author } from '../authors/author.type.js';
import type { Context } from '../graphql/context.js';
import type { MuteLoaders } from './mute.loaders.js';

/** Author.viewerHasMuted */
@Resolver(() => Author)
export class AuthorMuteFields {
  constructor(private readonly load: MuteLoaders) {}

  @FieldResolver(() => Boolean, {
    description: 'Whether the viewer muted the author, which a follow ends; false for an anonymous request. Nobody else sees it.',
  })
  viewerHasMuted(@Root() author: Author, @Ctx() context: Context): Promise<boolean> {
    return this.load(context).viewerHasMutedAuthor.load(author.rowId);
  }
}
