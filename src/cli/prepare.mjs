// Makes a checkout ready to run, then runs what it is asked to: `prepare.mjs`, `prepare.mjs dist/main.js [arguments]`
// or `prepare.mjs --jest [arguments]`. Plain JavaScript on Node's own modules alone, since it runs before anything is
// installed. Each step is skipped when its inputs are unchanged: a prepared checkout costs about 50 ms.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const at = (...path) => join(root, ...path);
const lockFolder = at('.prepare.lock');

requireNode(20, 19);
const [target, ...rest] = process.argv.slice(2);
await withLock(() => {
  install();
  generateClient();
  compile();
});
if (target === '--jest') runJest(rest);
else if (target !== undefined) await runModule(target, rest);

function requireNode(major, minor) {
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  fail(`Node ${major}.${minor} or later is needed, this is ${process.versions.node}`);
}

function install() {
  if (isInstalled()) return;
  say('installing packages (npm ci)');
  // The npm that runs us, when one does: `npm` on the PATH may be another version.
  const npm = process.env.npm_execpath;
  const command = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  run([...command, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
}

// npm leaves a lockfile of what it installed; what is missing there or of another version must be installed.
function isInstalled() {
  const hidden = at('node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || entry.devOptional || installed[path]?.version === entry.version,
  );
}

function generateClient() {
  const key = hashOf([at('prisma/schema.prisma'), at('prisma.config.ts'), at('node_modules/prisma/package.json')]);
  step('src/generated', key, () => {
    say('generating the Prisma client');
    run([process.execPath, at('node_modules/prisma/build/index.js'), 'generate', '--no-hints'], { quiet: true });
  });
}

function compile() {
  const key = hashOf([at('tsconfig.json'), at('package-lock.json'), ...sourceFiles(at('src'))]);
  step('dist', key, () => {
    say('compiling');
    run([process.execPath, at('node_modules/typescript/bin/tsc')]);
  });
}

// Runs `make` into an emptied folder unless the folder was made from the same inputs; the stamp is written last, so
// that an interrupted step is done again.
function step(folder, key, make) {
  const stamp = at(folder, '.stamp');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return;
  rmSync(at(folder), { recursive: true, force: true });
  make();
  writeFileSync(stamp, key);
}

function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function run([command, ...parameters], { quiet = false } = {}) {
  const result = spawnSync(command, parameters, {
    cwd: root,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(Buffer.concat([result.stdout ?? Buffer.of(), result.stderr ?? Buffer.of()]));
  fail(`${[command, ...parameters].join(' ')} failed (${result.error?.message ?? `exit code ${result.status}`})`);
}

// Two commands started side by side on a fresh clone must not install twice into one folder.
async function withLock(work) {
  for (let waited = 0; !takeLock(); waited += 1) {
    if (waited === 0) say('waiting for another preparation of this folder to end');
    await new Promise((done) => setTimeout(done, 250));
  }
  const release = () => rmSync(lockFolder, { recursive: true, force: true });
  process.once('exit', release);
  work();
  process.off('exit', release);
  release();
}

function takeLock() {
  const owner = join(lockFolder, 'pid');
  try {
    mkdirSync(lockFolder);
    writeFileSync(owner, String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  // A holder that died left its folder behind. One that has just made it may not have written its id yet: wait then.
  const pid = existsSync(owner) ? Number(readFileSync(owner, 'utf8')) : 0;
  if (pid > 0 && !isAlive(pid)) rmSync(lockFolder, { recursive: true, force: true });
  return false;
}

function isAlive(pid) {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// In this very process: a signal sent to the command reaches the server itself.
async function runModule(module, parameters) {
  const file = at(module);
  process.argv = [process.argv[0], file, ...parameters];
  await import(pathToFileURL(file).href);
}

function runJest(parameters) {
  const child = spawn(
    process.execPath,
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', at('node_modules/jest/bin/jest.js'), ...parameters],
    { cwd: root, stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

function say(message) {
  process.stderr.write(`daily-papers: ${message}\n`);
}

function fail(message) {
  say(message);
  process.exit(1);
}
