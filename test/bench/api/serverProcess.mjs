// A server in a process of its own, as long as the bench needs it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const READY = /http:\/\/[^\s/]+\/graphql/;
const START_SECONDS = 60;
const running = new Set();

/** Starts a contestant; gives it when it says where it listens. Throws with what it printed when it does not. */
export async function startServer({ name, file, node = process.execPath, environment }) {
  const { PATH = '', HOME = '' } = process.env;
  const child = fork(file, [], {
    execPath: node,
    execArgv: ['--import', new URL('./probe.mjs', import.meta.url).href],
    env: { PATH, HOME, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const url = await addressOf(child, name);
  return { name, url, pause: () => child.kill('SIGSTOP'), resume: () => child.kill('SIGCONT'), usage: () => askUsage(child) };
}

/** Ends all servers at once, also paused ones. */
export async function stopServers() {
  const ends = [...running].map((child) => once(child, 'exit'));
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(ends);
}

async function addressOf(child, name) {
  let output = '';
  const found = new Promise((resolve) => {
    const read = (chunk) => {
      output = `${output}${chunk}`.slice(-10_000);
      const match = READY.exec(output);
      if (match !== null) resolve(match[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
  const failed = Promise.race([once(child, 'exit'), sleep(1000 * START_SECONDS, null, { ref: false })]).then(() => { throw new Error(`${name} did not start:\n${output}`); });
  return Promise.race([found, failed]);
}

async function askUsage(child) {
  child.send('usage');
  const [usage] = await once(child, 'message');
  return usage;
}
