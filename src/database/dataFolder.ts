import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from './folderLock.js';
import { settle } from './replacement.js';
import { ThreadedPglite } from './threadedPglite.js';

/** The folder of an embedded database, held by this process alone. */
export interface DataFolder {
  readonly path: string;
  /** May still be opening. */
  readonly pglite: ThreadedPglite;
  /** Closes the database, then lets go of the folder. */
  close(): Promise<void>;
}

/** The same, whose database nobody has opened. */
export interface HeldFolder {
  /** Where the database is, or is to be. */
  readonly database: string;
  /** Lets go of the folder. */
  readonly release: () => Promise<void>;
}

/**
 * Takes the folder, and has its database opened, or at first created, on a thread: it does not wait for that. Apart from
 * what uses it, so that a start can do it before it loads the rest. Throws FolderInUseError while another process has it.
 */
export async function takeFolder(folder: string): Promise<DataFolder> {
  const { database, release } = await holdFolder(folder);
  const pglite = new ThreadedPglite(database);
  return { path: folder, pglite, close: () => pglite.close().finally(release) };
}

/** Takes the folder alone, which is made where it is missing. Throws FolderInUseError while another process has it. */
export async function holdFolder(folder: string): Promise<HeldFolder> {
  await mkdir(folder, { recursive: true });
  const release = await lockFolder(folder);
  const database = join(folder, 'pgdata');
  try {
    await settle(database);
    return { database, release };
  } catch (error) {
    await release();
    throw error;
  }
}
