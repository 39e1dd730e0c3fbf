/** A whole answer, as text. */
export interface TextAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface TextRequest<Parsed> {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a POST of JSON. */
  readonly body?: unknown;
  /** Statuses that are answers rather than failures, besides 2xx: 304, 404. */
  readonly accept?: readonly number[];
  /**
   * Least time between the starts of two requests to this origin, in milliseconds, whoever makes them; above 0 they are made
   * one at a time.
   */
  readonly courtesyMs?: number;
  /** Attempts at most, the first one included. */
  readonly attempts?: number;
  /** Time for one attempt, its body included, in milliseconds. The wait for its turn is not counted. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Makes something of the answer; what it throws as HttpError counts as a broken answer, which is asked for again. */
  parse(answer: TextAnswer): Parsed;
}

export interface StreamRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Least time between the starts of two requests to this origin, in milliseconds. */
  readonly courtesyMs?: number;
  readonly signal?: AbortSignal;
}

/** Asks services: retries what may pass by, keeps the courtesy of each, and never takes part of an answer for the whole. */
export interface HttpClient {
  /**
   * Throws HttpError when the attempts are used up, or at once for what no attempt can change, and the signal's reason when
   * that is aborted.
   */
  ask<Parsed>(request: TextRequest<Parsed>): Promise<Parsed>;
  /**
   * The body as it is sent (packed, where the file is), for files that are larger than memory. After a cut it goes on where
   * it was, provided that the service can do that and still has the same file. Throws as `ask` does, also while the body is
   * read; the body can be read once.
   */
  stream(request: StreamRequest): Promise<{ readonly totalBytes: number | null; readonly body: AsyncIterable<Uint8Array> }>;
}

/** A service did not give a usable answer; the message says which address, what went wrong, and after how many attempts. */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(
    message: string,
    /** Of the last answer; null where there was none. */
    readonly status: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
