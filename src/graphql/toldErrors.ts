import type { GraphQLFormattedError } from 'graphql';
import { errorFormatter, type ErrorLog } from './formatError.js';

/** Gives what a client is told of an error that a request met; of one that Apollo formats, it finds out which that was. */
export type Format = (formatted: GraphQLFormattedError, error: unknown, requestId?: string) => GraphQLFormattedError;

/** The one way by which errors reach clients: masked, logged with the request that met them, and counted. */
export class ToldErrors {
  private readonly requests = new WeakMap<object, string>();
  private readonly formatted: ReturnType<typeof errorFormatter>;

  constructor(
    log: ErrorLog,
    private readonly onTold: (code: string) => void,
  ) {
    this.formatted = errorFormatter(log);
  }

  /** Apollo formats errors without their request: it is told before of which each is. */
  met(errors: readonly object[], requestId: string): void {
    for (const error of errors) this.requests.set(error, requestId);
  }

  readonly format: Format = (formatted, error, requestId) => {
    const known = typeof error === 'object' && error !== null ? this.requests.get(error) : undefined;
    const told = this.formatted(formatted, error, requestId ?? known);
    this.onTold(String(told.extensions?.['code']));
    return told;
  };
}
