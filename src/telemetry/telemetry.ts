import { CurrentOperation } from './currentOperation.js';
import type { Metrics, SharedSeries } from './metrics.js';
import { OK, type OperationRecord } from './operation.js';
import type { StatementEnd, StatementObserver } from './statement.js';
import { shown, statementSpan } from './statementSpan.js';
import type { Attributes, Span, Tracing } from './tracing.js';

export interface TelemetrySettings {
  /** Whether each request has a line in the log. */
  readonly logRequests: boolean;
  /** From how many milliseconds on an operation or a statement is logged as slow; 0 for never. */
  readonly slowRequestMs: number;
  readonly slowStatementMs: number;
}

/** Where lines go. */
export interface TelemetryLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Is told of what happens, and tells those who want to know: metrics, the log, traces. */
export class Telemetry implements StatementObserver {
  /** Set as soon as there is a log. */
  log: TelemetryLog | null = null;
  readonly metrics: Metrics | null;
  readonly tracing: Tracing | null;
  private readonly current: CurrentOperation;

  constructor(
    readonly settings: TelemetrySettings,
    { metrics = null, tracing = null }: { readonly metrics?: Metrics | null; readonly tracing?: Tracing | null } = {},
  ) {
    this.metrics = metrics;
    this.tracing = tracing;
    this.current = new CurrentOperation(settings.logRequests);
  }

  /** Executes an operation, below a span of its own where it is traced: what services and the database do meanwhile is for it. */
  executing<Result>(operation: OperationRecord, work: () => Result | Promise<Result>): Result | Promise<Result> {
    return operation.span === null ? this.current.run(operation, work) : this.executingTraced(operation, operation.span, work);
  }

  private async executingTraced<Result>(operation: OperationRecord, span: Span, work: () => Result | Promise<Result>): Promise<Result> {
    const execution = span.begin('graphql.execute', attributesOf(operation));
    operation.span = execution;
    try {
      return await this.current.run(operation, work);
    } finally {
      execution.set({ 'graphql.operation.way': operation.way });
      execution.end();
      operation.span = span;
    }
  }

  operationEnded(operation: OperationRecord): void {
    const ms = performance.now() - operation.startedAt;
    this.metrics?.operationEnded(operation, ms);
    const { logRequests, slowRequestMs } = this.settings;
    const isSlow = slowRequestMs > 0 && ms >= slowRequestMs;
    // Of what came by HTTP there is a line of the request.
    const isLine = logRequests && operation.transport !== 'http';
    if (!isSlow && !isLine) return;
    const line = { requestId: operation.requestId, ...fieldsOf(operation), durationMs: rounded(ms) };
    if (isSlow) this.log?.warn(line, 'an operation was slow');
    if (isLine) this.log?.info(line, 'an operation was answered');
  }

  /** Where the answers are counted that others get of this one's; null where nobody counts. */
  sharing({ type, name }: Pick<OperationRecord, 'type' | 'name'>): SharedSeries | null {
    return this.metrics?.sharedSeries(type, name) ?? null;
  }

  statementEnded({ text, startedAt, rows, error, operation = this.current.get() ?? undefined }: StatementEnd): void {
    const ms = performance.now() - startedAt;
    this.metrics?.statementEnded(ms, error !== undefined);
    if (operation !== undefined) {
      operation.statements += 1;
      operation.databaseMs += ms;
      operation.span?.note(statementSpan({ text, startedAt, rows, error }));
    }
    const { slowStatementMs } = this.settings;
    if (slowStatementMs > 0 && ms >= slowStatementMs) {
      const asked = operation === undefined ? {} : { requestId: operation.requestId, operation: operation.name };
      this.log?.warn({ ...asked, durationMs: rounded(ms), rows, ...(error !== undefined && { failed: true }), statement: shown(text) }, 'a statement was slow');
    }
  }

  repeated(): void {
    this.metrics?.repeated();
  }

  /** A job of the recommender has ended that began then. */
  jobEnded(kind: string, startedAt: number): void {
    this.metrics?.jobEnded(kind, performance.now() - startedAt);
    this.current.get()?.span?.note({ name: `recommender ${kind}`, startedAt, attributes: { 'recommender.job': kind } });
  }

  /** Sends what has not been sent yet. */
  async close(): Promise<void> {
    await this.tracing?.close();
  }
}

/** What the log says of an operation beside its name and its time. */
export function fieldsOf({ name, type, way, transport, cost, outcome, viewerId, statements, databaseMs, span }: OperationRecord): object {
  return {
    operation: name,
    type,
    way,
    transport,
    ...(cost !== null && { cost }),
    ...(outcome !== OK && { outcome }),
    ...(viewerId !== null && { viewerId }),
    ...(span !== null && { traceId: span.traceId }),
    // Of others nobody has counted.
    ...(statements > 0 && { statements, databaseMs: rounded(databaseMs) }),
  };
}

/** What traces say of an operation; of its document neither text nor values. */
export function attributesOf({ type, name, cost }: OperationRecord): Attributes {
  return { 'graphql.operation.type': type, ...(name !== null && { 'graphql.operation.name': name }), ...(cost !== null && { 'graphql.operation.cost': cost }) };
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
