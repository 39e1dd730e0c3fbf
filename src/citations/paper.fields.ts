import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import { Paper } from '../papers/paper.type.js';
import type { CitationLoaders } from './citation.loaders.js';
import { MOST_CITED_AUTHORS, citationOf } from './citation.service.js';
import { CitationFormat } from './citation.type.js';

/** Paper.citation */
@Resolver(() => Paper)
export class PaperCitationFields {
  constructor(private readonly load: CitationLoaders) {}

  @FieldResolver(() => String, {
    description: `How the paper is cited, by a key such as vaswani2017attention that stays the same. Of more than ${MOST_CITED_AUTHORS} authors, and of authors whose names are not known, it says \`others\`.`,
  })
  async citation(
    @Root() paper: Paper,
    @Ctx() context: Context,
    @Arg('format', () => CitationFormat, { defaultValue: CitationFormat.BIBTEX }) format: CitationFormat,
  ): Promise<string> {
    return citationOf(paper, await this.load(context).bylineByPaperId.load(paper.rowId), format);
  }
}
