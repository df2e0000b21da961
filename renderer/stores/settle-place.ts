import type { CardView, DeskView } from '#contract/desk.ts';
import { cardKey } from './desk-store.ts';

/** The one place of the primary card: what is in it, and what waits for it. */
export interface Place {
  readonly shown: CardView | null;
  readonly next: CardView | null;
  readonly callId: string | null;
  /** Withdrawals on this call so far: when it grows, what is shown may be what was withdrawn. */
  readonly withdrawals: number;
}

export const EMPTY_PLACE: Place = { shown: null, next: null, callId: null, withdrawals: 0 };

export interface Hold {
  /** The pointer or the focus is in the card. */
  readonly attended: boolean;
  /** A key was pressed a moment ago. */
  readonly keyed: boolean;
}

/** No longer on offer: never drawn again, whatever is hovered. */
export const isGone = (card: CardView): boolean => card.state === 'withdrawn' || card.state === 'expired';

/**
 * Decides what the place shows.
 *
 *   nothing to show, call over, engine away, withdrawn   → empty, at once
 *   the same prompt                                      → updated in place
 *   a must-say line                                      → at once
 *   another prompt, shown one attended or key just hit   → waits in `next`
 *   another prompt, otherwise                            → at once
 *
 * A prompt already answered is held only by the key: nothing can be hit by mistake, and its undo is elsewhere.
 */
export function settlePlace(
  place: Place,
  view: DeskView | null,
  engineReady: boolean,
  hold: Hold,
  isAnswered: (card: CardView) => boolean,
): Place {
  const call = view?.call ?? null;
  if (view === null || call === null || !engineReady || call.phase === 'wrap-up' || call.phase === 'ended') return EMPTY_PLACE;
  const withdrawals = call.timeline.reduce((count, entry) => (entry.kind === 'prompt.withdrawn' ? count + 1 : count), 0);
  const primaries = view.cards.filter((card) => card.role === 'primary' && !isGone(card));
  const candidate = primaries.find((card) => card.state === 'open') ?? primaries.at(-1) ?? null;
  const settled: Place = { shown: candidate, next: null, callId: call.callId, withdrawals };

  const { shown } = place;
  if (shown === null || candidate === null || place.callId !== call.callId) return settled;
  if (cardKey(shown) === cardKey(candidate) || candidate.urgency === 'must' || candidate.state !== 'open') return settled;

  const current = primaries.find((card) => cardKey(card) === cardKey(shown));
  if (current === undefined && (withdrawals > place.withdrawals || view.cards.some((card) => cardKey(card) === cardKey(shown))))
    return settled;

  const answered = isAnswered(current ?? shown);
  const held = hold.keyed || (hold.attended && !answered);
  return held ? { ...place, shown: current ?? shown, next: candidate } : settled;
}
