import { usePlace, useView } from '../desk-window.ts';
import { cardKey } from '../stores/desk-store.ts';
import { useText } from '../wording/use-text.ts';
import { CardApproval } from './card-approval.tsx';

/** What another person still decides, once the next suggestion has taken the place: who has it, and what they want to know. */
export function WaitingRequests() {
  const text = useText();
  const cards = useView((view) => view.cards);
  const shown = usePlace((place) => place.shown);
  const waiting = cards.filter((card) => card.request === 'waiting' && (shown === null || cardKey(card) !== cardKey(shown)));
  return waiting.map((card) =>
    card.approval === undefined ? null : (
      <section key={cardKey(card)} className="note waiting-request" data-waiting={card.actionId} aria-label={text('approval.title')}>
        <bdi className="small-title">{card.name}</bdi>
        <CardApproval card={card} approval={card.approval} />
      </section>
    ),
  );
}
