import type { Engine, EngineLoad } from '../../src/recommendations/engine.js';
import { EngineHost, type AnswerOf, type Job } from '../../src/recommendations/engineJobs.js';
import type { TasteMatrix } from '../../src/recommender/tasteMatrix.js';

/** An engine in this thread that lets tests look at its matrix, and make a job fail. */
export class OpenEngine implements Engine {
  private readonly host = new EngineHost();
  /** Called before each job; throws to make it fail. */
  beforeJob: (job: Job) => void = () => undefined;

  get matrix(): TasteMatrix {
    return this.host['matrix'];
  }

  run<Kind extends Job['kind']>(job: Job & { readonly kind: Kind }): Promise<AnswerOf<Kind>> {
    try {
      this.beforeJob(job);
      return Promise.resolve(this.host.run(job) as AnswerOf<Kind>);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  load(): EngineLoad {
    return { threads: 0, busy: 0, waiting: 0 };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
