import { huggingFaceOptions, idsOf, listsOf, type HuggingFaceOptions } from '../huggingface/lists.js';
import { COURTESY_MS } from '../huggingface/pages.js';
import { readIds, readLists } from '../huggingface/readings.js';
import type { Reading, Source, SourceContext } from '../source.js';

/** The feed from which this one has its name: papers with votes, keywords and repositories. */
export const source: Source<HuggingFaceOptions> = {
  name: 'huggingface',
  description: 'Papers of Hugging Face Daily Papers, by day, week, month, submitter or arXiv id.',
  url: 'https://huggingface.co/api',
  courtesyMs: COURTESY_MS,
  rank: 6,
  hasSince: true,
  options: huggingFaceOptions,
  // Options that contradict each other end in a rejection rather than in an exception.
  // eslint-disable-next-line @typescript-eslint/require-await
  open: async (options: HuggingFaceOptions, context: SourceContext): Promise<Reading> => {
    const ids = idsOf(options);
    return ids === null ? readLists(context, listsOf(options, context)) : readIds(context, ids);
  },
};
