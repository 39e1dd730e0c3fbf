import type { Results } from '@electric-sql/pglite';

// What goes between the server and the thread of the embedded database.

export interface StatementMessage {
  readonly id: number;
  readonly text: string;
  /** Null for a script, of one statement or more. */
  readonly parameters: readonly unknown[] | null;
  readonly rowMode: 'array' | 'object';
  /** The types (by PostgreSQL's numbers) whose values are answered in PostgreSQL's text form. */
  readonly textTypes: readonly number[];
}

/** Finishes what came before, and writes all to disk. */
export interface CloseMessage {
  readonly id: number;
  readonly close: true;
}

export type ThreadMessage = StatementMessage | CloseMessage;

/** What the thread is started with. */
export interface ThreadStart {
  readonly folder: string;
  /** In which state each of the last statements is, by its id modulo their number; seen by both threads at once. */
  readonly states: Int32Array;
}

// A statement that waits is begun or given up, whichever comes first.
export const WAITING = 0;
export const BEGUN = 1;
export const GIVEN_UP = 2;

/** The reply of this id says that the folder is open, or why it cannot be opened. */
export const OPENING = 0;

export type ThreadReply =
  | { readonly id: number; readonly results: Results[] }
  | { readonly id: number; readonly error: SentError }
  | { readonly channel: string; readonly payload: string };

export interface SentError {
  readonly message: string;
  readonly stack: string | undefined;
  /** What PostgreSQL says besides: code, detail, constraint and the like; null where the error is not PostgreSQL's. */
  readonly fields: Readonly<Record<string, string | number>> | null;
}
