import type { FastifyInstance } from 'fastify';
import type { Context, ServerOptions, WebSocket as ProtocolSocket } from 'graphql-ws';
import { GraphQLError, parse, type ExecutionArgs, type FormattedExecutionResult, type GraphQLFormattedError } from 'graphql';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { UnavailableError } from '../errors.js';
import { StreamEnd } from './eventQueue.js';
import { KEEP_ALIVE_MS, MOST_BUFFERED_BYTES, TOKEN_CHECK_MS, isKnown, type LiveOptions } from './liveOptions.js';
import { isStream, type AnswerStream, type Operation } from './operations.js';
import type { Caller } from './requestContext.js';
import { Closing, GOING_AWAY, INTERNAL_ERROR, TRY_AGAIN_LATER, UNAUTHORIZED, close, closeAll, codeOf, type Busy } from './socketClosing.js';

/** Operations that a connection may have open at a time. */
export const MOST_SUBSCRIPTIONS = 100;
const MAX_MESSAGE_BYTES = 1024 * 1024;

interface Extra extends Busy {
  readonly request: IncomingMessage;
}

type Connection = Context<Record<string, unknown> | undefined, Extra>;

/** GraphQL over WebSocket at /graphql: all operations, by the protocol graphql-transport-ws. */
export function serveWebSockets(app: FastifyInstance, options: SocketOptions): void {
  const { seats, log, mayConnect } = options;
  let door: Promise<Door> | null = null;
  let isClosing = false;
  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => { socket.destroy(); });
    if (request.url?.split('?')[0] !== '/graphql' || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      refuse(socket, '404 Not Found');
      return;
    }
    if (!mayConnect(request)) {
      refuse(socket, '403 Forbidden');
      return;
    }
    if (isClosing || !seats.take()) {
      refuse(socket, '503 Service Unavailable', 'Retry-After: 5\r\n');
      return;
    }
    socket.once('close', () => { seats.leave(); });
    // Loaded when the first client comes: a start is spared it.
    door ??= openDoor({ ...options, isClosing: () => isClosing });
    door.then((opened) => { opened.admit(request, socket, head); }, (error: unknown) => {
      log.error({ err: error }, 'a WebSocket was not opened');
      socket.destroy();
    });
  });
  app.addHook('preClose', async () => {
    isClosing = true;
    await (await door)?.close();
  });
}

function refuse(socket: Duplex, status: string, headers = ''): void {
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}

interface SocketOptions extends LiveOptions {
  /** Whether a handshake is by a page of an origin that may ask, or by no page. */
  readonly mayConnect: (request: IncomingMessage) => boolean;
}

interface DoorOptions extends LiveOptions {
  /** Whether the server stops, and takes no more operations. */
  readonly isClosing: () => boolean;
}

interface Door {
  admit(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

async function openDoor(options: DoorOptions): Promise<Door> {
  const [{ WebSocketServer }, { handleProtocols, makeServer }] = await Promise.all([import('ws'), import('graphql-ws')]);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, handleProtocols });
  const protocol = makeServer<Record<string, unknown> | undefined, Extra>(protocolOptions(options));
  const connections = new Set<Busy>();
  return {
    admit: (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = { socket: webSocket, request, underWay: 0 };
        connections.add(connection);
        const closed = protocol.opened(messagesOf(webSocket, options), connection);
        keepAlive(webSocket);
        webSocket.once('close', (code, reason) => {
          connections.delete(connection);
          closed(code, String(reason)).catch((error: unknown) => { options.log.error({ err: error }, 'a WebSocket was not closed well'); });
        });
      });
    },
    close: () => closeAll(connections),
  };
}

/** What the protocol sees of a socket. */
function messagesOf(socket: WebSocket, { log }: LiveOptions): ProtocolSocket {
  socket.on('error', () => { socket.terminate(); });
  return {
    protocol: socket.protocol,
    // Not waited for: a client that takes nothing is let go by what waits for it.
    send: (data) => {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(data);
      if (socket.bufferedAmount > MOST_BUFFERED_BYTES) close(socket, TRY_AGAIN_LATER, new StreamEnd('TOO_SLOW').message);
    },
    close: (code, reason) => { close(socket, code ?? GOING_AWAY, reason ?? ''); },
    onMessage: (take) => {
      socket.on('message', (data: Buffer) => {
        take(data.toString()).catch((thrown: unknown) => {
          const error = thrown instanceof UnavailableError ? new Closing(TRY_AGAIN_LATER, thrown.message) : thrown;
          const isOurs = error instanceof Closing;
          if (error instanceof UnavailableError) {
            close(socket, TRY_AGAIN_LATER, error.message);
            return;
          }
          if (!isOurs) log.error({ err: error }, 'a message by WebSocket failed');
          close(socket, isOurs ? error.code : INTERNAL_ERROR, isOurs ? error.message : 'internal error');
        });
      });
    },
  };
}

function protocolOptions(options: DoorOptions): ServerOptions<Record<string, unknown> | undefined, Extra> {
  return {
    onConnect: async (connection) => {
      if (!(await isKnown(authorizationOf(connection), options))) throw new Closing(UNAUTHORIZED, new StreamEnd('TOKEN_ENDED').message);
      watchToken(connection, options);
    },
    onSubscribe: async (connection, _id, payload) => {
      if (Object.keys(connection.subscriptions).length > MOST_SUBSCRIPTIONS) return [new Told(tooMany())];
      if (options.isClosing()) return [new Told(stopping())];
      const outcome = await run(payload, connection, options);
      if (isStream(outcome)) return asArgs(closingAtEnd(outcome, connection.extra.socket, options.log));
      return outcome.data === undefined && outcome.errors !== undefined ? outcome.errors.map((error) => new Told(error)) : asArgs(outcome);
    },
    // Errors are formatted already.
    onNext: (...given) => given[4] as FormattedExecutionResult,
    execute: ({ contextValue }) => contextValue as FormattedExecutionResult as never,
  };
}

/** What was run already, in the place of what the protocol would run. */
function asArgs(outcome: FormattedExecutionResult | AnswerStream): ExecutionArgs {
  return { schema: null as never, document: ANY_QUERY, contextValue: outcome };
}
const ANY_QUERY = parse('{ __typename }');

/** An error that is formatted already. */
class Told extends GraphQLError {
  constructor(private readonly formatted: GraphQLFormattedError) {
    super(formatted.message);
  }

  override toJSON(): GraphQLFormattedError {
    return this.formatted;
  }
}

async function run(payload: Operation, connection: Connection, options: LiveOptions): Promise<FormattedExecutionResult | AnswerStream> {
  const { extra } = connection;
  extra.underWay += 1;
  try {
    return await options.operations.run(payload, callerOf(connection, options));
  } finally {
    // Only then has the protocol sent it.
    setImmediate(() => { extra.underWay -= 1; });
  }
}

function stopping(): GraphQLFormattedError {
  return { message: 'the server stops: connect again', extensions: { code: 'UNAVAILABLE', retryAfter: 1 } };
}

function tooMany(): GraphQLFormattedError {
  return { message: `a connection may have ${MOST_SUBSCRIPTIONS} operations open at a time`, extensions: { code: 'RATE_LIMITED' } };
}

function authorizationOf({ connectionParams, extra: { request } }: Connection): string | undefined {
  const given = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'];
  return typeof given === 'string' ? given : request.headers.authorization;
}

function callerOf(connection: Connection, { addresses }: LiveOptions): Caller {
  return { authorization: authorizationOf(connection), address: () => addresses.of(connection.extra.request), transport: 'websocket' };
}

function watchToken(connection: Connection, options: LiveOptions): void {
  const { socket } = connection.extra;
  if (authorizationOf(connection) === undefined) return;
  const timer = setInterval(() => {
    isKnown(authorizationOf(connection), options).then(
      (known) => { if (!known) close(socket, UNAUTHORIZED, new StreamEnd('TOKEN_ENDED').message); },
      (error: unknown) => { if (!(error instanceof UnavailableError)) options.log.warn({ err: error }, 'a token was not looked up'); },
    );
  }, TOKEN_CHECK_MS).unref();
  socket.once('close', () => { clearInterval(timer); });
}

/** The stream, whose end that its client did not ask for closes the connection: each of its streams has the same token and client. */
function closingAtEnd(stream: AnswerStream, socket: WebSocket, log: LiveOptions['log']): AnswerStream {
  const next = async (): Promise<IteratorResult<FormattedExecutionResult, undefined>> => {
    try {
      return await stream.next();
    } catch (error) {
      // The protocol would tell the client what went wrong inside.
      const isTold = error instanceof StreamEnd || error instanceof UnavailableError;
      if (!isTold) log.error({ err: error }, 'a stream failed');
      close(socket, error instanceof StreamEnd ? codeOf(error) : TRY_AGAIN_LATER, isTold ? error.message : 'internal error');
      return { done: true, value: undefined };
    }
  };
  return { ...stream, next, [Symbol.asyncIterator]: () => closingAtEnd(stream, socket, log) };
}

function keepAlive(socket: WebSocket): void {
  let isThere = true;
  socket.on('pong', () => { isThere = true; });
  const timer = setInterval(() => {
    if (!isThere) socket.terminate();
    else socket.ping();
    isThere = false;
  }, KEEP_ALIVE_MS).unref();
  socket.once('close', () => { clearInterval(timer); });
}
