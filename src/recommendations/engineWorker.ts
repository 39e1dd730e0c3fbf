import { parentPort } from 'node:worker_threads';
import type { Parts } from '../recommender/sharedMemory.js';
import { EngineHost, isExclusive, type Job } from './engineJobs.js';

// A thread of the recommender: it does the jobs that it is sent, one after the other.

export interface JobMessage {
  readonly job: Job;
  /** The matrix's memory where it has moved since this thread's last job; null otherwise. */
  readonly parts: Parts | null;
}

export type JobReply = { readonly answer: unknown; readonly parts: Parts | null } | { readonly error: string };

const host = new EngineHost();

parentPort?.on('message', ({ job, parts }: JobMessage) => {
  try {
    if (parts !== null) host.attach(parts);
    const answer = host.run(job);
    reply({ answer, parts: isExclusive(job) ? host.movedParts() : null });
  } catch (error) {
    reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});

function reply(message: JobReply): void {
  parentPort?.postMessage(message);
}
