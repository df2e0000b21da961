/**
 * Every connection to the port, whatever it became: the HTTP server forgets those that were upgraded, and waits a minute for those
 * that have not asked anything yet; the sockets' server waits half a minute for a peer that does not say goodbye.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export class OpenConnections {
  readonly #open = new Set<Socket>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /** Fulfilled with `closing`; whoever is still connected after `withinMs` is cut off. */
  async endWith(closing: Promise<unknown>, withinMs: number): Promise<void> {
    const stop = new AbortController();
    const late = pause(withinMs, undefined, { signal: stop.signal }).then(
      () => this.#cut(),
      () => undefined,
    );
    try {
      await closing;
    } finally {
      stop.abort();
      await late;
    }
  }

  #cut(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
