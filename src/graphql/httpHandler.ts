import { HeaderMap, type ApolloServer, type BaseContext } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Hands requests to Apollo Server. By hand, since @as-integrations/fastify puts an address together from the `Host` header, whatever is
 * in it: what is no host became an internal error.
 */
export function httpHandler<Context extends BaseContext>(apollo: ApolloServer<Context>, contextOf: (request: FastifyRequest) => Context): (request: FastifyRequest, reply: FastifyReply) => Promise<string> {
  return async (request, reply) => {
    const { body, method, url } = request;
    const queryAt = url.indexOf('?');
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { body, method, headers: headersOf(request), search: queryAt < 0 ? '' : url.slice(queryAt) },
      context: () => Promise.resolve(contextOf(request)),
    });
    for (const [name, value] of answer.headers) reply.header(name, value);
    reply.code(answer.status ?? 200);
    // Neither @defer nor @stream is in the schema.
    if (answer.body.kind !== 'complete') throw new Error('an answer came in parts');
    return answer.body.string;
  };
}

function headersOf({ headers }: FastifyRequest): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  return map;
}
