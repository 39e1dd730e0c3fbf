import { ApolloServerErrorCode } from '@apollo/server/errors';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { UnavailableError } from '../errors.js';
import type { Format } from './operations.js';

const GRAPHQL_RESPONSE = 'application/graphql-response+json';

export type RequestErrors = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void;

/**
 * What is answered where a request never becomes an operation, in the form of all other answers: clients of GraphQL read no
 * other. Fastify's own has the message of whatever was thrown.
 */
export function requestErrors(format: Format): RequestErrors {
  return (error, request, reply) => {
    const isForLater = error instanceof UnavailableError;
    if (isForLater) reply.header('retry-after', String(error.retryAfter));
    const status = isForLater ? 503 : (error.statusCode ?? 500);
    const told = status < 500 ? { message: error.message, extensions: { code: ApolloServerErrorCode.BAD_REQUEST } } : format({ message: error.message }, error);
    const type = request.headers.accept?.includes(GRAPHQL_RESPONSE) === true ? GRAPHQL_RESPONSE : 'application/json';
    void reply.code(status).type(`${type}; charset=utf-8`).send(JSON.stringify({ errors: [told] }));
  };
}
