import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import { Tag } from '../tags/tag.type.js';
import type { MuteLoaders } from './mute.loaders.js';

/** Tag.viewerHasMuted */
@Resolver(() => Tag)
export class TagMuteFields {
  constructor(private readonly load: MuteLoaders) {}

  @FieldResolver(() => Boolean, {
    description: 'Whether the viewer muted the tag, which a follow ends; false for an anonymous request. Nobody else sees it.',
  })
  viewerHasMuted(@Root() tag: Tag, @Ctx() context: Context): Promise<boolean> {
    return this.load(context).viewerHasMutedTag.load(tag.rowId);
  }
}
