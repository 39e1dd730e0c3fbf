import { lookup } from 'node:dns/promises';
import { createServer, ServerResponse, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { withSecurity, type AnswerHeaders } from './securityHeaders.js';

export interface ListenersOptions {
  /** How long a client may take to send a request. */
  readonly requestSeconds: number;
  /** Whether a request came by https, as far as its client is concerned. */
  readonly isSecure: (request: IncomingMessage) => boolean;
}

/**
 * Connections that may wait to be taken; Linux allows 4,096. Whose does not fit, waits for a second and more before it tries again, and is
 * told nothing, however soon the gate would refuse it.
 */
export const BACKLOG = 4096;
/** A client takes so long at most to send the head of a request. */
const HEADERS_SECONDS = 10;
/** How often requests are looked at that take too long. */
const LOOK_MS = 1000;
/** Longer than load balancers keep a connection that nothing is asked on, which is 60 s: else they ask on one that is being closed. */
const KEEP_ALIVE_MS = 72_000;
/** A connection on which nothing moves, an answer that is not taken included; event streams say something every 12 s. */
const IDLE_MS = 120_000;
/** Of the address and all headers together. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Then a client connects anew: behind a balancer, load spreads to servers that came later. */
const MAX_REQUESTS = 10_000;
/** How often connections are looked for on which nothing is under way any more. */
const REAP_MS = 50;

/** The HTTP servers, one an address, with what clients may take of their time, and their common end. */
export class Listeners {
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private draining = false;

  constructor(private readonly options: ListenersOptions) {}

  /** Whether what is under way is finished and nothing new is begun. */
  get isDraining(): boolean {
    return this.draining;
  }

  /** A server that answers by `answer`, not listening yet. */
  create(answer: RequestListener): Server {
    const { requestSeconds, isSecure } = this.options;
    const server = createServer(
      {
        ServerResponse: answersOf({ isSecure, isDraining: () => this.draining }),
        requestTimeout: 1000 * requestSeconds,
        headersTimeout: 1000 * Math.min(HEADERS_SECONDS, requestSeconds),
        connectionsCheckingInterval: LOOK_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        maxHeaderSize: MAX_HEADER_BYTES,
      },
      answer,
    );
    server.maxRequestsPerSocket = MAX_REQUESTS;
    server.setTimeout(IDLE_MS);
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => { this.sockets.delete(socket); });
    });
    this.servers.push(server);
    return server;
  }

  /** Has the other addresses of a name answered as well: localhost is 127.0.0.1 and ::1. */
  async listenBeside(main: Server, { port, host }: { readonly port: number; readonly host: string }): Promise<void> {
    const bound = main.address();
    const own = typeof bound === 'object' ? bound?.address : null;
    const others = (await lookup(host, { all: true }).catch(() => [])).filter(({ address }) => address !== own);
    await Promise.all(others.map(({ address }) => this.mirror(main, { port, host: address })));
  }

  /**
   * Listens no more, and waits until the last answer is sent and the last client has gone; after `milliseconds`, cuts what is left. Gives
   * how many connections that were.
   */
  async drain(milliseconds: number): Promise<number> {
    this.draining = true;
    const closed = this.servers.map((server) => new Promise<void>((resolve) => { server.close(() => { resolve(); }); }));
    let cut = 0;
    const reaper = setInterval(() => { for (const server of this.servers) server.closeIdleConnections(); }, REAP_MS);
    const end = setTimeout(() => {
      cut = this.sockets.size;
      for (const socket of this.sockets) socket.destroy();
    }, milliseconds);
    await Promise.all(closed);
    clearInterval(reaper);
    clearTimeout(end);
    return cut;
  }

  private mirror(main: Server, address: { readonly port: number; readonly host: string }): Promise<void> {
    const server = this.create((request, response) => { main.emit('request', request, response); });
    for (const event of ['upgrade', 'clientError'] as const) server.on(event, (...given: unknown[]) => { main.emit(event, ...given); });
    return new Promise((resolve) => {
      server.once('listening', () => { resolve(); });
      // An address that is not there, or taken: the main one is what was asked for.
      server.once('error', () => { resolve(); });
      server.listen({ ...address, backlog: BACKLOG });
    });
  }
}

/** Answers that have the headers of all, and say, while the server drains, that they are the last ones on their connections. */
function answersOf({ isSecure, isDraining }: Pick<ListenersOptions, 'isSecure'> & { readonly isDraining: () => boolean }): typeof ServerResponse<IncomingMessage> {
  return class Answer extends ServerResponse {
    override writeHead(status: number, reason?: string | AnswerHeaders, headers?: AnswerHeaders): this {
      if (isDraining()) this.shouldKeepAlive = false;
      const all = withSecurity(this, typeof reason === 'string' ? headers : reason, isSecure(this.req));
      return typeof reason === 'string' ? super.writeHead(status, reason, all) : super.writeHead(status, all);
    }
  };
}
