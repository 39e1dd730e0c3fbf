import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { forgetReads, requireViewer, type Context } from '../../graphql/context.js';
import { Costs } from '../../graphql/fieldCost.js';
import type { LibraryService } from './library.service.js';
import { ImportLibraryInput, ImportLibraryPayload, LibraryFormat } from './library.type.js';

const FORMATS = { [LibraryFormat.BIBTEX]: 'bibtex', [LibraryFormat.CSL_JSON]: 'csl-json', [LibraryFormat.IDS]: 'ids' } as const;

@Resolver()
export class LibraryResolver {
  constructor(private readonly libraries: LibraryService) {}

  @Costs({ points: 500 })
  @Mutation(() => ImportLibraryPayload, {
    description:
      "Upvotes the papers of the viewer's own library that are here, by DOI, arXiv id, or title and first author: recommendations follow at once. Repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED.",
  })
  async importLibrary(@Ctx() context: Context, @Arg('input', () => ImportLibraryInput) { content, format }: ImportLibraryInput): Promise<ImportLibraryPayload> {
    const viewer = requireViewer(context);
    const { upvoted, unchanged, rejects } = await this.libraries.import(viewer.username, content, format == null ? null : FORMATS[format]);
    forgetReads(context);
    return { upvotedCount: upvoted, unchangedCount: unchanged, rejects: [...rejects] };
  }
}
