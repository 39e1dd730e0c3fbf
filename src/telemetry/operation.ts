import type { Span } from './tracing.js';

export type OperationType = 'query' | 'mutation' | 'subscription' | 'unknown';

/** What answered: another request's answer, the database's own JSON, resolvers by either way of executing, or nothing. */
export type Way = 'shared' | 'database' | 'compiled' | 'interpreted' | 'none';

/** How a request came. */
export type Transport = 'http' | 'websocket' | 'event-stream';

/** Outcome of an operation that has no errors; of others it is the code of the first. */
export const OK = 'OK';

/** A client may make a name of a megabyte; it stands in lines and spans. */
const LONGEST_NAME = 100;

/** What is noted of an operation on its way, for whoever tells of it when it has ended: never its variables, and no token. */
export class OperationRecord {
  readonly startedAt = performance.now();
  /** Of a document that could not be read, unknown. */
  type: OperationType = 'unknown';
  /** As the document has it, its end cut. */
  name: string | null = null;
  way: Way = 'none';
  /** In points; null where it was not worked out. */
  cost: number | null = null;
  outcome = OK;
  /** The reader who asks, where somebody found out. */
  viewerId: number | null = null;
  /** Statements that it caused, and the time that it waited for each of them, added up: some may have run side by side. */
  statements = 0;
  databaseMs = 0;

  constructor(
    readonly requestId: string,
    readonly transport: Transport,
    /** What traces have of it; null where it is not traced. */
    public span: Span | null = null,
  ) {}

  /** Notes what the document says of it. */
  identify(type: OperationType, name: string | undefined): void {
    this.type = type;
    this.name = name === undefined ? null : name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)}…`;
  }

  /** Of a request that is given the answer of another one. */
  static shared(requestId: string, { type, name }: Pick<OperationRecord, 'type' | 'name'>): OperationRecord {
    return Object.assign(new OperationRecord(requestId, 'http'), { type, name, way: 'shared' as const });
  }
}
