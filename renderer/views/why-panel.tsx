import { useIntl } from 'react-intl';
import type { CardView, VerdictView } from '#contract/desk.ts';
import { useCall, useDeskWindow, usePlace } from '../desk-window.ts';
import { cardKey } from '../stores/desk-store.ts';
import { callTime } from '../wording/call-time.ts';
import { formatField } from '../wording/format-value.ts';
import { useSentence } from '../wording/use-sentence.tsx';
import { useText } from '../wording/use-text.ts';
import { CommandButton } from './command-button.tsx';
import { PanelFrame } from './panel-frame.tsx';
import { Speakable } from './speakable.tsx';
import { useCard } from './use-card.ts';
import { useExplanation } from './use-explanation.ts';

/** Parts of the model's answer drawn at most, as reasons are. */
const MAX_PARTS = 3;

export function WhyPanel({ cardKey: key }: { readonly cardKey: string }) {
  const text = useText();
  const card = useCard(key);
  return (
    <PanelFrame title={text('why.title')}>{card === null ? <p className="muted">{text('chip.gone')}</p> : <Why card={card} />}</PanelFrame>
  );
}

/** At most three reasons in order of weight, in words; what to tell the customer; where it comes from. Never a probability. */
function Why({ card }: { readonly card: CardView }) {
  const text = useText();
  const sentence = useSentence();
  const { ui } = useDeskWindow();
  const call = useCall();
  const { decisionId, actionId } = card;
  const placed = usePlace(({ shown }) => shown !== null && cardKey(shown) === cardKey(card));
  const asked = useExplanation('explain:verdict', call === null ? null : { callId: call.callId, decisionId, actionId });
  const verdict = asked.state === 'ready' ? asked.answer.verdict : null;
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
      <h3 className="small-title">{text('why.speakable')}</h3>
      <Speakable sentence={card.speakable} />
      <CommandButton
        {...(placed ? { command: 'what-if' as const } : {})}
        className="button panel-button"
        onPress={() => ui.setState({ panel: { kind: 'what-if', key: cardKey(card) } })}
      >
        {text('what-if.title')}
      </CommandButton>
      <CommandButton className="button panel-button" onPress={() => ui.setState({ panel: { kind: 'contest', key: cardKey(card) } })}>
        {text('contest.title')}
      </CommandButton>
      {/* Below what can be pressed: it comes with the engine's answer, and must not push a button from under the pointer. */}
      {verdict !== null && <Fit verdict={verdict} />}
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

/** How well it fits, in words: against what else there was, and what the model made of what is known. Silent where it cannot be told exactly. */
function Fit({ verdict: { strength, contributions } }: { readonly verdict: VerdictView }) {
  const text = useText();
  const intl = useIntl();
  const parts = contributions?.exact === true ? contributions.parts.filter(({ logOdds }) => logOdds !== 0).slice(0, MAX_PARTS) : [];
  const isBarred = contributions?.exact === false && contributions.reason === 'not-transparent';
  if (strength === null && parts.length === 0 && !isBarred) return null;
  return (
    <section className="fit" aria-labelledby="fit-title">
      <h3 className="small-title" id="fit-title">
        {text('why.fit')}
      </h3>
      {strength !== null && <p>{text(`why.strength.${strength}`)}</p>}
      {isBarred && <p className="muted">{text('why.not-transparent')}</p>}
      {parts.length > 0 && (
        <>
          <p className="muted">{text('why.parts')}</p>
          <dl className="parts">
            {parts.map(({ label, type, unit, value, logOdds }, index) => (
              // Two fields may have one label.
              // oxlint-disable-next-line react/no-array-index-key
              <div key={index}>
                <dt>
                  <bdi>{label}</bdi>: <bdi>{formatField(intl, text, type, value, unit)}</bdi>
                </dt>
                <dd>{text(logOdds > 0 ? 'why.part.for' : 'why.part.against')}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </section>
  );
}
