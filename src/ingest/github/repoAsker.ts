import type { Item, StaleRepo } from '../source.js';

/** One of the service's interfaces. */
export interface RepoAsker {
  /** How many repos make a parcel. */
  readonly batchSize: number;
  ask(repos: readonly StaleRepo[]): Promise<Answers>;
}

export interface Answers {
  readonly items: readonly Item[];
  /** How many of the repos, from the first one on, were dealt with. */
  readonly askedCount: number;
  /** When the service can be asked again, where that is too late to wait for. */
  readonly usedUpUntil: Date | null;
}
