// npm run fuzz -- [--runs 5000] [--seed 1]: the fuzz tests with more documents and values, and by chance unless a seed is given.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5000' }, seed: { type: 'string', default: String(1 + (Date.now() % 999_999_999)) } } });
for (const [name, text] of Object.entries(values)) {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name} must be a whole number from 1 to 999999999, received ${text}`);
}
console.log(`fuzzing with ${values.runs} runs of each kind; the same again: npm run fuzz -- --runs ${values.runs} --seed ${values.seed}`);
const { status } = spawnSync(process.execPath, [fileURLToPath(new URL('../../src/cli/prepare.mjs', import.meta.url)), '--jest', 'test/elsewhere/fuzz/'], {
  stdio: 'inherit', env: { ...process.env, FUZZ_RUNS: values.runs, FUZZ_SEED: values.seed },
});
process.exit(status ?? 1);
