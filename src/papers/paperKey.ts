import { badInput } from '../errors.js';
import { rowIdOf } from '../graphql/globalId.js';
import { checkedArxivId } from '../inputRules.js';

/** The arguments of Query.paper. */
export interface PaperKeyArgs {
  readonly id?: string | null | undefined;
  readonly arxivId?: string | null | undefined;
}

/** What names a paper: its row, or its id at arXiv. Throws BAD_USER_INPUT unless one of the two is given. */
export function paperKeyOf({ id, arxivId }: PaperKeyArgs): { readonly rowId: number } | { readonly arxivId: string } {
  if ((id == null) === (arxivId == null)) throw badInput('id', 'or arxivId must be given, one of the two', { id, arxivId });
  return id == null ? { arxivId: checkedArxivId('arxivId', arxivId ?? '') } : { rowId: rowIdOf('Paper', id, 'id') };
}
