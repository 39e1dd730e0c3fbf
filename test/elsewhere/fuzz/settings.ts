/** How much is tried: so many documents of each kind. `npm run fuzz -- --runs 5000` tries more. */
export const RUNS = Number(process.env['FUZZ_RUNS'] ?? 150);
/** What chance begins with: the same finds the same. `npm run fuzz` draws another one each time, and says which. */
export const SEED = Number(process.env['FUZZ_SEED'] ?? 20261127);
/** A test that tries more may take longer. */
export const PATIENCE_MS = 60_000 + RUNS * 200;
