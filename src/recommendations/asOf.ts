import { badInput } from '../errors.js';

/** A moment of the past: the transactions that an answer saw, or an instant. */
export type Moment = { readonly snapshot: string; readonly oldestOpen: bigint; readonly next: bigint } | { readonly instant: Date };

/** The moment of an answer, opaque to clients: what PostgreSQL calls a snapshot. */
export function encodeMoment(snapshot: string): string {
  return Buffer.from(`as-of:${snapshot}`).toString('base64url');
}

const MAX_CHARACTERS = 4000;

/** What `encodeMoment` made, or an instant in ISO 8601; throws BAD_USER_INPUT for anything else. */
export function decodeMoment(field: string, text: string): Moment {
  const moment = text.length > MAX_CHARACTERS ? null : (snapshotOf(text) ?? instantOf(text));
  if (moment === null) throw badInput(field, 'must be the asOf of an answer, or an instant such as 2026-11-24T09:00:00Z', text);
  return moment;
}

function snapshotOf(text: string): Moment | null {
  const [, snapshot] = /^as-of:(\d{1,19}:\d{1,19}:(?:\d{1,19}(?:,\d{1,19})*)?)$/.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? [];
  if (snapshot === undefined) return null;
  const [oldest = '', next = '', running = ''] = snapshot.split(':');
  const open = running === '' ? [] : running.split(',').map(BigInt);
  const [oldestOpen, end] = [BigInt(oldest), BigInt(next)];
  // PostgreSQL refuses any other: those that were open lie between the bounds, in order, the upper one left out.
  const isAscending = open.every((id, place) => id > (open[place - 1] ?? oldestOpen - 1n));
  const isBelowEnd = open.length === 0 ? oldestOpen <= end : (open.at(-1) as bigint) < end;
  return oldestOpen > 0n && isAscending && isBelowEnd && end < 2n ** 63n ? { snapshot, oldestOpen, next: end } : null;
}

function instantOf(text: string): Moment | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return null;
  const instant = new Date(text);
  // PostgreSQL has no year 0.
  return Number.isNaN(instant.getTime()) || instant.getUTCFullYear() < 1 ? null : { instant };
}
