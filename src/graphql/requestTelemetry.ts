import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { attributesOf, fieldsOf, type Telemetry } from '../telemetry/telemetry.js';
import type { Sampled, Span, TraceHeaders } from '../telemetry/tracing.js';
import { networkOf, type ClientAddresses } from './clientAddress.js';
import { REQUEST_ID } from './requestId.js';
import './requestRecord.js';

export interface RequestObserving {
  readonly telemetry: Telemetry;
  readonly addresses: ClientAddresses;
}

/** Names each request in its answer; where it is asked for, has each traced and written into the log. */
export function observeRequests(app: FastifyInstance, { telemetry, addresses }: RequestObserving): void {
  const { tracing, settings } = telemetry;
  app.decorateRequest('operation', null);
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID, request.id);
    const sampled = tracing?.sample(request.headers as TraceHeaders) ?? null;
    if (sampled !== null) {
      request.span = begin(sampled, request);
      // Rather than by a hook, which those would pay for that are not traced.
      reply.raw.once('close', () => { endSpan(request, reply); });
    }
    done();
  });
  if (!settings.logRequests) return;
  app.addHook('onResponse', (request, reply, done) => {
    telemetry.log?.info(lineOf(request, reply, networkOf(addresses.of(request.raw))), 'a request was answered');
    done();
  });
}

function begin(sampled: Sampled, { method, id, protocol, routeOptions: { url: route } }: FastifyRequest): Span {
  return sampled.begin(route === undefined ? method : `${method} ${route}`, {
    'http.request.method': method,
    'url.scheme': protocol,
    ...(route !== undefined && { 'http.route': route }),
    'http.request.header.x-request-id': id,
  });
}

function endSpan({ span, operation }: FastifyRequest, { statusCode, raw }: FastifyReply): void {
  if (span === null) return;
  span.set({ 'http.response.status_code': statusCode });
  if (operation !== null) span.set({ ...attributesOf(operation), 'graphql.operation.way': operation.way, 'graphql.operation.outcome': operation.outcome });
  const isCut = !raw.writableFinished;
  span.end(statusCode >= 500 ? { type: String(statusCode) } : isCut ? { type: 'closed' } : null);
}

/** Its route, and never its address: tokens of feeds and exports stand there, documents and variables in its query. */
function lineOf(request: FastifyRequest, reply: FastifyReply, network: string): object {
  return {
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? null,
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime * 10) / 10,
    bytes: Number(reply.getHeader('content-length') ?? 0),
    network,
    ...(request.operation !== null && fieldsOf(request.operation)),
  };
}
