import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { EXTENSIONS } from '../../src/database/pgliteExtensions.js';
import { migrationsFolder } from '../../src/database/migrations.js';

/** What `prisma migrate` would do with a database, by its own engine: the one of the CLI, as WebAssembly. */
export interface SchemaEngine {
  /** SQL from the tables that the migrations make (on a database of its own) to those of schema.prisma. */
  diffMigrations(schema?: string): Promise<string>;
  /** SQL from the tables that are there to those of schema.prisma. */
  diffDatabase(schema?: string): Promise<string>;
  /** `prisma migrate deploy`: the names of the migrations that were applied. */
  applyMigrations(): Promise<string[]>;
  /** `prisma migrate status`. */
  diagnose(): Promise<{ editedMigrationNames: string[]; failedMigrationNames: string[]; history: unknown }>;
}

/** The diff of two equal schemas. */
export const NO_DIFFERENCE = '-- This is an empty migration.\n';

export const schemaFile = fileURLToPath(new URL('../../prisma/schema.prisma', import.meta.url));
const NO_FILTERS = { externalTables: [], externalEnums: [] };

export async function openSchemaEngine(pglite: PGlite): Promise<SchemaEngine> {
  await loadEngine();
  const committed = await readFile(schemaFile, 'utf8');
  const migrationsList = await readMigrationList();
  const factory = new PrismaPGlite(pglite);
  // The adapter's own shadow database is never closed.
  const shadows: PGlite[] = [];
  factory.connectToShadowDb = async () => {
    const shadow = await PGlite.create({ extensions: EXTENSIONS });
    shadows.push(shadow);
    return new PrismaPGlite(shadow).connect();
  };
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [['schema.prisma', committed]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(factory),
  );
  const diff = async (from: bindings.DiffTarget, content: string): Promise<string> => {
    const to = { tag: 'schemaDatamodel' as const, files: [{ path: 'schema.prisma', content }] };
    const { stdout } = await engine.diff({ from, to, script: true, exitCode: true, filters: NO_FILTERS });
    await Promise.all(shadows.splice(0).map((shadow) => shadow.close()));
    return stdout ?? '';
  };
  return {
    diffMigrations: (schema = committed) => diff({ tag: 'migrations', ...migrationsList }, schema),
    diffDatabase: (schema = committed) =>
      diff({ tag: 'schemaDatasource', files: [{ path: 'schema.prisma', content: committed }], configDir: '.' }, schema),
    applyMigrations: async () => (await engine.applyMigrations({ migrationsList, filters: NO_FILTERS })).appliedMigrationNames,
    diagnose: () => engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters: NO_FILTERS }),
  };
}

// What the package's own entry does for bundlers; Node reads the file itself.
async function loadEngine(): Promise<void> {
  const file = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm');
  const imports = Object.fromEntries(Object.entries(bindings).map(([name, value]) => [name, isTimer(name) ? idleTimer : value]));
  const { instance } = await WebAssembly.instantiate(await readFile(file), { './schema_engine_bg.js': imports });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
}

// The engine gives up waiting for its lock after ten seconds, and forgets to stop that clock when it has got it: Jest
// would wait for it.
const isTimer = (name: string): boolean => name.startsWith('__wbg_setTimeout');
const idleTimer = (work: () => void, ms: number): NodeJS.Timeout => setTimeout(work, ms).unref();

async function readMigrationList(): Promise<bindings.MigrationList> {
  const entries = await readdir(migrationsFolder, { withFileTypes: true });
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  const read = (...path: string[]): Promise<string> => readFile(join(migrationsFolder, ...path), 'utf8');
  return {
    baseDir: migrationsFolder,
    lockfile: { path: './migration_lock.toml', content: await read('migration_lock.toml') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.map(async (name) => ({
        path: name,
        migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: await read(name, 'migration.sql') } },
      })),
    ),
  };
}
