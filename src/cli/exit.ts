import pg from 'pg';
import { ConfigError } from '../config.js';
import { BackupError } from '../database/backupFile.js';
import { DatasetError } from '../evaluation/dataset.js';
import { FolderInUseError } from '../database/folderLock.js';
import { MigrationError } from '../database/migrations.js';

/** Errors whose message tells the operator what to do; others show their stack. */
const EXPLAINED = [ConfigError, FolderInUseError, MigrationError, BackupError, DatasetError];

/** Says what went wrong, on standard error. */
export function explain(error: unknown): void {
  console.error(isOperators(error) ? `daily-papers: ${messageOf(error)}` : error);
}

// A file, an address or a server that is not as the operator thought, or arguments that are not understood.
function isOperators(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  const isSystem = syscall !== undefined || (error instanceof AggregateError && code !== undefined);
  return EXPLAINED.some((type) => error instanceof type) || isSystem || isUsage(error) || isRefusedByServer(error);
}

function isUsage(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
}

// PostgreSQL's classes 28 (who may connect), 3D (which database), 53 and 57 (no room, or shutting down).
function isRefusedByServer(error: Error): boolean {
  return error instanceof pg.DatabaseError && /^(28|3D|53|57)/.test(error.code ?? '');
}

// A name with several addresses fails with one error for each, and no message of its own.
function messageOf(error: Error): string {
  const message = error instanceof AggregateError && error.message === '' ? error.errors.map((one) => (one as Error).message).join(', ') : error.message;
  return error instanceof ConfigError ? message : (message.split('\n')[0] ?? '');
}

/** Runs a command and ends the process with its exit code; 1 where it throws. */
export async function exitWith(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    explain(error);
    process.exitCode = isUsage(error) ? 2 : 1;
  }
}
