import module from 'node:module';
import type { App } from './app.js';
import { readConfig } from './config.js';
import { takeFolder } from './database/dataFolder.js';

// Node 22 and later keep compiled modules in the system's folder for temporary files: a tenth less processor time.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

/** How long the database may take to close after the last answer, before the process ends all the same. */
const CLOSE_MS = 2000;

let app: App | null = null;
let shutdownSeconds = 0;
let isStopping = false;
// Registered first: as process 1 of a container, a process without a handler ignores the signal.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);

try {
  const config = readConfig();
  ({ shutdownSeconds } = config);
  // First of all, so that a thread opens the database while this one loads the rest: each takes about half a second.
  const folder = config.databaseUrl === null ? await takeFolder(config.dataFolder) : undefined;
  const { createApp, startDatabase } = await import('./app.js');
  app = await createApp(config, await startDatabase(config, folder));
  const address = await app.listen();
  console.log(greeting(address, app, config.demoPassword !== null));
} catch (error) {
  await fail(error);
}

function greeting(address: string, { database, demoAccount, metricsAddress }: App, isChosen: boolean): string {
  const lines = [
    'Daily Papers is ready',
    `  explorer   ${address}/`,
    `  GraphQL    ${address}/graphql`,
    `  database   ${database.description}`,
  ];
  const metrics = metricsAddress();
  if (metrics !== null) lines.push(`  metrics    ${metrics}`);
  if (demoAccount !== null) {
    // One that was made can be read nowhere else but in a file; one that the operator chose is not for logs.
    const shown = demoAccount.password ?? 'as shown where the demo was first started; set DEMO_PASSWORD to change it';
    const password = isChosen ? 'as set by DEMO_PASSWORD' : shown;
    lines.push(`  sign in    username ${demoAccount.username}, password ${password}`);
  }
  return lines.join('\n');
}

// The first signal lets the requests under way finish, within their time, a second one does not wait. During the start there is nothing to
// finish: the database survives being cut off at any moment.
function stop(signal: NodeJS.Signals): void {
  if (isStopping || app === null) process.exit(app === null ? 0 : 1);
  isStopping = true;
  console.log(`${signal}: finishing the requests under way`);
  // What is cut off then, an import amid a batch or a statement that does not end, is as after a kill: nothing acknowledged is lost.
  setTimeout(() => { process.exit(0); }, 1000 * shutdownSeconds + CLOSE_MS).unref();
  app.close().then(() => process.exit(0), fail);
}

async function fail(error: unknown): Promise<never> {
  // Loads both database drivers, to know their errors.
  const { explain } = await import('./cli/exit.js');
  explain(error);
  process.exit(1);
}
