// npm run kill, faults, fuzz, races or audits: the test that shows a promise, with more of what tries it. What came by chance is named, so
// that it can be had again.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const chance = { seed: String(1 + (Date.now() % 999_999_999)) };
const PROOFS = {
  kill: { tests: 'test/faults/kills.test.ts', options: { times: '50', ...chance } },
  faults: { tests: 'test/faults/restarts.test.ts', options: { times: '20', ...chance } },
  fuzz: { tests: 'test/elsewhere/fuzz/', options: { runs: '5000', ...chance } },
  races: { tests: 'test/faults/concurrentVotes.test.ts', options: { operations: '10000', ...chance } },
  audits: { tests: 'test/elsewhere/graphqlHttp.test.ts', options: {} },
};

const [name, ...rest] = process.argv.slice(2);
const { tests, options } = PROOFS[name];
const { values } = parseArgs({ args: rest, options: Object.fromEntries(Object.entries(options).map(([option, text]) => [option, { type: 'string', default: text }])) });
for (const [option, text] of Object.entries(values)) {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${option} must be a whole number from 1 to 999999999, received ${text}`);
}
if (values.seed !== undefined) console.log(`the same again: npm run ${name} -- ${Object.entries(values).map(([option, text]) => `--${option} ${text}`).join(' ')}`);
const variables = Object.fromEntries(Object.entries(values).map(([option, text]) => [`${name}_${option}`.toUpperCase(), text]));
const { status } = spawnSync(process.execPath, [fileURLToPath(new URL('../../src/cli/prepare.mjs', import.meta.url)), '--jest', tests], {
  stdio: 'inherit', env: { ...process.env, PROOF: name, ...variables },
});
process.exit(status ?? 1);
