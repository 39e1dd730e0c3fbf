import { ApolloServerErrorCode, unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { randomUUID } from 'node:crypto';
import { constraintOf, sqlStateOf } from '../database/sqlErrors.js';
import { DomainError, InProgressError, LimitError, RateLimitError, UnavailableError } from '../errors.js';

/** Where masked errors are written, each with the id that the client got, and its request where that is known. */
export type ErrorLog = (error: unknown, errorId: string, requestId: string | undefined) => void;

const ANSWERABLE = new Set<unknown>(Object.values(ApolloServerErrorCode).filter((code) => code !== ApolloServerErrorCode.INTERNAL_SERVER_ERROR));
ANSWERABLE.add('UNAUTHENTICATED');

/** Lets through what a client can act on and masks the rest: its message could tell of hosts, tables or secrets. */
export function errorFormatter(log: ErrorLog): (formatted: GraphQLFormattedError, error: unknown, requestId?: string) => GraphQLFormattedError {
  return (formatted, thrown, requestId) => {
    // Also where a plugin threw it: then it has no path, and unwrapResolverError leaves it as it is.
    const error = thrown instanceof GraphQLError ? (thrown.originalError ?? thrown) : unwrapResolverError(thrown);
    const place = { ...(formatted.locations && { locations: formatted.locations }), ...(formatted.path && { path: formatted.path }) };
    if (error instanceof DomainError) {
      const extensions = {
        code: error.code,
        ...(error.field !== undefined && { field: error.field }),
        ...((error instanceof RateLimitError || error instanceof InProgressError || error instanceof UnavailableError) && { retryAfter: error.retryAfter }),
        ...(error instanceof UnavailableError && error.outcome !== undefined && { outcome: error.outcome }),
        ...(error instanceof LimitError && error.measure),
      };
      return { message: error.message, ...place, extensions };
    }
    if (thrown instanceof GraphQLError && ANSWERABLE.has(formatted.extensions?.['code'])) {
      return { message: withoutSecrets(formatted.message, thrown.source?.body ?? ''), ...place, extensions: { code: formatted.extensions?.['code'] } };
    }
    if (thrown instanceof GraphQLError && isRefusal(thrown)) return { message: thrown.message, ...place, extensions: { code: ApolloServerErrorCode.BAD_REQUEST } };
    if (isOfGoneViewer(error)) return { message: 'the account of this token was deleted meanwhile', ...place, extensions: { code: 'UNAUTHENTICATED' } };
    const errorId = randomUUID();
    log(error, errorId, requestId);
    return {
      message: `internal error ${errorId}`,
      ...place,
      extensions: { code: ApolloServerErrorCode.INTERNAL_SERVER_ERROR, errorId },
    };
  };
}

/** The keys by which a row says who writes it, and not whom it tells of. */
const WRITERS = /^(?!reports_user|comment_mentions|notifications).+_(user|owner|reporter|submitted_by|requested_by|actor|resolver)_id_fkey$/;

// An account may go between the moment at which its token is looked up and its write, on another server too: the foreign key
// is what notices.
function isOfGoneViewer(error: unknown): boolean {
  return sqlStateOf(error) === '23503' && WRITERS.test(constraintOf(error) ?? '');
}

// Apollo Server refuses what is wrong with a persisted query by a status alone, without a code.
function isRefusal({ originalError, extensions }: GraphQLError): boolean {
  const status = (extensions.http as { readonly status?: number } | undefined)?.status ?? 500;
  return originalError === undefined && extensions['code'] === undefined && status >= 400 && status < 500;
}

/** What has a password or a token, or the whole input of a field that takes one. */
const SECRETIVE = /password|signIn|signUp|deleteAccount|linkExternalIdentity/i;

// graphql-js repeats a value that does not fit its type, a variable whole and then what is wrong of it: with it a password would
// reach logs of clients. A literal is told without its field, so the document says whether it may be one.
function withoutSecrets(message: string, document: string): string {
  if (!SECRETIVE.test(message) && !SECRETIVE.test(document) && !message.includes('got invalid value {')) return message;
  const tellsOf = message.replace(/( cannot represent [^:]*: | found )[\s\S]*$/, '$1(not shown)');
  // Of a text that is shown, quotes are escaped: only graphql-js itself wrote this path.
  const variable = / at "[^"]*"; /.test(tellsOf) ? /(got invalid value )[\s\S]*( at "[^"]*"; )/ : /(got invalid value )[\s\S]*(; )/;
  return tellsOf.replace(variable, '$1(not shown)$2');
}
