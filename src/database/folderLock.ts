import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tryLock, unlock } from 'fs-native-extensions';

/** Another process has the data folder open. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

/**
 * Takes the folder for this process and returns how to let go. The lock is the operating system's (flock and its
 * kin), so it ends with the process, however that ends: there is no stale lock to clean up after `kill -9`.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  const file = await open(path, 'a+');
  if (!tryLock(file.fd)) {
    await file.close();
    throw new FolderInUseError(
      `the data folder ${folder} is in use by another process (${await ownerOf(path)}): stop it, or set DATA_DIR to another folder`,
    );
  }
  await file.truncate(0);
  await file.appendFile(`process ${process.pid}`);
  return async () => {
    unlock(file.fd);
    await file.close();
  };
}

async function ownerOf(path: string): Promise<string> {
  const owner = await readFile(path, 'utf8').catch(() => '');
  return owner === '' ? 'unknown process' : owner;
}
