import { types } from 'node:util';
import { UnavailableError } from '../errors.js';
import { sqlStateOf } from './sqlErrors.js';

/** What went wrong with the database, where it says nothing of what the database was asked. */
export type FailureKind = 'UNREACHABLE' | 'STARTING' | 'HANGING' | 'CUT' | 'BUSY' | 'SLOW' | 'LOCKED' | 'CONFLICT' | 'FULL' | 'MEMORY';

/** What clients are told, who must not learn of hosts, and after how many seconds to come again. */
const TOLD: Readonly<Record<FailureKind, readonly [reason: string, retryAfter: number]>> = {
  UNREACHABLE: ['the database cannot be reached', 2],
  STARTING: ['the database is starting or stopping', 2],
  HANGING: ['the database does not answer', 2],
  CUT: ['the connection to the database was cut', 1],
  BUSY: ['the database had no room for another statement in time', 1],
  SLOW: ['the database took longer than a statement may', 5],
  LOCKED: ['others had locked what was asked for, for longer than one waits', 1],
  CONFLICT: ['others wrote the same rows at the same time, again and again', 1],
  FULL: ['the database has no space left', 30],
  MEMORY: ['the database has no memory left', 5],
};

/** Failures after which the database may be gone for all who ask it. */
const OF_ALL: ReadonlySet<FailureKind> = new Set(['UNREACHABLE', 'STARTING', 'HANGING', 'CUT']);

export function mayBeOfAll(kind: FailureKind): boolean {
  return OF_ALL.has(kind);
}

/** A connection that was given up, since the database did not answer in the time that it has. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/** No place in the queue of statements, or none in time: what was to run was not begun. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
}

/** The embedded database is closed, or its thread is gone. */
export class DatabaseEndedError extends Error {
  override readonly name = 'DatabaseEndedError';
}

// By PostgreSQL's codes, or by the first two characters that are their class: https://www.postgresql.org/docs/current/errcodes-appendix.html
const BY_STATE: Readonly<Record<string, FailureKind>> = {
  '08': 'CUT', '28': 'UNREACHABLE', '3D': 'UNREACHABLE', '25P03': 'CUT', '25P04': 'CUT', '57P01': 'CUT', '57P02': 'CUT', '57P03': 'STARTING', '57P05': 'CUT', '53': 'BUSY', '53100': 'FULL', '53200': 'MEMORY',
  '57014': 'SLOW', '55P03': 'LOCKED', '40001': 'CONFLICT', '40P01': 'CONFLICT', '58030': 'FULL',
};
const BY_SYSTEM_CODE: Readonly<Record<string, FailureKind>> = {
  ECONNREFUSED: 'UNREACHABLE', ENOTFOUND: 'UNREACHABLE', EAI_AGAIN: 'UNREACHABLE', EHOSTUNREACH: 'UNREACHABLE', ENETUNREACH: 'UNREACHABLE', EHOSTDOWN: 'UNREACHABLE',
  ENETDOWN: 'UNREACHABLE', ENOENT: 'UNREACHABLE', ECONNRESET: 'CUT', EPIPE: 'CUT', ECONNABORTED: 'CUT', ETIMEDOUT: 'HANGING',
};
// https://www.prisma.io/docs/orm/reference/error-reference: of P2028, what began late waited for a connection, what ended early took too long.
const BY_PRISMA_CODE: Readonly<Record<string, FailureKind>> = {
  P1001: 'UNREACHABLE', P1002: 'HANGING', P1008: 'SLOW', P1017: 'CUT', P2024: 'BUSY', P2028: 'SLOW', P2034: 'CONFLICT', P2037: 'BUSY',
};
// What pg and its pool throw has no code.
const BY_MESSAGE: readonly (readonly [pattern: RegExp, kind: FailureKind])[] = [
  [/^timeout exceeded when trying to connect$/, 'BUSY'],
  [/^(Connection terminated due to connection timeout|timeout expired|Query read timeout)$/, 'HANGING'],
  [/^(Connection terminated( unexpectedly)?|Client has encountered a connection error and is not queryable|Client was closed and is not queryable|Cannot use a pool after calling end on the pool)$/, 'CUT'],
  [/Unable to start a transaction in the given time/, 'BUSY'],
];

/** What kind of failure of the database an error tells of; null for an error of what it was asked, and for one of ours. */
export function failureOf(error: unknown): FailureKind | null {
  if (!types.isNativeError(error)) return null;
  if (error instanceof UnansweredError) return 'HANGING';
  if (error instanceof NoRoomError) return 'BUSY';
  if (error instanceof DatabaseEndedError) return 'UNREACHABLE';
  const { code, syscall } = error as NodeJS.ErrnoException;
  // Of the system rather than PostgreSQL, one of whose codes is as long as EPIPE; a name with several addresses fails with an error for each.
  if (syscall !== undefined || error.name === 'AggregateError') return code === 'ENOENT' && syscall !== 'connect' ? null : (BY_SYSTEM_CODE[String(code)] ?? null);
  const byMessage = BY_MESSAGE.find(([pattern]) => pattern.test(error.message))?.[1];
  if (byMessage !== undefined) return byMessage;
  const state = sqlStateOf(error);
  if (state !== null) return BY_STATE[state] ?? BY_STATE[state.slice(0, 2)] ?? null;
  return ofPrisma(error);
}

function ofPrisma(error: Error): FailureKind | null {
  const { code, errorCode, cause, meta } = error as PrismaError;
  const byCode = BY_PRISMA_CODE[String(code ?? errorCode)];
  if (byCode !== undefined) return byCode;
  // Its errors of a driver have what the adapter made of what the driver threw.
  const made = meta?.driverAdapterError?.cause ?? cause;
  if (typeof made?.originalCode === 'string') return BY_STATE[made.originalCode] ?? BY_STATE[made.originalCode.slice(0, 2)] ?? null;
  return BY_ADAPTER_KIND[String(made?.kind)] ?? null;
}

interface PrismaError {
  readonly code?: unknown;
  readonly errorCode?: unknown;
  readonly cause?: AdapterCause;
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: AdapterCause } };
}

interface AdapterCause {
  readonly originalCode?: unknown;
  readonly kind?: unknown;
}

const BY_ADAPTER_KIND: Readonly<Record<string, FailureKind>> = { DatabaseNotReachable: 'UNREACHABLE', ConnectionClosed: 'CUT', SocketTimeout: 'HANGING', TlsConnectionError: 'UNREACHABLE', TooManyConnections: 'BUSY', TransactionWriteConflict: 'CONFLICT' };

/** What a client is told of a failure; the error itself goes into the log alone. */
export function unavailable(kind: FailureKind, cause?: unknown): UnavailableError {
  const [reason, retryAfter] = TOLD[kind];
  return new UnavailableError(`${reason}: come again in ${retryAfter} s`, retryAfter, { cause });
}
