import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { run, type RunningProcess } from '../support/process.js';

const started: RunningProcess[] = [];
let folder: string;

/** Runs a compiled command on a data folder of this file's own. */
const start = (parameters: readonly string[], environment: Record<string, string> = {}): RunningProcess => {
  const child = run(parameters, { PORT: '0', HOST: '127.0.0.1', DEMO: 'false', DATA_DIR: join(folder, 'data'), ...environment });
  started.push(child);
  return child;
};
const importing = (...parameters: string[]): RunningProcess => start(['dist/cli/import.js', ...parameters]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-import-cli-'));
  const lines = [{ title: 'One', arxivId: '2601.00001' }, { title: 'Two', firstListedOn: 'some day' }, { title: 'Three' }];
  await writeFile(join(folder, 'papers.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
});
afterEach(() => Promise.all(started.splice(0).map((child) => child.kill('SIGKILL'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('npm run import', () => {
  test('imports a file, says what became of it, and reports every line', async () => {
    const first = importing(join(folder, 'papers.jsonl'));
    expect(await first.ended()).toBe(0);
    expect(first.output()).toMatch(/^added 2, changed 0, unchanged 0, skipped 1 in \d+\.\d s \(embedded in .+\)$/m);
    expect(first.output()).toContain('line 2 skipped: listedOn must be a day in the form YYYY-MM-DD, received "some day" (Two)');
    const [, reportFile] = /^report: (.+)$/m.exec(first.output())!;
    expect(reportFile).toMatch(/\/data\/imports\/papers\.jsonl\..+\.report\.jsonl$/);
    const report = (await readFile(reportFile!, 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
    expect(report.map(({ line, outcome, title }) => [line, outcome, title])).toEqual([[1, 'added', 'One'], [2, 'skipped', 'Two'], [3, 'added', 'Three']]);

    const again = importing(join(folder, 'papers.jsonl'), '--report', join(folder, 'deep', 'report.jsonl'));
    expect(await again.ended()).toBe(0);
    expect(again.output()).toContain('added 0, changed 0, unchanged 2, skipped 1');
    expect(await readdir(join(folder, 'deep'))).toEqual(['report.jsonl']);
  });

  test('waits for nobody: a folder that a server uses is refused', async () => {
    const server = start(['dist/main.js']);
    await server.waitFor(/is ready/);
    const child = importing(join(folder, 'papers.jsonl'));
    expect(await child.ended()).toBe(1);
    expect(child.output()).toMatch(/^daily-papers: the data folder \S+ is in use by another process \(process \d+\)/);
    server.child.kill('SIGTERM');
    expect(await server.ended()).toBe(0);
  });

  test('--help says how to use it, with exit code 0', async () => {
    const child = importing('--help');
    expect(await child.ended()).toBe(0);
    expect(child.output()).toContain('usage: npm run import');
  });
});

describe('what an operator can get wrong is one line that says it, not a stack', () => {
  let port: number;
  const taken = createServer();
  beforeAll(async () => {
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    port = (taken.address() as AddressInfo).port;
    await writeFile(join(folder, 'file'), '');
  });
  afterAll(() => new Promise((done) => taken.close(done)));

  test.each<[what: string, expected: { code: number; message: RegExp }, make: () => RunningProcess]>([
    ['an unknown option', { code: 2, message: /--nope/ }, () => importing('--nope')],
    ['an option without its value', { code: 2, message: /--report/ }, () => importing('papers.jsonl', '--report')],
    ['a folder in place of a file', { code: 1, message: /EISDIR/ }, () => importing(folder)],
    ['a file in place of the data folder', { code: 1, message: /EEXIST.*file/ }, () => start(['dist/main.js'], { DATA_DIR: join(folder, 'file') })],
    ['a port that is taken', { code: 1, message: /EADDRINUSE/ }, () => start(['dist/main.js'], { PORT: String(port) })],
    ['a host that is none', { code: 1, message: /ENOTFOUND/ }, () => start(['dist/main.js'], { HOST: 'nowhere.invalid' })],
    ['a database server that is not there', { code: 1, message: /ECONNREFUSED/ }, () => start(['dist/main.js'], { DATABASE_URL: 'postgresql://127.0.0.1:1/papers' })],
  ])('%s', async (_, { code, message }, make) => {
    const child = make();
    expect(await child.ended()).toBe(code);
    expect(child.output()).toMatch(message);
    expect(child.output()).toMatch(/^daily-papers: .+\n$/);
  });
});
