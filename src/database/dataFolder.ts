import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from './folderLock.js';
import { ThreadedPglite } from './threadedPglite.js';

/** The folder of an embedded database, held by this process alone. */
export interface DataFolder {
  readonly path: string;
  /** May still be opening. */
  readonly pglite: ThreadedPglite;
  /** Closes the database, then lets go of the folder. */
  close(): Promise<void>;
}

/**
 * Takes the folder, and has its database opened, or at first created, on a thread: it does not wait for that. Apart from
 * what uses it, so that a start can do it before it loads the rest. Throws FolderInUseError while another process has it.
 */
export async function takeFolder(folder: string): Promise<DataFolder> {
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  const pglite = new ThreadedPglite(join(folder, 'pgdata'));
  return { path: folder, pglite, close: () => pglite.close().finally(unlock) };
}
