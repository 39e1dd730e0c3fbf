import { countedPglite } from './countedPglite.js';
import type { DataFolder } from './dataFolder.js';
import type { Driver } from './database.js';
import { DEFAULT_LIMITS, type DatabaseLimits } from './limits.js';
import { migrate } from './migrations.js';
import { openingDriver } from './openingDriver.js';
import { pgliteAdapter } from './pgliteAdapter.js';
import type { Pglite } from './threadedPglite.js';

/** The embedded database in a folder: it opens, and has its tables brought up to date, while the caller goes on. */
export function openEmbedded(folder: DataFolder, limits = DEFAULT_LIMITS): Driver {
  const description = `embedded in ${folder.path}`;
  return openingDriver({ description, limits }, openFiles(folder, description, limits));
}

async function openFiles(folder: DataFolder, description: string, limits: DatabaseLimits): Promise<Driver> {
  try {
    await folder.pglite.opened;
    const driver = await embeddedDriver(folder.pglite, description, limits);
    // From here on: its first opening takes seconds. What runs cannot be stopped, as PGlite has no timers; what waits can be.
    folder.pglite.waitMs = limits.poolMs;
    return { ...driver, close: () => folder.close() };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/** A driver for an open PGlite, whose tables are brought up to date. */
export async function embeddedDriver(opened: Pglite, description: string, limits = DEFAULT_LIMITS): Promise<Driver> {
  const { pglite, connections } = countedPglite(opened);
  await migrate({
    script: async (sql) => {
      await pglite.exec(sql);
    },
    rows: async (sql, parameters) => (await pglite.query<Record<string, unknown>>(sql, [...parameters])).rows,
  });
  return {
    kind: 'embedded',
    description,
    adapter: pgliteAdapter(pglite),
    limits,
    rows: async (text, parameters) => (await pglite.query(text, [...parameters])).rows,
    snapshot: (work) =>
      pglite.transaction(async (transaction) => {
        await transaction.exec('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
        return work(async (text, parameters) => (await transaction.query(text, [...parameters])).rows);
      }),
    transaction: (work) =>
      pglite.transaction((transaction) => work(async (text, parameters) => (await transaction.query(text, [...parameters])).rows)),
    connections,
    listen: async (channel, onNotify) => {
      const unlisten = await pglite.listen(channel, onNotify);
      onNotify();
      return { notify: () => void pglite.exec(`NOTIFY ${channel}`).catch(() => undefined), close: () => unlisten() };
    },
    close: () => pglite.close(),
  };
}
