// npm run licences [-- package-lock.json]: every package of the lockfile with its licence, those of the server before those of its
// tests. Ends with 1 where one is under a licence that nobody has looked at.
import { readFileSync } from 'node:fs';

/** What asks for no more than to be named, beside two that ask it of changes to the package itself, which stays as it came. */
const ACCEPTED = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC-BY-4.0', 'CC0-1.0', 'EPL-2.0', 'ISC', 'MIT', 'MIT-0', 'PSF-2.0', 'Python-2.0', 'Unlicense']);

/** Packages that say it elsewhere than the lockfile looks: in the file LICENSE of each. */
const READ_BY_HAND = { 'i@0.3.7': 'MIT', 'seq-queue@0.0.5': 'MIT' };

const file = process.argv[2] ?? 'package-lock.json';
const found = Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
  .filter(([path]) => path !== '')
  .map(([path, { version, license, dev }]) => {
    const name = `${path.replace(/^.*node_modules\//, '')}@${version}`;
    return { name, licence: license ?? READ_BY_HAND[name] ?? 'none', isOfTests: dev === true };
  });
const packages = [...new Map(found.sort((a, b) => Number(b.isOfTests) - Number(a.isOfTests)).map((one) => [one.name, one])).values()]
  .sort((a, b) => Number(a.isOfTests) - Number(b.isOfTests) || (a.name < b.name ? -1 : 1));
for (const { name, licence, isOfTests } of packages) console.log(`${isOfTests ? 'tests ' : 'server'} ${licence.padEnd(24)} ${name}`);

const counts = new Map();
for (const { licence } of packages) counts.set(licence, (counts.get(licence) ?? 0) + 1);
console.log(`${packages.length} packages: ${[...counts].sort((a, b) => b[1] - a[1]).map(([licence, count]) => `${licence} ${count}`).join(', ')}`);

// An expression with OR leaves the choice: one accepted is enough. With AND each counts.
const isAccepted = (licence) => licence.replace(/[()]/g, '').split(/ or /i).some((choice) => choice.split(/ and /i).every((one) => ACCEPTED.has(one)));
const strange = packages.filter(({ licence }) => !isAccepted(licence));
for (const { name, licence } of strange) console.error(`${name} is under a licence that is not accepted: ${licence}`);
// Not process.exit: into a pipe the lines are written later than they are said, and would be cut off.
process.exitCode = strange.length === 0 ? 0 : 1;
