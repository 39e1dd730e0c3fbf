import { ApolloServerErrorCode, unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { randomUUID } from 'node:crypto';
import { DomainError, LimitError, RateLimitError } from '../errors.js';

/** Where masked errors are written, each with the id that the client got. */
export type ErrorLog = (error: unknown, errorId: string) => void;

const ANSWERABLE = new Set<unknown>(Object.values(ApolloServerErrorCode).filter((code) => code !== ApolloServerErrorCode.INTERNAL_SERVER_ERROR));
ANSWERABLE.add('UNAUTHENTICATED');

/** Lets through what a client can act on and masks the rest: its message could tell of hosts, tables or secrets. */
export function errorFormatter(log: ErrorLog): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, thrown) => {
    // Also where a plugin threw it: then it has no path, and unwrapResolverError leaves it as it is.
    const error = thrown instanceof GraphQLError ? (thrown.originalError ?? thrown) : unwrapResolverError(thrown);
    const place = { ...(formatted.locations && { locations: formatted.locations }), ...(formatted.path && { path: formatted.path }) };
    if (error instanceof DomainError) {
      const extensions = {
        code: error.code,
        ...(error.field !== undefined && { field: error.field }),
        ...(error instanceof RateLimitError && { retryAfter: error.retryAfter }),
        ...(error instanceof LimitError && error.measure),
      };
      return { message: error.message, ...place, extensions };
    }
    if (thrown instanceof GraphQLError && ANSWERABLE.has(formatted.extensions?.['code'])) {
      return { message: withoutSecrets(formatted.message), ...place, extensions: { code: formatted.extensions?.['code'] } };
    }
    if (isBadRequest(thrown)) return { message: formatted.message, ...place, extensions: { code: ApolloServerErrorCode.BAD_REQUEST } };
    const errorId = randomUUID();
    log(error, errorId);
    return {
      message: `internal error ${errorId}`,
      ...place,
      extensions: { code: ApolloServerErrorCode.INTERNAL_SERVER_ERROR, errorId },
    };
  };
}

/** What Apollo Server says of persisted queries that do not fit has a status and no code. */
function isBadRequest(thrown: unknown): boolean {
  if (!(thrown instanceof GraphQLError) || thrown.originalError !== undefined) return false;
  const { code, http } = thrown.extensions as { readonly code?: unknown; readonly http?: { readonly status?: number } };
  return code === undefined && http?.status === 400;
}

// graphql-js repeats a variable that does not fit its type, whole: with it a password would reach logs of clients.
function withoutSecrets(message: string): string {
  const isSecret = /password/i.test(message) || message.includes('got invalid value {');
  return isSecret ? message.replace(/(got invalid value )[\s\S]*?(?=( at "[^"]*")?; )/, '$1(not shown)') : message;
}
