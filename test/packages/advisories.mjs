// npm run advisories [-- report.json]: what npm audit knows against the packages of the lockfile. Ends with 1 where something has no
// answer here; says so and ends with 0 where the registry does not answer.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Advisories that do not concern the server, by their ids (GHSA-…), each with the reason. */
const ANSWERED = {};

function reportOfNpm() {
  const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, shell: process.platform === 'win32' });
  return stdout;
}

const [file] = process.argv.slice(2);
const report = readReport(file === undefined ? reportOfNpm() : readFileSync(file, 'utf8'));
if (report === null) {
  console.log('skipped: the registry does not answer audits');
  process.exit(0);
}
// A package that is only reached through another one names that one: the advisories themselves are objects.
const advisories = Object.values(report.vulnerabilities).flatMap(({ via }) => via.filter((cause) => typeof cause === 'object'));
const open = new Map();
for (const { url, name, severity, title, range } of advisories) {
  const id = url.split('/').at(-1);
  if (ANSWERED[id] === undefined) open.set(id, `${id} ${severity}: ${name} ${range}: ${title}`);
}
for (const line of open.values()) console.error(line);
console.log(`${report.metadata.dependencies.total} packages, ${open.size} advisories without an answer, ${Object.keys(ANSWERED).length} answered`);
process.exitCode = open.size === 0 ? 0 : 1;

function readReport(text) {
  try {
    const parsed = JSON.parse(text);
    return parsed.vulnerabilities === undefined ? null : parsed;
  } catch {
    return null;
  }
}
