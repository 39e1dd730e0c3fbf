// npm run faults -- [--times 20] [--seed 1]: the test of PostgreSQL restarts with more of them, and by chance unless a seed is given.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { times: { type: 'string', default: '20' }, seed: { type: 'string', default: String(1 + (Date.now() % 999_999_999)) } } });
for (const [name, text] of Object.entries(values)) {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name} must be a whole number from 1 to 999999999, received ${text}`);
}
console.log(`restarting ${values.times} times; the same again: npm run faults -- --times ${values.times} --seed ${values.seed}`);
const { status } = spawnSync(process.execPath, [fileURLToPath(new URL('../../src/cli/prepare.mjs', import.meta.url)), '--jest', 'test/faults/restarts.test.ts'], {
  stdio: 'inherit', env: { ...process.env, RESTART_TIMES: values.times, RESTART_SEED: values.seed },
});
process.exit(status ?? 1);
