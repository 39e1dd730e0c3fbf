import type { OperationRecord } from './operation.js';

/** A statement that has ended. */
export interface StatementEnd {
  /** With a number for each of its values. */
  readonly text: string;
  /** By performance.now(). */
  readonly startedAt: number;
  /** How many rows came, or were written; null where nobody knows. */
  readonly rows: number | null;
  /** What went wrong; undefined where nothing did. */
  readonly error?: unknown;
  /** Whom it was for; where it is left out, whoever runs now. */
  readonly operation?: OperationRecord | undefined;
}

/** Is told of what the database is asked. */
export interface StatementObserver {
  statementEnded(statement: StatementEnd): void;
  /** A statement or a transaction runs again. */
  repeated(): void;
}
