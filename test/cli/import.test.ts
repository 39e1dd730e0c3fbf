import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { PGlite } from '@electric-sql/pglite';
import { Database } from '../../src/database/database.js';
import { embeddedDriver } from '../../src/database/embedded.js';
import { EXTENSIONS } from '../../src/database/pgliteExtensions.js';
import { mulberry32 } from '../../src/random.js';
import { contentOf } from '../support/ingestWorld.js';
import { run, type RunningProcess } from '../support/process.js';
import { createTestDatabase, isOnServer } from '../support/testDatabase.js';

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
  await writeFile(join(folder, 'more.jsonl'), '{"title": "Four"}\n{"title": "Five"}\n');
});
afterEach(() => Promise.all(started.splice(0).map((child) => child.kill('SIGKILL'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('npm run import', () => {
  test('imports a file, says what became of it, and writes down what it left out', async () => {
    const first = importing('papers', join(folder, 'papers.jsonl'));
    expect(await first.ended()).toBe(0);
    expect(first.output()).toMatch(/^added 2, changed 0, unchanged 0, rejected 1 in \d+\.\d s \(run \d+, embedded in .+\)$/m);
    expect(first.output()).toContain('line 2 rejected: listedOn must be a day in the form YYYY-MM-DD, received "some day" (Two)');
    const [, rejectsFile] = /^rejects: 1, whole records or parts of them, in (.+)$/m.exec(first.output())!;
    expect(rejectsFile).toMatch(/\/data\/imports\/papers\.\d+\.rejects\.jsonl$/);
    expect(JSON.parse(await readFile(rejectsFile!, 'utf8'))).toEqual({ place: 'line 2', title: 'Two', field: 'listedOn', rule: 'must be a day in the form YYYY-MM-DD', received: '"some day"', isWhole: true });

    const again = importing('papers', join(folder, 'papers.jsonl'), '--rejects', join(folder, 'deep', 'rejects.jsonl'));
    expect(await again.ended()).toBe(0);
    expect(again.output()).toContain('added 0, changed 0, unchanged 2, rejected 1');
    expect(await readdir(join(folder, 'deep'))).toEqual(['rejects.jsonl']);
  });

  test('--dry-run says what would happen and writes nothing', async () => {
    const dry = importing('papers', join(folder, 'more.jsonl'), '--dry-run');
    expect(await dry.ended()).toBe(0);
    expect(dry.output()).toContain('would add 2, change 0, leave 0, reject 0 (nothing was written to embedded in');
    const real = importing('papers', join(folder, 'more.jsonl'));
    expect(await real.ended()).toBe(0);
    expect(real.output()).toContain('added 2, changed 0, unchanged 0, rejected 0');
  });

  test('waits for nobody: a folder that a server uses is refused', async () => {
    const server = start(['dist/main.js']);
    await server.waitFor(/is ready/);
    const child = importing('papers', join(folder, 'papers.jsonl'));
    expect(await child.ended()).toBe(1);
    expect(child.output()).toMatch(/^daily-papers: the data folder \S+ is in use by another process \(process \d+\)/);
    server.child.kill('SIGTERM');
    expect(await server.ended()).toBe(0);
  });

  test('--help says how to use it, and each source, with exit code 0', async () => {
    const general = importing('--help');
    expect(await general.ended()).toBe(0);
    for (const text of ['usage: npm run import -- SOURCE', 'arxiv-oai ', 'huggingface ', 'papers-with-code ', 'github ', 'library ', 'citeulike ', 'movielens ']) expect(general.output()).toContain(text);
    const own = importing('arxiv', '--help');
    expect(await own.ended()).toBe(0);
    expect(own.output()).toMatch(/--search TEXT .+\n.*--ids TEXT /);
  });
});

describe('killed at a random moment ten times and started again', () => {
  const FEED = '../shared/data/daily-papers/feed.jsonl';

  test('an import ends equal to an unbroken one, row by row', async () => {
    // The real feed where it is there, else one of this test's own.
    const file = existsSync(FEED) ? FEED : join(folder, 'feed.jsonl');
    const lines = Array.from({ length: 4000 }, (_, index) => JSON.stringify({
      title: `Paper number ${index % 3900}`, arxivId: `2602.${String(index % 3900).padStart(5, '0')}`, text: `What paper ${index} says, in some forty characters or more.`,
      firstListedOn: `2026-02-${String(1 + (index % 28)).padStart(2, '0')}`, authors: [`Author ${index % 700}`, `Author ${index % 31}`], repos: [`https://github.com/owner-${index % 90}/repo`], stars: index % 50,
    }));
    if (file !== FEED) await writeFile(file, lines.join('\n'));
    const [whole, broken] = [await makeTarget('whole'), await makeTarget('broken')];
    const importInto = ({ environment }: Target, ...options: string[]): RunningProcess => start(['dist/cli/import.js', 'papers', file, ...options], environment);
    const unbroken = importInto(whole);
    const startedAt = performance.now();
    expect(await unbroken.ended()).toBe(0);
    const duration = performance.now() - startedAt;

    const chance = mulberry32(20_261_125);
    const options: string[] = [];
    for (let kills = 0; kills < 10; ) {
      const child = importInto(broken, ...options);
      // From the start of the process to well into its batches.
      const timer = setTimeout(() => void child.kill('SIGKILL'), chance() * duration * 0.6);
      const code = await child.ended();
      clearTimeout(timer);
      if (code === null) kills += 1;
      // Done before ten kills: all over again.
      else options[0] = '--restart';
    }
    const last = importInto(broken);
    expect(await last.ended()).toBe(0);
    const [expected, content] = [await whole.content(), await broken.content()];
    expect(expected.length).toBeGreaterThan(8000);
    expect(content).toEqual(expected);
  }, 300_000);
});

interface Target {
  /** Where a command imports to. */
  readonly environment: Record<string, string>;
  /** All that was imported there; for the end. */
  content(): Promise<string[]>;
}

async function makeTarget(name: string): Promise<Target> {
  if (isOnServer) {
    const { database, url, drop } = await createTestDatabase();
    return { environment: { DATABASE_URL: url ?? '', DATA_DIR: join(folder, name) }, content: () => contentOf(database).finally(drop) };
  }
  return {
    environment: { DATA_DIR: join(folder, name) },
    content: async () => {
      const database = new Database(await embeddedDriver(await PGlite.create(join(folder, name, 'pgdata'), { extensions: EXTENSIONS }), 'embedded for a test'));
      return contentOf(database).finally(() => database.close());
    },
  };
}

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
    ['an unknown source', { code: 2, message: /there is no source "nowhere"; there are arxiv-oai, arxiv, / }, () => importing('nowhere')],
    ['an unknown option', { code: 2, message: /--nope/ }, () => importing('papers', '--nope')],
    ['an option that breaks its rule', { code: 2, message: /limit .+received -1/ }, () => importing('arxiv', '--search', 'cat:cs.LG', '--limit=-1')],
    ['an argument too many', { code: 2, message: /"more" is one argument too many/ }, () => importing('papers', 'a.jsonl', 'more')],
    ['a time that is none', { code: 2, message: /since must be a day/ }, () => importing('arxiv', 'cat:cs.LG', '--since', 'yesterday')],
    ['a file that is not there', { code: 1, message: /must be a file that can be read, received .*nowhere\.jsonl/ }, () => importing('papers', join(folder, 'nowhere.jsonl'))],
    ['an option without its value', { code: 2, message: /--rejects/ }, () => importing('papers', 'papers.jsonl', '--rejects')],
    ['a folder in place of a file', { code: 1, message: /must be a file, received/ }, () => importing('papers', folder)],
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
