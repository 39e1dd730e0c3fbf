import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import { toPaper, type PaperService } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import type { LibraryEntryService } from './libraryEntry.service.js';
import {
  LibraryArgs,
  LibraryPaperConnection,
  RemoveFromLibraryInput,
  RemoveFromLibraryPayload,
  SetPaperNoteInput,
  SetPaperNotePayload,
  SetReadingStateInput,
  SetReadingStatePayload,
  type LibraryPaperEdge,
} from './libraryEntry.type.js';

@Resolver()
export class LibraryEntryResolver {
  constructor(
    private readonly entries: LibraryEntryService,
    private readonly papers: PaperService,
  ) {}

  @Query(() => LibraryPaperConnection, { description: 'The papers that the viewer keeps; nobody else sees them. Errors: BAD_USER_INPUT, UNAUTHENTICATED.' })
  async library(@Ctx() context: Context, @Args(() => LibraryArgs) { state = null, orderBy, ...args }: LibraryArgs): Promise<Connection<Paper, LibraryPaperEdge>> {
    const { id } = requireViewer(context);
    const page = await this.entries.list(id, { state, orderBy, page: toPage(args) });
    const edges = edgesOf(page, ({ entry, ...row }) => ({ node: toPaper(row as Paper), entry }));
    return connectionOfEdges(edges, page, () => this.entries.count(id, state));
  }

  @Mutation(() => SetReadingStatePayload, {
    description: "Says how far the viewer is with a paper, and puts it into their library: UNREAD saves it for later. Repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.",
  })
  setReadingState(@Ctx() context: Context, @Arg('input', () => SetReadingStateInput) input: SetReadingStateInput): Promise<SetReadingStatePayload> {
    return this.change(context, input.paperId, (userId, paperId) => this.entries.setState(userId, paperId, input.state));
  }

  @Mutation(() => SetPaperNotePayload, {
    description: "Sets the viewer's note of a paper, and puts the paper into their library as UNREAD where it is not there. Repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.",
  })
  setPaperNote(@Ctx() context: Context, @Arg('input', () => SetPaperNoteInput) input: SetPaperNoteInput): Promise<SetPaperNotePayload> {
    return this.change(context, input.paperId, (userId, paperId) => this.entries.setNote(userId, paperId, input.note ?? null));
  }

  @Mutation(() => RemoveFromLibraryPayload, {
    description: "Takes a paper out of the viewer's library, with their note of it; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.",
  })
  removeFromLibrary(@Ctx() context: Context, @Arg('input', () => RemoveFromLibraryInput) input: RemoveFromLibraryInput): Promise<RemoveFromLibraryPayload> {
    return this.change(context, input.paperId, (userId, paperId) => this.entries.remove(userId, paperId));
  }

  private async change(context: Context, globalId: string, write: (userId: number, paperId: number) => Promise<void>): Promise<{ paper: Paper }> {
    const viewer = requireViewer(context);
    // First, since it may be the one that another paper was merged into.
    const paper = await this.papers.get(rowIdOf('Paper', globalId, 'paperId'));
    await write(viewer.id, paper.rowId);
    forgetReads(context);
    return { paper };
  }
}
