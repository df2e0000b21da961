/** Central's orders about customers' data, in a sealed file beside the stores: whichever store is opened, or put back, carries them out first. */
import path from 'node:path';
import type { DataOrder } from '#contract/live.ts';
import { NO_ORDERS, StandingOrders, withOrders } from '#contract/standing-orders.ts';
import type { Seal } from './seal.ts';
import { readSealed, SealBroken, writeSealed } from './sealed-file.ts';

export class StandingOrderFile {
  readonly #seal: Seal;
  readonly #file: string;
  #orders: StandingOrders;

  private constructor(seal: Seal, file: string, orders: StandingOrders) {
    this.#seal = seal;
    this.#file = file;
    this.#orders = orders;
  }

  /** One that cannot be read counts as none: what the desk then says it has makes central send all of them again. */
  static async open(seal: Seal, userData: string): Promise<StandingOrderFile> {
    const file = path.join(userData, 'orders.sealed');
    const orders = await readSealed(seal, file, StandingOrders).catch((error: unknown) => {
      if (error instanceof SealBroken) return undefined;
      throw error;
    });
    return new StandingOrderFile(seal, file, orders ?? NO_ORDERS);
  }

  get orders(): StandingOrders {
    return this.#orders;
  }

  /** Resolves once they are on the disk, to the last that is there. */
  async keep(orders: readonly DataOrder[], centralAtMs: number): Promise<number> {
    this.#orders = withOrders(this.#orders, orders, centralAtMs);
    await writeSealed(this.#seal, this.#file, this.#orders);
    return this.#orders.seq;
  }
}
