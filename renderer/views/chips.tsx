import { useRef } from 'react';
import type { CardView } from '#contract/desk.ts';
import { useAnswers, useDesk, useDeskWindow, useUi, useView } from '../desk-window.ts';
import { answeredAs } from '../stores/answers-store.ts';
import { cardKey, isEngineReady } from '../stores/desk-store.ts';
import { isGone } from '../stores/settle-place.ts';
import { useExposure } from '../use-exposure.ts';
import { useText } from '../wording/use-text.ts';
import { stateMessage } from './card.tsx';
import { Icon } from './icon.tsx';

/** At most two more, one line each. */
export function Chips() {
  const text = useText();
  const ready = useDesk(isEngineReady);
  const cards = useView((view) => view.cards);
  const phase = useView((view) => view.call?.phase);
  const chips = cards.filter((card) => card.role === 'chip' && !isGone(card)).slice(0, 2);
  if (!ready || chips.length === 0 || phase === undefined || phase === 'wrap-up' || phase === 'ended') return null;
  return (
    <ul className="chips" aria-label={text('chips.label')}>
      {chips.map((card) => (
        <li key={cardKey(card)}>
          <Chip card={card} />
        </li>
      ))}
    </ul>
  );
}

function Chip({ card }: { readonly card: CardView }) {
  const text = useText();
  const { ui } = useDeskWindow();
  const element = useRef<HTMLButtonElement>(null);
  const key = cardKey(card);
  const open = useUi(({ panel }) => panel?.kind === 'chip' && panel.key === key);
  const receipt = useAnswers((state) => state.receipt);
  const state = answeredAs(receipt, card);
  useExposure(card, element);
  return (
    <button
      ref={element}
      type="button"
      className="chip"
      data-chip
      data-action={card.actionId}
      data-state={state}
      data-urgency={card.urgency}
      aria-expanded={open}
      onClick={() => (open ? ui.close() : ui.setState({ panel: { kind: 'chip', key } }))}
    >
      <Icon name={state === 'open' ? card.urgency : 'check'} />
      <span className="unseen">{text(`urgency.${card.urgency}`)}: </span>
      <bdi className="chip-do">{card.do}</bdi>
      {state !== 'open' && <span className="chip-state">{text(stateMessage(card, state))}</span>}
    </button>
  );
}
