import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import { Tag } from '../tags/tag.type.js';
import type { FollowLoaders } from './follow.loaders.js';

/** Tag.viewerFollows */
@Resolver(() => Tag)
export class TagFollowFields {
  constructor(private readonly load: FollowLoaders) {}

  @FieldResolver(() => Boolean, { description: 'Whether the viewer follows the tag; false for an anonymous request.' })
  viewerFollows(@Root() tag: Tag, @Ctx() context: Context): Promise<boolean> {
    return this.load(context).viewerFollowsTag.load(tag.rowId);
  }
}
