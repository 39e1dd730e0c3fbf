import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { User } from '../users/user.type.js';
import type { CollectionLoaders } from './collection.loaders.js';
import { toCollection } from './collection.service.js';
import { CollectionConnection, type Collection } from './collection.type.js';

/** User.collections */
@Resolver(() => User)
export class UserCollectionFields {
  constructor(private readonly load: CollectionLoaders) {}

  @FieldResolver(() => CollectionConnection, { description: 'The collections that the reader made, the latest first: the public ones, and to the reader alone the private ones too.' })
  async collections(@Root() user: User, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Collection>> {
    const loaders = this.load(context);
    const page = await loaders.byOwnerId.load(user.rowId, toPage(args));
    return connectionOf(page, toCollection, () => loaders.countByOwnerId.load(user.rowId));
  }
}
