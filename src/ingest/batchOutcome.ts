import type { InputError } from '../errors.js';
import type { Written } from '../submissions/paperWriter.service.js';
import type { Reject } from './itemChecks.js';
import type { Item } from './source.js';

/** What became of the items of a batch. */
export interface BatchOutcome {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly rejects: readonly Reject[];
}

export const EMPTY: BatchOutcome = { added: 0, changed: 0, unchanged: 0, rejects: [] };

export function countsOf(outcomes: readonly Written['outcome'][]): Omit<BatchOutcome, 'rejects'> {
  const counts = { added: 0, changed: 0, unchanged: 0 };
  for (const outcome of outcomes) counts[outcome] += 1;
  return counts;
}

export function sumOf(outcomes: readonly BatchOutcome[]): BatchOutcome {
  return outcomes.reduce((sum, { added, changed, unchanged, rejects }) => ({
    added: sum.added + added,
    changed: sum.changed + changed,
    unchanged: sum.unchanged + unchanged,
    rejects: [...sum.rejects, ...rejects],
  }), EMPTY);
}

/** The item as something that was left out, for a fault. */
export function rejectOf(item: Item, { field, rule, received }: InputError, isWhole: boolean): Reject {
  return { place: item.place, title: titleOf(item), field, rule, received, isWhole };
}

function titleOf(item: Item): string | null {
  switch (item.kind) {
    case 'PAPER':
      return item.record.title.slice(0, 200);
    case 'REJECT':
      return item.title;
    case 'VOTE':
      return item.paper.title ?? null;
    case 'TAG':
      return item.tag.name;
    case 'WITHDRAWAL':
    case 'REPO':
      return null;
  }
}
