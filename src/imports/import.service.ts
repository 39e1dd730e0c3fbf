import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { DomainError } from '../errors.js';
import { checkedRecord, type PaperRecord } from '../submissions/paperRecord.js';
import type { SubmissionService } from '../submissions/submission.service.js';
import { LineError, parseFeedLine } from './feedLine.js';

/** What became of one line. */
export interface LineReport {
  /** From 1. */
  readonly line: number;
  readonly outcome: 'added' | 'changed' | 'unchanged' | 'skipped';
  /** Null where the line has none that can be read. */
  readonly title: string | null;
  readonly arxivId: string | null;
  /** Why it was skipped; what of it was left out. */
  readonly notes: readonly string[];
}

export interface ImportTotals {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly skipped: number;
}

export interface ImportObserver {
  /** Called once a line, in the file's order. */
  onLine(report: LineReport): void;
  /** Called after each batch with the bytes read so far. */
  onProgress(bytesRead: number): void;
}

// One transaction a batch. 200 papers take as many round trips as one; more gains little and holds locks longer.
const BATCH_SIZE = 200;

interface Pending {
  readonly line: number;
  readonly record: PaperRecord;
  readonly notes: readonly string[];
}

/** Loads files of papers, a paper a line. */
export class ImportService {
  constructor(private readonly submissions: SubmissionService) {}

  /**
   * Adds the papers of a JSON Lines file or brings those that exist up to date. Repeating it changes nothing; after an
   * interruption, start it again. A line that is broken is reported and skipped.
   */
  async importFile(path: string, now: Date, observer: ImportObserver): Promise<ImportTotals> {
    const totals = { added: 0, changed: 0, unchanged: 0, skipped: 0 };
    const report = (lines: readonly LineReport[]): void => {
      for (const line of lines) {
        totals[line.outcome] += 1;
        observer.onLine(line);
      }
    };
    const stream = createReadStream(path);
    let batch = new Batch();
    let number = 0;
    const flush = async (): Promise<void> => {
      report(await this.write(batch));
      batch = new Batch();
      observer.onProgress(stream.bytesRead);
    };
    for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
      number += 1;
      const line = number === 1 ? text.replace(/^\uFEFF/, '') : text;
      if (line.trim() === '') continue;
      const read = readLine(line, number, now);
      if ('outcome' in read) {
        batch.skipped.push(read);
        continue;
      }
      // Two lines of one paper must not meet in one batch: the second one is to find the first.
      if (batch.pending.length >= BATCH_SIZE || batch.hasPaperOf(read.record)) await flush();
      batch.add(read);
    }
    await flush();
    return totals;
  }

  private async write(batch: Batch): Promise<LineReport[]> {
    const written = await this.writeOrSplit(batch.pending);
    return [...batch.skipped, ...written].sort((one, other) => one.line - other.line);
  }

  // A record that the database refuses must not take its neighbours with it: the batch is written one by one then.
  private async writeOrSplit(pending: readonly Pending[]): Promise<LineReport[]> {
    if (pending.length === 0) return [];
    try {
      const results = await this.submissions.writeAll(pending.map(({ record }) => record));
      return pending.map((item, index) => reportOf(item, results[index]?.outcome ?? 'skipped'));
    } catch (error) {
      const [only] = pending;
      if (pending.length > 1) return (await inTurn(pending, (item) => this.writeOrSplit([item]))).flat();
      if (only === undefined || isFatal(error)) throw error;
      return [reportOf(only, 'skipped', [(error as Error).message])];
    }
  }
}

class Batch {
  readonly pending: Pending[] = [];
  readonly skipped: LineReport[] = [];
  private readonly keys = new Set<string>();

  add(item: Pending): void {
    this.pending.push(item);
    for (const key of keysOf(item.record)) this.keys.add(key);
  }

  hasPaperOf(record: PaperRecord): boolean {
    return keysOf(record).some((key) => this.keys.has(key));
  }
}

function keysOf(record: PaperRecord): string[] {
  const title = `title ${record.title.toLowerCase().replace(/[^\p{Letter}\p{Number}]+/gu, '')}`;
  return record.arxivId === null ? [title] : [title, `arXiv ${record.arxivId}`];
}

function readLine(line: string, number: number, now: Date): Pending | LineReport {
  let title: string | null = null;
  let arxivId: string | null = null;
  try {
    const { record, notes } = parseFeedLine(line);
    title = record.title;
    arxivId = record.arxivId ?? null;
    return { line: number, record: checkedRecord(record, now), notes };
  } catch (error) {
    if (!(error instanceof LineError) && !(error instanceof DomainError)) throw error;
    return { line: number, outcome: 'skipped', title, arxivId, notes: [error.message] };
  }
}

function reportOf({ line, record, notes }: Pending, outcome: LineReport['outcome'], more: readonly string[] = []): LineReport {
  return { line, outcome, title: record.title, arxivId: record.arxivId, notes: [...notes, ...more] };
}

async function inTurn<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

// A lost connection would skip every line that follows.
function isFatal(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'P1001' || code === 'P1017' || code === 'P2024' || code === 'ECONNREFUSED' || code === 'ECONNRESET';
}
