import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOf, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { toTag } from '../tags/tag.service.js';
import { Tag } from '../tags/tag.type.js';
import type { PaperLoaders } from './paper.loaders.js';
import { OrderedPapersArgs } from './paper.resolver.js';
import { toPaper } from './paper.service.js';
import { Paper, PaperConnection } from './paper.type.js';
import { PaperTagConnection, type PaperTagEdge } from './paperTag.type.js';

/** Tag.papers */
@Resolver(() => Tag)
export class TagFields {
  constructor(private readonly load: PaperLoaders) {}

  @FieldResolver(() => PaperConnection, { description: 'The papers that have the tag.' })
  async papers(@Root() tag: Tag, @Ctx() context: Context, @Args(() => OrderedPapersArgs) args: OrderedPapersArgs): Promise<Connection<Paper>> {
    const page = await this.load(context).byTagId(args.orderBy, tag.paperCount).load(tag.rowId, toPage(args));
    return connectionOf(page, toPaper, () => tag.paperCount);
  }
}

/** Paper.tags */
@Resolver(() => Paper)
export class PaperTagFields {
  constructor(private readonly load: PaperLoaders) {}

  @FieldResolver(() => PaperTagConnection, { description: 'What the paper is about, the heaviest tag first.' })
  async tags(@Root() paper: Paper, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Tag, PaperTagEdge>> {
    const loaders = this.load(context);
    const page = await loaders.tagsByPaperId.load(paper.rowId, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toTag(row), weight: row.weight }));
    return connectionOfEdges(edges, page, () => loaders.tagCountByPaperId.load(paper.rowId));
  }
}
