// The import as a user runs it, in a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PEAK = new URL('./peakMemory.mjs', import.meta.url).href;
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Imports the files into a database: seconds from the start of the process to its end, and the most memory that it had. */
export async function timeImport(url, files, folder) {
  const { PATH = '', HOME = '' } = process.env;
  const from = performance.now();
  const child = spawn(process.execPath, ['--import', PEAK, 'dist/cli/import.js', 'papers-with-code', '--papers', files.papers, '--links', files.links], {
    cwd: ROOT,
    env: { PATH, HOME, LOG_LEVEL: 'error', DATABASE_URL: url, DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const [output, peak] = [textOf(child.stdout), textOf(child.stdio[3])];
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the import ended with exit code ${code}`);
  return { seconds: (performance.now() - from) / 1000, peakBytes: Number(await peak), outcome: outcomeOf(await output) };
}

/** What the command says that it did. */
function outcomeOf(output) {
  const match = /added (\d+), changed (\d+), unchanged (\d+), rejected (\d+)/.exec(output);
  if (match === null) throw new Error(`the import did not say what it did: ${output}`);
  const [added, changed, unchanged, rejected] = match.slice(1).map(Number);
  return { added, changed, unchanged, rejected };
}

async function textOf(stream) {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
