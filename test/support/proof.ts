/** Says what came of a promise that was tried, to who asked for it by `npm run kill` and its like (prove.mjs). */
export function tellProof(line: string): void {
  if (process.env['PROOF'] !== undefined) process.stdout.write(`\n${line}\n`);
}
