/** Holds that central ordered while this store was closed; erasures are carried out by opening it. */
import { InWords } from '#contract/fault.ts';
import type { StandingOrders } from '#contract/standing-orders.ts';
import type { Store } from '#ports/store.ts';

/** Throws where one cannot be written: without it something could go that has to stay. */
export function carryOutHolds(store: Pick<Store, 'hold'>, { held }: StandingOrders): void {
  for (const { customerId, untilMs } of held) {
    const written = store.hold({ customerId }, untilMs);
    if (!written.ok) throw new InWords(written.words);
  }
}
