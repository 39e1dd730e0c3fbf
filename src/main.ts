import { createApp } from './app.js';
import { explain } from './cli/exit.js';
import { readConfig } from './config.js';

try {
  const config = readConfig();
  const app = await createApp(config);
  const address = await app.listen();
  const { demoAccount } = app;
  const lines = [
    `Daily Papers is ready`,
    `  explorer   ${address}/`,
    `  GraphQL    ${address}/graphql`,
    `  database   ${app.database.description}`,
  ];
  if (demoAccount !== null) {
    const password = demoAccount.password ?? 'was shown where the demo was first started; set DEMO_PASSWORD to change it';
    lines.push(`  sign in    username ${demoAccount.username}, password ${password}`);
  }
  console.log(lines.join('\n'));
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      console.log(`${signal}: finishing the requests under way`);
      void app.close().then(() => process.exit(0), (error: unknown) => fail(error));
    });
  }
} catch (error) {
  fail(error);
}

function fail(error: unknown): never {
  explain(error);
  process.exit(1);
}
