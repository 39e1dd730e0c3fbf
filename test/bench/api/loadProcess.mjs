// The bench's side of load.mjs.
import { fork } from 'node:child_process';
import { once } from 'node:events';

/** `run` sends one job at a time. */
export function startLoad() {
  const child = fork(new URL('./load.mjs', import.meta.url));
  return {
    async run(job) {
      child.send(job);
      const [{ figures, failure }] = await once(child, 'message');
      if (failure !== undefined) throw new Error(`the load could not be sent: ${failure}`);
      return figures;
    },
    stop: () => child.kill('SIGKILL'),
  };
}
