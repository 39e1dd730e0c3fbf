import { ApolloServerErrorCode } from '@apollo/server/errors';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { UnavailableError } from '../errors.js';
import { mediaTypeFor } from './mediaType.js';
import type { Format } from './toldErrors.js';

export type RequestErrors = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void;

/**
 * What is answered where a request never becomes an operation, in the form of all other answers: clients of GraphQL read no
 * other. Fastify's own has the message of whatever was thrown.
 */
export function requestErrors(format: Format): RequestErrors {
  return (error, request, reply) => {
    if (error instanceof UnavailableError) reply.header('retry-after', String(error.retryAfter));
    const status = error instanceof UnavailableError ? 503 : (error.statusCode ?? 500);
    const told = status < 500 ? { message: error.message, extensions: { code: ApolloServerErrorCode.BAD_REQUEST } } : format({ message: error.message }, error, request.id);
    void reply.code(status).type(mediaTypeFor(request.headers.accept)).send(JSON.stringify({ errors: [told] }));
  };
}
