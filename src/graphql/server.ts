import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import fastify, { LogController, type FastifyBaseLogger, type FastifyRequest } from 'fastify';
import { GraphQLError, Kind, OperationTypeNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Context, Viewer } from './context.js';
import { explorerPage } from './explorer.js';
import { createExecutor, stringified } from './executor.js';
import { errorFormatter } from './formatError.js';
import { Planner, type RootProjection } from './planner.js';
import { refuseNul } from './refuseNul.js';

export interface ServerOptions {
  readonly schema: GraphQLSchema;
  readonly logLevel: string;
  /** How often an operation is interpreted before it is compiled. */
  readonly compileAfter: number;
  /** Fields of Query that the database can answer by itself. */
  readonly roots: Readonly<Record<string, RootProjection>>;
  /** Who a bearer token stands for; null for an unknown one. */
  readonly findViewer: (token: string) => Promise<Viewer | null>;
  /** Called after each mutation, before its answer is sent. */
  readonly onMutation: () => void;
  /** Rejects while the server cannot do its work. */
  readonly checkReady: () => Promise<void>;
}

export interface Server {
  readonly log: FastifyBaseLogger;
  /** Gives the address. */
  listen(address: { readonly port: number; readonly host: string }): Promise<string>;
  /** Takes no more requests, finishes those under way. */
  close(): Promise<void>;
}

// The largest document of the tests has 300 tokens; a parser's time grows with them.
const MAX_TOKENS = 5_000;
const MAX_BODY_BYTES = 1024 * 1024;

/** The HTTP server: GraphQL, the explorer and the two health checks. Not listening yet. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const app = fastify({
    logger: { level: options.logLevel },
    // A line a request costs more than many a request; errors and slow starts are logged.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: 'idle',
  });
  const apollo = new ApolloServer<RequestContext>({
    gateway: executing(options, (error) => { app.log.warn({ err: error }, 'resolvers answer what the database could not write'); }),
    stringifyResult: stringified,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxLexicalTokens: MAX_TOKENS },
    formatError: errorFormatter((error, errorId) => { app.log.error({ err: error, errorId }, 'a request failed'); }),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      fastifyApolloDrainPlugin(app),
      refuseBadTokens,
      tellOfMutations(options.onMutation),
      refuseNul,
    ],
    stopOnTerminationSignals: false,
  });
  await apollo.start();
  const handler = fastifyApolloHandler(apollo, { context: (request) => contextOf(request, options) });
  app.route({ method: ['GET', 'POST', 'OPTIONS'], url: '/graphql', handler });
  let explorer: Promise<Buffer> | null = null;
  app.get('/', async (request, reply) => {
    explorer ??= explorerPage();
    reply.type('text/html; charset=utf-8').header('vary', 'accept-encoding');
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return gunzipSync(await explorer);
    return reply.header('content-encoding', 'gzip').send(await explorer);
  });
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
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
    listen: (address) => app.listen(address),
    // Apollo's stop drains first: the drain plugin closes the HTTP server, which finishes the requests under way.
    close: () => apollo.stop(),
  };
}

/** Apollo Server's door for an executor that is not graphql-js: all that surrounds execution stays as it is. */
function executing({ schema, roots, compileAfter }: ServerOptions, onFailure: (error: unknown) => void): ApolloServerOptionsWithGateway<RequestContext>['gateway'] {
  const planner = new Planner({ schema, roots, onFailure });
  const execute = createExecutor(schema, {
    compileAfter,
    answer: ({ document, contextValue }, operation, variables) => planner.answer({ document, operation, variables, viewerId: (contextValue as Context).viewer?.id ?? null }),
  });
  return {
    load: () =>
      Promise.resolve({
        executor: async ({ document, operation, request, context }) => execute({ document, operation, operationName: request.operationName, variables: request.variables, contextValue: context }),
      }),
    onSchemaLoadOrUpdate: (callback) => {
      callback({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    stop: () => Promise.resolve(),
  };
}

interface RequestContext extends Context {
  /** A token was sent that stands for nobody. */
  readonly hasBadToken: boolean;
}

async function contextOf(request: FastifyRequest, options: ServerOptions): Promise<RequestContext> {
  const header = request.headers.authorization;
  const token = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i.exec(header ?? '')?.[1] ?? null;
  const viewer = token === null ? null : await options.findViewer(token);
  return { viewer, token, requestId: request.id, scope: {}, hasBadToken: header !== undefined && viewer === null };
}

const OPEN_MUTATIONS = new Set(['signIn', 'signUp', 'signOut']);

// A reader whose token ended must learn so, rather than get anonymous answers; but with the old token still in the
// header they can sign in again.
const refuseBadTokens: ApolloServerPlugin<RequestContext> = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation({ contextValue, operation }) {
        if (!contextValue.hasBadToken || operation === undefined || opensSession(operation)) return Promise.resolve();
        throw new GraphQLError('the bearer token is unknown, expired or revoked: sign in again', {
          extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } },
        });
      },
    }),
};

function tellOfMutations(onMutation: () => void): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        willSendResponse({ operation }) {
          if (operation?.operation === OperationTypeNode.MUTATION) onMutation();
          return Promise.resolve();
        },
      }),
  };
}

function opensSession({ operation, selectionSet }: OperationDefinitionNode): boolean {
  return (
    operation === OperationTypeNode.MUTATION &&
    selectionSet.selections.every((field) => field.kind === Kind.FIELD && OPEN_MUTATIONS.has(field.name.value))
  );
}
