/** Sockets on the port of the HTTP server: websocket alone, small messages, nobody's web page. */
import type { Server } from 'node:http';
import { Server as SocketServer } from 'socket.io';
import { MAX_SOCKET_BYTES } from '#contract/live.ts';

/** `isClosing`: nobody connects any more. */
export function openSockets(server: Server, isClosing: () => boolean): SocketServer {
  const sockets = new SocketServer(server, {
    transports: ['websocket'],
    maxHttpBufferSize: MAX_SOCKET_BYTES,
    perMessageDeflate: false,
    connectTimeout: 10_000,
    serveClient: false,
    allowRequest: (request, decide) => decide(null, request.headers.origin === undefined && !isClosing()),
  });
  // Kept for as long as the connection otherwise, and nobody asks for it again.
  sockets.engine.on('connection', (connection: { request: unknown }) => {
    connection.request = null;
  });
  return sockets;
}
