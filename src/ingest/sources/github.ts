import { setTimeout as sleep } from 'node:timers/promises';
import { githubSource } from '../github/githubSource.js';

export const source = githubSource(async (ms, signal) => {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
  signal.throwIfAborted();
});
