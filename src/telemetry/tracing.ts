/** What a span says beside its name and times. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** What went wrong in a span, without a word of what was asked. */
export interface SpanFailure {
  /** A code, or the class of an error. */
  readonly type: string;
}

/** A part of what was done for a request; times are those of performance.now(). */
export interface Span {
  readonly traceId: string;
  /** Begins a part of this one. */
  begin(name: string, attributes?: Attributes): Span;
  /** Tells of a part of this one that is over, which began then and is over now. */
  note(part: { readonly name: string; readonly startedAt: number; readonly attributes: Attributes; readonly isCall?: boolean; readonly failure?: SpanFailure | null }): void;
  rename(name: string): void;
  set(attributes: Attributes): void;
  end(failure?: SpanFailure | null): void;
}

/** What a caller says of the trace that its request belongs to. */
export interface TraceHeaders {
  readonly traceparent?: string | string[];
  readonly tracestate?: string | string[];
}

/** A request that is to be traced. */
export interface Sampled {
  begin(name: string, attributes: Attributes): Span;
}

/** Traces requests. */
export interface Tracing {
  /** Decides of a request; null for one that is not to be traced, which pays for no more than this. */
  sample(headers: TraceHeaders): Sampled | null;
  /** Sends what has not been sent, for as long as a shutdown can wait. */
  close(): Promise<void>;
}
