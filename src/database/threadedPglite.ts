import { Mutex, TransactionAbortedError, type QueryOptions, type Results } from '@electric-sql/pglite';
import { NoRoomError } from './failure.js';
import { PgliteLink } from './pgliteLink.js';

/** What is used of PGlite, in this thread or in another. */
export interface Pglite extends Statements {
  /** One at a time, and no statement of others meanwhile: it is one connection. */
  transaction<Result>(work: (transaction: PgliteTransaction) => Promise<Result>): Promise<Result>;
  /** `channel` is a name in lower case that needs no quotes. */
  listen(channel: string, onNotify: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface PgliteTransaction extends Statements {
  rollback(): Promise<void>;
}

interface Statements {
  query<Row>(text: string, parameters?: unknown[], options?: RowOptions): Promise<Results<Row>>;
  /** Runs a script of one statement or more. */
  exec(script: string): Promise<Results[]>;
}

type RowOptions = Pick<QueryOptions, 'rowMode' | 'parsers'>;

/**
 * PGlite on a thread of its own, so that a slow statement holds up those behind it and nothing else. Rows are read from
 * PostgreSQL's protocol there as well; parsers that come with a query are functions, which cannot be sent: they run here.
 */
export class ThreadedPglite implements Pglite {
  /** Resolves when the folder is open. Statements need not wait for it: they run when it is. */
  readonly opened: Promise<unknown>;
  /** How long a statement by itself may wait to be begun: behind others, or behind a transaction. */
  waitMs = Infinity;
  private readonly link: PgliteLink;
  private readonly callbacks = new Map<string, Set<() => void>>();
  /** A transaction has it until its last statement is sent, any other statement while it is sent: the thread keeps order. */
  private readonly turn = new Mutex();
  private closing: Promise<void> | null = null;

  constructor(folder: string, threadFile = new URL('./pgliteThread.js', import.meta.url)) {
    this.link = new PgliteLink(folder, threadFile);
    this.opened = this.link.opened;
    this.link.onNotification = (channel) => {
      for (const notify of this.callbacks.get(channel) ?? []) notify();
    };
  }

  query<Row>(text: string, parameters: unknown[] = [], options: RowOptions = {}): Promise<Results<Row>> {
    return this.inTurn((waitMs) => runQuery<Row>(this.link, text, { parameters, waitMs, ...options }));
  }

  exec(script: string): Promise<Results[]> {
    return this.inTurn((waitMs) => runScript(this.link, script, waitMs));
  }

  async transaction<Result>(work: (transaction: PgliteTransaction) => Promise<Result>): Promise<Result> {
    const { result, committed } = await this.turn.runExclusive(async () => {
      const transaction = new OpenTransaction(this.link);
      await transaction.exec('BEGIN');
      try {
        return { result: await work(transaction), committed: transaction.commit() };
      } catch (error) {
        await transaction.rollback();
        throw error;
      }
    });
    await committed;
    return result;
  }

  async listen(channel: string, onNotify: () => void): Promise<() => Promise<void>> {
    const callbacks = this.callbacks.get(channel) ?? new Set();
    this.callbacks.set(channel, callbacks.add(onNotify));
    await this.exec(`LISTEN ${channel}`);
    return async () => {
      callbacks.delete(onNotify);
      if (callbacks.size === 0) await this.exec(`UNLISTEN ${channel}`);
    };
  }

  /** After what was asked before, transactions included. */
  close(): Promise<void> {
    this.closing ??= this.turn.runExclusive(() => this.link.close());
    return this.closing;
  }

  private async inTurn<Result>(send: (waitMs: number) => Promise<Result>): Promise<Result> {
    const start = performance.now();
    let isLate = false;
    // Wrapped, so that the turn ends when it is sent rather than when it is answered.
    const sending = this.turn.runExclusive(() => (isLate ? null : { reply: send(this.waitMs - (performance.now() - start)) }));
    // Behind a transaction.
    const sent = await (this.turn.isLocked() && this.waitMs !== Infinity ? Promise.race([sending, after(this.waitMs)]) : sending);
    isLate = true;
    if (sent === null) throw new NoRoomError('the statement waited too long for a transaction to end');
    return sent.reply;
  }
}

function after(milliseconds: number): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, null).unref());
}

class OpenTransaction implements PgliteTransaction {
  private isOpen = true;

  constructor(private readonly link: PgliteLink) {}

  async query<Row>(text: string, parameters: unknown[] = [], options: RowOptions = {}): Promise<Results<Row>> {
    this.requireOpen();
    return runQuery(this.link, text, { parameters, ...options });
  }

  async exec(script: string): Promise<Results[]> {
    this.requireOpen();
    return runScript(this.link, script);
  }

  async commit(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    const [outcome] = await runScript(this.link, 'COMMIT');
    // Of a transaction in which a statement failed.
    if (outcome?.command === 'ROLLBACK') throw new TransactionAbortedError();
  }

  async rollback(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    // Where the thread is gone, so is what was not committed.
    await runScript(this.link, 'ROLLBACK').catch(() => undefined);
  }

  private requireOpen(): void {
    if (!this.isOpen) throw new Error('the transaction has ended');
  }
}

async function runScript(link: PgliteLink, text: string, waitMs?: number): Promise<Results[]> {
  return link.send({ text, parameters: null, rowMode: 'object', textTypes: [] }, waitMs);
}

async function runQuery<Row>(link: PgliteLink, text: string, options: RowOptions & { readonly parameters: unknown[]; readonly waitMs?: number }): Promise<Results<Row>> {
  const { parameters, waitMs, rowMode = 'object', parsers = {} } = options;
  const textTypes = Object.keys(parsers).map(Number);
  const [results] = await link.send({ text, parameters, rowMode, textTypes }, waitMs);
  if (results === undefined) throw new Error('the thread of the embedded database answered without a result');
  for (const [column, { name, dataTypeID }] of results.fields.entries()) {
    const parse: ((text: string) => unknown) | undefined = parsers[dataTypeID];
    if (parse === undefined) continue;
    const key = rowMode === 'array' ? column : name;
    for (const row of results.rows as Record<string | number, unknown>[]) if (row[key] !== null) row[key] = parse(row[key] as string);
  }
  return results as Results<Row>;
}
