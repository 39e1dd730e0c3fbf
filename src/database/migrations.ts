import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One connection, held for as long as the migrations run. */
export interface MigrationConnection {
  /** Runs a script of several statements without parameters. */
  script(sql: string): Promise<void>;
  rows(sql: string, parameters: readonly unknown[]): Promise<Record<string, unknown>[]>;
}

/** The database and this program do not fit; the message says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

export const migrationsFolder = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

// The advisory lock and the ledger are `prisma migrate`'s own, so that either tool can follow the other and both
// exclude each other while they run.
const ADVISORY_LOCK = 72707369;
const UNDEFINED_TABLE = '42P01';
const LEDGER = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum" VARCHAR(64) NOT NULL,
    "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL,
    "logs" TEXT,
    "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

/** Applies the migrations that the ledger does not have yet, each in one transaction; returns their names. */
export async function migrate(connection: MigrationConnection, folder = migrationsFolder): Promise<string[]> {
  const migrations = await readMigrations(folder);
  // Most starts find nothing to do: one statement tells, where the lock and the ledger took four.
  if (await isUpToDate(connection, migrations)) return [];
  await connection.rows('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
  try {
    await connection.script(LEDGER);
    const ledger = await readLedger(connection);
    refuseUnknown(ledger, migrations);
    const pending = migrations.filter((migration) => !isApplied(migration, ledger));
    for (const migration of pending) await apply(connection, migration);
    return pending.map((migration) => migration.name);
  } finally {
    await connection.rows('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCK]);
  }
}

/** Whether the ledger has these migrations and no others. What is wrong with it is said under the lock alone. */
async function isUpToDate(connection: MigrationConnection, migrations: readonly Migration[]): Promise<boolean> {
  const ledger = await readLedger(connection).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === UNDEFINED_TABLE) return null;
    throw error;
  });
  const isDone = ({ name, checksum }: Migration): boolean => ledger?.get(name)?.isFinished === true && ledger.get(name)?.checksum === checksum;
  return ledger?.size === migrations.length && migrations.every(isDone);
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file in hexadecimal, as Prisma computes it. */
  readonly checksum: string;
}

interface LedgerRow {
  readonly checksum: string;
  readonly isFinished: boolean;
}

async function readLedger(connection: MigrationConnection): Promise<ReadonlyMap<string, LedgerRow>> {
  const rows = await connection.rows(
    `SELECT migration_name, checksum, finished_at IS NOT NULL AS is_finished
     FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`,
    [],
  );
  return new Map(
    rows.map((row) => [
      String(row['migration_name']),
      { checksum: String(row['checksum']), isFinished: row['is_finished'] === true },
    ]),
  );
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

function refuseUnknown(ledger: ReadonlyMap<string, LedgerRow>, migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = [...ledger.keys()].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new MigrationError(`the database has migrations that this version does not know (${unknown.join(', ')}): run a newer version`);
}

function isApplied(migration: Migration, ledger: ReadonlyMap<string, LedgerRow>): boolean {
  const row = ledger.get(migration.name);
  if (row === undefined) return false;
  if (!row.isFinished) {
    throw new MigrationError(`migration ${migration.name} failed before: repair the database, then run \`prisma migrate resolve\``);
  }
  if (row.checksum !== migration.checksum) {
    throw new MigrationError(`migration ${migration.name} was edited after it had been applied: restore its file`);
  }
  return true;
}

async function apply(connection: MigrationConnection, migration: Migration): Promise<void> {
  await connection.script('BEGIN');
  try {
    await connection.script(migration.sql);
    await connection.rows(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await connection.script('COMMIT');
  } catch (error) {
    await connection.script('ROLLBACK');
    throw error;
  }
}
