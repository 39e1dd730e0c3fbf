import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import { Paper } from '../papers/paper.type.js';
import type { MuteLoaders } from './mute.loaders.js';

/** Paper.viewerHasMuted */
@Resolver(() => Paper)
export class PaperMuteFields {
  constructor(private readonly load: MuteLoaders) {}

  @FieldResolver(() => Boolean, {
    description: 'Whether the viewer muted a tag or an author of the paper: feeds and recommendations leave it out, lists that are asked for by name show it. False for an anonymous request; nobody else sees it.',
  })
  viewerHasMuted(@Root() paper: Paper, @Ctx() context: Context): Promise<boolean> {
    return this.load(context).viewerHasMutedPaper.load(paper.rowId);
  }
}
