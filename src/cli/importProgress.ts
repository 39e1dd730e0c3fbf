import type { BatchOutcome } from '../ingest/batchOutcome.js';
import type { Reject } from '../ingest/itemChecks.js';
import { createCounter, createProgress, type Progress } from './progress.js';

/** How far an import is: a bar where its size is known, else a count, with the records a second. */
export interface ImportProgress {
  start(start: { readonly total: number | null; readonly done: number }): void;
  batch(batch: BatchOutcome & { readonly done: number; readonly total: number | null }): void;
  /** Says a record that was left out; after the first twenty only how many. */
  reject(reject: Reject): void;
  stop(): void;
}

const SHOWN_REJECTS = 20;

export function createImportProgress(label: string): ImportProgress {
  const startedAt = performance.now();
  let [progress, isBar]: [Progress, boolean] = [createCounter(label), false];
  let [records, rejects] = [0, 0];
  const useBar = (total: number | null): void => {
    if (isBar || total === null || total <= 0) return;
    progress.stop();
    [progress, isBar] = [createProgress(label, total), true];
  };
  return {
    start({ total, done }) {
      useBar(total);
      progress.update(done);
    },
    batch({ added, changed, unchanged, rejects: left, done, total }) {
      useBar(total);
      records += added + changed + unchanged + left.filter(({ isWhole }) => isWhole).length;
      const rate = Math.round(records / Math.max(0.001, (performance.now() - startedAt) / 1000));
      progress.update(done, `${records} records, ${rate} a second`);
    },
    reject({ place, title, field, rule, received }) {
      rejects += 1;
      if (rejects <= SHOWN_REJECTS) progress.say(`${place} rejected: ${field} ${rule}, received ${received}${title === null ? '' : ` (${title.slice(0, 60)})`}`);
    },
    stop() {
      if (rejects > SHOWN_REJECTS) progress.say(`and ${rejects - SHOWN_REJECTS} more rejected`);
      progress.stop();
    },
  };
}
