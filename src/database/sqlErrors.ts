import { Prisma } from '../generated/prisma/client.js';

/** PostgreSQL's code of an error that it gave itself (SQLSTATE, five characters), whichever way it came; else null. */
export function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return /^[0-9A-Z]{5}$/.exec(String((error as { code?: unknown }).code))?.[0] ?? null;
  if (error.code === 'P2034') return '40001';
  if (error.code === 'P2002') return '23505';
  return /"originalCode":"([0-9A-Z]{5})"/.exec(JSON.stringify(error.meta ?? {}))?.[1] ?? null;
}

/** The constraint that PostgreSQL's error names, whichever way it came; else null. */
export function constraintOf(error: unknown): string | null {
  // All repeat PostgreSQL's message, or put the name into one of Prisma's.
  return error instanceof Error ? (/ constraint:? ["`]([a-z0-9_]+)["`]/.exec(error.message)?.[1] ?? null) : null;
}

/** A deadlock or a serialization failure. */
export function isConflict(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '40P01' || state === '40001';
}

/** A row exists already whose key must be unique (23505), by Prisma's code, within a raw query's error, or by the driver's code. */
export function isUniqueViolation(error: unknown): boolean {
  return sqlStateOf(error) === '23505';
}

/** A value that the tables refuse (classes 22 and 23: data and constraints), rather than a database in trouble. */
export function isRefusal(error: unknown): boolean {
  return /^2[23]/.test(sqlStateOf(error) ?? '');
}
