import { JobQueue } from '../jobs/jobQueue.js';
import type { IngestTurns } from './ingestTurns.js';
import type { IngestRunner } from './runner.js';

/** Does the imports whose turn it is, each at once of another source. */
export class IngestQueue extends JobQueue {
  constructor(turns: IngestTurns, runner: Pick<IngestRunner, 'execute' | 'sources'>) {
    super({
      name: 'an import',
      turns: {
        isAnyWaiting: () => turns.isAnyWaiting(),
        // Sources are read when a run waits for one: a server that imports nothing is spared their 0.15 s.
        take: async () => turns.take((await runner.sources()).map(({ name }) => name)),
        hold: (runId) => turns.hold(runId),
        giveBack: (runId) => turns.giveBack(runId),
        fail: (runId, error) => turns.fail(runId, error),
      },
      execute: (runId, signal) => runner.execute(runId, signal),
    });
  }
}
