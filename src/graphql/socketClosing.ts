import type { WebSocket, WebSocketServer } from 'ws';
import type { StreamEnd } from './eventQueue.js';

// See https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md and RFC 6455, 7.4.1. A client of
// graphql-ws comes again after 1001 and 1013, and not after 4401.
export const GOING_AWAY = 1001;
export const TRY_AGAIN_LATER = 1013;
export const UNAUTHORIZED = 4401;
export const INTERNAL_ERROR = 4500;

/** How long a client may take to answer that it is closed. */
const CLOSE_MS = 2000;

/** Closes the connection with a code. */
export class Closing extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Why a stream ended, as a code. */
export function codeOf({ reason }: StreamEnd): number {
  return reason === 'TOO_SLOW' ? TRY_AGAIN_LATER : UNAUTHORIZED;
}

export function close(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState !== socket.OPEN) return;
  socket.close(code, reason);
  const timer = setTimeout(() => { socket.terminate(); }, CLOSE_MS).unref();
  socket.once('close', () => { clearTimeout(timer); });
}

/** Closes all connections, within the time that they may take to answer. */
export async function closeAll(sockets: WebSocketServer): Promise<void> {
  await Promise.all(
    [...sockets.clients].map((socket) => new Promise<void>((resolve) => {
      socket.once('close', () => { resolve(); });
      close(socket, GOING_AWAY, 'the server stops');
    })),
  );
}
