import { badInput } from '../errors.js';
import { rowIdOf } from '../graphql/globalId.js';
import { checkedArxivId, checkedDoi } from '../inputRules.js';

/** The arguments of Query.paper. */
export interface PaperKeyArgs {
  readonly id?: string | null | undefined;
  readonly arxivId?: string | null | undefined;
  readonly doi?: string | null | undefined;
}

/** What names a paper: its row, its id at arXiv, or its DOI. */
export type PaperKey = { readonly rowId: number } | { readonly arxivId: string } | { readonly doi: string };

/** The key that is given; throws BAD_USER_INPUT unless it is one of the three. */
export function paperKeyOf({ id, arxivId, doi }: PaperKeyArgs): PaperKey {
  if ([id, arxivId, doi].filter((key) => key != null).length !== 1) {
    throw badInput('id', 'or arxivId or doi must be given, one of the three', { id, arxivId, doi });
  }
  if (id != null) return { rowId: rowIdOf('Paper', id, 'id') };
  return arxivId != null ? { arxivId: checkedArxivId('arxivId', arxivId) } : { doi: checkedDoi('doi', doi ?? '') };
}
