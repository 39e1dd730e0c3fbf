import type { NamedRecord } from './paperWriter.service.js';

/** What a source of papers says of one. */
export interface FoundPaper {
  readonly source: string;
  readonly named: NamedRecord & { readonly externalId: string };
}

/** Where to ask for what a submitter leaves out. */
export interface PaperLookup {
  /** What arXiv says of a paper; null where it knows none, or does not answer in time. Never throws. */
  find(arxivId: string): Promise<FoundPaper | null>;
}

/** Asks nobody. */
export const NO_LOOKUP: PaperLookup = { find: () => Promise.resolve(null) };
