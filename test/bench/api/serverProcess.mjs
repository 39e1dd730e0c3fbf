// A server in a process of its own, as long as the bench needs it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const READY = /http:\/\/[^\s/]+\/graphql/;
const START_SECONDS = 60;
const LOOK_MS = 100;
const QUIET_LOOKS = 2;
const MOST_LOOKS = 300;
const running = new Set();

/** Starts a contestant; gives it when it says where it listens. Throws with what it printed when it does not. */
export async function startServer({ name, file, node = process.execPath, flags = [], environment }) {
  const { PATH = '', HOME = '' } = process.env;
  const child = fork(file, [], {
    execPath: node,
    execArgv: [...flags, '--import', new URL('./probe.mjs', import.meta.url).href],
    env: { PATH, HOME, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const output = keepOutput(child);
  const url = await addressOf(child, { name, output });
  const asked = { child, name, output };
  const usage = () => ask(asked, 'usage');
  return {
    name, url, output, usage,
    memory: () => ask(asked, 'memory'),
    settle: () => settle(usage),
    // Where it stands; what waited in it would time out meanwhile.
    pause: async () => {
      await settle(usage);
      child.kill('SIGSTOP');
    },
    resume: () => child.kill('SIGCONT'),
  };
}

/** Ends all servers at once, also paused ones. */
export async function stopServers() {
  const ends = [...running].map((child) => once(child, 'exit'));
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(ends);
}

/** The end of what it prints, long lines cut. */
function keepOutput(child) {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { text = `${text}${chunk}`.slice(-50_000); });
  return () => text.split('\n').slice(-20).map((line) => line.slice(0, 300)).join('\n');
}

async function addressOf(child, { name, output }) {
  for (const until = Date.now() + 1000 * START_SECONDS; Date.now() < until && child.exitCode === null; await sleep(20)) {
    const match = READY.exec(output());
    if (match !== null) return match[0];
  }
  throw new Error(`${name} did not start:\n${output()}`);
}

/** Waits until it has done what was asked of it: it then uses no processor, neither to answer nor to ask the database. */
async function settle(usage) {
  let { cpuMs } = await usage();
  for (let looks = 0, quiet = 0; quiet < QUIET_LOOKS && looks < MOST_LOOKS; looks += 1) {
    await sleep(LOOK_MS);
    const now = await usage();
    quiet = now.cpuMs - cpuMs < LOOK_MS / 10 ? quiet + 1 : 0;
    cpuMs = now.cpuMs;
  }
}

async function ask({ child, name, output }, question) {
  if (!child.connected) throw new Error(`${name} ended (${child.exitCode ?? child.signalCode}):\n${output()}`);
  child.send(question);
  const [answer] = await once(child, 'message');
  return answer;
}
