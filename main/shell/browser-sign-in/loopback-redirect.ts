/**
 * Where the browser comes back to after a sign-in (RFC 8252): this computer alone, on a port that nobody knows before, once. What comes
 * from elsewhere, under another name, or for another sign-in is answered and changes nothing.
 */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const PATH = '/callback';
const HOST = '127.0.0.1';
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export class LoopbackRedirect implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #state: string;
  readonly #come = Promise.withResolvers<URL>();

  private constructor(server: Server, state: string) {
    this.#server = server;
    this.#state = state;
    this.url = `http://${HOST}:${(server.address() as AddressInfo).port}${PATH}`;
    server.on('request', (request, response) => this.#answer(request, response));
    // Nobody may be waiting when it is given up.
    this.#come.promise.catch(() => undefined);
  }

  /** `state`: what the sign-in that it is for was begun with. */
  static async open(state: string): Promise<LoopbackRedirect> {
    const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 16_384 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, HOST, resolve);
    });
    return new LoopbackRedirect(server, state);
  }

  /** The address the browser came with. Rejects with the signal's reason when it is given up. */
  come(signal: AbortSignal): Promise<URL> {
    const giveUp = (): void => this.#come.reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    return this.#come.promise.finally(() => signal.removeEventListener('abort', giveUp));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = URL.parse(request.url ?? '', this.url);
    const isHere = request.socket.remoteAddress === HOST && request.headers.host === new URL(this.url).host;
    // Other pages may send requests here, but none of them is the browser coming to the address.
    const isVisit = request.method === 'GET' && request.headers.origin === undefined && url?.pathname === PATH;
    if (!isHere || !isVisit || url === null) return say(response, 404, 'Nothing is here.');
    if (!isSame(url.searchParams.get('state') ?? '', this.#state))
      return say(response, 400, 'This is not the sign-in that Sotto waits for. Go back to Sotto and begin it again.');
    say(response, 200, 'Go back to Sotto. You can close this page.');
    // Once: whoever comes with the same address later finds nobody.
    this.#server.close();
    this.#come.resolve(url);
  }
}

const isSame = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return left.length === right.length && timingSafeEqual(left, right);
};

function say(response: ServerResponse, status: number, words: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    })
    .end(
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sotto</title><style>:root{color-scheme:light dark;font:18px/1.5 system-ui,sans-serif}body{margin:20vh auto;max-width:32rem;padding:0 1.5rem}</style><h1>Sotto</h1><p>${words}</p></html>`,
    );
}
