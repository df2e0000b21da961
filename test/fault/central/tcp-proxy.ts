/** A bad network between two programs, seeded: bytes come late, one by one or cut off in the middle; connections break or fall silent. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

type Random = (below: number) => number;

export interface Weather {
  /** In a thousand pieces of data: how many cut their connection, */
  readonly cuts: number;
  /** how many come late, by up to so many milliseconds, */
  readonly delays: number;
  readonly delayMs: number;
  /** how many come in single bytes, */
  readonly slices: number;
  /** and after how many nothing comes any more, though the connection stands. */
  readonly silences: number;
}

export const CALM: Weather = { cuts: 0, delays: 0, delayMs: 0, slices: 0, silences: 0 };
export const STORM: Weather = { cuts: 4, delays: 50, delayMs: 40, slices: 10, silences: 1 };

export class TcpProxy {
  readonly #server: Server;
  readonly #random: Random;
  readonly #target: () => { readonly host: string; readonly port: number };
  readonly #open = new Set<Socket>();
  weather: Weather = CALM;
  faults = 0;

  private constructor(random: Random, target: () => { readonly host: string; readonly port: number }) {
    this.#random = random;
    this.#target = target;
    this.#server = createServer((incoming) => this.#join(incoming));
  }

  /** `target` is asked for each connection. */
  static async start(random: Random, target: () => { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(random, target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Every connection, in the middle of whatever it carries. */
  cutAll(): void {
    this.faults += this.#open.size;
    for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  #join(incoming: Socket): void {
    const outgoing = connect(this.#target());
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      from.setNoDelay(true);
      this.#open.add(from);
      const end = (): void => {
        this.#open.delete(from);
        to.destroy();
      };
      from.on('error', end);
      from.on('close', end);
      this.#pass(from, to);
    }
  }

  /** In order, whatever happens to a piece. */
  #pass(from: Socket, to: Socket): void {
    let isSilent = false;
    let last: Promise<void> = Promise.resolve();
    from.on('data', (data) => {
      const { cuts, delays, delayMs, slices, silences } = this.weather;
      const what = this.#random(1_000);
      const pieces = what >= cuts + silences && what < cuts + silences + slices ? [...data].map((byte) => Buffer.from([byte])) : [data];
      const waitMs = this.#random(1_000) < delays ? this.#random(delayMs + 1) : 0;
      if (what < cuts + silences || pieces.length > 1 || waitMs > 0) this.faults++;
      const before = last;
      const pass = async (): Promise<void> => {
        await before;
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        if (isSilent) return;
        if (what < cuts) {
          // The first half arrives.
          to.write(data.subarray(0, data.length >> 1), () => to.destroy());
          from.destroy();
        } else if (what < cuts + silences) isSilent = true;
        else for (const piece of pieces) to.write(piece);
      };
      last = pass();
    });
  }
}
