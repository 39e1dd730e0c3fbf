import { Worker } from 'node:worker_threads';
import { messages, type Results } from '@electric-sql/pglite';
import { DatabaseEndedError, NoRoomError } from './failure.js';
import { GIVEN_UP, OPENING, WAITING, type SentError, type StatementMessage, type ThreadReply, type ThreadStart } from './pgliteMessages.js';

interface Waiting {
  resolve(results: Results[]): void;
  reject(error: Error): void;
  /** When it is given up, unless it is begun by then. */
  readonly until: number;
}

/** Statements that may wait at a time: a second of them, and more than the server has requests. */
const MOST_WAITING = 8192;
/** How often is looked for statements that waited too long. */
const LOOK_EVERY_MS = 100;

/** The serving thread's end of what goes to the thread of the embedded database, and comes back. */
export class PgliteLink {
  /** Resolves when the folder is open. Statements need not wait for it: they run when it is. */
  readonly opened: Promise<unknown>;
  onNotification: (channel: string) => void = () => undefined;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private readonly states = new Int32Array(new SharedArrayBuffer(MOST_WAITING * Int32Array.BYTES_PER_ELEMENT));
  private lastId = OPENING;
  private lastAnswered = OPENING;
  private timer: NodeJS.Timeout | null = null;
  /** Why nothing more can be sent; null while it can. */
  private end: Error | null = null;

  constructor(folder: string, threadFile: URL) {
    this.worker = new Worker(threadFile, { workerData: { folder, states: this.states } satisfies ThreadStart });
    this.worker.on('message', (reply: ThreadReply) => {
      this.receive(reply);
    });
    const fail = (error: Error): void => {
      this.lose(new DatabaseEndedError(`the thread of the embedded database failed, restart the server: ${error.message}`, { cause: error }));
    };
    this.worker.on('error', fail);
    this.worker.on('messageerror', fail);
    this.worker.on('exit', () => {
      this.lose(new DatabaseEndedError('the thread of the embedded database ended, restart the server'));
    });
    this.opened = new Promise((resolve, reject) => this.waiting.set(OPENING, { resolve, reject, until: Infinity }));
    // Whoever has sent a statement is told as well.
    this.opened.catch(() => undefined);
  }

  /** Statements run in the order in which they are sent; one that is not begun within `waitMs` fails, and does not run. */
  send(statement: Omit<StatementMessage, 'id'>, waitMs = Infinity): Promise<Results[]> {
    return this.post(statement, performance.now() + waitMs);
  }

  /** Lets what was sent before be done, has all written to disk, and ends the thread. */
  async close(): Promise<void> {
    const closed = this.end === null ? this.post({ close: true }) : Promise.resolve();
    this.end ??= new DatabaseEndedError('the embedded database is closed');
    await closed.finally(() => this.worker.terminate());
  }

  private post(message: Omit<StatementMessage, 'id'> | { readonly close: true }, until = Infinity): Promise<Results[]> {
    return new Promise((resolve, reject) => {
      if (this.end !== null) throw this.end;
      if (this.lastId - this.lastAnswered >= MOST_WAITING) throw new NoRoomError(`${MOST_WAITING} statements wait for the embedded database`);
      const id = ++this.lastId;
      Atomics.store(this.states, id % MOST_WAITING, WAITING);
      this.worker.postMessage({ ...message, id });
      this.waiting.set(id, { resolve, reject, until });
      if (until !== Infinity) this.timer ??= setInterval(() => { this.giveUp(); }, LOOK_EVERY_MS).unref();
      // Keeps the process alive while somebody waits for the answer.
      this.worker.ref();
    });
  }

  private receive(reply: ThreadReply): void {
    if ('channel' in reply) {
      this.onNotification(reply.channel);
      return;
    }
    this.lastAnswered = reply.id;
    const error = 'error' in reply ? toError(reply.error) : null;
    // What cannot be opened answers nothing.
    if (reply.id === OPENING && error !== null) this.lose(error);
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('results' in reply) waiting?.resolve(reply.results);
    else if (error !== null) waiting?.reject(error);
    if (this.waiting.size === 0) this.worker.unref();
  }

  /** Fails what has waited too long and is not begun: the thread, which sees it, leaves it out. */
  private giveUp(): void {
    const now = performance.now();
    for (const [id, waiting] of this.waiting) {
      if (now < waiting.until || Atomics.compareExchange(this.states, id % MOST_WAITING, WAITING, GIVEN_UP) !== WAITING) continue;
      this.waiting.delete(id);
      waiting.reject(new NoRoomError('the statement waited too long for those before it'));
    }
    if (this.waiting.size > 0) return;
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
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
