// The bench's side of load.mjs.
import { fork } from 'node:child_process';
import { once } from 'node:events';

/** `run` sends one job at a time, and calls `look` when its window opens and when it closes. */
export function startLoad() {
  const child = fork(new URL('./load.mjs', import.meta.url));
  const ended = once(child, 'exit').then(() => { throw new Error('the process that sends requests ended'); });
  ended.catch(() => undefined);
  const message = async () => {
    const [{ failure, ...rest }] = await Promise.race([once(child, 'message'), ended]);
    if (failure !== undefined) throw new Error(`the requests could not be sent: ${failure}`);
    return rest;
  };
  return {
    async run(job, look) {
      child.send(job);
      await message();
      // The next message may come before the look ends.
      const [before] = await Promise.all([look(), message()]);
      const [after, { figures }] = await Promise.all([look(), message()]);
      return { figures, before, after };
    },
    stop: () => child.kill('SIGKILL'),
  };
}
