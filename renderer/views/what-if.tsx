import { useIntl } from 'react-intl';
import type { WhatIfView } from '#contract/desk.ts';
import { useCall } from '../desk-window.ts';
import { formatField } from '../wording/format-value.ts';
import { useRichText, useText } from '../wording/use-text.ts';
import { useExplanation } from './use-explanation.ts';

type Change = WhatIfView['found'][number]['changes'][number];

/** Alternatives drawn at most: more are not read during a call. */
const MAX_ALTERNATIVES = 3;

interface Props {
  /** Null: as it would be decided now. */
  readonly decisionId: string | null;
  readonly actionId: string;
}

/** The least that would have changed what became of an action, in the customer's hand or the agent's. */
export function WhatIf({ decisionId, actionId }: Props) {
  const text = useText();
  const call = useCall();
  const about = { actionId, ...(decisionId === null ? {} : { decisionId }) };
  const asked = useExplanation('explain:what-if', call === null ? null : { callId: call.callId, ...about });
  return (
    <div className="what-if" aria-live="polite">
      {asked.state === 'loading' && <p className="muted waiting">{text('what-if.loading')}</p>}
      {asked.state === 'away' && <p className="muted">{text('why-not.away')}</p>}
      {asked.state === 'ready' &&
        (asked.answer.whatIf === null ? <p className="muted">{text('what-if.gone')}</p> : <Alternatives whatIf={asked.answer.whatIf} />)}
    </div>
  );
}

function Alternatives({ whatIf }: { readonly whatIf: WhatIfView }) {
  const text = useText();
  const turned = whatIf.isShown ? 'hidden' : 'shown';
  const found = whatIf.found.slice(0, MAX_ALTERNATIVES);
  return (
    <div className="what-if-answer">
      {found.length === 0 ? (
        <p>{text(`what-if.none.${turned}.${whatIf.isExhaustive ? 'all' : 'cut'}`)}</p>
      ) : (
        <>
          <p>{text(`what-if.found.${turned}`, { count: found.length })}</p>
          <ol className="alternatives">
            {found.map(({ changes }, index) => (
              // Alternatives have no name of their own and keep their order.
              // oxlint-disable-next-line react/no-array-index-key
              <li key={index}>
                {changes.map((change, at) => (
                  <ChangeLine key={`${change.label} ${String(change.to)}`} change={change} isFirst={at === 0} />
                ))}
              </li>
            ))}
          </ol>
          {!whatIf.isExhaustive && <p className="muted">{text('what-if.cut')}</p>}
        </>
      )}
      {whatIf.areScoresFixed && <p className="muted">{text('what-if.scores-fixed')}</p>}
    </div>
  );
}

/** A topic is named by a slug. */
const wordsOf = (label: string): string => label.replaceAll('-', ' ');

function ChangeLine({ change, isFirst }: { readonly change: Change; readonly isFirst: boolean }) {
  const text = useText();
  const rich = useRichText();
  const intl = useIntl();
  const { label, type, from, to, unit, changeableBy } = change;
  const place = isFirst ? 'if' : 'and';
  const toWords = (
    <strong key="to">
      <bdi>{formatField(intl, text, type, to, unit)}</bdi>
    </strong>
  );
  if (type === 'said') {
    const topic = wordsOf(label);
    return (
      <p className="change">
        {rich(`what-if.said.${changeableBy}.${place}`, { to: toWords })}
        {topic !== wordsOf(String(to)) && (
          <span className="muted">
            {' '}
            (<bdi>{topic}</bdi>)
          </span>
        )}
      </p>
    );
  }
  return (
    <p className="change">
      {rich(`what-if.${place}`, {
        label: <bdi key="label">{label}</bdi>,
        to: toWords,
        from: <bdi key="from">{formatField(intl, text, type, from, unit)}</bdi>,
      })}
      <span className="change-by">{text(`what-if.by.${changeableBy}`)}</span>
    </p>
  );
}
