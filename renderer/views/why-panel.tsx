import type { CardView } from '#contract/desk.ts';
import { useCall } from '../desk-window.ts';
import { callTime } from '../wording/call-time.ts';
import { useSentence } from '../wording/use-sentence.tsx';
import { useText } from '../wording/use-text.ts';
import { PanelFrame } from './panel-frame.tsx';
import { Speakable } from './speakable.tsx';
import { useCard } from './use-card.ts';
import { useVerdicts } from './use-verdicts.ts';

export function WhyPanel({ cardKey }: { readonly cardKey: string }) {
  const text = useText();
  const card = useCard(cardKey);
  return (
    <PanelFrame title={text('why.title')}>{card === null ? <p className="muted">{text('chip.gone')}</p> : <Why card={card} />}</PanelFrame>
  );
}

/** At most three reasons in order of weight, in words; what to tell the customer; where it comes from. Never a probability. */
function Why({ card }: { readonly card: CardView }) {
  const text = useText();
  const sentence = useSentence();
  const call = useCall();
  const verdicts = useVerdicts(call === null ? null : { callId: call.callId, decisionId: card.decisionId, actionId: card.actionId });
  const strength =
    verdicts.state === 'ready' ? (verdicts.verdicts.find((verdict) => verdict.actionId === card.actionId)?.strength ?? null) : null;
  return (
    <>
      <p className="panel-lead">
        <bdi>{card.do}</bdi>
      </p>
      <h3 className="small-title">{text('why.reasons')}</h3>
      <ol className="why-reasons">
        {card.reasons.map((reason, index) => (
          // Reasons have no name of their own and keep their order.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index}>{sentence.nodes(reason)}</li>
        ))}
      </ol>
      {strength !== null && <p className="why-strength">{text(`why.strength.${strength}`)}</p>}
      <h3 className="small-title">{text('why.speakable')}</h3>
      {card.speakable === null ? <p className="muted">{text('why.speakable.none')}</p> : <Speakable sentence={card.speakable} />}
      <h3 className="small-title">{text('why.basis')}</h3>
      <dl className="facts">
        <div>
          <dt>{text('why.action')}</dt>
          <dd>
            <bdi>{card.name}</bdi>
          </dd>
        </div>
        <div>
          <dt>{text('why.policy')}</dt>
          <dd>
            <bdi>{card.policy}</bdi>
          </dd>
        </div>
        <div>
          <dt>{text('why.decided-by')}</dt>
          <dd>{text(`card.rung.${card.rung}`)}</dd>
        </div>
        <div>
          <dt>{text('why.seen-at')}</dt>
          <dd>{text('card.at', { time: callTime(card.callTimeS) })}</dd>
        </div>
      </dl>
    </>
  );
}
