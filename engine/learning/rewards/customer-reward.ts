/** What the customer did about what the agent took up, within a window. */
import type { Outcome } from '#contract/outcome.ts';

/** `answer`: about the offer itself. `harm`: turns any answer into a no. */
type Sign = { readonly isPositive: boolean; readonly weight: 'answer' | 'harm' };

/** Null where the outcome is not the customer's. */
export function customerSign({ kind }: Outcome): Sign | null {
  switch (kind) {
    case 'customer-accepted':
    case 'resolved':
      return { isPositive: true, weight: 'answer' };
    case 'customer-declined':
      return { isPositive: false, weight: 'answer' };
    case 'complaint':
    case 'opt-out':
    case 'churned':
      return { isPositive: false, weight: 'harm' };
    case 'offered':
    case 'delivered':
    case 'seen':
    case 'accepted':
    case 'rejected':
    case 'snoozed':
    case 'overridden':
    case 'expired':
    case 'superseded':
    case 'withdrawn':
    case 'retracted':
    case 'acted':
    case 'not-acted':
      return null;
  }
}

export interface CustomerAnswer {
  readonly atMs: number;
  readonly isPositive: boolean;
  readonly by: string | null;
}

/**
 * Of outcomes that were attributed to one prompt, in their order: the first harm if there is one, else the first answer, else a no at the
 * end of the window. Null while the window is open and nothing was said.
 */
export function customerAnswer(own: readonly Outcome[], windowEndsAtMs: number, asOfMs: number): CustomerAnswer | null {
  const signed = own.flatMap((outcome) => {
    const sign = customerSign(outcome);
    return sign === null ? [] : [{ outcome, ...sign }];
  });
  const decisive = signed.find(({ weight }) => weight === 'harm') ?? signed[0];
  if (decisive !== undefined) return { atMs: decisive.outcome.atMs, isPositive: decisive.isPositive, by: decisive.outcome.id };
  return asOfMs >= windowEndsAtMs ? { atMs: windowEndsAtMs, isPositive: false, by: null } : null;
}
