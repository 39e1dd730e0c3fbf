// What the dialects have in common.
import { tokenOf } from '../community.mjs';

export function headersOf({ readerId }) {
  return { 'content-type': 'application/json', ...(readerId === null ? {} : { authorization: `Bearer ${tokenOf(readerId)}` }) };
}

/** An answer without what servers may write as they please: ids become row numbers, cursors are left out. */
export function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([name]) => name !== 'endCursor');
  return Object.fromEntries(fields.map(([name, field]) => [name, name === 'id' ? rowIdOf(field) : plain(field)]));
}

/** A row's number, as such or in the global form `Paper:1` in base64. */
function rowIdOf(id) {
  return Number(/^\d+$/.test(id) ? id : Buffer.from(id, 'base64url').toString().split(':')[1]);
}
