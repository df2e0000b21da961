/** What a desk keeps of central's orders about customers' data, for its stores that are closed now and for those put back later. */
import { z } from 'zod';
import type { DataOrder } from './live.ts';
import { AtMs, Id } from './text.ts';

export const StandingOrders = z.strictObject({
  /** Every order up to this one is in it; 0 = none came yet. */
  seq: z.int().min(0),
  /** What time central last said it was; null = never. */
  centralAtMs: AtMs.nullable(),
  erased: z.array(Id),
  held: z.array(z.strictObject({ customerId: Id, untilMs: AtMs })),
});
export type StandingOrders = z.infer<typeof StandingOrders>;

export const NO_ORDERS: StandingOrders = { seq: 0, centralAtMs: null, erased: [], held: [] };

/** With these after them; what was there already stays as it is. */
export function withOrders(standing: StandingOrders, orders: readonly DataOrder[], centralAtMs: number): StandingOrders {
  const fresh = orders.filter(({ seq }) => seq > standing.seq);
  const erased = [...new Set([...standing.erased, ...fresh.filter(({ kind }) => kind === 'erase').map(({ customerId }) => customerId)])];
  const held = new Map(standing.held.map((hold) => [hold.customerId, hold]));
  for (const order of fresh)
    if (order.kind === 'hold') held.set(order.customerId, { customerId: order.customerId, untilMs: order.untilMs });
    else held.delete(order.customerId);
  const isOver = ({ untilMs }: { readonly untilMs: number }): boolean => untilMs <= centralAtMs;
  return {
    seq: Math.max(standing.seq, ...fresh.map(({ seq }) => seq)),
    centralAtMs,
    erased,
    held: [...held.values()].filter((hold) => !isOver(hold)),
  };
}
