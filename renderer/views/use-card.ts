import type { CardView } from '#contract/desk.ts';
import { usePlace, useView } from '../desk-window.ts';
import { cardKey } from '../stores/desk-store.ts';
import { isGone } from '../stores/settle-place.ts';

/** The prompt with this key as it is now; null when it is no longer on offer. */
export function useCard(key: string): CardView | null {
  const shown = usePlace((place) => place.shown);
  const cards = useView((view) => view.cards);
  const card = cards.find((one) => cardKey(one) === key) ?? (shown !== null && cardKey(shown) === key ? shown : null);
  return card === null || isGone(card) ? null : card;
}
