import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

// Debian's, of the latest version that is installed.
const DEBIAN = '/usr/lib/postgresql';
const folderOfBinaries = (): string | null => {
  try {
    const [latest] = readdirSync(DEBIAN).filter((name) => /^\d+$/.test(name)).sort((one, other) => Number(other) - Number(one));
    return latest === undefined ? null : join(DEBIAN, latest, 'bin');
  } catch {
    return null;
  }
};

const BINARIES = folderOfBinaries();

/** Whether a PostgreSQL server can be started here. */
export const canStartPostgres = BINARIES !== null;
if (!canStartPostgres) process.stderr.write(`skipped: no PostgreSQL binaries in ${DEBIAN}\n`);

export type StopMode = 'fast' | 'immediate';

/** A PostgreSQL server of its own, in a temporary folder, that may be stopped, crashed and held up. */
export class OwnPostgres {
  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly settings: string,
  ) {}

  /** `settings` as postgres takes them: `-c max_connections=20`. */
  static async start({ settings = '' }: { readonly settings?: string } = {}): Promise<OwnPostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'daily-papers-postgres-'));
    await chmod(folder, 0o777);
    const server = new OwnPostgres(folder, await freePort(), settings);
    try {
      await server.command('initdb', '-D', server.files, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync');
      await server.begin();
      await server.asAdmin((admin) => admin.query('CREATE DATABASE papers'));
      return server;
    } catch (error) {
      await server.drop();
      throw error;
    }
  }

  get url(): string {
    return this.urlAt(this.port);
  }

  /** The same database by another port, as of a proxy. */
  urlAt(port: number): string {
    return `postgresql://postgres@127.0.0.1:${port}/papers`;
  }

  private get files(): string {
    return join(this.folder, 'data');
  }

  /** Resolves as soon as it takes connections. */
  async begin(): Promise<void> {
    const options = `-p ${this.port} -k ${this.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=32MB -c restart_after_crash=on ${this.settings}`;
    await this.command('pg_ctl', '-D', this.files, '-W', '-l', join(this.folder, 'log'), '-o', options, 'start');
    const end = Date.now() + 60_000;
    for (;;) {
      try {
        await this.asAdmin(() => Promise.resolve());
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
        await sleep(10);
      }
    }
  }

  async stop(mode: StopMode): Promise<void> {
    await this.command('pg_ctl', '-D', this.files, '-w', '-m', mode, 'stop');
  }

  /** Sends a signal to the server and its processes: STOP holds all of them up, CONT lets them go on. */
  async signal(signal: 'STOP' | 'CONT'): Promise<void> {
    const parent = Number((await readFile(join(this.files, 'postmaster.pid'), 'utf8')).split('\n')[0]);
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(parent)]);
    const pids = [parent, ...stdout.split('\n').map(Number).filter((pid) => pid > 0)];
    for (const pid of pids) {
      try {
        process.kill(pid, `SIG${signal}`);
      } catch {
        // Ended meanwhile.
      }
    }
  }

  /** On a connection that no proxy stands before. */
  async asAdmin<Result>(work: (admin: pg.Client) => Promise<Result>, database = 'postgres'): Promise<Result> {
    const admin = new pg.Client({ connectionString: `postgresql://postgres@127.0.0.1:${this.port}/${database}` });
    admin.on('error', () => undefined);
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.end();
    }
  }

  /** Ends every connection to the database but the one that asks. */
  async cutAll(): Promise<void> {
    await this.asAdmin((admin) => admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'papers'"));
  }

  async drop(): Promise<void> {
    await this.signal('CONT').catch(() => undefined);
    await this.stop('immediate').catch(() => undefined);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        await rm(this.folder, { recursive: true, force: true });
        return;
      } catch {
        await sleep(200);
      }
    }
  }

  // PostgreSQL refuses to run as root.
  private async command(name: string, ...parameters: string[]): Promise<void> {
    const command = [join(BINARIES ?? '', name), ...parameters];
    const all = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    await new Promise<void>((resolve, reject) => {
      // A server that it starts would keep its pipes open.
      execFile(all[0] as string, all.slice(1), { cwd: this.folder, timeout: 60_000 }, (error, _stdout, stderr) => { if (error === null) resolve(); else reject(new Error(`${name} failed: ${stderr}`, { cause: error })); });
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
