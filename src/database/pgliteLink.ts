import { Worker } from 'node:worker_threads';
import { messages, type Results } from '@electric-sql/pglite';
import { OPENING, type SentError, type StatementMessage, type ThreadReply } from './pgliteMessages.js';

interface Waiting {
  resolve(results: Results[]): void;
  reject(error: Error): void;
}

/** The serving thread's end of what goes to the thread of the embedded database, and comes back. */
export class PgliteLink {
  /** Resolves when the folder is open. Statements need not wait for it: they run when it is. */
  readonly opened: Promise<unknown>;
  onNotification: (channel: string) => void = () => undefined;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = OPENING;
  /** Why nothing more can be sent; null while it can. */
  private end: Error | null = null;

  constructor(folder: string, threadFile: URL) {
    this.worker = new Worker(threadFile, { workerData: folder });
    this.worker.on('message', (reply: ThreadReply) => {
      this.receive(reply);
    });
    const fail = (error: Error): void => {
      this.lose(new Error(`the thread of the embedded database failed, restart the server: ${error.message}`, { cause: error }));
    };
    this.worker.on('error', fail);
    this.worker.on('messageerror', fail);
    this.worker.on('exit', () => {
      this.lose(new Error('the thread of the embedded database ended, restart the server'));
    });
    this.opened = new Promise((resolve, reject) => this.waiting.set(OPENING, { resolve, reject }));
    // Whoever has sent a statement is told as well.
    this.opened.catch(() => undefined);
  }

  /** Statements run in the order in which they are sent. */
  send(statement: Omit<StatementMessage, 'id'>): Promise<Results[]> {
    return this.post(statement);
  }

  /** Lets what was sent before be done, has all written to disk, and ends the thread. */
  async close(): Promise<void> {
    const closed = this.end === null ? this.post({ close: true }) : Promise.resolve();
    this.end ??= new Error('the embedded database is closed');
    await closed.finally(() => this.worker.terminate());
  }

  private post(message: Omit<StatementMessage, 'id'> | { readonly close: true }): Promise<Results[]> {
    return new Promise((resolve, reject) => {
      if (this.end !== null) throw this.end;
      const id = ++this.lastId;
      this.worker.postMessage({ ...message, id });
      this.waiting.set(id, { resolve, reject });
      // Keeps the process alive while somebody waits for the answer.
      this.worker.ref();
    });
  }

  private receive(reply: ThreadReply): void {
    if ('channel' in reply) {
      this.onNotification(reply.channel);
      return;
    }
    const error = 'error' in reply ? toError(reply.error) : null;
    // What cannot be opened answers nothing.
    if (reply.id === OPENING && error !== null) this.lose(error);
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('results' in reply) waiting?.resolve(reply.results);
    else if (error !== null) waiting?.reject(error);
    if (this.waiting.size === 0) this.worker.unref();
  }

  private lose(error: Error): void {
    this.end ??= error;
    for (const waiting of this.waiting.values()) waiting.reject(error);
    this.waiting.clear();
    this.worker.unref();
  }
}

/** As PGlite throws it: the Prisma adapter knows PostgreSQL's errors by their class. */
function toError({ message, stack, fields }: SentError): Error {
  const error = fields === null ? new Error(message) : Object.assign(new messages.DatabaseError(message, Number(fields['length']), 'error'), fields);
  if (stack !== undefined) error.stack = stack;
  return error;
}
