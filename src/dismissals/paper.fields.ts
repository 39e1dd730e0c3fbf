import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import { Paper } from '../papers/paper.type.js';
import type { DismissalLoaders } from './dismissal.loaders.js';

/** Paper.viewerHasDismissed */
@Resolver(() => Paper)
export class PaperDismissalFields {
  constructor(private readonly load: DismissalLoaders) {}

  @FieldResolver(() => Boolean, {
    description: 'Whether the viewer dismissed the paper, which an upvote ends; false for an anonymous request. Nobody else sees it.',
  })
  viewerHasDismissed(@Root() paper: Paper, @Ctx() context: Context): Promise<boolean> {
    return this.load(context).viewerHasDismissed.load(paper.rowId);
  }
}
