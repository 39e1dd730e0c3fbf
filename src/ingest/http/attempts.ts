import pRetry from 'p-retry';
import { HttpError } from './httpClient.js';

/** The pause after a first failure; it doubles with each further one, and is drawn between once and twice that. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/** Why an attempt brought nothing: a predicate to the address, such as `answered 503`. */
export class FailedAttempt extends Error {
  override readonly name = 'FailedAttempt';

  constructor(
    message: string,
    readonly status: number | null,
    readonly details: {
      /** Another attempt would end alike. */
      readonly isLasting?: boolean;
      /** How long the service wants to be left alone. */
      readonly waitMs?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }
}

export interface RetryPlan {
  /** Method and address, for messages. */
  readonly what: string;
  /** At most, the first one included. */
  readonly attempts: number;
  readonly delayScale: number;
  readonly signal: AbortSignal | undefined;
}

/** The result of the first attempt that succeeds; throws HttpError, or the reason of the signal. */
export async function withRetries<Result>(plan: RetryPlan, attempt: () => Promise<Result>): Promise<Result> {
  let made = 0;
  try {
    return await pRetry(
      () => {
        made += 1;
        return attempt();
      },
      {
        retries: plan.attempts - 1,
        minTimeout: FIRST_PAUSE_MS * plan.delayScale,
        maxTimeout: LONGEST_PAUSE_MS * plan.delayScale,
        randomize: true,
        signal: plan.signal,
        shouldRetry: ({ error }) => error instanceof FailedAttempt && error.details.isLasting !== true,
      },
    );
  } catch (error) {
    plan.signal?.throwIfAborted();
    throw error instanceof FailedAttempt ? httpError(plan.what, error, made) : error;
  }
}

function httpError(what: string, failure: FailedAttempt, attempts: number): HttpError {
  const after = attempts === 1 ? '' : `, after ${attempts} attempts`;
  return new HttpError(`${what} ${failure.message}${after}`, failure.status, { cause: failure });
}

/** Method and address for messages, without user, password and query, where keys of services stand. */
export function nameOf(method: string, url: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${method} ${origin}${pathname}${search === '' ? '' : '?…'}`;
}
