// What the commands have in common: a database filled for them, an end that leaves nothing behind, and exit codes.
import { explain } from '../../../dist/cli/exit.js';
import { withDatabase } from '../recommender/fill.mjs';
import { makeCommunity } from './community.mjs';
import { fillDatabase } from './fill.mjs';
import { OptionError } from './options.mjs';
import { stopServers } from './serverProcess.mjs';

export const SEED = 1;

class Stopped extends Error {}

const stopped = new Promise((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => { reject(new Stopped(`stopped by ${signal}`)); });
});
stopped.catch(() => undefined);

/** Runs `work`, says why it failed, and leaves no server behind. */
export async function runCommand(work) {
  try {
    await work();
  } catch (error) {
    await stopServers();
    if (error instanceof OptionError || error instanceof Stopped) console.error(`daily-papers: ${error.message}`);
    else explain(error);
    // At once: what was under way waits for servers and a database that are gone.
    process.exit(error instanceof OptionError || String(error.code).startsWith('ERR_PARSE_ARGS') ? 2 : 1);
  }
}

/** Calls `work` with the address of a database that holds a community, and with its size; drops it in the end, or on a signal. */
export function withCommunity({ database, size }, work) {
  const filled = async (url) => {
    say(`filling the database, size ${size}`);
    const community = makeCommunity(size, SEED);
    const from = performance.now();
    await fillDatabase(url, community, size);
    const { papers, readers, libraries } = community;
    return work(url, { papers, readers, votes: libraries.indices.length, fillSeconds: (performance.now() - from) / 1000 });
  };
  return withDatabase(database, (url) => Promise.race([filled(url), stopped]));
}

export function say(message) {
  console.error(`bench: ${message}`);
}
