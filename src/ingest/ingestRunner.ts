import type { IngestService } from './ingest.service.js';
import type { IngestRunner } from './runner.js';

/** The pipeline, for a queue that has seen to it that nobody else does the run. */
export function runnerOf(ingest: IngestService): IngestRunner {
  return {
    sources: () => ingest.sources(),
    create: (request) => ingest.create(request),
    async execute(runId, signal) {
      const internal: Error[] = [];
      await ingest.execute(runId, { signal, takesOver: true, onInternalError: (error, id) => internal.push(new Error(`internal error ${id}`, { cause: error })) });
      if (internal[0] !== undefined) throw internal[0];
    },
  };
}
