import { z } from 'zod';
import { COURTESY_MS, readHarvest } from '../arxiv/harvest.js';
import type { Source } from '../source.js';

const options = z.strictObject({
  set: z.string().trim().min(1).optional().describe('Subject, such as cs or physics:hep-th; all of arXiv when left out.'),
  until: z.iso.date().optional().describe('Last day of change, as YYYY-MM-DD, this day included.'),
});

/** All of arXiv or of a subject, and each day what has changed. */
export const source: Source<z.infer<typeof options>> = {
  name: 'arxiv-oai',
  voice: 'arxiv',
  description: 'All papers of arXiv or of one of its subjects, by OAI-PMH, with what has been changed or withdrawn.',
  url: 'https://oaipmh.arxiv.org/oai',
  courtesyMs: COURTESY_MS,
  rank: 8,
  hasSince: true,
  options,
  positionals: ['set'],
  open: ({ set = null, until = null }, context) =>
    Promise.resolve({ unit: 'records', total: null, read: (checkpoint) => readHarvest({ set, until }, context, checkpoint) }),
};
