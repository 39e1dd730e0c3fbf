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
  const output = keepOutput(child);
  const url = await addressOf(child, { name, output });
  return { name, url, output, pause: () => child.kill('SIGSTOP'), resume: () => child.kill('SIGCONT'), usage: () => askUsage({ child, name, output }) };
}

/** Ends all servers at once, also paused ones. */
export async function stopServers() {
  const ends = [...running].map((child) => once(child, 'exit'));
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(ends);
}

/** The end of what it prints. */
function keepOutput(child) {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { text = `${text}${chunk}`.slice(-10_000); });
  return () => text;
}

async function addressOf(child, { name, output }) {
  for (const until = Date.now() + 1000 * START_SECONDS; Date.now() < until && child.exitCode === null; await sleep(20)) {
    const match = READY.exec(output());
    if (match !== null) return match[0];
  }
  throw new Error(`${name} did not start:\n${output()}`);
}

async function askUsage({ child, name, output }) {
  if (!child.connected) throw new Error(`${name} ended (${child.exitCode ?? child.signalCode}):\n${output()}`);
  child.send('usage');
  const [usage] = await once(child, 'message');
  return usage;
}
