/**
 * What central decided about a customer's data, carried out here at once: what was shown and kept of an erased customer is gone before
 * anything else happens, whatever is on the screen. Acknowledged when the desk has it for its other stores too.
 */
import { type DataOrder, type OrdersKept, TO_DESK } from '#contract/live.ts';
import type { Written } from '#ports/store.ts';
import type { CallDesk } from './call-desk.ts';
import type { Calls } from './calls.ts';
import type { DecisionLoop } from './decision-loop.ts';
import type { DeskViewKeeper } from './desk-view.ts';
import type { ProfileCache } from './profile-cache.ts';
import type { RevisionKeeper } from './revision-keeper.ts';
import type { Surroundings } from './surroundings.ts';

export interface DataOrdersOptions {
  readonly surroundings: Surroundings;
  readonly calls: Calls;
  readonly loop: DecisionLoop;
  readonly profiles: ProfileCache;
  readonly keeper: RevisionKeeper;
  readonly view: DeskViewKeeper;
  readonly turn: (work: () => void | Promise<void>) => Promise<void>;
  readonly refused: (reason: 'bad-data') => unknown;
  /** The error to throw for what was not written: central sends it again. */
  readonly notWritten: (written: Exclude<Written, { ok: true }>) => Error;
}

export class DataOrders {
  readonly #o: DataOrdersOptions;

  constructor(options: DataOrdersOptions) {
    this.#o = options;
  }

  /** Null when it does not fit its schema. */
  async take(raw: unknown): Promise<OrdersKept | null> {
    const parsed = TO_DESK.orders.safeParse(raw);
    await this.#o.turn(() => {
      if (!parsed.success) return void this.#o.refused('bad-data');
      this.#must(this.#o.surroundings.store.saveSetting('central-at-ms', parsed.data.atMs));
      this.#carryOut(parsed.data.orders);
    });
    if (!parsed.success) return null;
    const { orders, atMs } = parsed.data;
    const seq = await this.#o.surroundings.keepOrders?.(orders, atMs);
    return { seq: seq ?? orders.at(-1)?.seq ?? 0 };
  }

  #carryOut(orders: readonly DataOrder[]): void {
    const { calls, keeper, loop, profiles, view, surroundings } = this.#o;
    const { store, clock } = surroundings;
    for (const order of orders) {
      if (order.kind === 'hold') this.#must(store.hold({ customerId: order.customerId }, order.untilMs));
      else {
        const theirs = calls.recent.filter((call) => isWith(call, order.customerId));
        for (const call of theirs) loop.withdrawAll(call);
        for (const call of theirs) calls.forget(call);
        profiles.forget();
        this.#must(store.erase([order.customerId], clock.nowMs()));
        keeper.learnt.erased();
        view.touch('call', 'cards', 'refrain', 'otherCalls', 'outbox');
      }
    }
  }

  #must(written: Written): void {
    if (!written.ok) throw this.#o.notWritten(written);
  }
}

/** Whether the call is, or was ever taken to be, with them. */
function isWith(call: CallDesk, customerId: string): boolean {
  const isNamed = call.state.events.some(({ event }) => 'customerId' in event.data && event.data.customerId === customerId);
  return isNamed || call.outcomes.some((outcome) => outcome.customerId === customerId);
}
