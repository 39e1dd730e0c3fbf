import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Paper } from '../papers/paper.type.js';
import type { CollectionLoaders } from './collection.loaders.js';
import { toCollection } from './collection.service.js';
import { PaperCollectionConnection, type Collection, type PaperCollectionEdge } from './collection.type.js';
import type { LibraryEntryLoaders } from './libraryEntry.loaders.js';
import { LibraryEntry } from './libraryEntry.type.js';

/** Paper.collections, Paper.viewerLibraryEntry */
@Resolver(() => Paper)
export class PaperCollectionFields {
  constructor(
    private readonly load: CollectionLoaders,
    private readonly loadEntries: LibraryEntryLoaders,
  ) {}

  @FieldResolver(() => PaperCollectionConnection, { description: "The public collections that hold the paper, and the viewer's own; the latest that took it first." })
  async collections(@Root() paper: Paper, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Collection, PaperCollectionEdge>> {
    const loaders = this.load(context);
    const page = await loaders.byPaperId.load(paper.rowId, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toCollection(row), addedAt: row.addedAt }));
    return connectionOfEdges(edges, page, () => loaders.countByPaperId.load(paper.rowId));
  }

  @FieldResolver(() => LibraryEntry, {
    nullable: true,
    description: "What the viewer keeps of the paper; null where it is not in their library, and for an anonymous request. Nobody else sees it.",
  })
  viewerLibraryEntry(@Root() paper: Paper, @Ctx() context: Context): Promise<LibraryEntry | null> | null {
    return this.loadEntries(context).ofViewerByPaperId.load(paper.rowId);
  }
}
