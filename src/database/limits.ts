/** How long the database may take, in milliseconds. */
export interface DatabaseLimits {
  /** A statement that a request waits for. */
  readonly statementMs: number;
  /** What a statement waits for others to let go of. */
  readonly lockMs: number;
  /** How long one waits for a free connection, and for a new one to be made. */
  readonly poolMs: number;
  /** A transaction of several statements, from its first to its last. */
  readonly transactionMs: number;
}

// No served statement takes seconds; one that does is stopped before it starves the pool. Locks and connections are waited for
// a third as long: who waits for one still has the time for the statement.
export const DEFAULT_LIMITS: DatabaseLimits = { statementMs: 15_000, lockMs: 5_000, poolMs: 5_000, transactionMs: 30_000 };

/** Work of thousands of rows that no request waits for, such as loading the recommender: a statement of it, and its waits for locks. */
export const BULK_STATEMENT_MS = 600_000;
export const BULK_LOCK_MS = 60_000;
/** A transaction whose server sends nothing more: the machine of that server may be gone. */
export const IDLE_TRANSACTION_MS = 60_000;
