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
  /** Least time between the starts of two requests to this origin, in milliseconds. */
  readonly courtesyMs?: number;
  /** Attempts at most, the first one included. */
  readonly attempts?: number;
  /** Time for one attempt, its body included, in milliseconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Makes something of the answer; what it throws as HttpError counts as a broken answer, which is asked for again. */
  parse(answer: TextAnswer): Parsed;
}

/** Asks services: retries what may pass by, keeps the courtesy of each, and never takes part of an answer for the whole. */
export interface HttpClient {
  /** Throws HttpError when the attempts are used up, or at once for what no attempt can change. */
  ask<Parsed>(request: TextRequest<Parsed>): Promise<Parsed>;
  /** The body as it comes, for files that are larger than memory; after a cut it goes on where it was. Throws HttpError. */
  stream(request: { readonly url: string; readonly courtesyMs?: number; readonly signal?: AbortSignal }): Promise<{
    readonly totalBytes: number | null;
    readonly body: AsyncIterable<Uint8Array>;
  }>;
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
