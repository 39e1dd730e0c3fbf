import type { TextAnswer } from '../http/httpClient.js';
import { retryAfterMs } from '../http/retryAfter.js';
import { SourceError } from '../source.js';

const SECOND_MS = 1000;
/** What the service asks for where it refuses without saying for how long. */
const UNSAID_WAIT_MS = 60 * SECOND_MS;
/** The span of the service's primary limit; no wait for it makes sense that is longer. */
export const LONGEST_WAIT_MS = 3600 * SECOND_MS;
/** Refusals in a row after which the service is taken at its word. */
const MAX_REFUSALS = 5;

/** Waits so long; rejects with the signal's reason when that is aborted. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** That the service does not answer for a while. */
export class Refusal {
  constructor(
    readonly waitMs: number,
    /** Whether the requests of the hour are used up, rather than that they came too fast. */
    readonly isUsedUp: boolean,
  ) {}
}

/** The refusal that an answer of status 403 or 429 is; null for one that forbids for good. */
export function refusalOf(answer: TextAnswer): Refusal | null {
  const { status, headers, text } = answer;
  const isUsedUp = isLastOfHour(headers);
  const isTooFast = status === 429 || headers['retry-after'] !== undefined || /secondary rate limit|abuse detection/i.test(text);
  return isUsedUp || isTooFast ? new Refusal(waitSaid(headers, isUsedUp), isUsedUp) : null;
}

/** The refusal that the GraphQL interface writes as an error beside status 200; the header may then not be 0. */
export function graphqlRefusal({ headers }: TextAnswer): Refusal {
  return new Refusal(waitSaid(headers, true), true);
}

/** Whether the answer was the last of the hour. */
export function isLastOfHour(headers: TextAnswer['headers']): boolean {
  return headers['x-ratelimit-remaining'] === '0';
}

/** When the hour is over, by the service's word. */
export function resetOf(headers: TextAnswer['headers']): Date | null {
  const seconds = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  return Number.isFinite(seconds) && Math.abs(seconds) < 1e11 ? new Date(seconds * SECOND_MS) : null;
}

/** Milliseconds until an instant of the service's clock, which its answers tell; at least a second and at most an hour. */
export function msUntil(instant: Date, headers: TextAnswer['headers']): number {
  const theirNow = Date.parse(headers['date'] ?? '');
  return bounded(instant.getTime() - (Number.isNaN(theirNow) ? Date.now() : theirNow));
}

/** Asks until there is an answer, with the waits that the service wants; throws SourceError where it only ever refuses. */
export async function askPatiently<Answer>(
  ask: () => Promise<Answer | Refusal>,
  { wait, signal }: { readonly wait: Wait; readonly signal: AbortSignal },
): Promise<Answer> {
  for (let refusals = 1; ; refusals += 1) {
    const answer = await ask();
    if (!(answer instanceof Refusal)) return answer;
    if (refusals === MAX_REFUSALS) {
      throw new SourceError(`GitHub refused ${MAX_REFUSALS} times in a row, last for ${answer.waitMs / SECOND_MS} s`);
    }
    await wait(answer.waitMs, signal);
  }
}

function waitSaid(headers: TextAnswer['headers'], isUsedUp: boolean): number {
  const said = retryAfterMs(headers);
  if (said > 0) return bounded(said);
  const reset = isUsedUp ? resetOf(headers) : null;
  return reset === null ? UNSAID_WAIT_MS : msUntil(reset, headers);
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, SECOND_MS), LONGEST_WAIT_MS);
}
