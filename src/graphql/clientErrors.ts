import { ApolloServerErrorCode } from '@apollo/server/errors';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { mediaTypeFor } from './mediaType.js';
import { securityOf } from './securityHeaders.js';

const REFUSALS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request took longer to come than a request may'],
  HPE_HEADER_OVERFLOW: [431, 'the address and the headers are longer than 16 KiB'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'the extensions of the chunks are longer than 16 KiB'],
};
const NO_REQUEST = [400, 'this is no request of HTTP/1.1'] as const;

/**
 * Answers what does not come to be a request, in the form of all other answers. Nothing of it is logged: what was received is part of the
 * error, with the token that it may have had.
 */
export function clientErrorHandler(isSecure: boolean): (error: NodeJS.ErrnoException, socket: Socket) => void {
  const common = securityOf(isSecure).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return (error, socket) => {
    // Node's own name for the answer that is on its way, in the midst of which another would be garbage.
    const { _httpMessage: answer } = socket as { readonly _httpMessage?: { readonly headersSent: boolean } | null };
    if (error.code === 'ECONNRESET' || !socket.writable || answer?.headersSent === true) {
      socket.destroy();
      return;
    }
    const [status, message] = REFUSALS[error.code ?? ''] ?? NO_REQUEST;
    const body = JSON.stringify({ errors: [{ message, extensions: { code: ApolloServerErrorCode.BAD_REQUEST } }] });
    const own = `content-type: ${mediaTypeFor(undefined)}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n`;
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${common}${own}\r\n${body}`);
    socket.destroySoon();
  };
}
