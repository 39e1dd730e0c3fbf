import { parseArgs, type ParseArgsConfig } from 'node:util';
import { readConfig } from '../config.js';
import { FolderInUseError } from '../database/folderLock.js';
import type { BackupSummary } from '../database/backup.js';
import { explain } from './exit.js';

/** Exit codes, as `--help` says them; 1 is what failed. */
const [DONE, USAGE, IN_USE] = [0, 2, 3];

/** A command on the embedded database's folder and one file, while no server has the folder. */
export interface FolderCommand {
  readonly usage: string;
  readonly flags: readonly string[];
  /** What does the same on PostgreSQL. */
  readonly onPostgres: string;
  readonly run: (place: { readonly folder: string; readonly file: string; readonly given: ReadonlySet<string> }) => Promise<string>;
}

/** Reads the command line, runs the command and says what it did; gives the exit code. */
export async function runOnFolder({ usage, flags, onPostgres, run }: FolderCommand): Promise<number> {
  const options: ParseArgsConfig['options'] = Object.fromEntries([...flags, 'help'].map((flag) => [flag, { type: 'boolean' as const }]));
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [file, ...others] = positionals;
  if (values['help'] === true || file === undefined || others.length > 0) {
    console.error(usage);
    return values['help'] === true ? DONE : USAGE;
  }
  const { databaseUrl, dataFolder } = readConfig();
  if (databaseUrl !== null) {
    console.error(`daily-papers: DATABASE_URL is set, and this command is for the embedded database: use ${onPostgres}`);
    return USAGE;
  }
  try {
    console.log(await run({ folder: dataFolder, file, given: new Set(Object.keys(values)) }));
    return DONE;
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    explain(error);
    return IN_USE;
  }
}

/** For people: what a database has. */
export function contentOf({ papers, readers, bytes }: BackupSummary): string {
  return `${papers} papers, ${readers} readers, ${megabytes(bytes)}`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
