import { z } from 'zod';
import { arxivIdOf } from '../arxiv/arxivPaper.js';
import { COURTESY_MS, MAX_RESULTS, readIds, readSearch } from '../arxiv/search.js';
import { SourceError, type Reading, type Source, type SourceContext } from '../source.js';

const options = z.strictObject({
  search: z.string().trim().min(1).optional().describe("Query in arXiv's syntax, such as cat:cs.LG or au:noether AND ti:invariants."),
  ids: z.string().trim().min(1).optional().describe('Ids with commas between them, such as 2412.01234,hep-th/9901001, instead of a search.'),
  limit: z.int().min(1).max(MAX_RESULTS).optional().describe(`Papers at most, the newest ones; ${MAX_RESULTS} when left out, which is all that the API gives.`),
  'page-size': z.int().min(1).max(2000).default(200).describe('Papers in one request; arXiv is slow for many.'),
});

type Options = z.infer<typeof options>;

/** arXiv's search, for some papers or the newest of a subject; all of arXiv is for `arxiv-oai`. */
export const source: Source<Options> = {
  name: 'arxiv',
  description: 'Papers of an arXiv search, or of given ids, from its Atom API.',
  url: 'https://export.arxiv.org/api/query',
  courtesyMs: COURTESY_MS,
  rank: 8,
  hasSince: true,
  options,
  positionals: ['search'],
  // Options that contradict each other end in a rejection rather than in an exception.
  // eslint-disable-next-line @typescript-eslint/require-await
  open: async (asked, context) => openReading(asked, context),
};

function openReading({ search, ids, limit, 'page-size': pageSize }: Options, context: SourceContext): Reading {
  if ((search === undefined) === (ids === undefined)) {
    throw new SourceError(`exactly one of search and ids must be given, received ${search === undefined ? 'neither' : 'both'}`);
  }
  if (search !== undefined) {
    const asked = { query: search, pageSize, limit: limit ?? null };
    return { unit: 'records', total: null, read: (checkpoint) => readSearch(asked, context, checkpoint) };
  }
  const list = checkedIds(ids ?? '').slice(0, limit);
  return { unit: 'records', total: list.length, read: (checkpoint) => readIds(list, context, checkpoint) };
}

/** One malformed id would make arXiv refuse the whole request. */
function checkedIds(ids: string): string[] {
  const list = ids.split(',').map((id) => id.trim().replace(/^arxiv:/i, '')).filter((id) => id !== '');
  const wrong = list.find((id) => arxivIdOf(id) === null);
  if (wrong !== undefined) throw new SourceError(`ids must be arXiv ids such as 2412.01234 or hep-th/9901001, received ${JSON.stringify(wrong)}`);
  return [...new Set(list)];
}
