import { useId } from 'react';
import type { CardView } from '#contract/desk.ts';
import { useAnswers, useDeskWindow, useUi } from '../desk-window.ts';
import { answeredAs } from '../stores/answers-store.ts';
import { cardKey } from '../stores/desk-store.ts';
import { useSentence } from '../wording/use-sentence.tsx';
import { useText } from '../wording/use-text.ts';
import type { MessageId } from '../wording/use-text.ts';
import { CardActions } from './card-actions.tsx';
import { CardApproval } from './card-approval.tsx';
import { CardConfirm } from './card-confirm.tsx';
import { CardMeta } from './card-meta.tsx';
import { Icon } from './icon.tsx';

/** What an accepted card says about what was asked of the system of record. */
export function stateMessage(card: CardView, state: Exclude<CardView['state'], 'open'>): MessageId {
  if (state !== 'accepted') return `state.${state}`;
  switch (card.request) {
    case null:
      return 'state.accepted';
    case 'waiting':
      return card.significant ? 'state.accepted.approval' : 'state.accepted.waiting';
    case 'requested':
    case 'acted':
    case 'failed':
    case 'expired':
      return `state.accepted.${card.request}`;
  }
}

/** One prompt: how urgent, what to do, what to say, because of what, and the answers. */
export function Card({ card, waiting }: { readonly card: CardView; readonly waiting: boolean }) {
  const text = useText();
  const sentence = useSentence();
  const { place } = useDeskWindow();
  const titleId = useId();
  const receipt = useAnswers((answers) => answers.receipt);
  const armed = useUi((state) => state.armedKey === cardKey(card));
  const state = answeredAs(receipt, card);
  const because = card.reasons[0];
  return (
    <article className="card" data-action={card.actionId} data-urgency={card.urgency} data-state={state} aria-labelledby={titleId}>
      <header className="card-head">
        <span className="urgency" data-urgency={card.urgency}>
          <Icon name={card.urgency} />
          {text(`urgency.${card.urgency}`)}
        </span>
        {card.rung !== 'model' && <span className="rung">{text(`card.rung.${card.rung}`)}</span>}
      </header>
      {/* Scrolls only when the reader's own text size or spacing needs more room than there is. */}
      <div className="card-body" tabIndex={0} role="group" aria-labelledby={titleId}>
        <h2 className="card-do" id={titleId}>
          <bdi>{card.do}</bdi>
        </h2>
        {card.say !== null && (
          <p className="card-say">
            <span className="unseen">{text('card.say')}: </span>
            {sentence.nodes(card.say)}
          </p>
        )}
        {because !== undefined && (
          <p className="card-because">
            <span className="unseen">{text('card.because')}: </span>
            {sentence.nodes(because)}
          </p>
        )}
      </div>
      {waiting && (
        <p className="card-next">
          {text('card.next')}
          <button type="button" className="button button-text" onClick={() => place.showNext()}>
            {text('card.next.show')}
          </button>
        </p>
      )}
      <div className="card-foot">
        {state !== 'open' ? <CardState card={card} state={state} /> : armed ? <CardConfirm card={card} /> : <CardActions card={card} />}
      </div>
      <CardMeta card={card} open={state === 'open'} />
    </article>
  );
}

function CardState({ card, state }: { readonly card: CardView; readonly state: Exclude<CardView['state'], 'open'> }) {
  const text = useText();
  const failed = state === 'accepted' && (card.request === 'failed' || card.request === 'expired');
  return (
    <div className="card-state">
      <p className="card-state-word">
        <Icon name={failed ? 'alert' : 'check'} />
        <strong>{text(stateMessage(card, state))}</strong>
      </p>
      {card.request === 'waiting' && card.approval !== undefined && <CardApproval card={card} approval={card.approval} />}
      {card.requestDetail !== null && <bdi className="card-state-detail">{card.requestDetail}</bdi>}
    </div>
  );
}
