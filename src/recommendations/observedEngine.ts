import type { Engine, EngineLoad } from './engine.js';
import type { AnswerOf, Job } from './engineJobs.js';

/** An engine that tells how long its jobs take. */
export class ObservedEngine implements Engine {
  /** Told of each job that has ended, and when it was asked for by performance.now(). */
  onEnded: (kind: Job['kind'], askedAt: number) => void = () => undefined;

  constructor(private readonly engine: Engine) {}

  // The job is handed on before this returns, so that jobs keep their order.
  async run<Kind extends Job['kind']>(job: Job & { readonly kind: Kind }): Promise<AnswerOf<Kind>> {
    const askedAt = performance.now();
    try {
      return await this.engine.run<Kind>(job);
    } finally {
      this.onEnded(job.kind, askedAt);
    }
  }

  load(): EngineLoad {
    return this.engine.load();
  }

  close(): Promise<void> {
    return this.engine.close();
  }
}
