import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import { UnavailableError } from '../errors.js';

/** An error as RFC 9457 writes it, of what is no GraphQL. */
export function problem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply.code(status).type('application/problem+json').header('cache-control', 'no-store').send(JSON.stringify({ title: STATUS_CODES[status], status, detail }));
}

/** The same of what a route threw: what the database was in no state for is told, all else is logged and masked. */
export function thrownProblem(error: FastifyError | UnavailableError, { log }: Pick<FastifyRequest, 'log'>, reply: FastifyReply): FastifyReply {
  if (error instanceof UnavailableError) return problem(reply.header('retry-after', String(error.retryAfter)), 503, error.message);
  const status = error.statusCode ?? 500;
  // Of the request rather than of what was done for it.
  if (status < 500) return problem(reply, status, error.message);
  log.error({ err: error }, 'a route failed');
  return problem(reply, 500, 'internal error');
}
