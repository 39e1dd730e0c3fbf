import type { WebSocket } from 'ws';
import type { StreamEnd } from './eventQueue.js';

// See https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md and RFC 6455, 7.4.1. A client of
// graphql-ws comes again after 1001 and 1013, and not after 4401.
export const GOING_AWAY = 1001;
export const TRY_AGAIN_LATER = 1013;
export const UNAUTHORIZED = 4401;
export const INTERNAL_ERROR = 4500;

/** How long a client may take to answer that it is closed. */
const CLOSE_MS = 2000;
/** How often a connection is looked at that waits for its answers. */
const LOOK_MS = 20;

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

/** A connection with how many operations were asked on it that are not answered yet; subscriptions that are open do not count. */
export interface Busy {
  readonly socket: WebSocket;
  underWay: number;
}

/** Closes all connections, each as soon as what was asked on it is answered. */
export async function closeAll(connections: Iterable<Busy>): Promise<void> {
  await Promise.all(
    [...connections].map((connection) => new Promise<void>((resolve) => {
      const { socket } = connection;
      const closeWhenAnswered = (): void => {
        if (connection.underWay > 0) return;
        clearInterval(timer);
        close(socket, GOING_AWAY, 'the server stops');
      };
      const timer = setInterval(closeWhenAnswered, LOOK_MS);
      socket.once('close', () => {
        clearInterval(timer);
        resolve();
      });
      closeWhenAnswered();
    })),
  );
}
