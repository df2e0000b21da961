/** A wire between desk and central that can be cut and mended. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Milliseconds since 1970 with fractions, as a window's `performance.timeOrigin + performance.now()`. */
export const sharedNowMs = (): number => performance.timeOrigin + performance.now();

export class Wire implements AsyncDisposable {
  readonly url: string;
  /** When something passed on its way to the desk, by the clock all processes share (see `sharedNowMs`). */
  readonly passedMs: number[] = [];
  readonly #server: ReturnType<typeof createServer>;
  readonly #ends: Set<Socket>;
  #isCut = false;

  private constructor(server: ReturnType<typeof createServer>, ends: Set<Socket>) {
    this.#server = server;
    this.#ends = ends;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async to(url: string): Promise<Wire> {
    const ends = new Set<Socket>();
    const server = createServer((near) => {
      if (wire.#isCut) return void near.destroy();
      const far = connect(Number(new URL(url).port), '127.0.0.1');
      far.on('data', () => wire.passedMs.push(sharedNowMs()));
      for (const [end, other] of [
        [near, far],
        [far, near],
      ] as const) {
        ends.add(end);
        end.on('error', () => other.destroy());
        end.on('close', () => {
          ends.delete(end);
          other.destroy();
        });
        end.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const wire = new Wire(server, ends);
    return wire;
  }

  /** Every connection is gone at once, and none comes about. */
  cut(): void {
    this.#isCut = true;
    for (const end of this.#ends) end.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
