// What the commands have in common: a database filled for them, an end that leaves nothing behind, and exit codes.
import { explain } from '../../../dist/cli/exit.js';
import { withDatabase } from '../recommender/fill.mjs';
import { makeCommunity } from './community.mjs';
import { fillDatabase } from './fill.mjs';
import { OptionError } from './options.mjs';
import { stopServers } from './serverProcess.mjs';

export const SEED = 1;

/** Runs `work`. A signal ends the servers, upon which the work fails, and drops its database as any other failure does. */
export async function runCommand(work) {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      isStopping = true;
      void stopServers();
    });
  }
  try {
    await work();
  } catch (error) {
    if (error instanceof OptionError) console.error(`daily-papers: ${error.message}`);
    else if (isStopping) say('stopped');
    else explain(error);
    process.exitCode = error instanceof OptionError || String(error.code).startsWith('ERR_PARSE_ARGS') ? 2 : 1;
  }
}

/** Calls `work` with the address of a database that holds a community, and with what it is of; drops it in the end. */
export function withCommunity({ database, size }, work) {
  return withDatabase(database, async (url) => {
    say(`filling the database, size ${size}`);
    const community = makeCommunity(size, SEED);
    const from = performance.now();
    await fillDatabase(url, community, size);
    const { papers, readers, libraries } = community;
    return work(url, { papers, readers, votes: libraries.indices.length, fillSeconds: (performance.now() - from) / 1000 });
  });
}

export function say(message) {
  console.error(`bench: ${message}`);
}
