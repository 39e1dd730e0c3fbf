// The processes that are timed, each started anew and ended in order.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const FEED = `{ feed { startsOn papers(first: 20) { totalCount nodes { id title upvoteCount authors(first: 5) { nodes { name } } tags(first: 5) { nodes { name } } } } } }`;
/** Linux counts processor time in ticks of 10 ms. */
const MS_OF_TICK = 10;
const PAUSE_MS = 5;

/** Milliseconds for which a process that does nothing else opens the folder. */
export async function timeOpening(folder) {
  const child = fork(new URL('./opening.mjs', import.meta.url), [folder]);
  const [figures] = await once(child, 'message');
  await once(child, 'exit');
  return figures;
}

/** Milliseconds from the start of the process until it listens, gives its first page, and is ready; and processor time. */
export async function timeServer(entry, folder) {
  const from = performance.now();
  const since = () => performance.now() - from;
  const child = spawn(process.execPath, entry, { env: environment(folder), stdio: ['ignore', 'pipe', 'inherit'] });
  const origin = await addressOf(child);
  const listening = since();
  await ask(origin, FEED);
  const answer = since();
  const processor = processorTime(child.pid);
  await fetch(`${origin}/readyz`);
  const ready = since();
  child.kill('SIGTERM');
  await once(child, 'exit');
  return { listening, answer, ready, processor };
}

/**
 * What a statement of half a second does to the server's event loop, and to a request that needs no database, with the
 * database on a thread or in the serving thread.
 */
export async function watchSlowStatement(where, folder) {
  const child = fork(new URL('./slowStatement.mjs', import.meta.url), [where, folder]);
  const [{ origin }] = await once(child, 'message');
  let figures = null;
  child.once('message', (message) => (figures = message));
  child.send('begin');
  let health = 0;
  while (figures === null) {
    const from = performance.now();
    await (await fetch(`${origin}/healthz`)).text();
    health = Math.max(health, performance.now() - from);
    // One after the other without a pause, they would compete with the statement for the processors.
    await sleep(PAUSE_MS);
  }
  child.send('end');
  await once(child, 'exit');
  return { ...figures, health };
}

function environment(folder) {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, LOG_LEVEL: 'error', PORT: '0', HOST: '127.0.0.1', DATA_DIR: folder };
}

function addressOf(child) {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
      const [, origin] = /GraphQL +(\S+)\/graphql/.exec(text) ?? [];
      if (origin !== undefined) resolve(origin);
    });
    child.once('exit', (code) => {
      reject(new Error(`the server ended with exit code ${code}`));
    });
  });
}

async function ask(origin, query) {
  const answer = await fetch(`${origin}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) });
  const { data, errors } = await answer.json();
  if (errors !== undefined) throw new Error(`the answer has errors: ${JSON.stringify(errors)}`);
  return data;
}

/** Of all threads of the process so far; NaN where the system is not Linux. */
function processorTime(pid) {
  try {
    const [, , , , , , , , , , , user, system] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
    return (Number(user) + Number(system)) * MS_OF_TICK;
  } catch {
    return NaN;
  }
}
