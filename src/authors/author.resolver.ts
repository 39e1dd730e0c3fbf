import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { connectionOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import { OrderedPapersArgs } from '../papers/paper.resolver.js';
import { toPaper } from '../papers/paper.service.js';
import { PaperConnection, type Paper } from '../papers/paper.type.js';
import type { AuthorLoaders } from './author.loaders.js';
import { toAuthor, type AuthorService } from './author.service.js';
import { Author, AuthorConnection, AuthorsArgs } from './author.type.js';

@Resolver(() => Author)
export class AuthorResolver {
  constructor(
    private readonly authors: AuthorService,
    private readonly load: AuthorLoaders,
  ) {}

  @Query(() => Author, { nullable: true, description: 'The author with this id.' })
  author(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<Author | null> {
    return this.load(context).byId.load(rowIdOf('Author', id, 'id'));
  }

  @Query(() => AuthorConnection, { name: 'authors', description: 'All authors.' })
  async list(@Args(() => AuthorsArgs) args: AuthorsArgs): Promise<Connection<Author>> {
    const prefix = args.prefix ?? null;
    const page = await this.authors.list(prefix, args.orderBy, toPage(args));
    return connectionOf(page, toAuthor, () => this.authors.count(prefix));
  }

  @FieldResolver(() => PaperConnection, { description: 'The papers that name the author.' })
  async papers(@Root() author: Author, @Ctx() context: Context, @Args(() => OrderedPapersArgs) args: OrderedPapersArgs): Promise<Connection<Paper>> {
    const page = await this.load(context).papersByAuthorId(args.orderBy, author.paperCount).load(author.rowId, toPage(args));
    return connectionOf(page, toPaper, () => author.paperCount);
  }
}
