/** One of the generator's producers: comes again when it is cut, has a window, and sends again what was not acknowledged. */
import { io, type Socket } from 'socket.io-client';
import type { DeskIssuer } from '#central/access/tokens.ts';
import { PRODUCER_NAMESPACE } from '#contract/live.ts';

const ACK_TIMEOUT_MS = 15_000;
const COME_AGAIN_MS = 500;
/** Central closes the connection of who has two thousand under way. */
const WINDOW = 1_500;

export class LoadedProducer {
  readonly #socket: Socket;
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async connect(url: string, tokens: DeskIssuer): Promise<LoadedProducer> {
    const auth = (give: (auth: object) => void): void =>
      void tokens.issue({ kind: 'integration', name: 'bench' }).then((token) => give({ token }));
    const again = { reconnectionDelay: COME_AGAIN_MS, reconnectionDelayMax: COME_AGAIN_MS };
    const socket = io(url + PRODUCER_NAMESPACE, { transports: ['websocket'], auth, ...again, forceNew: true });
    // The library comes again by itself where the connection broke, not where central closed it.
    socket.on('disconnect', (reason) => {
      if (reason === 'io server disconnect') setTimeout(() => socket.connect(), COME_AGAIN_MS);
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    return new LoadedProducer(socket);
  }

  /** False: refused. `again` is called whenever it is sent once more. */
  async untilTaken(event: object, again: () => void): Promise<boolean> {
    if (this.#underWay >= WINDOW) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#underWay++;
    try {
      for (;;) {
        const receipt = await this.#send(event);
        if (receipt !== null) return receipt.result !== 'refused';
        again();
        await new Promise((resolve) => setTimeout(resolve, 200 + 800 * Math.random()));
      }
    } finally {
      this.#underWay--;
      this.#waiting.shift()?.();
    }
  }

  disconnect(): void {
    this.#socket.disconnect();
  }

  async #send(event: object): Promise<{ readonly result: string } | null> {
    try {
      return (await this.#socket.timeout(ACK_TIMEOUT_MS).emitWithAck('event', event)) as { readonly result: string };
    } catch {
      return null;
    }
  }
}
