import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { EXTENSIONS } from '../../src/database/pgliteExtensions.js';
import { packed, unpacked } from '../../src/database/tarball.js';
import { until } from '../support/fakeRunner.js';
import { run, type RunningProcess } from '../support/process.js';
import { isOnServer } from '../support/testDatabase.js';

const MANIFEST = 'daily-papers-backup.json';
const READ = `{ papers(first: 50, orderBy: TRENDING) { totalCount nodes { id title upvoteCount tags { nodes { slug } } } } }`;
const started: RunningProcess[] = [];
let folder: string;
/** What a server had in `main` when it was killed. */
let before: unknown;

const at = (name: string): string => join(folder, name);
const start = (name: string, environment: Record<string, string> = {}): RunningProcess => {
  const server = run(['dist/main.js'], { PORT: '0', HOST: '127.0.0.1', DATA_DIR: at(name), ...environment });
  started.push(server);
  return server;
};
const ask = async (server: RunningProcess, query: string): Promise<any> => {
  const [, url] = (await server.waitFor(/GraphQL +(\S+)/)) as unknown as [string, string];
  const answer = await (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) })).json();
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
};
/** What a server on a folder answers; it is killed then. */
const contentOf = async (name: string): Promise<unknown> => {
  const server = start(name, { DEMO: 'false' });
  const content = await ask(server, READ);
  await server.kill('SIGKILL');
  return content;
};
interface Ending {
  readonly code: number | null;
  readonly output: string;
}
const ending = async (parameters: string[], environment: Record<string, string>): Promise<Ending> => {
  const child = run(parameters, environment);
  started.push(child);
  const code = await child.ended();
  return { code, output: child.output() };
};
const command = (name: 'backup' | 'restore', data: string, parameters: string[]): Promise<Ending> => ending([`dist/cli/${name}.js`, ...parameters], { DATA_DIR: at(data) });

/** So many milliseconds after something came to be. */
const killOnce = async (path: string, afterMs: number, child: RunningProcess): Promise<void> => {
  await until(() => existsSync(at(path)), `${path} was there`);
  await sleep(afterMs);
  await child.kill('SIGKILL');
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-backup-'));
  const server = start('main');
  before = await ask(server, READ);
  expect(before).toMatchObject({ papers: { totalCount: 43 } });
  expect(await command('backup', 'main', [at('early.gz')])).toEqual({
    code: 3, output: expect.stringMatching(/^daily-papers: the data folder \S+main is in use by another process \(process \d+\): stop it, or set DATA_DIR to another folder\n$/),
  });
  expect(await command('restore', 'main', [at('early.gz'), '--force'])).toMatchObject({ code: 1, output: expect.stringContaining('ENOENT') });
  expect((await readdir(folder)).sort()).toEqual(['main']);
  await server.kill('SIGKILL');
  const { code, output } = await command('backup', 'main', [at('whole.gz')]);
  expect(output).toMatch(/^wrote \S+whole\.gz \(\d+\.\d MB\): 43 papers, 301 readers, \d+\.\d MB, of the database in \S+main\n$/);
  expect(code).toBe(0);
}, 60_000);
afterEach(() => Promise.all(started.splice(0).map((child) => child.kill('SIGKILL'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

// The commands know no PostgreSQL, but for what they say of it.
const onEmbedded = isOnServer ? describe.skip : describe;

onEmbedded('a backup', () => {
  test('has all that the database of a killed server had, in another folder too', async () => {
    expect(((await stat(at('whole.gz'))).mode & 0o777).toString(8)).toBe('600');
    const { code, output } = await command('restore', 'elsewhere', [at('whole.gz')]);
    expect(output).toMatch(/^restored 43 papers, 301 readers, \d+\.\d MB into \S+elsewhere\n$/);
    expect(code).toBe(0);
    expect(await contentOf('elsewhere')).toEqual(before);
    expect((await readdir(at('elsewhere'))).sort()).toEqual(['lock', 'pgdata']);
    // And the one that was backed up goes on.
    expect(await contentOf('main')).toEqual(before);
  });

  test('is an archive that others unpack: its manifest, then the folder', async () => {
    const parts = await partsOf('whole.gz');
    const [manifest, ...files] = parts;
    expect(JSON.parse(String(manifest!.content))).toEqual({
      format: 1, postgres: '18', madeAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      files: files.filter(({ size }) => size !== null).length, bytes: files.reduce((sum, { size }) => sum + (size ?? 0), 0),
    });
    expect(manifest!.path).toBe(MANIFEST);
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(['pgdata/PG_VERSION', 'pgdata/pg_notify', 'pgdata/global/pg_control']));
    // What an open database has, and a closed one has not.
    expect(files.filter(({ path }) => path.includes('postmaster.pid'))).toEqual([]);
  });

  test('of a folder without a database is refused, and makes none', async () => {
    expect(await command('backup', 'nothing', [at('nothing.gz')])).toEqual({ code: 1, output: `daily-papers: there is no database in ${at('nothing')}\n` });
    expect(existsSync(at('nothing'))).toBe(false);
    await command('restore', 'nothing', [at('whole.gz'), '--unknown']);
    expect(existsSync(at('nothing.gz'))).toBe(false);
  });

  test('that is killed at any moment leaves no half file, and the file of before', async () => {
    await writeFile(at('kept.gz'), 'of before');
    for (const moment of [0, 300]) {
      await killOnce('kept.gz.partial', moment, run(['dist/cli/backup.js', at('kept.gz')], { DATA_DIR: at('main') }));
      const found = await readFile(at('kept.gz'));
      if (found.toString() !== 'of before') expect(gunzipSync(found).length).toBeGreaterThan(1e7);
    }
    expect(await command('backup', 'main', [at('kept.gz')])).toMatchObject({ code: 0 });
    expect((await readdir(folder)).filter((name) => name.startsWith('kept'))).toEqual(['kept.gz']);
  });

  test('into a folder that is not there fails, and leaves nothing', async () => {
    expect(await command('backup', 'main', [at('missing/backup.gz')])).toMatchObject({ code: 1, output: expect.stringContaining('ENOENT') });
    expect(existsSync(at('missing'))).toBe(false);
  });
});

onEmbedded('a restore', () => {
  /** Of the files of a database that must not change. */
  const fingerprint = async (name: string): Promise<unknown> => ({
    folder: (await readdir(at(name))).filter((file) => file !== 'lock').sort(),
    control: createHash('sha256').update(await readFile(join(at(name), 'pgdata/global/pg_control'))).digest('hex'),
  });
  /** Expects that the file is refused, and that what is there stays. */
  const expectRefused = async (file: string, message: RegExp | string): Promise<void> => {
    const there = await fingerprint('kept');
    expect({ file, ...(await command('restore', 'kept', [at(file), '--force'])) }).toEqual({ file, code: 1, output: message instanceof RegExp ? expect.stringMatching(message) : `daily-papers: ${message}\n` });
    expect(await fingerprint('kept')).toEqual(there);
    expect(there).toMatchObject({ folder: ['pgdata'] });
  };

  beforeAll(async () => {
    await cp(at('main/pgdata'), at('kept/pgdata'), { recursive: true });
  });

  test('replaces a database only where that is asked for', async () => {
    const there = await fingerprint('kept');
    expect(await command('restore', 'kept', [at('whole.gz')])).toEqual({ code: 1, output: `daily-papers: the data folder ${at('kept')} has a database already: --force replaces it\n` });
    expect(await fingerprint('kept')).toEqual(there);

    const other = start('other', { DEMO: 'false' });
    expect(await ask(other, READ)).toMatchObject({ papers: { totalCount: 0 } });
    expect(await command('restore', 'other', [at('whole.gz'), '--force'])).toMatchObject({ code: 3, output: expect.stringContaining('in use by another process') });
    await other.kill('SIGKILL');
    expect(await command('restore', 'other', [at('whole.gz'), '--force'])).toMatchObject({ code: 0 });
    expect(await contentOf('other')).toEqual(before);
    expect((await readdir(at('other'))).sort()).toEqual(['lock', 'pgdata']);
  });

  test('refuses a file that was cut, wherever, and one with another byte', async () => {
    const whole = await readFile(at('whole.gz'));
    for (const [n, length] of [5, 20, Math.round(whole.length / 2), whole.length - 4].entries()) {
      await writeFile(at(`cut-${n}.gz`), whole.subarray(0, length));
      await expectRefused(`cut-${n}.gz`, `${at(`cut-${n}.gz`)} ends too early: it was cut off`);
    }
    const damaged = Buffer.from(whole);
    damaged[Math.round(whole.length / 3)]! ^= 1;
    await writeFile(at('damaged.gz'), damaged);
    await expectRefused('damaged.gz', /^daily-papers: \S+damaged\.gz is no backup, or damaged: .+\n$/);
  });

  test('refuses what is no backup', async () => {
    await writeFile(at('empty'), '');
    await expectRefused('empty', `${at('empty')} ends too early: it was cut off`);
    await writeFile(at('letter.txt'), 'Dear reader, this is a letter. '.repeat(50));
    await expectRefused('letter.txt', /letter\.txt is no backup, or damaged: incorrect header check/);
    await writeFile(at('letter.gz'), gzipSync('Dear reader, this is a letter. '.repeat(50)));
    await expectRefused('letter.gz', /letter\.gz is no backup, or damaged: these are not the bytes of an archive/);
    await writeParts('other-archive.gz', [{ path: 'photo.jpg', size: 3, content: Buffer.from('abc') }]);
    await expectRefused('other-archive.gz', /is no backup, or damaged: its first file is not daily-papers-backup\.json/);
    await expectRefused('not-there.gz', /ENOENT/);
  });

  test('refuses another version, and a file that has not what it says', async () => {
    const [manifest, ...files] = await partsOf('whole.gz');
    const say = JSON.parse(String(manifest!.content));
    const withManifest = async (name: string, changed: object, rest = files): Promise<void> => {
      const content = Buffer.from(JSON.stringify({ ...say, ...changed }));
      await writeParts(name, [{ path: MANIFEST, size: content.length, content }, ...rest]);
    };
    await withManifest('format.gz', { format: 2 });
    await expectRefused('format.gz', `${at('format.gz')} was made in format 2, and this version reads format 1`);
    await withManifest('postgres.gz', { postgres: '17' });
    await expectRefused('postgres.gz', `${at('postgres.gz')} has files of PostgreSQL 17, and this version reads those of 18`);
    await withManifest('nonsense.gz', { files: 'many' });
    await expectRefused('nonsense.gz', /says not what it must/);
    await withManifest('fewer.gz', {}, files.slice(0, -1));
    await expectRefused('fewer.gz', /it has not the files that it says/);
    for (const path of ['pgdata/../../escaped', 'escaped', '/escaped', 'pgdata//escaped']) {
      await withManifest('escaping.gz', {}, [{ path, size: 3, content: Buffer.from('abc') }]);
      await expectRefused('escaping.gz', /is no place in a database/);
    }
    expect((await readdir(folder, { recursive: true })).filter((path) => path.includes('escaped'))).toEqual([]);
    const wrong = files.map((file) => (file.path === 'pgdata/global/pg_control' ? { ...file, content: Buffer.alloc(file.size!) } : file));
    await withManifest('closed.gz', {}, wrong);
    await expectRefused('closed.gz', /^daily-papers: the database of \S+closed\.gz cannot be opened: .+\n$/);
  });

  test('refuses the database of a later version', async () => {
    await cp(at('main/pgdata'), at('later/pgdata'), { recursive: true });
    const pglite = await PGlite.create(at('later/pgdata'), { extensions: EXTENSIONS });
    await pglite.exec(`INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('later', 'x', '29990101000000_later', now())`);
    await pglite.close();
    expect(await command('backup', 'later', [at('later.gz')])).toMatchObject({ code: 0 });
    await expectRefused('later.gz', 'the database has migrations that this version does not know (29990101000000_later): run a newer version');
  });

  test('that is killed at any moment leaves a database that opens, and takes up no room', async () => {
    for (const moment of [0, 400, 1000]) {
      await killOnce('kept/pgdata.restoring', moment, run(['dist/cli/restore.js', at('whole.gz'), '--force'], { DATA_DIR: at('kept') }));
      expect(await command('backup', 'kept', [at('after.gz')])).toMatchObject({ code: 0, output: expect.stringContaining('43 papers') });
      expect((await readdir(at('kept'))).sort()).toEqual(['lock', 'pgdata']);
    }
  });

  test('that was cut off between the old and the new is undone, and after both is finished', async () => {
    await rename(at('kept/pgdata'), at('kept/pgdata.replaced'));
    expect(await contentOf('kept')).toEqual(before);
    expect((await readdir(at('kept'))).sort()).toEqual(['lock', 'pgdata']);
    await cp(at('kept/pgdata'), at('kept/pgdata.replaced'), { recursive: true });
    await rm(at('kept/pgdata.replaced/PG_VERSION'));
    expect(await contentOf('kept')).toEqual(before);
    expect((await readdir(at('kept'))).sort()).toEqual(['lock', 'pgdata']);
  });
});

onEmbedded.each(['backup', 'restore'] as const)('npm run %s', (name) => {
  test('says how it is used', async () => {
    const usage = expect.stringContaining(`usage: npm run ${name} -- FILE`);
    expect(await command(name, 'main', [])).toEqual({ code: 2, output: usage });
    expect(await command(name, 'main', ['one', 'two'])).toEqual({ code: 2, output: usage });
    expect(await command(name, 'main', ['--help'])).toEqual({ code: 0, output: usage });
    expect(await command(name, 'main', ['one', '--unknown'])).toMatchObject({ code: 2, output: expect.stringContaining("Unknown option '--unknown'") });
  });

  test('leaves PostgreSQL to its own commands', async () => {
    const { code, output } = await ending([`dist/cli/${name}.js`, at('any.gz')], { DATA_DIR: at('main'), DATABASE_URL: 'postgresql://somewhere/papers' });
    expect(code).toBe(2);
    expect(output).toMatch(name === 'backup' ? /^daily-papers: DATABASE_URL is set.+ use pg_dump .+\n$/ : /^daily-papers: DATABASE_URL is set.+ use pg_restore .+\n$/);
    expect(existsSync(at('any.gz'))).toBe(false);
  });
});

interface Part {
  readonly path: string;
  readonly size: number | null;
  readonly content: Buffer;
}

async function partsOf(name: string): Promise<Part[]> {
  const bytes = gunzipSync(await readFile(at(name)));
  const parts: Part[] = [];
  for await (const { path, size, content } of unpacked((async function* () { yield* await Promise.resolve([bytes]); })())) {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    parts.push({ path, size, content: Buffer.concat(pieces) });
  }
  return parts;
}

async function writeParts(name: string, parts: readonly Part[]): Promise<void> {
  const pieces: Uint8Array[] = [];
  for await (const piece of packed(parts.map((part) => ({ ...part, content: [part.content] })))) pieces.push(piece);
  await writeFile(at(name), gzipSync(Buffer.concat(pieces), { level: 1 }));
}
