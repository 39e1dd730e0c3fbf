import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { BackupError, readBackup, writeBackup } from './backupFile.js';
import { holdFolder } from './dataFolder.js';
import { sqlStateOf } from './sqlErrors.js';
import { embeddedDriver } from './embedded.js';
import { MigrationError } from './migrations.js';
import { draftOf, replace } from './replacement.js';
import { ThreadedPglite } from './threadedPglite.js';

const UNDEFINED_TABLE = '42P01';

/** What a backup has, or a restored database. */
export interface BackupSummary {
  /** Of the database's files, in bytes. */
  readonly bytes: number;
  readonly papers: number;
  readonly readers: number;
}

/**
 * Writes the embedded database in a data folder into a file, in place of what was there before: at once, and when it is
 * whole. Throws FolderInUseError while another process has the folder, and BackupError where it has no database.
 */
export async function backUp(folder: string, file: string): Promise<BackupSummary> {
  // Else it would be made.
  if (!existsSync(folder)) throw new BackupError(`there is no database in ${folder}`);
  const { database, release } = await holdFolder(folder);
  try {
    if (!existsSync(database)) throw new BackupError(`there is no database in ${folder}`);
    // What a killed server left is recovered by that. Closed, the files alone are the database.
    const rows = await countsOf(database).catch((error: unknown) => {
      if (sqlStateOf(error) !== UNDEFINED_TABLE) throw error;
      throw new BackupError(`the database in ${folder} has no tables yet: its first start was cut off`, { cause: error });
    });
    return { bytes: await writeBackup(file, database), ...rows };
  } finally {
    await release();
  }
}

export interface Restoring {
  readonly file: string;
  /** Whether a database that is there is replaced. */
  readonly isForced: boolean;
}

/**
 * Puts the database of a backup into a data folder. The file is read to its end and its database opened and brought up to
 * date as a server does it, beside the one that is there; only then it takes its place. Throws FolderInUseError, MigrationError
 * where a later version made it, and BackupError where the folder has a database already, or the file is no whole backup.
 */
export async function restore(folder: string, { file, isForced }: Restoring): Promise<BackupSummary> {
  await stat(file);
  const { database, release } = await holdFolder(folder);
  const draft = draftOf(database);
  try {
    if (existsSync(database) && !isForced) throw new BackupError(`the data folder ${folder} has a database already: --force replaces it`);
    const bytes = await readBackup(file, draft);
    const rows = await countsOf(draft, { isMigrated: true }).catch((error: unknown) => {
      if (error instanceof MigrationError) throw error;
      throw new BackupError(`the database of ${file} cannot be opened: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    });
    await replace(database);
    return { bytes, ...rows };
  } finally {
    await rm(draft, { recursive: true, force: true });
    await release();
  }
}

/** Opens a database, which must be one of ours, and closes it again. */
async function countsOf(database: string, { isMigrated = false } = {}): Promise<Omit<BackupSummary, 'bytes'>> {
  const pglite = new ThreadedPglite(database);
  try {
    await pglite.opened;
    if (isMigrated) await embeddedDriver(pglite, database);
    const { rows } = await pglite.query<Omit<BackupSummary, 'bytes'>>('SELECT (SELECT count(*) FROM papers)::int4 AS papers, (SELECT count(*) FROM users)::int4 AS readers');
    if (rows[0] === undefined) throw new Error('a count gave no row');
    return rows[0];
  } finally {
    await pglite.close();
  }
}
