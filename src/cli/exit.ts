import { ConfigError } from '../config.js';
import { FolderInUseError } from '../database/folderLock.js';
import { MigrationError } from '../database/migrations.js';

/** Errors whose message tells the operator what to do; others show their stack. */
const EXPLAINED = [ConfigError, FolderInUseError, MigrationError];

/** Says what went wrong, on standard error. */
export function explain(error: unknown): void {
  const isExplained = EXPLAINED.some((type) => error instanceof type) || (error as NodeJS.ErrnoException).code === 'ENOENT';
  console.error(isExplained ? `daily-papers: ${(error as Error).message}` : error);
}

/** Runs a command and ends the process with its exit code; 1 where it throws. */
export async function exitWith(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    explain(error);
    process.exitCode = (error as { code?: unknown }).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? 2 : 1;
  }
}
