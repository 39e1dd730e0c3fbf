import { parentPort } from 'node:worker_threads';
import type { Parts } from '../recommender/sharedMemory.js';
import { EngineHost, isExclusive, type Job } from './engineJobs.js';

// A thread of the recommender: it does the jobs that it is sent, one after the other.

export interface JobMessage {
  readonly job: Job;
  /** The matrix's memory where it has moved since this thread's last job; null otherwise. */
  readonly parts: Parts | null;
}

/** With the matrix's memory where the job has moved it, also one that failed. */
export type JobReply = ({ readonly answer: unknown } | { readonly error: string }) & { readonly parts: Parts | null };

const host = new EngineHost();

parentPort?.on('message', ({ job, parts }: JobMessage) => {
  if (parts !== null) host.attach(parts);
  const outcome = outcomeOf(job);
  parentPort?.postMessage({ ...outcome, parts: isExclusive(job) ? host.movedParts() : null } satisfies JobReply);
});

function outcomeOf(job: Job): { readonly answer: unknown } | { readonly error: string } {
  try {
    return { answer: host.run(job) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
