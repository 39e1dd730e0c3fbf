import { createApp, type App } from './app.js';
import { explain } from './cli/exit.js';
import { readConfig } from './config.js';

let app: App | null = null;
let isStopping = false;
// Registered first: as process 1 of a container, a process without a handler ignores the signal.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);

try {
  const config = readConfig();
  app = await createApp(config);
  const address = await app.listen();
  console.log(greeting(address, app));
} catch (error) {
  fail(error);
}

function greeting(address: string, { database, demoAccount }: App): string {
  const lines = [
    'Daily Papers is ready',
    `  explorer   ${address}/`,
    `  GraphQL    ${address}/graphql`,
    `  database   ${database.description}`,
  ];
  if (demoAccount !== null) {
    const password = demoAccount.password ?? 'as shown where the demo was first started; set DEMO_PASSWORD to change it';
    lines.push(`  sign in    username ${demoAccount.username}, password ${password}`);
  }
  return lines.join('\n');
}

// The first signal lets the requests under way finish, a second one does not wait. During the start there is nothing to
// finish: the database survives being cut off at any moment.
function stop(signal: NodeJS.Signals): void {
  if (isStopping || app === null) process.exit(app === null ? 0 : 1);
  isStopping = true;
  console.log(`${signal}: finishing the requests under way`);
  app.close().then(() => process.exit(0), fail);
}

function fail(error: unknown): never {
  explain(error);
  process.exit(1);
}
