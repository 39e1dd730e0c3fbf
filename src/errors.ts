/** What a client can act on, in `extensions.code` of a GraphQL error. Codes are stable: clients switch on them. */
export type ErrorCode =
  /** An argument or input field breaks its rule; `extensions.field` names it. */
  | 'BAD_USER_INPUT'
  /** The operation needs a signed-in viewer, or the bearer token is unknown, expired or revoked. */
  | 'UNAUTHENTICATED'
  /** The viewer is known but has not the role that the operation needs, or their token not the scope. */
  | 'FORBIDDEN'
  /** A mutation names something that does not exist. */
  | 'NOT_FOUND'
  /** What is to be created exists already, or what is there does not allow the change. */
  | 'CONFLICT'
  /** Too much at once; `extensions.retryAfter` says after how many seconds to come again. */
  | 'RATE_LIMITED'
  /** The operation costs more points than a request may; `extensions.limit` and `extensions.received` say how many. */
  | 'COST_EXCEEDED'
  /** The document is larger than one may be, in the respect that the code names; `limit` and `received` as above. */
  | 'DEPTH_EXCEEDED'
  | 'ALIASES_EXCEEDED'
  | 'ROOT_FIELDS_EXCEEDED'
  | 'DIRECTIVES_EXCEEDED'
  /** The server runs trusted documents alone. */
  | 'PERSISTED_QUERY_REQUIRED'
  /** The idempotency key was used with other arguments, or for another mutation. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** What the idempotency key was first sent with is still being done; `extensions.retryAfter` says after how many seconds to come again. */
  | 'IDEMPOTENCY_IN_PROGRESS'
  /**
   * The server cannot do it now, for want of its database or of time; `extensions.retryAfter` says after how many seconds to come
   * again, and `extensions.outcome` of a mutation whether it was written.
   */
  | 'UNAVAILABLE';

/** The one error that reaches clients as it is; every other error is masked and logged. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** The argument or input field at fault, where there is one. */
    readonly field?: string,
  ) {
    super(message);
  }
}

/** A value that breaks the rule of its field: `first must be between 1 and 100, received 5000`. */
export class InputError extends DomainError {
  constructor(
    override readonly field: string,
    readonly rule: string,
    /** The value as JSON, cut so that a huge value does not become a huge answer. */
    readonly received: string,
  ) {
    super('BAD_USER_INPUT', `${field} ${rule}, received ${received}`, field);
  }
}

/** More than is allowed in a time. */
export class RateLimitError extends DomainError {
  constructor(
    message: string,
    /** Seconds. */
    readonly retryAfter: number,
  ) {
    super('RATE_LIMITED', message);
  }
}

/** What is being done already, and not yet answered. */
export class InProgressError extends DomainError {
  constructor(
    message: string,
    /** Seconds. */
    readonly retryAfter: number,
  ) {
    super('IDEMPOTENCY_IN_PROGRESS', message, 'idempotencyKey');
  }
}

/** What became of a mutation whose answer did not come to be. */
export type Outcome = 'WRITTEN' | 'NOT_WRITTEN' | 'UNKNOWN';

/** What the server could do at another time. */
export class UnavailableError extends DomainError {
  /** Of a mutation; undefined where nothing was to be written. */
  readonly outcome: Outcome | undefined;

  constructor(
    message: string,
    /** Seconds. */
    readonly retryAfter: number,
    options: ErrorOptions & { readonly outcome?: Outcome } = {},
  ) {
    super('UNAVAILABLE', message);
    this.cause = options.cause;
    this.outcome = options.outcome;
  }
}

/** More than is allowed at once. */
export class LimitError extends DomainError {
  constructor(
    code: ErrorCode,
    message: string,
    readonly measure: { readonly limit: number; readonly received: number },
  ) {
    super(code, message);
  }
}

export function badInput(field: string, rule: string, received: unknown): InputError {
  return new InputError(field, rule, display(received));
}

const SHOWN_CHARACTERS = 80;

/** A received value for a message: JSON, cut. */
export function display(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length} characters)`;
}
