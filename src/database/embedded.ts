import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import type { Driver } from './database.js';
import { lockFolder } from './folderLock.js';
import { migrate } from './migrations.js';

/**
 * Opens the embedded database in `folder`, creating it at first, and brings its tables up to date.
 * Throws FolderInUseError while another process has it open.
 */
export async function openEmbedded(folder: string): Promise<Driver> {
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  try {
    const files = join(folder, 'pgdata');
    if (!existsSync(files)) await createFiles(files);
    const pglite = await PGlite.create(files);
    const driver = await embeddedDriver(pglite, `embedded in ${folder}`);
    return { ...driver, close: () => driver.close().finally(unlock) };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** A driver for an open PGlite, whose tables are brought up to date. */
export async function embeddedDriver(pglite: PGlite, description: string): Promise<Driver> {
  await migrate({
    script: async (sql) => {
      await pglite.exec(sql);
    },
    rows: async (sql, parameters) => (await pglite.query<Record<string, unknown>>(sql, [...parameters])).rows,
  });
  return {
    description,
    adapter: new PrismaPGlite(pglite),
    rows: async (text, parameters) => (await pglite.query(text, [...parameters])).rows,
    snapshot: (work) =>
      pglite.transaction(async (transaction) => {
        await transaction.exec('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
        return work(async (text, parameters) => (await transaction.query(text, [...parameters])).rows);
      }),
    listen: async (channel, onNotify) => {
      const unlisten = await pglite.listen(channel, onNotify);
      onNotify();
      return { notify: () => void pglite.exec(`NOTIFY ${channel}`).catch(() => undefined), close: () => unlisten() };
    },
    close: () => pglite.close(),
  };
}

// A folder whose creation was interrupted never opens again. So it is made under another name, closed, and renamed:
// what stands under the real name is always whole.
async function createFiles(files: string): Promise<void> {
  const draft = `${files}.creating`;
  await rm(draft, { recursive: true, force: true });
  const pglite = await PGlite.create(draft);
  await pglite.close();
  await rename(draft, files);
}
