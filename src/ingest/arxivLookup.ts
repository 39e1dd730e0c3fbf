import type { FoundPaper, PaperLookup } from '../submissions/paperLookup.js';
import { checkedItem } from './itemChecks.js';
import type { IngestService } from './ingest.service.js';

/** A submitter waits no longer than this; three seconds of it may be arXiv's courtesy. */
const PATIENCE_MS = 6000;
const SOURCE = 'arxiv';

/** Asks the source `arxiv` for single papers, as imports do. */
export class ArxivLookup implements PaperLookup {
  constructor(
    private readonly ingest: IngestService,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  async find(arxivId: string): Promise<FoundPaper | null> {
    const now = new Date();
    try {
      const signal = AbortSignal.timeout(this.patienceMs);
      for await (const item of this.ingest.look({ source: SOURCE, options: { ids: arxivId }, signal, now })) {
        if (item.kind !== 'PAPER' || item.record.arxivId !== arxivId) continue;
        const { named } = checkedItem(item.record, now);
        if (named !== null) return { source: SOURCE, named: { ...named, externalId: item.record.externalId } };
      }
    } catch {
      // The submission goes on with what the submitter said.
    }
    return null;
  }
}
