import type { Fault } from '../source.js';

/** The numbers of a line `n id1 … idn`, or what is wrong with it. */
export function countedNumbers(text: string): { readonly ids: readonly number[] } | { readonly fault: Fault } {
  const [count, ...ids] = text.trim().split(/\s+/).map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : NaN));
  if (count === undefined || Number.isNaN(count) || ids.some((id) => Number.isNaN(id))) {
    return { fault: { field: 'line', rule: 'must hold whole numbers with spaces between', received: text.slice(0, 80) } };
  }
  // Copies of these sets are about in which the count was read as an id.
  if (ids.length !== count) return { fault: { field: 'count', rule: 'must be the number of ids behind it', received: `${count} before ${ids.length} ids` } };
  return { ids };
}
