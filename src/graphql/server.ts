import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { gunzipSync } from 'node:zlib';
import type { TrustedDocuments } from '../trustedManifest.js';
import { serveEventStreams } from './eventStream.js';
import { explorerPage, type ExplorerPage } from './explorer.js';
import { gatewayOf, type ExecutionOptions } from './execution.js';
import { stringified } from './executor.js';
import { clientErrorHandler } from './clientErrors.js';
import { ClientAddresses, secureRequests, type TrustedProxies } from './clientAddress.js';
import { Gate } from './gate.js';
import { httpHandler } from './httpHandler.js';
import { limitRules, type DocumentLimits } from './limits.js';
import { BACKLOG, Listeners } from './listeners.js';
import { Seats } from './liveOptions.js';
import { withoutSecrets } from './logSecrets.js';
import { Operations } from './operations.js';
import { allowOrigins, mayConnect, type Origins } from './origins.js';
import { thrownProblem } from './problem.js';
import { refuseNul } from './refuseNul.js';
import { observing } from './observing.js';
import { requestErrors } from './requestErrors.js';
import { requestIdOf } from './requestId.js';
import { observeRequests } from './requestTelemetry.js';
import { requestContext, type RequestContext } from './requestContext.js';
import { SharedAnswers, textOf } from './sharedAnswers.js';
import { ToldErrors } from './toldErrors.js';
import { documentIdOf, runTrustedAlone } from './trustedDocuments.js';
import { serveWebSockets } from './webSocket.js';

/** Adds what is answered beside GraphQL. */
export type Routes = (app: FastifyInstance) => void;

export interface ServerOptions extends ExecutionOptions {
  readonly logLevel: string;
  /** The server's address as readers reach it. */
  readonly publicUrl: string;
  /** The origins whose pages may ask, beside the server's own. */
  readonly origins: Origins;
  /** How long what anonymous readers ask alike is answered alike; 0 for not at all. */
  readonly shareMilliseconds: number;
  readonly limits: DocumentLimits;
  /** Which proxies are believed where a request came from. */
  readonly trustedProxies: TrustedProxies;
  /** The documents that alone run; null for any. */
  readonly trustedDocuments: TrustedDocuments | null;
  /** Whether clients may read the schema; if not, errors do not tell of it either. */
  readonly introspection: boolean;
  /** How many WebSockets and event streams may be open. */
  readonly mostConnections: number;
  /** How many operations may be under way; 0 for any. */
  readonly mostConcurrent: number;
  /** How long a client may take to send a request. */
  readonly requestSeconds: number;
  /** How long what is under way may take to end when the server stops. */
  readonly shutdownSeconds: number;
  /** Called after each mutation, before its answer is sent. */
  readonly onMutation: () => void;
  readonly routes?: readonly Routes[];
  /** The same for what is answered however full the server is. */
  readonly openRoutes?: readonly Routes[];
  /** Rejects while the server cannot do its work. */
  readonly checkReady: () => Promise<void>;
}

export interface Server {
  readonly log: FastifyBaseLogger;
  /** Says how many operations are under way, and how many were refused. */
  readonly gate: Pick<Gate, 'underWay' | 'waiting' | 'shed'>;
  /** WebSockets and event streams that are open. */
  liveConnections(): number;
  /** To be called when something was written, here or by another server. */
  forgetAnswers(): void;
  /** Gives the address. */
  listen(address: { readonly port: number; readonly host: string }): Promise<string>;
  /** Takes no more requests, finishes those under way, and cuts what takes longer than it may. */
  close(): Promise<void>;
}

// The largest document of the tests has 300 tokens; a parser's time grows with them.
const MAX_TOKENS = 5_000;
const MAX_BODY_BYTES = 1024 * 1024;

/** The HTTP server: GraphQL, the explorer and the two health checks. Not listening yet. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { trustedDocuments: trusted, telemetry } = options;
  const addresses = new ClientAddresses(options.trustedProxies);
  const listeners = new Listeners({ requestSeconds: options.requestSeconds, isSecure: secureRequests(options.publicUrl, addresses) });
  const app = fastify({
    serverFactory: (answer) => listeners.create(answer),
    clientErrorHandler: clientErrorHandler(options.publicUrl.startsWith('https:')),
    // What a client sent before it learnt that the server stops is answered still.
    return503OnClosing: false,
    logger: { level: options.logLevel, hooks: { streamWrite: withoutSecrets } },
    // A line a request costs more than many a request; errors and what is slow are logged, and with LOG_REQUESTS a line of our own.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (request) => requestIdOf(request, addresses),
    bodyLimit: MAX_BODY_BYTES,
    // No route has a schema to check or write by: their compilers are 240 modules and 130 ms of each start.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
  });
  telemetry.log = app.log;
  observeRequests(app, { telemetry, addresses });
  const shared = new SharedAnswers(options.shareMilliseconds, trusted === null ? textOf : (body) => trusted.get(documentIdOf(body) ?? '') ?? null, telemetry);
  const errors = new ToldErrors(
    (error, errorId, requestId) => { app.log.error({ err: error, errorId, requestId }, 'a request failed'); },
    (code) => { telemetry.metrics?.errorTold(code); },
  );
  const { format } = errors;
  const apollo = new ApolloServer<RequestContext>({
    gateway: gatewayOf(options, {
      onFailure: (error, requestId) => { app.log.warn({ err: error, requestId }, 'resolvers answer what the database could not write'); },
      onLateWrite: () => {
        shared.forget();
        options.onMutation();
      },
    }),
    stringifyResult: stringified,
    introspection: options.introspection,
    hideSchemaDetailsFromClientErrors: !options.introspection,
    validationRules: limitRules(options.limits),
    // Otherwise Apollo's own, in its cache of 30 MB: a hash, and where it is not known the document with it.
    ...(trusted !== null && { persistedQueries: false as const }),
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxLexicalTokens: MAX_TOKENS },
    formatError: format,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      observing({
        telemetry,
        errors,
        onMutation: () => {
          shared.forget();
          options.onMutation();
        },
      }),
      refuseNul,
      ...(trusted === null ? [] : [runTrustedAlone(trusted)]),
    ],
    stopOnTerminationSignals: false,
  });
  app.setErrorHandler(thrownProblem);
  await apollo.start();
  const handler = httpHandler(apollo, (request) => {
    const context = requestContext(request.id, { authorization: request.headers.authorization, address: () => addresses.of(request.raw), transport: 'http', span: request.span });
    request.operation = context.record;
    return context;
  });
  const errorHandler = requestErrors(format);
  const gate = new Gate(options.mostConcurrent);
  // Within what is shared: who waits for the answer of another causes no work.
  const answer = shared.around((request, reply) => gate.run(() => handler(request, reply)));
  const live = { operations: new Operations(apollo, { format, gate, telemetry }), seats: new Seats(options.mostConnections), addresses, findViewer: options.findViewer, log: app.log };
  serveWebSockets(app, { ...live, mayConnect: (request) => mayConnect(request, { ...options, addresses }) });
  void app.register((part, _options, done) => {
    allowOrigins(part, options.origins);
    part.route({ method: ['GET', 'POST', 'OPTIONS'], url: '/graphql', errorHandler, onRequest: gate.atTheDoor, handler: answer });
    serveEventStreams(part, { ...live, errorHandler, gate });
    done();
  });
  let explorer: Promise<ExplorerPage> | null = null;
  app.get('/', async (request, reply) => {
    explorer ??= explorerPage();
    const { html, policy } = await explorer;
    reply.type('text/html; charset=utf-8').header('vary', 'accept-encoding').header('content-security-policy', policy);
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return gunzipSync(html);
    return reply.header('content-encoding', 'gzip').send(html);
  });
  void app.register((part, _options, done) => {
    gate.guard(part);
    for (const addTo of options.routes ?? []) addTo(part);
    done();
  });
  for (const addTo of options.openRoutes ?? []) addTo(app);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    if (listeners.isDraining) return reply.code(503).send({ status: 'stopping' });
    try {
      await options.checkReady();
      return { status: 'ready' };
    } catch (error) {
      app.log.warn({ err: error }, 'not ready');
      return reply.code(503).send({ status: 'not ready' });
    }
  });
  return {
    log: app.log,
    gate,
    liveConnections: () => live.seats.count,
    forgetAnswers: () => { shared.forget(); },
    listen: async (address) => {
      const url = await app.listen({ ...address, backlog: BACKLOG });
      await listeners.listenBeside(app.server, address);
      return url;
    },
    close: async () => {
      // At the same time: fastify's end tells WebSockets and event streams to go, for whom the listeners wait.
      const [cut] = await Promise.all([listeners.drain(1000 * options.shutdownSeconds), app.close()]);
      if (cut > 0) app.log.warn({ connections: cut, afterSeconds: options.shutdownSeconds }, 'connections were cut: what was under way on them took too long');
      await apollo.stop();
    },
  };
}

function noCompiler(): never {
  throw new Error('no route has a schema');
}
