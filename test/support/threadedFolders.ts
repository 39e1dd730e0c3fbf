import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ThreadedPglite } from '../../src/database/threadedPglite.js';

/** Threads run the compiled code. */
export const THREAD = new URL('../../dist/database/pgliteThread.js', import.meta.url);
/** About half a second of work in the database. */
export const SLOW = 'SELECT count(*)::int4 AS count FROM generate_series(1, 3000000)';

/** Databases on threads of their own, in one folder. */
export class ThreadedFolders {
  private readonly opened: ThreadedPglite[] = [];
  private template: Promise<void> | null = null;

  private constructor(readonly folder: string) {}

  static async create(): Promise<ThreadedFolders> {
    return new ThreadedFolders(await mkdtemp(join(tmpdir(), 'daily-papers-threaded-')));
  }

  open(name: string, thread = THREAD): ThreadedPglite {
    const pglite = new ThreadedPglite(join(this.folder, name), thread);
    this.opened.push(pglite);
    return pglite;
  }

  /** One that exists: creating a database takes seconds, copying one does not. */
  async openCopy(name: string, thread?: URL): Promise<ThreadedPglite> {
    await (this.template ??= this.open('template').close());
    await cp(join(this.folder, 'template'), join(this.folder, name), { recursive: true });
    return this.open(name, thread);
  }

  async remove(): Promise<void> {
    await Promise.all(this.opened.map((pglite) => pglite.close()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function rowsOf(pglite: Pick<ThreadedPglite, 'query'>, text: string, parameters: unknown[] = []): Promise<unknown[]> {
  return (await pglite.query(text, parameters)).rows;
}
